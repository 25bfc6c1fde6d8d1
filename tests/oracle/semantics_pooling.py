"""Scenarios: windows of Pooling, what padding counts for, and where its gradients go.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_pooling
"""

import itertools

from tests.oracle.semantics_common import INF, NAN, Table, drawn, main

KINDS = {"max": {}, "avg": {}, "sum": {}, "lp": {"p_value": 2}}


def conventions(table):
    """Every convention over one, two and three axes, where the last window sticks out and where it does not."""
    for kind, convention in itertools.product(sorted(KINDS), ("valid", "full", "same")):
        attrs = dict(KINDS[kind], pool_type=kind, pooling_convention=convention)
        for size in (5, 6, 7):
            for kernel, stride in ((2, 2), (3, 2), (2, 3)):
                table(size, "Pooling", [drawn(1, 2, size)], kernel=(kernel,), stride=(stride,), **attrs)
        table("pad", "Pooling", [drawn(1, 1, 6)], kernel=(3,), stride=(2,), pad=(1,), **attrs)
        if convention == "same":
            table("plane", "Pooling", [drawn(1, 1, 5, 5)], kernel=(2, 2), stride=(2, 2), **attrs)
            table("space", "Pooling", [drawn(1, 1, 4, 4, 4)], kernel=(2, 2, 2), stride=(2, 2, 2), **attrs)
            continue
        for pad in ((0, 0), (1, 0), (2, 2)):
            table("plane", "Pooling", [drawn(1, 1, 5, 6)], kernel=(3, 3), stride=(2, 2), pad=pad, **attrs)
        table("space", "Pooling", [drawn(1, 1, 3, 4, 3)], kernel=(2, 2, 2), stride=(2, 2, 2), pad=(1, 1, 1), **attrs)
    # the window beyond the padded end: how far it counts as padding
    for include, convention in itertools.product((True, False, None), ("valid", "full")):
        attrs = dict(pool_type="avg", count_include_pad=include, pooling_convention=convention)
        for pad in (0, 1, 2):
            table("line", "Pooling", [drawn(1, 1, 7)], kernel=(4,), stride=(3,), pad=(pad,), **attrs)
            table("plane", "Pooling", [drawn(1, 1, 4, 7)], kernel=(4, 3), stride=(3, 2), pad=(pad, 1), **attrs)
        table("space", "Pooling", [drawn(1, 1, 3, 3, 4)], kernel=(2, 2, 3), stride=(2, 2, 2), pad=(1, 1, 1), **attrs)
        for kind in ("max", "sum"):
            table("plane", "Pooling", [drawn(1, 1, 4, 4)], kernel=(3, 3), pad=(1, 1), **dict(attrs, pool_type=kind))


def whole(table):
    """global_pool passes over kernel, stride, pad and convention."""
    for kind in sorted(KINDS):
        attrs = dict(KINDS[kind], pool_type=kind, global_pool=True)
        table("", "Pooling", [drawn(2, 2, 3, 4)], **attrs)
        table("", "Pooling", [drawn(1, 2, 3, 4)], kernel=(2, 2), stride=(2, 2), pad=(1, 1), **attrs)
        table("", "Pooling", [drawn(1, 2, 3, 4)], kernel=(2, 2), pad=(1, 1), pooling_convention="full",
              count_include_pad=False, **attrs)  # fmt: skip
        table("", "Pooling", [drawn(1, 2, 5)], kernel=(9,), **attrs)
        table("", "Pooling", [drawn(1, 3, 4, 2)], layout="NHWC", **attrs)


def powers(table):
    """lp pooling: signs, zeros and padding."""
    for p in (1, 2, 3, 4, 0):
        for key, data in (("drawn", drawn(1, 1, 4, 4)), ("zeros", [[[[0.0, 0.0], [0.0, 0.0]]]]),
                          ("one zero", [[[[0.0, 2.0], [-3.0, 1.0]]]])):  # fmt: skip
            table(key, "Pooling", [data], kernel=(2, 2), stride=(2, 2), pool_type="lp", p_value=p)
        table("padded", "Pooling", [drawn(1, 1, 3, 3)], kernel=(2, 2), pad=(1, 1), pool_type="lp", p_value=p)
        table("whole", "Pooling", [drawn(1, 1, 3, 3)], global_pool=True, pool_type="lp", p_value=p)
    table("no p_value", "Pooling", [drawn(1, 1, 3, 3)], kernel=(2, 2), pool_type="lp")


def gradients(table):
    """Ties, NaN, infinities, windows that overlap, gradients that add up, both modes."""
    ties = [[[[1.0, 1.0, 1.0], [1.0, 1.0, 2.0], [2.0, 2.0, 2.0]]]]
    for train, req in itertools.product((True, False), ("write", "add")):
        for kind in sorted(KINDS):
            table("ties", "Pooling", [ties], kernel=(2, 2), train=train, req=req, pool_type=kind, **KINDS[kind])
    for key, value in (("NaN", NAN), ("inf", INF), ("-inf", -INF)):
        for kind in ("max", "avg", "sum"):
            table(key, "Pooling", [[[[[1.0, value, 3.0, 2.0]]]]], kernel=(1, 2), pool_type=kind)
    table("all -inf", "Pooling", [[[[[-INF, -INF]]]]], kernel=(1, 2))
    table("all lowest", "Pooling", [[[[[-3.4028235e38, -3.4028235e38]]]]], kernel=(1, 2))
    for kind in ("max", "avg"):
        for dtype in ("float64", "float16"):
            table("", "Pooling", [drawn(1, 1, 4, 4)], kernel=(2, 2), stride=(2, 2), pool_type=kind, dtype=dtype)
        table("int32", "Pooling", [[[[[1, 2], [3, 4]]]]], kernel=(2, 2), pool_type=kind, dtype="int32")
    table("many", "Pooling", [[[[[1.0] * 4097]]]], kernel=(1, 4097), pool_type="avg", dtype="float16", record=False)
    table("many", "Pooling", [[[[[1.0] * 4097]]]], kernel=(1, 4097), pool_type="sum", dtype="float16", record=False)
    for size in ((1, 1), (2, 2), (3, 5), (7, 7)):
        table(size, "contrib.AdaptiveAvgPooling2D", [drawn(1, 1, 5, 6)], output_size=size)


def layers(mx, name, **settings):
    """A gluon layer: [output, gradient]."""
    layer = getattr(mx.gluon.nn, name)(**settings)
    x = mx.nd.array(drawn(1, 2, 6) if "1D" in name else drawn(1, 2, 5, 6))
    x.attach_grad()
    with mx.autograd.record():
        y = layer(x)
    y.backward()
    return y, x.grad


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    conventions(table)
    whole(table)
    powers(table)
    gradients(table)
    for name in ("MaxPool1D", "AvgPool1D", "MaxPool2D", "AvgPool2D"):
        for ceil in (True, False):
            table.of("gluon %s: ceil_mode=%s" % (name, ceil), layers, name, pool_size=3, strides=2, ceil_mode=ceil)
            table.of("gluon %s: padded, ceil_mode=%s" % (name, ceil), layers, name, pool_size=3, padding=1,
                     ceil_mode=ceil)  # fmt: skip
    for name in ("AvgPool1D", "AvgPool2D"):
        table.of("gluon %s: padding left out" % name, layers, name, padding=1, count_include_pad=False)
    for name in ("GlobalMaxPool2D", "GlobalAvgPool2D", "GlobalMaxPool1D", "GlobalAvgPool1D"):
        table.of("gluon " + name, layers, name)
    return table.found


if __name__ == "__main__":
    main("semantics_pooling", results)
