"""Regions of feature maps, deformable sampling."""

from ..spec import N, U, V

FLOATS = ("float32", "float64", "float16")
ROUGH = {"float32": (2e-5, 1e-5), "float16": (2e-2, 2e-2)}

# image, x and y of the first corner, of the last: inside, over the edges, beyond them, a point, inverted
BOXES = V(
    [
        [0, 1.0, 2.0, 9.0, 13.0],
        [1, -3.25, -2.0, 6.5, 5.0],
        [1, 8.0, 6.0, 30.0, 17.5],
        [0, 4.5, 4.5, 4.5, 4.5],
        [0, 40.0, 40.0, 48.0, 52.0],
        [1, 9.0, 8.0, 5.0, 3.0],
    ]
)
UPRIGHT = V([row for row in BOXES.args[0] if row[3] > row[1]])
MAP = (2, 3, 7, 6)
CASES = []

ALIGN = "_contrib_ROIAlign"
for attrs in (
    dict(sample_ratio=2),
    dict(),
    dict(sample_ratio=1, spatial_scale=0.25),
    dict(sample_ratio=0, spatial_scale=1.0),
    dict(sample_ratio=3, pooled_size=(1, 1)),
):
    attrs = dict(dict(pooled_size=(2, 3), spatial_scale=0.5), **attrs)
    CASES.append(dict(op=ALIGN, inputs=[MAP, BOXES], attrs=attrs))
    CASES.append(dict(op=ALIGN, inputs=[MAP, UPRIGHT], attrs=dict(attrs, aligned=True)))
BINS = dict(pooled_size=(2, 3), spatial_scale=0.5)
CASES += [
    dict(op=ALIGN, inputs=[(2, 12, 7, 6), BOXES], attrs=dict(position_sensitive=True, sample_ratio=2, **BINS)),
    dict(op=ALIGN, inputs=[(2, 6, 7, 6), BOXES], attrs=dict(position_sensitive=True, **BINS)),
    dict(op=ALIGN, inputs=[MAP, UPRIGHT], attrs=dict(sample_ratio=2, **BINS), dtypes=["float16"], tol=ROUGH),
    dict(op=ALIGN, inputs=[(2, 3, 1, 1), BOXES], attrs=dict(sample_ratio=2, **BINS)),
    dict(op=ALIGN, inputs=[MAP, (3, 4)], attrs=BINS, error=True),
    dict(op=ALIGN, inputs=[(3, 7, 6), BOXES], attrs=BINS, error=True),
    dict(op=ALIGN, inputs=[MAP, BOXES], attrs=dict(pooled_size=(2,), spatial_scale=0.5), error=True),
    dict(op=ALIGN, inputs=[MAP, BOXES], attrs=dict(pooled_size=(0, 2), spatial_scale=0.5), error=True),
    dict(op=ALIGN, inputs=[MAP, BOXES], attrs=dict(pooled_size=(2, 2)), error=True),
    dict(op=ALIGN, inputs=[V([[[[1]]]]), V([[0, 0, 0, 1, 1]])], attrs=BINS, dtypes=["int32"], error=True),
]

ROTATED = "_contrib_RROIAlign"
TURNED = V(
    [
        [0, 5.0, 6.0, 9.0, 5.0, 0.0],
        [1, 5.0, 6.0, 9.0, 5.0, 30.0],
        [1, 3.5, 2.5, 4.0, 12.0, -100.0],
        [0, 12.0, 12.0, 30.0, 20.0, 200.0],
        [0, 6.0, 6.0, 0.25, 0.0, 45.0],
    ]
)
for attrs in (dict(sampling_ratio=2), dict(), dict(sampling_ratio=1, spatial_scale=1.0)):
    attrs = dict(BINS, **attrs)
    CASES.append(dict(op=ROTATED, inputs=[MAP, TURNED], attrs=attrs, grad=False, tol=ROUGH))
CASES += [
    dict(op=ROTATED, inputs=[MAP, (3, 5)], attrs=BINS, error=True),
    dict(op=ROTATED, inputs=[(3, 7, 6), TURNED], attrs=BINS, error=True),
]

POOL = "ROIPooling"
TIES = V([[[[1, 1, 0, 1], [1, 1, 0, 1], [-1, -1, -1, -1], [2, 0, 2, 2]]]] * 2)
for attrs in (BINS, dict(pooled_size=(1, 1), spatial_scale=0.25), dict(pooled_size=(3, 4), spatial_scale=1.0)):
    CASES.append(dict(op=POOL, inputs=[MAP, BOXES], attrs=attrs, dtypes=FLOATS))
    CASES.append(dict(op=POOL, inputs=[TIES, BOXES], attrs=attrs))
CASES += [
    dict(op=POOL, inputs=[MAP, (3, 4)], attrs=BINS, error=True),
    dict(op=POOL, inputs=[(3, 7, 6), BOXES], attrs=BINS, error=True),
    dict(op=POOL, inputs=[MAP, BOXES], attrs=dict(pooled_size=(2,), spatial_scale=0.5), error=True),
]

SENSITIVE = "_contrib_PSROIPooling"
CASES += [
    dict(op=SENSITIVE, inputs=[(2, 8, 7, 6), BOXES], attrs=dict(output_dim=2, pooled_size=2, spatial_scale=0.5)),
    dict(
        op=SENSITIVE,
        inputs=[(2, 12, 7, 6), BOXES],
        attrs=dict(output_dim=3, pooled_size=3, group_size=2, spatial_scale=0.25),
    ),
    dict(
        op=SENSITIVE,
        inputs=[(2, 9, 7, 6), BOXES],
        attrs=dict(output_dim=1, pooled_size=2, group_size=3, spatial_scale=1.0),
    ),
    dict(
        op=SENSITIVE,
        inputs=[(2, 8, 7, 6), (3, 4)],
        attrs=dict(output_dim=2, pooled_size=2, spatial_scale=1),
        error=True,
    ),
]

DEFORMED = "_contrib_DeformablePSROIPooling"
PARTS = dict(spatial_scale=0.5, output_dim=4, group_size=2, pooled_size=2, trans_std=0.25)
CASES += [
    dict(op=DEFORMED, inputs=[(2, 16, 7, 6), BOXES, (6, 2, 2, 2)], attrs=dict(sample_per_part=2, **PARTS)),
    dict(op=DEFORMED, inputs=[(2, 16, 7, 6), BOXES, (6, 4, 2, 2)], attrs=PARTS),
    dict(op=DEFORMED, inputs=[(2, 16, 7, 6), BOXES], attrs=dict(sample_per_part=3, no_trans=True, **PARTS)),
    dict(
        op=DEFORMED,
        inputs=[(2, 16, 7, 6), BOXES, (6, 8, 3, 3)],
        attrs=dict(PARTS, pooled_size=3, part_size=3, sample_per_part=2),
    ),
    dict(op=DEFORMED, inputs=[(2, 16, 7, 6), (6, 4), (6, 2, 2, 2)], attrs=PARTS, error=True),
]

CONV, MODULATED = "_contrib_DeformableConvolution", "_contrib_ModulatedDeformableConvolution"
SHAPES = (  # data, places of the result, weight, attributes
    ((2, 2, 5, 6), (3, 4), (3, 2, 3, 3), dict()),
    ((1, 4, 5, 4), (3, 2), (2, 4, 3, 3), dict(pad=(1, 1), stride=(2, 2))),
    ((1, 4, 4, 5), (4, 5), (4, 2, 3, 3), dict(pad=(2, 2), dilate=(2, 2), num_group=2)),
    ((2, 4, 4, 3), (4, 4), (2, 4, 1, 2), dict(pad=(0, 1), num_deformable_group=2)),
)
for data, places, weight, attrs in SHAPES:
    kernel = weight[2:]
    groups = attrs.get("num_deformable_group", 1) * kernel[0] * kernel[1]
    attrs = dict(attrs, kernel=kernel, num_filter=weight[0])
    for reach in (0.0, 0.75, 3.0):
        if reach:
            offset = U((data[0], 2 * groups) + places, -reach, reach)
        else:
            offset = U((data[0], 2 * groups) + places, 0, 0)  # where every network starts
        mask = U((data[0], groups) + places, 0, 1)
        CASES += [
            dict(op=CONV, inputs=[data, offset, weight, (weight[0],)], attrs=attrs, tol=ROUGH),
            # MXNet has its gradient on GPUs only: see test_detection.py
            dict(op=MODULATED, inputs=[data, offset, mask, weight, (weight[0],)], attrs=attrs, grad=False, tol=ROUGH),
        ]
PLAIN = dict(kernel=(2, 2), num_filter=2)
OFFSET, MASK, WEIGHT = N(1, 8, 2, 3), U((1, 4, 2, 3), 0, 1), N(2, 1, 2, 2)
CASES += [
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT], attrs=dict(no_bias=True, layout="NCHW", **PLAIN), tol=ROUGH),
    dict(op=MODULATED, inputs=[(1, 1, 3, 4), OFFSET, MASK, WEIGHT], attrs=dict(no_bias=True, **PLAIN), grad=False),
    dict(op=CONV, inputs=[(1, 1, 3, 4), N(1, 8, 3, 3), WEIGHT, (2,)], attrs=PLAIN, error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, (2, 1, 3, 2), (2,)], attrs=PLAIN, error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT, (3,)], attrs=PLAIN, error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT], attrs=PLAIN, error=True, faces=("nd",)),
    dict(op=CONV, inputs=[(1, 1, 3), OFFSET, WEIGHT, (2,)], attrs=PLAIN, error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT, (2,)], attrs=dict(layout="NCW", **PLAIN), error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT, (2,)], attrs=dict(PLAIN, kernel=(2,)), error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT, (2,)], attrs=dict(PLAIN, stride=(0, 1)), error=True),
    dict(op=CONV, inputs=[(1, 1, 3, 4), OFFSET, WEIGHT, (2,)], attrs=dict(PLAIN, pad=(1,)), error=True),
    dict(op=MODULATED, inputs=[(1, 1, 3, 4), OFFSET, N(1, 8, 2, 3), WEIGHT, (2,)], attrs=PLAIN, error=True),
]
