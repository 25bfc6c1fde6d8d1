"""What the scenarios of modules share: graphs, data, and log lines without times."""

import re

import numpy as np

from tests.oracle.callback import logged
from tests.oracle.gluon_common import cleaned, warned


def net(mx):
    x = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=4, name="fc1")
    x = mx.sym.BatchNorm(x, name="bn", fix_gamma=False)
    return mx.sym.SoftmaxOutput(mx.sym.FullyConnected(x, num_hidden=3, name="fc2"), name="softmax")


def data(count=20):
    random = np.random.RandomState(1)
    return random.rand(count, 5).astype("float32"), random.randint(0, 3, count).astype("float32")


def iterator(mx, count=20, batch_size=8):
    examples, labels = data(count)
    return mx.io.NDArrayIter(examples, labels, batch_size=batch_size)


def batch(mx, size=8):
    examples, labels = data(size)
    return mx.io.DataBatch([mx.nd.array(examples)], [mx.nd.array(labels)])


def bound(mx, size=8, **kwargs):
    module = mx.mod.Module(net(mx), **kwargs)
    module.bind([("data", (size, 5))], [("softmax_label", (size,))])
    return module


def ready(mx, size=8, **kwargs):
    module = bound(mx, size, **kwargs)
    module.init_params(mx.init.Uniform(0.5))
    return module


def watch(function, *args, **kwargs):
    """{"result", "warnings", "lines"}: lines without seconds."""
    with logged() as lines:
        found = warned(function, *args, **kwargs)
    found["lines"] = [[level, name, re.sub(r"cost=[\d.]+", "cost=", text)] for level, name, text in lines]
    return found


def shown(value):
    """Descriptions and the like as text."""
    return cleaned(repr(value))


def params(module):
    return [{k: v for k, v in sorted(d.items())} for d in module.get_params()]
