"""Cases of the normalisation operators."""

from ..spec import N, U

# float64: MXNet keeps eps and momentum in float32
HALF = {"float16": (1e-2, 1e-2), "float64": (1e-6, 1e-7)}
PARAMS = [(3,), (3,), N(3, grad=False), U((3,), 0.5, 1.5, grad=False)]
WIDE = [
    N(3, dtype="float32"),
    N(3, dtype="float32"),
    N(3, dtype="float32", grad=False),
    U((3,), 0.5, 1.5, dtype="float32", grad=False),
]


def bn(shape, params=PARAMS, **kwargs):
    """A BatchNorm case; keywords that are not attributes are named in the list."""
    of_case = ("train", "dtypes", "error", "record", "grad")
    case = dict(op="BatchNorm", inputs=[shape] + params, tol=HALF, **{k: kwargs.pop(k) for k in of_case if k in kwargs})
    return dict(case, attrs=kwargs) if kwargs else case


CASES = []
for train in (True, False):
    CASES += [
        bn((8, 3, 2, 2), train=train),
        bn((8, 3, 2, 2), train=train, fix_gamma=False),
        bn((8, 3, 2, 2), train=train, fix_gamma=False, use_global_stats=True),
        bn((8, 3, 2, 2), train=train, fix_gamma=False, output_mean_var=True, eps=0.25, momentum=0.6),
        bn((16, 3), train=train, fix_gamma=False),
        bn((8, 3, 4), train=train, fix_gamma=False),
        bn((4, 3, 2, 2, 2), train=train, fix_gamma=False),
        bn((8, 4, 3), train=train, fix_gamma=False, axis=-1),
        bn((4, 3, 4, 3), train=train, fix_gamma=False, axis=3),
        bn((3, 16), train=train, fix_gamma=False, axis=0, output_mean_var=True),
        bn((8, 3, 4, 4), WIDE, train=train, fix_gamma=False, dtypes=["float16"]),
    ]
CASES += [
    bn((8, 3, 2, 2), train=True, fix_gamma=False, momentum=0.0),
    bn((8, 3, 2, 2), train=True, fix_gamma=False, momentum=1.0),
    bn((3,), fix_gamma=False, axis=0),
    bn((8, 3, 2, 2), record=False, grad=False),
    bn((8, 3, 2, 2), axis=4, error=True),
    bn((3,), error=True),
    bn((8, 3, 2, 2), WIDE, dtypes=["float64"], error=True),
    bn((8, 3, 2, 2), dtypes=["float16"], error=True),
    dict(op="LayerNorm", inputs=[(3, 5), (5,), (5,)], dtypes=["float32", "float64", "float16"], tol=HALF),
    dict(op="LayerNorm", inputs=[(2, 3, 5), (5,), (5,)], attrs=dict(output_mean_var=True, eps=0.1), tol=HALF),
    dict(op="LayerNorm", inputs=[(2, 5, 3), (5,), (5,)], attrs=dict(axis=1), tol=HALF),
    dict(op="LayerNorm", inputs=[(2, 5, 3), (5,), (5,)], attrs=dict(axis=-2, output_mean_var=True), tol=HALF),
    dict(op="LayerNorm", inputs=[(5, 2), (5,), (5,)], attrs=dict(axis=0), tol=HALF),
    dict(op="LayerNorm", inputs=[(3, 5), (4,), (5,)], error=True),
    dict(op="LayerNorm", inputs=[(3, 5), (5,), (5,)], attrs=dict(axis=2), error=True),
    dict(op="LayerNorm", inputs=[(3, 5), N(5, dtype="int32"), (5,)], error=True),
    dict(op="LayerNorm", inputs=[(3, 5), (5,), (5,)], dtypes=["int32"], error=True),
    dict(op="GroupNorm", inputs=[(2, 4, 5), (1,), (1,)], tol=HALF),
    dict(op="GroupNorm", inputs=[(2, 4, 3, 2), (2,), (2,)], attrs=dict(num_groups=2), tol=HALF),
    dict(op="GroupNorm", inputs=[(2, 4, 3, 2), (4,), (4,)], attrs=dict(num_groups=4, eps=0.1), tol=HALF),
    dict(op="GroupNorm", inputs=[(2, 4, 5), (2,), (2,)], attrs=dict(num_groups=2, output_mean_var=True), tol=HALF),
    dict(op="GroupNorm", inputs=[(2, 4, 5), (2,), (2,)], attrs=dict(num_groups=2), dtypes=["float16"], tol=HALF),
    dict(op="GroupNorm", inputs=[(2, 4, 5), (4,), (4,)], attrs=dict(num_groups=2), error=True),
    dict(op="GroupNorm", inputs=[(2, 4, 5), (3,), (3,)], attrs=dict(num_groups=3), error=True),
    dict(op="GroupNorm", inputs=[(2, 4), (2,), (2,)], attrs=dict(num_groups=2), error=True),
    dict(op="InstanceNorm", inputs=[(2, 3, 5), (3,), (3,)], dtypes=["float32"], tol=HALF),
    dict(op="InstanceNorm", inputs=[(2, 3, 3, 2), (3,), (3,)], attrs=dict(eps=0.1), dtypes=["float32"], tol=HALF),
    dict(op="InstanceNorm", inputs=[(2, 3, 2, 2, 2), (3,), (3,)], dtypes=["float32"], tol=HALF),
    dict(op="InstanceNorm", inputs=[(2, 3), (3,), (3,)], dtypes=["float32"], error=True),
    dict(op="InstanceNorm", inputs=[(2, 3, 5), (4,), (3,)], dtypes=["float32"], error=True),
]


def sync(key, shape=(8, 3, 2, 2), **kwargs):
    """A SyncBatchNorm case; MXNet keeps state under the key, and uses what it never computed in predict's gradient."""
    case = bn(shape, **kwargs)
    return dict(case, op="_contrib_SyncBatchNorm", attrs=dict(case.get("attrs", {}), key=key), dtypes=["float32"])


CASES += [
    sync("a", train=True),
    sync("b", train=True, fix_gamma=False, eps=0.1, momentum=0.5),
    sync("c", train=True, fix_gamma=False, output_mean_var=True, grad=False),
    sync("d", train=True, fix_gamma=False, use_global_stats=True),
    sync("e", grad=False, fix_gamma=False),
    sync("f", (8, 3), train=True, fix_gamma=False),
    sync("g", (8, 3, 4), train=True, fix_gamma=False),
    dict(op="_contrib_SyncBatchNorm", inputs=[(8, 3)] + PARAMS, dtypes=["float32"], error=True),
]
