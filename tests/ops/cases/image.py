"""Cases of operators on images (H, W, C)."""

from ..spec import I, U, V

BYTES = I((4, 5, 3), 0, 256)
FLOATS = U((4, 5, 3), 0.0, 255.0)
# MXNet's gradients are those of a copy: tests/ops/test_image.py has the right ones
PLAIN = U((4, 5, 3), 0.0, 255.0, grad=False)
TYPES = ["uint8", "float32", "float64", "int32"]
BATCH = I((2, 4, 5, 3), 0, 256)
ONE = I((4, 5, 1), 0, 256)
# MXNet leaves the middle of an odd number of pixels unset when it flips
EVEN = U((4, 6, 3), 0.0, 255.0, grad=False)
EVEN_BYTES, EVEN_ONE = I((4, 6, 3), 0, 256), I((4, 6, 1), 0, 256)
FOUR = I((4, 5, 4), 0, 256)
# MXNet computes in float32, and a sum of float32 numbers before a fraction is dropped may fall on either side
SINGLE = {"float64": (2e-5, 2e-4), "float32": (2e-5, 2e-4), "float16": (4e-3, 0.3)}
TURNED = dict(SINGLE, uint8=(0, 1), int32=(0, 1))

CASES = [
    dict(op="_image_to_tensor", inputs=[BYTES], dtypes=TYPES + ["float16"], grad=False),
    dict(op="_image_to_tensor", inputs=[BATCH], dtypes=["uint8"]),
    dict(op="_image_to_tensor", inputs=[ONE], dtypes=["uint8"]),
    dict(op="_image_to_tensor", inputs=[FOUR], dtypes=["uint8"]),
    dict(op="_image_to_tensor", inputs=[V([[[256, 300, -4]]])], dtypes=["int32"]),
    dict(op="_image_to_tensor", inputs=[I((4, 5), 0, 256)], dtypes=["uint8"], error=True),
    dict(op="_image_crop", inputs=[BYTES], attrs=dict(x=1, y=2, width=3, height=2), dtypes=TYPES + ["float16"]),
    dict(op="_image_crop", inputs=[FLOATS], attrs=dict(x=1, y=2, width=3, height=2)),
    dict(op="_image_crop", inputs=[BATCH], attrs=dict(x=0, y=0, width=5, height=4), dtypes=["uint8"]),
    dict(op="_image_crop", inputs=[U((2, 4, 5, 3))], attrs=dict(x=1, y=1, width=2, height=3)),
    dict(op="_image_crop", inputs=[ONE], attrs=dict(x=4, y=3, width=1, height=1), dtypes=["uint8"]),
    dict(op="_image_crop", inputs=[BYTES], attrs=dict(x=1, y=0, width=5, height=4), error=True),
    dict(op="_image_crop", inputs=[BYTES], attrs=dict(x=0, y=1, width=5, height=4), error=True),
    dict(op="_image_crop", inputs=[BYTES], attrs=dict(x=0, y=0, width=0, height=4), error=True),
    dict(op="_image_crop", inputs=[FOUR], attrs=dict(x=0, y=0, width=2, height=2), error=True),
    dict(op="_image_crop", inputs=[I((4, 5), 0, 9)], attrs=dict(x=0, y=0, width=2, height=2), error=True),
    dict(op="_image_crop", inputs=[BYTES], attrs=dict(x=0, y=0, width=2), error=True),
]
CHANNELS = U((3, 4, 5))
for shape in ((3, 4, 5), (2, 3, 4, 5)):
    CASES += [
        dict(op="_image_normalize", inputs=[U(shape)], attrs=dict(mean=0.5, std=0.2), tol=SINGLE),
        dict(
            op="_image_normalize", inputs=[U(shape)], attrs=dict(mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)), tol=SINGLE
        ),
    ]
CASES += [
    dict(op="_image_normalize", inputs=[CHANNELS], attrs=dict(mean=(0.5, 0.4, 0.3), std=0.2), tol=SINGLE),
    dict(op="_image_normalize", inputs=[CHANNELS], attrs=dict(mean=0.5, std=0.2), dtypes=["float16"], tol=SINGLE),
    dict(op="_image_normalize", inputs=[I((3, 2, 2), 9, 99)], attrs=dict(mean=2.0, std=(2, 3, 4)), dtypes=["uint8"]),
    dict(op="_image_normalize", inputs=[I((3, 2, 2), -9, 99)], attrs=dict(mean=1.5, std=(2, 3, 4)), dtypes=["int32"]),
    dict(op="_image_normalize", inputs=[U((1, 4, 5))], attrs=dict(mean=0.5, std=0.2), tol=SINGLE),
    dict(op="_image_normalize", inputs=[CHANNELS], error=True),
    dict(op="_image_normalize", inputs=[CHANNELS], attrs=dict(mean=(0.5, 0.4, 0.3)), error=True),
    dict(op="_image_normalize", inputs=[CHANNELS], attrs=dict(mean=(0.5, 0.4), std=1.0), error=True),
    dict(op="_image_normalize", inputs=[U((1, 4, 5))], attrs=dict(mean=(0.5, 0.4, 0.3), std=1.0), error=True),
    dict(op="_image_normalize", inputs=[U((2, 4, 5))], attrs=dict(mean=0.5, std=1.0), error=True),
    dict(op="_image_normalize", inputs=[U((4, 5))], attrs=dict(mean=0.5, std=1.0), error=True),
]

# OpenCV computes in float32, and the cubic sums of uint8 too
OPENCV = {"float64": (1e-5, 1e-3), "float32": (1e-5, 1e-3)}
for interp in range(5):
    for size in ((7, 9), (3, 2), (2, 11), (10, 8)):
        tol = dict(OPENCV, uint8=(0, 1)) if interp == 2 else OPENCV
        attrs = dict(size=size, interp=interp)
        CASES += [
            dict(op="_image_resize", inputs=[BYTES], attrs=attrs, dtypes=["uint8"], tol=tol),
            dict(op="_image_resize", inputs=[PLAIN], attrs=attrs, tol=tol),
        ]
    tall = I((8, 6, 3), 0, 256)
    CASES += [
        dict(op="_image_resize", inputs=[tall], attrs=dict(size=(3, 4), interp=interp), dtypes=["uint8"], tol=tol)
    ]
CASES += [
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=3), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(5, 4)), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=3, keep_ratio=True), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[I((7, 5, 3), 0, 256)], attrs=dict(size=3, keep_ratio=True), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(3, 2), keep_ratio=True), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[BATCH], attrs=dict(size=(3, 2)), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[ONE], attrs=dict(size=(3, 2)), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[FOUR], attrs=dict(size=(3, 2)), dtypes=["uint8"]),
    dict(op="_image_resize", inputs=[BYTES], error=True),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(3, 2, 1)), error=True),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(0, 2)), error=True),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=-1), error=True),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(3, 2), interp=7), error=True),
    dict(op="_image_resize", inputs=[BYTES], attrs=dict(size=(3, 2)), dtypes=["float16", "int32"], error=True),
    dict(op="_image_resize", inputs=[I((4, 5), 0, 256)], attrs=dict(size=(3, 2)), dtypes=["uint8"], error=True),
]

CHANGES = {
    "flip_left_right": {},
    "flip_top_bottom": {},
    "random_flip_left_right": {},
    "random_flip_top_bottom": {},
    "random_brightness": dict(min_factor=0.5, max_factor=1.6),
    "random_contrast": dict(min_factor=0.5, max_factor=1.5),
    "random_hue": dict(min_factor=0.0, max_factor=1.0),
    "random_color_jitter": dict(brightness=0.4, contrast=0.3, saturation=0.0, hue=0.3),
    "random_lighting": dict(alpha_std=0.5),
    "adjust_lighting": dict(alpha=(0.5, -0.25, 1.0)),
}
for name, attrs in sorted(CHANGES.items()):
    op = "_image_" + name
    CASES += [
        dict(op=op, inputs=[EVEN], attrs=attrs, seed=1, tol=TURNED),
        dict(op=op, inputs=[EVEN], attrs=attrs, seed=2, dtypes=["float32", "float16"], tol=TURNED),
        dict(op=op, inputs=[EVEN_BYTES], attrs=attrs, dtypes=["uint8", "int32"], seed=3, tol=TURNED),
        dict(op=op, inputs=[FOUR], attrs=attrs, dtypes=["uint8"], error=True),
        dict(op=op, inputs=[BATCH], attrs=attrs, dtypes=["uint8"], error=True),
    ]
    if not name.endswith("lighting") and name not in ("random_hue", "random_color_jitter"):  # these leave it unset
        CASES += [
            dict(op=op, inputs=[EVEN_ONE], attrs=attrs, dtypes=["uint8", "float32"], seed=4, grad=False, tol=TURNED)
        ]
GRAYS = V([[[0, 0, 0], [255, 255, 255], [9, 9, 9], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]]])
for low, high in ((0.0, 0.0), (0.5, 0.5), (1.5, 0.5)):
    for name in ("brightness", "contrast", "hue"):
        op, attrs = "_image_random_" + name, dict(min_factor=low, max_factor=high)
        CASES += [dict(op=op, inputs=[GRAYS], attrs=attrs, dtypes=["uint8", "float32"], grad=False, tol=TURNED)]
for name in ("brightness", "contrast", "saturation", "hue"):
    op = "_image_random_" + name
    CASES += [
        dict(op=op, inputs=[BYTES], attrs=dict(min_factor=-0.5, max_factor=1.0), dtypes=["uint8"], error=True),
        dict(op=op, inputs=[BYTES], attrs=dict(min_factor=0.5), dtypes=["uint8"], error=True),
    ]
# MXNet takes a wrong gray for a pixel's saturation, which does not show here
OP = "_image_random_saturation"
CASES += [
    dict(op=OP, inputs=[EVEN_BYTES], attrs=dict(min_factor=1.0, max_factor=1.0), dtypes=["uint8"]),
    dict(op=OP, inputs=[EVEN_ONE], attrs=dict(min_factor=0.5, max_factor=1.5), dtypes=["uint8"]),
]
JITTER = "_image_random_color_jitter"
for seed in range(8):
    some = dict(brightness=0.4, contrast=0.3 * (seed % 2), saturation=0.0, hue=0.2 * (seed % 3) - 0.1)
    CASES += [dict(op=JITTER, inputs=[EVEN], attrs=some, seed=10 + seed, dtypes=["float32"], tol=TURNED)]
CASES += [
    dict(op="_image_adjust_lighting", inputs=[BYTES], attrs=dict(alpha=(0.5, 0.1)), dtypes=["uint8"], error=True),
]
