"""The table of gluon.contrib.nn's layers, for both sides; see tests/gluon/harness/inputs.py."""

from tests.gluon.harness.inputs import WITH_HALF

CASES = [
    ("contrib.nn.PixelShuffle1D(2)", [(2, 6, 3)], WITH_HALF),
    ("contrib.nn.PixelShuffle1D(1)", [(2, 3, 4)]),
    ("contrib.nn.PixelShuffle1D(3.0)", [(1, 3, 2)]),
    ("contrib.nn.PixelShuffle2D(2)", [(2, 8, 3, 2)], WITH_HALF),
    ("contrib.nn.PixelShuffle2D((3, 2))", [(1, 12, 2, 3)]),
    ("contrib.nn.PixelShuffle2D([1, 3])", [(2, 3, 2, 2)]),
    ("contrib.nn.PixelShuffle2D('2')", [(1, 4, 1, 2)]),
    ("contrib.nn.PixelShuffle3D(2)", [(1, 8, 2, 1, 2)]),
    ("contrib.nn.PixelShuffle3D((1, 2, 3))", [(2, 12, 2, 3, 1)], WITH_HALF),
    ("stack('nn.Conv2D(8, 3, padding=1)', 'contrib.nn.PixelShuffle2D(2)', 'nn.Conv2D(1, 1)')", [(1, 2, 3, 3)]),
]  # fmt: skip

# What MXNet refuses to make; the messages of AssertionError and ValueError are its interface.
REFUSED = [
    "contrib.nn.PixelShuffle1D((2,))",
    "contrib.nn.PixelShuffle1D('a')",
    "contrib.nn.PixelShuffle2D(None)",
    "contrib.nn.PixelShuffle2D((2,))",
    "contrib.nn.PixelShuffle2D((2, 3, 4))",
    "contrib.nn.PixelShuffle2D(2, prefix='a_')",
    "contrib.nn.PixelShuffle3D((2, 2))",
    "contrib.nn.PixelShuffle3D()",
    "contrib.nn.PixelShuffle2D(2)(mx.nd.ones((1, 6, 2, 2)))",
    "contrib.nn.PixelShuffle2D(2)(mx.nd.ones((1, 4, 2)))",
]

SCENES = []
