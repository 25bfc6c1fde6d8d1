"""Writes tests/golden/initializer_kinds.json: each initializer on arrays of all shapes, dtypes and storage types, in
Parameters and nets, made by name, and written by users.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.initializer_kinds

Keys say how near the values must come: "exact ..." in every bit, "normal ..." to two units in the last place.
"""

import hashlib
import logging
import os
import pickle
import re
import warnings

from tests.oracle.lr_scheduler import Messages
from tests.oracle.scenario import attempt, plain, write

SHAPES = [(4,), (1,), (3, 4), (4, 3), (2, 3, 4), (2, 3, 3, 2), (2, 1, 4, 4), (1, 2, 2, 2, 2)]
DTYPES = ["float32", "float64", "float16", "int32"]


def kinds_of(init):
    exact = {
        "Zero": init.Zero(), "One": init.One(), "Constant": init.Constant(2.5), "Uniform": init.Uniform(),
        "Uniform of 0": init.Uniform(0), "Uniform of -0.5": init.Uniform(-0.5), "Xavier": init.Xavier(),
        "Xavier out": init.Xavier("uniform", "out", 2.34), "Bilinear": init.Bilinear(), "LSTMBias": init.LSTMBias(3),
    }  # fmt: skip
    normal = {
        "Normal": init.Normal(), "Normal of 0": init.Normal(0), "Xavier gaussian": init.Xavier("gaussian", "in", 2),
        "MSRAPrelu": init.MSRAPrelu(),
    }  # fmt: skip
    return {"exact": exact, "normal": normal}


def told(array, kind):
    """What a golden file is to hold of an array: its bytes' digest where they must agree, else its first values."""
    values = array.asnumpy()
    if kind == "exact":
        values = values + values.dtype.type(0)  # -0 and 0 alike
        return [values.dtype.name, list(values.shape), hashlib.md5(values.tobytes()).hexdigest()[:12]]
    return [values.dtype.name, list(values.shape), plain(values.ravel()[:5])]


def own_initializers(mx):
    """{name: outcome} of initializers in the style of user code."""
    init, found = mx.init, {}

    @init.register
    class Counted(init.Initializer):
        def __init__(self, value=3):
            super(Counted, self).__init__(value=value)
            self.value = value

        def _init_weight(self, name, arr):
            arr[:] = self.value

    @init.register
    @init.alias("rows_of_numbers", "RowsToo")
    class Rows(init.Initializer):
        def _init_weight(self, _, arr):
            for i in range(arr.shape[0]):
                arr[i] = i

        def _init_bias(self, _, arr):
            arr[:] = -1

        def _init_default(self, name, arr):
            arr[:] = 9

    def data(name, init_of_it, default=None, shape=(2, 2)):
        parameter = mx.gluon.Parameter(name, shape=shape, init=init_of_it)
        parameter.initialize(default)
        return parameter.data()

    found["by name"] = attempt(data, "w", "counted")
    found["by alias"] = attempt(data, "w_bias", "rows_of_numbers")
    found["by alias in capitals"] = attempt(data, "w_bias", "ROWSTOO")
    found["by instance"] = attempt(data, "w_bias", Counted(4))
    found["by dump"] = attempt(data, "w_bias", Counted(5).dumps())
    found["default of a weight"] = attempt(data, "a_weight", None, Rows())
    found["default of a bias"] = attempt(data, "a_bias", None, Rows())
    found["default of another name"] = attempt(data, "a_other", None, Rows())
    found["default of a gamma"] = attempt(data, "a_gamma", None, Rows())
    found["default by name"] = attempt(data, "a_weight", None, "counted")
    found["dumps"] = [Counted(4).dumps(), Rows().dumps(), init.create(Counted(4).dumps()).dumps()]
    found["equal"] = [Counted(4) == Counted(4), Counted(4) == Counted(), Rows() == Rows(), Rows() == Counted()]

    def dense():
        net = mx.gluon.nn.Dense(2, in_units=2, weight_initializer="rows", bias_initializer=Counted(7))
        net.initialize(init.Zero())
        return net.weight.data(), net.bias.data()

    found["in a layer"] = attempt(dense)

    def again():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")

            @init.register
            class Counted(init.Initializer):
                pass

        return [[w.category.__name__, re.sub(r"\S+\.Counted", "Counted", str(w.message))] for w in caught]

    found["registered again"] = attempt(again)
    found["registered: no initializer"] = attempt(init.register, int)["raises"]
    return found


def creations(mx):
    init, found = mx.init, {}
    for name, call in {
        "a name": lambda: init.create("Xavier"),
        "a name and arguments": lambda: init.create("xavier", magnitude=2, rnd_type="gaussian"),
        "an instance": lambda: init.create(init.Zero()),
        "a dict": lambda: init.create({"initializer": "constant", "value": 3}),
        "JSON": lambda: init.create('["uniform", {"scale": 0.3}]'),
        "JSON of a dict": lambda: init.create('{"initializer": "constant", "value": 3}'),
        "keywords": lambda: init.create(initializer="zero"),
        "JSON of an unknown name": lambda: init.create('["nope", {}]'),
        "an instance and arguments": lambda: init.create(init.Zero(), value=3),
        "None": lambda: init.create(None),
        "pickled": lambda: pickle.loads(pickle.dumps(init.MSRAPrelu(slope=0.1))),
    }.items():
        outcome = attempt(lambda: [call().dumps()])
        known = name not in ("an instance and arguments", "None")
        found["create from " + name] = outcome if known else outcome["raises"]
    return found


def in_parameters(mx):
    """{name: outcome} of Parameters and nets."""
    init, nd, found = mx.init, mx.nd, {}

    def data(stype, dtype, kind, **options):
        mx.random.seed(3)
        parameter = mx.gluon.Parameter("w_weight", shape=(2, 1, 2, 2) if stype == "default" else (3, 2),
                                       stype=stype, dtype=dtype, **options)  # fmt: skip
        parameter.initialize()
        return told(parameter._data[0], kind)

    for name in ("zeros", "ones", "zero", "one", "uniform", "xavier", "bilinear", "lstmbias", "normal", "msraprelu",
                 "nope", "gaussian"):  # fmt: skip
        kind = "normal" if name in ("normal", "msraprelu") else "exact"
        found["%s Parameter %s" % (kind, name)] = attempt(data, "default", "float32", kind, init=name)
        if name in ("zeros", "ones", "uniform", "xavier", "normal"):
            found["%s row_sparse Parameter %s" % (kind, name)] = attempt(data, "row_sparse", "float32", kind, init=name)
    for dtype in DTYPES:
        found["exact Parameter of " + dtype] = attempt(data, "default", dtype, "exact")
    for stype in ("row_sparse", "csr"):
        for name in ("zeros", "ones", "uniform", "xavier", "constant"):
            array = nd.sparse.zeros(stype, (3, 2))
            mx.random.seed(4)
            one = init.create(name, **({"value": 2} if name == "constant" else {}))
            outcome = attempt(one, init.InitDesc("x_weight"), array)
            found["exact %s array %s" % (stype, name)] = [outcome, told(array, "exact"), array.stype]

    def net():
        made = mx.gluon.nn.HybridSequential(prefix="net_")
        with made.name_scope():
            made.add(mx.gluon.nn.Dense(3, in_units=2), mx.gluon.nn.BatchNorm(in_channels=3))
        return made

    def filled(default, **options):
        made = net()
        mx.random.seed(3)
        made.initialize(default, **options)
        return {k: told(v.data(), "exact") for k, v in made.collect_params().items()}

    mixed = init.Mixed([".*bias", ".*gamma", ".*"], [init.Constant(5), init.Constant(6), init.Uniform(0.1)])
    saved = {"arg:net_dense0_weight": nd.ones((3, 2)) * 4, "aux:net_batchnorm0_running_var": nd.ones(3) * 8}
    found["exact Mixed in a net"] = attempt(filled, mixed)
    found["exact Load in a net"] = attempt(filled, init.Load(saved, init.Uniform(0.5)))
    found["Load without default in a net"] = attempt(filled, init.Load(saved))
    found["Load of another shape in a net"] = attempt(filled, init.Load({"net_dense0_weight": nd.ones((3, 3))}))
    handler, root = Messages(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        attempt(filled, init.Constant(0.5), verbose=True)
        attempt(filled, init.Load(saved, init.One(), verbose=True))
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    found["messages"] = [re.sub(r"<mx\w+\.", "<", re.sub(r" at 0x\w+", "", text)) for text in handler.texts]
    return found


def results(mx):
    found = {}
    for kind, initializers in kinds_of(mx.init).items():
        for name, initializer in initializers.items():
            for dtype in DTYPES:
                outcomes = []
                for shape in SHAPES:
                    array = mx.nd.full(shape, 7, dtype=dtype)
                    mx.random.seed(5)
                    outcome = attempt(initializer, mx.init.InitDesc("a_weight"), array)
                    outcomes.append(outcome["raises"] if outcome else told(array, kind)[1:])
                found["%s %s %s" % (kind, name, dtype)] = outcomes
    for part in (own_initializers, creations, in_parameters):
        found.update(part(mx))
    return plain(found)


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("initializer_kinds", results(mxnet))
