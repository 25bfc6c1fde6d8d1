"""Cases of operators on the axes of an image: resizing, sampling on grids, correlation, patches."""

from ..spec import I, N, U, V

HALF = ["float32", "float64", "float16"]
# MXNet computes positions and weights in float32, and adds up in float16 itself
SINGLE = {"float64": (1e-5, 1e-6), "float32": (1e-4, 1e-5), "float16": (1e-2, 1e-2)}
R, A = "_contrib_BilinearResize2D", "_contrib_AdaptiveAvgPooling2D"
X = (1, 2, 5, 6)

CASES = [
    dict(op=R, inputs=[X], attrs=dict(height=4, width=7), dtypes=HALF, tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(height=10, width=3), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(height=5, width=6), tol=SINGLE),
    dict(op=R, inputs=[X], tol=SINGLE),
    dict(op=R, inputs=[(1, 1, 1, 1)], attrs=dict(height=3, width=2), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(height=4, width=7, align_corners=False), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(height=11, width=13, align_corners=False), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(height=1, width=2, align_corners=False), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(scale_height=2.0, scale_width=0.5), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(scale_height=1.6, scale_width=1.3, align_corners=False), tol=SINGLE),
    dict(op=R, inputs=[(1, 1, 10, 10)], attrs=dict(scale_height=0.7, scale_width=0.29), tol=SINGLE),
    dict(op=R, inputs=[X, (3, 1, 4, 4)], attrs=dict(mode="like"), tol=SINGLE),
    dict(op=R, inputs=[X, (3, 1, 8, 3)], attrs=dict(mode="like", align_corners=False), tol=SINGLE),
    dict(op=R, inputs=[X], attrs=dict(scale_height=2.0), error=True),
    dict(op=R, inputs=[X], attrs=dict(mode="odd_scale"), error=True),
    dict(op=R, inputs=[X], attrs=dict(mode="double"), error=True),
    dict(op=R, inputs=[X], attrs=dict(height=0, width=3), error=True),
    dict(op=R, inputs=[X], attrs=dict(height=2, width=-1), error=True),
    dict(op=R, inputs=[X, (4, 4)], attrs=dict(mode="like"), error=True),
    dict(op=R, inputs=[(2, 5, 6)], attrs=dict(height=4, width=7), error=True),
    dict(op=R, inputs=[I(X, 0, 5)], attrs=dict(height=4, width=7), dtypes=["int32"], error=True),
    dict(op=A, inputs=[X], dtypes=HALF, tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=3), tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=(2,)), tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=(3, 4)), dtypes=HALF, tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=(8, 9)), tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=(1, 6)), tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=(3, 2, 2)), tol=SINGLE),
    dict(op=A, inputs=[X], attrs=dict(output_size=-1), error=True),
    dict(op=A, inputs=[(2, 5, 6)], attrs=dict(output_size=2), error=True),
    dict(op=A, inputs=[I(X, 0, 5)], attrs=dict(output_size=2), dtypes=["int32"], error=True),
]
for mode in ("odd_scale", "to_even_down", "to_even_up", "to_odd_down", "to_odd_up"):
    for size in ((5, 6), (6, 5), (2, 3)):
        attrs = dict(mode=mode, scale_height=1.6, scale_width=0.7)
        CASES += [dict(op=R, inputs=[(1, 2) + size], attrs=attrs, dtypes=["float32"], tol=SINGLE)]

LRN_X = (2, 5, 3, 2)
CASES += [  # MXNet has LRN in float32 only
    dict(op="LRN", inputs=[LRN_X], attrs=dict(nsize=3), dtypes=["float32"], tol=SINGLE),
    dict(op="LRN", inputs=[LRN_X], attrs=dict(nsize=5, alpha=0.5, beta=0.5, knorm=1.0), dtypes=["float32"], tol=SINGLE),
    dict(op="LRN", inputs=[LRN_X], attrs=dict(nsize=1, alpha=2.0), dtypes=["float32"], tol=SINGLE),
    dict(op="LRN", inputs=[LRN_X], attrs=dict(nsize=4), error=True),
    dict(op="LRN", inputs=[LRN_X], error=True),
    dict(op="LRN", inputs=[(2, 5, 3)], attrs=dict(nsize=3), error=True),
]

GRID = U((2, 2, 3, 4), -1.4, 1.4)
# corners, middles and what is just outside
EDGES = V([[[[-1.0, 1.0, 0.0], [1.0, -1.0, 0.5]], [[-1.0, 1.0, 0.0], [-1.0, 1.0, 1.1]]]])
AFFINE = V([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.5, 0.1, 0.2, -0.1, 0.8, 0.3]])
KINDS = dict(transform_type="affine", sampler_type="bilinear")
CASES += [
    dict(op="BilinearSampler", inputs=[(2, 3, 5, 4), GRID], dtypes=HALF, tol=SINGLE),
    dict(op="BilinearSampler", inputs=[(1, 2, 5, 4), EDGES], grad=False, tol=SINGLE),
    dict(op="BilinearSampler", inputs=[(2, 1, 1, 3), GRID], tol=SINGLE),
    dict(op="BilinearSampler", inputs=[(2, 3, 5, 4), (2, 3, 3, 4)], error=True),
    dict(op="BilinearSampler", inputs=[(2, 3, 5, 4), (1, 2, 3, 4)], error=True),
    dict(op="BilinearSampler", inputs=[(2, 3, 5), GRID], error=True),
    dict(op="BilinearSampler", inputs=[(2, 3, 5, 4), U((2, 2, 3, 4), dtype="float16")], error=True),
    # MXNet has GridGenerator in float32 only
    dict(
        op="GridGenerator",
        inputs=[AFFINE],
        attrs=dict(transform_type="affine", target_shape=(3, 4)),
        dtypes=["float32"],
        tol=SINGLE,
    ),
    dict(
        op="GridGenerator",
        inputs=[(3, 6)],
        attrs=dict(transform_type="affine", target_shape=(2, 5)),
        dtypes=["float32"],
        tol=SINGLE,
    ),
    dict(op="GridGenerator", inputs=[(2, 2, 3, 4)], attrs=dict(transform_type="warp"), dtypes=["float32"], tol=SINGLE),
    dict(op="GridGenerator", inputs=[AFFINE], attrs=dict(transform_type="affine"), error=True),
    dict(op="GridGenerator", inputs=[AFFINE], attrs=dict(transform_type="affine", target_shape=(3,)), error=True),
    dict(op="GridGenerator", inputs=[(2, 5)], attrs=dict(transform_type="affine", target_shape=(3, 4)), error=True),
    dict(op="GridGenerator", inputs=[(2, 2, 3)], attrs=dict(transform_type="affine", target_shape=(3, 4)), error=True),
    dict(op="GridGenerator", inputs=[(2, 3, 3, 4)], attrs=dict(transform_type="warp"), error=True),
    dict(op="GridGenerator", inputs=[(2, 3, 4)], attrs=dict(transform_type="warp"), error=True),
    dict(op="GridGenerator", inputs=[AFFINE], attrs=dict(target_shape=(3, 4)), error=True),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5, 4), AFFINE], attrs=dict(KINDS, target_shape=(3, 5)), tol=SINGLE),
    dict(
        op="SpatialTransformer",
        inputs=[(2, 1, 4, 4), U((2, 6), -0.8, 0.8)],
        attrs=dict(KINDS, target_shape=(6, 2)),
        tol=SINGLE,
    ),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5, 4), AFFINE], attrs=KINDS, error=True),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5, 4), AFFINE], attrs=dict(KINDS, target_shape=(0, 4)), error=True),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5, 4), AFFINE], attrs=dict(target_shape=(3, 4)), error=True),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5, 4), (1, 6)], attrs=dict(KINDS, target_shape=(3, 4)), error=True),
    dict(op="SpatialTransformer", inputs=[(2, 3, 5), AFFINE], attrs=dict(KINDS, target_shape=(3, 4)), error=True),
]

BOTH = [(2, 3, 6, 7), (2, 3, 6, 7)]
TIES = [I((1, 2, 5, 5), 0, 3, grad=True), I((1, 2, 5, 5), 0, 3, grad=True)]
for multiply in (True, False):
    for attrs in (
        dict(),
        dict(kernel_size=3, pad_size=1),
        dict(max_displacement=2, stride2=2, pad_size=2),
        dict(max_displacement=2, pad_size=3, stride1=2),
        dict(max_displacement=3, stride2=2, pad_size=3, stride1=2, kernel_size=3),
        dict(max_displacement=0),
    ):
        CASES += [dict(op="Correlation", inputs=BOTH, attrs=dict(attrs, is_multiply=multiply), tol=SINGLE)]
    CASES += [
        dict(op="Correlation", inputs=TIES, attrs=dict(is_multiply=multiply), tol=SINGLE),
        dict(op="Correlation", inputs=BOTH, attrs=dict(is_multiply=multiply), dtypes=["float16"], tol=SINGLE),
    ]
CASES += [
    dict(op="Correlation", inputs=BOTH, attrs=dict(kernel_size=2), error=True),
    dict(op="Correlation", inputs=BOTH, attrs=dict(max_displacement=4), error=True),
    dict(op="Correlation", inputs=[(2, 3, 6), (2, 3, 6)], error=True),
    dict(op="Correlation", inputs=[I((2, 3, 6, 7), 0, 4)] * 2, dtypes=["int32"], error=True),
]

PATCHES = (
    dict(kernel=(2, 3)),
    dict(kernel=(2, 3), stride=(2, 1)),
    dict(kernel=(2, 3), dilate=(2, 2)),
    dict(kernel=(3, 2), pad=(1, 2), stride=(2, 2)),
    dict(kernel=(6, 7)),
)
COLUMNS = ((2, 12, 25), (2, 12, 15), (2, 12, 12), (2, 12, 15), (2, 84, 1))
for attrs, shape in zip(PATCHES, COLUMNS):
    CASES += [
        dict(op="im2col", inputs=[(2, 2, 6, 7)], attrs=attrs, dtypes=HALF),
        dict(op="col2im", inputs=[shape], attrs=dict(attrs, output_size=(6, 7)), dtypes=HALF, tol=SINGLE),
    ]
CASES += [
    dict(op="im2col", inputs=[(2, 2, 6, 7)], attrs=dict(kernel=(9, 2)), error=True),
    dict(op="im2col", inputs=[(2, 2, 6, 7)], attrs=dict(kernel=(2, 2), stride=(1,)), error=True),
    dict(op="im2col", inputs=[(2, 2, 6)], attrs=dict(kernel=(2,)), error=True),
    dict(op="im2col", inputs=[(2, 2, 6)], attrs=dict(kernel=(2, 2)), error=True),
    dict(op="im2col", inputs=[(2, 2, 3, 3, 3)], attrs=dict(kernel=(2, 2, 2)), error=True),
    dict(op="im2col", inputs=[I((2, 2, 6, 7), 0, 4)], attrs=dict(kernel=(2, 2)), dtypes=["int32"], error=True),
    dict(op="im2col", inputs=[(2, 2, 6, 7)], error=True),
    dict(op="col2im", inputs=[(2, 12, 25)], attrs=dict(kernel=(2, 3), output_size=(6, 8)), error=True),
    dict(op="col2im", inputs=[(2, 12, 25)], attrs=dict(kernel=(2, 2), output_size=(6, 7)), error=True),
    dict(op="col2im", inputs=[(12, 25)], attrs=dict(kernel=(2, 3), output_size=(6, 7)), error=True),
    dict(op="col2im", inputs=[(2, 12, 25)], attrs=dict(kernel=(2, 3), output_size=(6,)), error=True),
    dict(op="col2im", inputs=[N(2, 12, 25, dtype="int32")], attrs=dict(kernel=(2, 3), output_size=(6, 7)), error=True),
]
