"""Scenarios: BatchNorm in each of its modes, Dropout, softmax and SoftmaxOutput.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_norm
"""

import itertools

from tests.oracle.semantics_common import Table, attempt, drawn, fixed, heads, label, main

SHAPES = {1: (4, 3, 2), -1: (4, 2, 3), 0: (3, 4, 2), 2: (2, 4, 3)}


def batch_norm(mx, axis=1, train=True, req="write", dtype="float32", passes=1, back=None, **attrs):
    """[outputs, gradients, gamma, moving mean, moving variance] after forward and backward."""
    data = mx.nd.array(drawn(*SHAPES[axis]), dtype=dtype)
    wide = "float32" if dtype == "float16" else dtype
    gamma, beta = mx.nd.array([2.0, 0.5, -3.0], dtype=wide), mx.nd.array([0.1, -0.2, 0.3], dtype=wide)
    mean, var = mx.nd.array([0.5, 0.0, -0.5], dtype=wide), mx.nd.array([1.0, 2.0, 0.25], dtype=wide)
    variables = (data, gamma, beta)
    for x in variables:
        x.attach_grad(req)
        if req == "add":
            x.grad[:] = 1
    found = []
    for _ in range(passes):
        with mx.autograd.record(train_mode=train):
            outputs = mx.nd.BatchNorm(data, gamma, beta, mean, var, axis=axis, **attrs)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        found.append([o.asnumpy() for o in outputs])
        mx.autograd.backward(outputs[:1], heads(mx, outputs[:1]), train_mode=train if back is None else back)
        mx.nd.waitall()
        found.append([x.grad.asnumpy() for x in variables])
    return found + [gamma, mean, var]


def batch_norm_modes(mx):
    found = {}

    def add(**settings):
        found[label("BatchNorm", settings)] = attempt(batch_norm, mx, **settings)

    for train, fix, use in itertools.product((True, False), repeat=3):
        for req in ("write", "add"):
            add(train=train, fix_gamma=fix, use_global_stats=use, req=req)
        add(train=train, fix_gamma=fix, use_global_stats=use, output_mean_var=True, axis=-1, passes=2)
        for dtype in ("float64", "float16"):
            add(train=train, fix_gamma=fix, use_global_stats=use, dtype=dtype)
    for axis in (0, 2):
        for train in (True, False):
            add(train=train, fix_gamma=False, axis=axis)
    for momentum in (0.0, 0.5, 1.0):
        add(momentum=momentum, fix_gamma=False, passes=3)
    for eps in (1e-5, 1.0):
        add(eps=eps, fix_gamma=False)
    add(train=True, fix_gamma=False, back=False)
    add(train=False, fix_gamma=False, back=True)
    return found


def layers(mx, hybridize, train, **settings):
    """A gluon BatchNorm whose gamma was loaded as 2: [output, gradients, parameters afterwards]."""
    layer = mx.gluon.nn.BatchNorm(in_channels=3, prefix="bn_", gamma_initializer=mx.init.Constant(2.0), **settings)
    layer.initialize()
    if hybridize:
        layer.hybridize()
    data = mx.nd.array(drawn(4, 3, 2))
    data.attach_grad()
    with mx.autograd.record(train_mode=train):
        out = layer(data)
    out.backward(heads(mx, [out])[0], train_mode=train)
    mx.nd.waitall()
    found = [out, data.grad]
    for name, p in sorted(layer.collect_params().items()):
        found.append([name, p.grad_req, p.data(), p.grad() if p.grad_req != "null" else None])
    return found


def frozen_statistics(mx):
    """Fine-tuning with use_global_stats: three steps of sgd leave the statistics alone."""
    layer = mx.gluon.nn.BatchNorm(in_channels=3, use_global_stats=True, prefix="bn_")
    layer.initialize()
    trainer = mx.gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1})
    data = mx.nd.array(drawn(4, 3, 2))
    for _ in range(3):
        with mx.autograd.record():
            loss = (layer(data) ** 2).mean()
        loss.backward()
        trainer.step(1)
    return [p.data() for _, p in sorted(layer.collect_params().items())]


def dropout(table):
    data = drawn(4, 6)
    for train, mode in itertools.product((True, False), ("training", "always")):
        for p in (0.0, 0.3, 1.0):
            table("", "Dropout", [data], p=p, mode=mode, train=train)
        table("", "Dropout", [data], mode=mode, train=train, req="add")
        table("", "Dropout", [data], mode=mode, train=train, axes=(1,))
        table("", "Dropout", [drawn(2, 3, 4)], mode=mode, train=train, axes=(0, 2))
        table("", "Dropout", [data], mode=mode, train=train, record=False)
    table("", "Dropout", [data], train=True, req="add", passes=2)
    table("", "Dropout", [data], axes=(0, 1), train=True)
    table("", "Dropout", [data], axes=(2,), train=True)
    for dtype in ("float64", "float16"):
        table("", "Dropout", [data], p=0.25, train=True, dtype=dtype)
    table("NaN", "Dropout", [[float("nan"), float("inf"), 1.0, -1.0] * 3], p=0.5, train=True)


def softmaxes(table):
    data, cube = drawn(3, 4), drawn(2, 3, 2)
    for name in ("softmax", "log_softmax", "softmin"):
        for temperature in (None, 0.5, 10.0):
            table("", name, [data], temperature=temperature)
            table("cube", name, [cube], temperature=temperature, axis=1)
        for dtype in ("float64", "float16"):
            table("", name, [data], dtype=dtype)
        table("NaN", name, [[[float("nan"), 1.0], [1.0, 2.0]]])
        table("inf", name, [[[float("inf"), 1.0], [-float("inf"), 2.0]]])
        table("all -inf", name, [[[-float("inf"), -float("inf")]]])
        table("add", name, [data], req="add")
    for into in ("float16", "float32", "float64"):
        table.of("softmax of float16 into %s" % into, converted, "float16", into)
        table.of("softmax of float32 into %s" % into, converted, "float32", into)
    for length in ([4, 2, 0], [1, 4, 3], [-1, 4, 4]):
        for kind in ("int32", "int64"):
            table("%s %s" % (kind, length), "softmax", [data, fixed(length, kind)], use_length=True, temperature=2.0)
    table("wrong length", "softmax", [data, fixed([1, 2], "int32")], use_length=True)


def converted(mx, source, into):
    x = mx.nd.array(drawn(3, 4), dtype=source)
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.softmax(x, dtype=into)
    y.backward(heads(mx, [y])[0])
    return y, x.grad


def softmax_output(table):
    flat, labels = drawn(4, 3), fixed([0, 2, 1, 2])
    image, pixels = drawn(2, 3, 4), fixed([[0, 1, 2, 1], [2, 2, 0, 1]])
    kinds = {
        "flat": (flat, labels, {}),
        "image": (image, pixels, {"multi_output": True}),
        "rows": (drawn(2, 4, 3), pixels, {"preserve_shape": True}),
    }
    for key, (data, target, attrs) in sorted(kinds.items()):
        for rule, ignore in itertools.product(("null", "batch", "valid"), (True, False)):
            attrs_ = dict(attrs, normalization=rule, use_ignore=ignore, ignore_label=2, grad_scale=0.5)
            table(key, "SoftmaxOutput", [data, target], **attrs_)
            table(key, "SoftmaxOutput", [data, target], smooth_alpha=0.1, **attrs_)
        table(key, "SoftmaxOutput", [data, target], req="add", **attrs)
        table(key, "SoftmaxOutput", [data, target], train=True, **attrs)
        table(key, "SoftmaxOutput", [data, target], out_grad=True, **attrs)
    soft = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.1, 0.1, 0.8]]
    table("probabilities", "SoftmaxOutput", [flat, fixed(soft)], grad_scale=2.0)
    table("label gradient", "SoftmaxOutput", [flat, [0.0, 2.0, 1.0, 2.0]])
    table("all ignored", "SoftmaxOutput", [flat, fixed([1, 1, 1, 1])], use_ignore=True, ignore_label=1,
          normalization="valid")  # fmt: skip
    table("labels out of range", "SoftmaxOutput", [flat, fixed([-1, 3, 7, 0])])
    table("fractions", "SoftmaxOutput", [flat, fixed([0.9, 1.5, 2.2, 0.1])])
    table("ignored fraction", "SoftmaxOutput", [flat, labels], use_ignore=True, ignore_label=1.5)


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    table.found.update(batch_norm_modes(mx))
    for hybridize, train in itertools.product((True, False), repeat=2):
        for settings in ({}, {"scale": False}, {"center": False}, {"use_global_stats": True}):
            named = dict(settings, hybridize=hybridize, train=train)
            table.found[label("gluon BatchNorm", named)] = attempt(layers, mx, **named)
    table.of("gluon BatchNorm: frozen statistics", frozen_statistics)
    dropout(table)
    softmaxes(table)
    softmax_output(table)
    return table.found


if __name__ == "__main__":
    main("semantics_norm", results)
