"""Symbol JSON as older MXNet wrote it, and what 1.9.1 makes of it: names, attributes, shapes and the text it saves.

Left out are files on which MXNet ends the process: those of 0.9 and later that lack inputs, and attributes such as
``weight_lr_mult`` of a missing input.
"""

import json

from tests.oracle.scenario import attempt, plain

VERSIONS = (None, 500, 800, 899, 900, 904, 905, 1000, 1200, 10000, 10700, 10900, 10901, 11000, 20000)


def variable(name, **fields):
    return dict(op="null", name=name, inputs=[], **fields)


def node(op, name, count, **fields):
    return dict(op=op, name=name, inputs=[[i, 0] for i in range(count)], **fields)


def graph(*nodes, **fields):
    """Text of a graph whose last node is its output."""
    fields.setdefault("heads", [[len(nodes) - 1, 0]])
    arguments = [i for i, n in enumerate(nodes) if n["op"] == "null"]
    version = fields.pop("version", None)
    if version is not None:
        fields["attrs"] = {"mxnet_version": ["int", version]}
    return json.dumps(dict(nodes=nodes, arg_nodes=arguments, **fields))


def dense(count=3, **fields):
    """Nodes of FullyConnected and its variables."""
    names = ("data", "w", "b")[:count]
    return [variable(n) for n in names] + [node("FullyConnected", "fc", count, **fields)]


def _hidden():
    """Attributes that users wrote without underscores."""
    hidden = {"ctx_group": "x", "lr_mult": "2", "weight_lr_mult": "3", "bias_wd_mult": "0", "__mood__": "good"}
    own = {"lr_mult": "2", "wd_mult": "3", "ctx_group": "d", "mirror_stage": "1", "force_mirroring": "True"}
    for version in VERSIONS:
        yield "dense, hidden %s" % version, graph(*dense(param={"num_hidden": "3"}, attr=hidden), version=version)
        yield "dense, own %s" % version, graph(*dense(param={"num_hidden": "3"}, attr=own), version=version)
        of_variable = dict(own, weight_lr_mult="5", mood="3", __init__="zeros")
        nodes = dense(attrs={"num_hidden": "3"})
        nodes[1] = variable("w", attr=of_variable)
        yield "variable %s" % version, graph(*nodes, version=version)
        yield "relu %s" % version, graph(variable("data"), node("relu", "r", 1, attr=own), version=version)
    for suffix in ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage"):
        for name in ("data", "weight", "bias", "fc_weight", "w", "gamma"):
            attr = {"num_hidden": "3", "%s_%s" % (name, suffix): "7"}
            yield "dense, %s %s" % (name, suffix), graph(*dense(attr=attr))
    yield "weight_lr_mult twice", graph(
        variable("data"), variable("w", attr={"lr_mult": "5"}), variable("b"),
        node("FullyConnected", "fc", 3, attr={"num_hidden": "3", "weight_lr_mult": "2"}),
        dict(op="FullyConnected", name="fd", inputs=[[3, 0], [1, 0], [2, 0]],
             attr={"num_hidden": "3", "weight_lr_mult": "4", "bias_wd_mult": "6"}),
    )  # fmt: skip
    yield "weight_lr_mult of an operator's output", graph(
        variable("data"), variable("w"), node("relu", "r", 2), variable("b"),
        dict(op="FullyConnected", name="fc", inputs=[[0, 0], [2, 0], [3, 0]],
             attr={"num_hidden": "3", "weight_lr_mult": "2"}),
    ).replace('"r", "inputs": [[0, 0], [1, 0]]', '"r", "inputs": [[1, 0]]')  # fmt: skip
    yield "unknown attribute", graph(*dense(attr={"num_hidden": "3", "mood": "x"}))


def _fields():
    """Where the attributes stand."""
    for field in ("param", "attr", "attrs"):
        for version in (None, 10901):
            yield "%s %s" % (field, version), graph(*dense(**{field: {"num_hidden": "3"}}), version=version)
    for first, second in (("param", "attr"), ("attr", "param"), ("param", "attrs"), ("attrs", "param"),
                          ("attr", "attrs"), ("attrs", "attr")):  # fmt: skip
        nodes = dense(**{first: {"num_hidden": "3"}, second: {"num_hidden": "4"}})
        yield "%s before %s" % (first, second), graph(*nodes)
        assert list(nodes[-1])[-2:] == [first, second]
    yield "backward_source_id", graph(*dense(param={"num_hidden": "3"}, backward_source_id=-1))
    yield "backward_source_id and an empty param", graph(variable("x", param={}, backward_source_id=-1))
    nodes = dense(param={"num_hidden": "3"})
    del nodes[1]["inputs"]
    yield "no field inputs", graph(*nodes)
    yield "no heads' outputs", graph(*dense(param={"num_hidden": "3"}), heads=[[3]])
    for heads in ([[3, 0]], [[3, 0, 0]], [[3, 0, 5]], [[3, 0], [1, 0]], [[0, 0], [3, 0]], [[3, 0], [3, 0]]):
        yield "heads %s" % heads, graph(*dense(param={"num_hidden": "3"}), heads=heads)
    yield "unknown fields", graph(*dense(param={"num_hidden": "3"}), node_row_ptr=[0, 1, 2, 3, 4], mood=[1, {"a": 2}])
    yield "names", graph(*dense(param={"num_hidden": "3"})).replace('"w"', '"b"')
    yield "empty names", graph(*dense(param={"num_hidden": "3"})).replace('"w"', '""').replace('"fc"', '""')
    yield "not needed nodes", graph(variable("z"), *[dict(n, inputs=[[i[0] + 1, 0] for i in n["inputs"]])
                                                     for n in dense(param={"num_hidden": "3"})])  # fmt: skip
    yield "variable alone", graph(variable("x"))


# operator, attributes, numbers of inputs that 0.8 and before may have left out, data's shape
_LACKING = (
    ("FullyConnected", {"num_hidden": "3"}, 3, (2, 4)),
    ("FullyConnected", {"num_hidden": "3", "no_bias": "True"}, 2, (2, 4)),
    ("Convolution", {"num_filter": "3", "kernel": "(2, 2)"}, 3, (1, 2, 4, 4)),
    ("Convolution", {"num_filter": "3", "kernel": "(2,2)", "no_bias": "True"}, 2, (1, 2, 4, 4)),
    ("Convolution_v1", {"num_filter": "3", "kernel": "(2, 2)"}, 3, (1, 2, 4, 4)),
    ("Deconvolution", {"num_filter": "3", "kernel": "(2, 2)", "no_bias": "False"}, 3, (1, 2, 4, 4)),
    ("Deconvolution", {"num_filter": "3", "kernel": "(2, 2)"}, 2, (1, 2, 4, 4)),
    ("BatchNorm", {"eps": "0.01"}, 5, (2, 3, 4, 4)),
    ("BatchNorm_v1", {"eps": "0.01"}, 5, (2, 3, 4, 4)),
    ("InstanceNorm", {}, 3, (2, 3, 4)),
    ("LayerNorm", {}, 3, (2, 3, 4)),
    ("Embedding", {"input_dim": "5", "output_dim": "2"}, 2, (4,)),
    ("LeakyReLU", {"act_type": "prelu"}, 2, (2, 3)),
    ("LeakyReLU", {"act_type": "leaky"}, 1, (2, 3)),
    ("SoftmaxOutput", {}, 2, (2, 3)),
    ("LinearRegressionOutput", {}, 2, (2, 3)),
    ("SVMOutput", {}, 2, (2, 3)),
    ("IdentityAttachKLSparseReg", {}, 2, (2, 3)),
    ("RNN", {"state_size": "3", "num_layers": "1", "mode": "gru"}, 3, (4, 2, 5)),
    ("RNN", {"state_size": "3", "num_layers": "1", "mode": "lstm"}, 4, (4, 2, 5)),
    ("Activation", {"act_type": "relu"}, 1, (2, 3)),
    ("elemwise_add", {}, 2, (2, 3)),
    ("SequenceMask", {}, 1, (2, 3)),
    ("SequenceMask", {"use_sequence_length": "True"}, 2, (2, 3)),
    ("SpatialTransformer", {"transform_type": "affine", "sampler_type": "bilinear"}, 2, (1, 2, 4, 4)),
    ("Concat", {"num_args": "2"}, 2, (2, 3)),
)


def _lacking():
    """Files that lack inputs."""
    for op, attrs, full, shape in _LACKING:
        for given in range(full + 1):
            names = ["data", "p1", "p2", "p3", "p4"][:given]
            attr = {"ctx_group": "q", "__mood__": "x"}
            text = graph(*[variable(n) for n in names], node(op, "n", given, param=attrs, attr=attr))
            yield "%s %s, %d inputs" % (op, sorted(attrs.items()), given), text, {"data" if given else "n_data": shape}


def _changed():
    """Attributes that meant something else."""
    for op in ("argmax", "argmin", "argsort"):
        for version in VERSIONS:
            for axis in ("-1", "1", "0"):
                text = graph(variable("x"), node(op, "a", 1, attr={"axis": axis}), version=version)
                yield "%s %s %s" % (op, axis, version), text, {"x": (2, 3, 4)}
    yield "argmax without axis", graph(variable("x"), node("argmax", "a", 1), version=800), {"x": (2, 3)}
    for op, attr in (
        ("Flatten", {}), ("Cast", {"dtype": "float64"}), ("_MulScalar", {"scalar": "2"}),
        ("Reshape", {"shape": "(0, -1)"}), ("Reshape", {"target_shape": "(0, 16)"}),
        ("SwapAxis", {"dim1": "0", "dim2": "2"}), ("BlockGrad", {}),
        ("Pooling", {"kernel": "(2,2)", "pool_type": "max"}),
        ("Pooling_v1", {"kernel": "(2,2)", "pool_type": "max"}),
        ("Pooling", {"kernel": "(2L, 2L)", "pool_type": "max", "pooling_convention": "full"}),
        ("LRN", {"nsize": "3"}), ("SoftmaxActivation", {"mode": "channel"}), ("Dropout", {"p": "0.5"}),
        ("sum", {"axis": "(1, 2)"}), ("SliceChannel", {"num_outputs": "2"}),
        ("UpSampling", {"scale": "2", "sample_type": "nearest", "num_args": "1"}),
        ("Crop", {"h_w": "(2, 2)", "num_args": "1"}), ("MakeLoss", {"grad_scale": "2"}), ("L2Normalization", {}),
        ("clip", {"a_min": "0", "a_max": "1"}), ("transpose", {}),
        ("slice_axis", {"axis": "1", "begin": "0", "end": "1"}),
        ("Pooling", {"kernel": "(2,2)", "pool_type": "max", "stride": "(1,1)", "pad": "()", "global_pool": "0"}),
    ):  # fmt: skip
        text = graph(variable("x"), node(op, "n", 1, param=attr))
        yield "%s %s" % (op, sorted(attr.items())), text, {"x": (2, 2, 4, 4)}
    for op in ("_Plus", "_Minus", "_Mul", "_Div", "_Power", "_Maximum", "ElementWiseSum", "elemwise_add", "Concat"):
        attr = {"num_args": "2"} if op in ("ElementWiseSum", "Concat") else {}
        text = graph(variable("x"), variable("y"), node(op, "n", 2, param=attr))
        yield op, text, {"x": (2, 3), "y": (2, 3)}


def _versions():
    """What is said about the version."""
    for attrs in ({}, {"mxnet_version": ["int", 0]}, {"mxnet_version": ["int", 10901], "more": ["int", 3]},
                  {"is_np_shape": ["int", 1], "mxnet_version": ["int", 10901]},
                  {"is_np_shape": ["int", 0], "mxnet_version": ["int", 10901]}):  # fmt: skip
        yield "attrs %s" % sorted(attrs.items()), graph(*dense(attr={"num_hidden": "3"}), attrs=attrs)


def cases():
    """{name: (text, shapes of variables)}"""
    found = {}
    for part in (_hidden, _fields, _lacking, _changed, _versions):
        for name, text, *shapes in part():
            key = "%s: %s" % (part.__name__[1:], name)
            assert key not in found, key
            found[key] = (text, shapes[0] if shapes else {"data": (2, 4)})
    return found


def described(mx, text, shapes):
    """All that can be asked of a loaded file."""
    symbol = mx.sym.load_json(text)
    return {
        "arguments": attempt(symbol.list_arguments),
        "states": attempt(symbol.list_auxiliary_states),
        "outputs": attempt(symbol.list_outputs),
        "internals": attempt(lambda: symbol.get_internals().list_outputs()),
        "name": attempt(lambda: symbol.name),
        "attributes": attempt(symbol.attr_dict),
        "own attributes": attempt(symbol.list_attr),
        "shapes": attempt(symbol.infer_shape, **shapes),
        "json": attempt(symbol.tojson),
    }


def results(mx):
    return {name: attempt(described, mx, *case) for name, case in cases().items()}


def main():
    import mxnet as mx

    from tests.oracle.scenario import write

    write("symbol_json_old", plain(results(mx)))


if __name__ == "__main__":
    main()
