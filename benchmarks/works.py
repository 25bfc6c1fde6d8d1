"""What is measured: the same on every side. Also runs under MXNet's Python 3.8."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# name -> (Gluon statement, torch statement); x, y, w: (4, 4), b: (4,)
OPERATORS = {
    "relu": ("mx.nd.relu(x)", "torch.relu(x)"),
    "add": ("x + y", "x + y"),
    "add_number": ("x + 1", "x + 1"),
    "dot": ("mx.nd.dot(x, y)", "torch.mm(x, y)"),
    "fully_connected": ("mx.nd.FullyConnected(x, w, b, num_hidden=4)", "torch.nn.functional.linear(x, w, b)"),
    "sum": ("x.sum(axis=1)", "x.sum(dim=1)"),
    "slice": ("x[0:2]", "x[0:2]"),
}


class Net(NamedTuple):
    """A net and its batch."""

    shape: tuple[int, ...]
    classes: int
    images: bool  # whether a memory layout can be chosen
    steps: bool = False  # whether every step of a sequence (T, N, ...) has a label
    words: bool = False  # whether the input is of numbers of words
    zoo: bool = False  # whether it is one of the model zoo's


NETS = {
    "mlp": Net((64, 784), 10, False),
    "lenet": Net((64, 1, 28, 28), 10, True),
    "resnet18-32": Net((16, 3, 32, 32), 10, True),
    "resnet18-224": Net((4, 3, 224, 224), 1000, True),
    "mobilenet1_0-224": Net((4, 3, 224, 224), 1000, True, zoo=True),
    "resnet50_v1-224": Net((2, 3, 224, 224), 1000, True, zoo=True),
    "densenet121-224": Net((2, 3, 224, 224), 1000, True, zoo=True),
    "lstm": Net((35, 20, 200), 200, False, steps=True),
    "gru": Net((35, 20, 200), 200, False, steps=True),
    "lstm-words": Net((35, 20), 2000, False, steps=True, words=True),
}


class Update(NamedTuple):
    """The optimizer of an update of a ResNet-50's weights, its settings, and by what the gradients are divided."""

    optimizer: str
    settings: dict[str, float]
    batch_size: int = 1


_SGD, _ADAM = ("sgd", {"learning_rate": 1e-6, "momentum": 0.9}), ("adam", {"learning_rate": 1e-6})
UPDATES = {
    "trainer-step-sgd": Update(*_SGD),
    "trainer-step-sgd-of-24": Update(*_SGD, 24),
    "trainer-step-adam": Update(*_ADAM),
    "trainer-step-adam-of-24": Update(*_ADAM, 24),
}

MODES = ("step", "inference")
CHECK_STEPS = 3  # steps whose losses all sides must agree on


def sgd(name: str) -> dict[str, float]:
    """The optimizer's settings for a net; where it is deep, large steps would blow up differences of rounding."""
    return {"learning_rate": 1e-5 if NETS[name].zoo else 1e-3, "momentum": 0.9}


def batch(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(images in [0, 1), float32, or numbers of words; labels, int64) of a net."""
    net, random = NETS[name], np.random.RandomState(1)
    if net.words:
        images = random.randint(0, net.classes, net.shape)
    else:
        images = random.uniform(size=net.shape).astype(np.float32)
    return images, random.randint(0, net.classes, int(np.prod(net.shape[: 2 if net.steps else 1])))


def initial(name: str, place: int, shape: tuple[int, ...]) -> np.ndarray:
    """Values of the trainable parameter ``name``, the ``place``-th of its net: both sides start from the same."""
    if len(shape) == 1:  # a scale of batch normalisation (Gluon: gamma, torch: weight), a shift or a bias
        return np.full(shape, float(name.endswith(("gamma", "weight"))), np.float32)
    spread = np.sqrt(2.0 / np.prod(shape[1:]))
    return (spread * np.random.RandomState(place).standard_normal(shape)).astype(np.float32)


def resnet50_shapes() -> list[tuple[int, ...]]:
    """The shapes of a ResNet-50's 161 trainable parameters."""
    found: list[tuple[int, ...]] = [(64, 3, 7, 7), (64,), (64,)]
    channels = 64
    for inner, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            convolutions = [(inner, channels, 1, 1), (inner, inner, 3, 3), (4 * inner, inner, 1, 1)]
            convolutions += [(4 * inner, channels, 1, 1)] if block == 0 else []
            for shape in convolutions:
                found += [shape, shape[:1], shape[:1]]
            channels = 4 * inner
    return [*found, (1000, 2048), (1000,)]


def weights_and_gradients() -> list[tuple[np.ndarray, np.ndarray]]:
    """(values, gradient) of each parameter of a ResNet-50."""
    random = np.random.RandomState(3)
    return [
        tuple(0.01 * random.standard_normal(shape).astype(np.float32) for _ in range(2)) for shape in resnet50_shapes()
    ]


def operands() -> dict[str, Any]:
    """The arrays that the statements of OPERATORS use."""
    random = np.random.RandomState(2)
    shapes = {"x": (4, 4), "y": (4, 4), "w": (4, 4), "b": (4,)}
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
