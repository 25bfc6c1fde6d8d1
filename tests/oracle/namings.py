"""Writes tests/golden/namings/: Parameters under all names that MXNet 1.9.1 saves them by, and what the nets give.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.namings             writes the golden files
    PYTHON -m tests.oracle.namings FOLDER      prints what the checkpoints in a folder give
"""

import json
import os
import sys

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

import numpy as np  # noqa: E402

from tests.oracle.scenario import GOLDEN, plain  # noqa: E402

FOLDER = os.path.join(GOLDEN, "namings")


def filled(mx, net, x):
    """The net with values that all differ, those of BatchNorm too."""
    net.initialize()
    net(x)
    for i, p in enumerate(net.collect_params().values()):
        if "offset" not in p.name:
            values = np.sin(np.arange(int(np.prod(p.shape))) * 0.7 + i + 1) + (
                1.5 if "var" in p.name or "gamma" in p.name else 0
            )
            p.set_data(mx.nd.array(values.reshape(p.shape), dtype=p.dtype))
    return net


def conv(mx, prefix):
    """Convolutions, a BatchNorm that scales, and two that do not: MXNet takes 1 for their gamma, whatever is saved."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(
            nn.Conv2D(3, 3, use_bias=False), nn.BatchNorm(scale=False), nn.Activation("relu"), nn.Conv2D(2, 1),
            nn.BatchNorm(epsilon=1e-3), nn.BatchNorm(scale=False, center=False), nn.Dense(2),
        )  # fmt: skip
    return net, mx.nd.array(np.cos(np.arange(64)).reshape((2, 2, 4, 4)))


def tied(mx, prefix):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        first = nn.Dense(3, in_units=3)
        net.add(first, nn.Dense(3, in_units=3, params=first.params), nn.Dense(2, in_units=3))
    return net, mx.nd.array([[1.0, 2, 3]])


def double(mx, prefix):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(3, dtype="float64"), nn.Dense(2, dtype="float64"))
    return net, mx.nd.array([[1.0, 2, 3]], dtype="float64")


def nested(mx, prefix):
    nn = mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.scale = self.params.get("scale", shape=(1, 4), init="ones")
                self.offset = self.params.get_constant("offset", [[1, 2, 3, 4]])
                self.features = nn.HybridSequential()
                with self.features.name_scope():
                    for _ in range(11):  # numbers of two digits
                        self.features.add(nn.Dense(4, activation="tanh"))
                self.output = nn.Dense(2)

        def hybrid_forward(self, F, x, scale, offset):
            return self.output(F.broadcast_add(F.broadcast_mul(self.features(x), scale), offset))

    return Net(prefix=prefix), mx.nd.array([[1.0, 2, 3]])


NETS = {"conv": conv, "tied": tied, "double": double, "nested": nested}


def run(mx, folder):
    """What the checkpoints of a folder give, by net."""
    outputs = {}
    for name, make in NETS.items():
        path = os.path.join(folder, name)
        block = mx.gluon.SymbolBlock.imports(path + "-symbol.json", ["data"], path + "-0000.params")
        outputs[name] = plain(block(make(mx, "net_")[1]))
    return outputs


def main(folder=None):
    import mxnet as mx

    if folder is not None:
        print(json.dumps(run(mx, folder)))
        return
    if not os.path.isdir(FOLDER):
        os.mkdir(FOLDER)
    os.chdir(FOLDER)
    outputs = {}
    for name, make in NETS.items():
        net, x = make(mx, "net_")
        filled(mx, net, x)
        net.hybridize()
        outputs[name] = plain(net(x))
        net.save_parameters(name + ".structural")
        net.save_parameters(name + ".once", deduplicate=True)
        net.collect_params().save(name + ".full")
        net.save_params(name + ".stripped")
        net.export(name)
        symbol, arguments, states = mx.model.load_checkpoint(name, 0)
        mx.model.save_checkpoint(
            name + "_backwards", 0, None, *[dict(reversed(list(d.items()))) for d in (arguments, states)]
        )
    with open("outputs.json", "w") as file:
        json.dump(outputs, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
