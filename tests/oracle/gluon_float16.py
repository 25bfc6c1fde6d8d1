"""Writes tests/golden/gluon_float16.json: nets that are cast to float16 and trained with float32 copies of the weights.

MXNet has no float16 layers with weights on a CPU, so that these nets are made of what it computes there.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_float16
"""

import numpy as np

from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import write


def make_net(mx):
    class Scale(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.scale = self.params.get("scale", shape=(1, 4))
                self.shift = self.params.get("shift", shape=(1, 4), init="zeros")

        def hybrid_forward(self, F, x, scale, shift):  # noqa: N803
            return F.broadcast_add(F.broadcast_mul(x, scale), shift)

    net = mx.gluon.nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(mx.gluon.nn.BatchNorm(in_channels=4), Scale(), mx.gluon.nn.Activation("tanh"), Scale())
    net.initialize(mx.init.Uniform(1))
    return net


def dtypes(net):
    return {k: [np.dtype(p.dtype).name, p.data().dtype, p.list_grad()[0].dtype if p.grad_req != "null" else None]
            for k, p in net.collect_params().items()}  # fmt: skip


def casting(mx, put):
    net = make_net(mx)
    net.cast("float16")
    put("dtypes", dtypes(net))
    net(mx.nd.ones((2, 4), dtype="float16"))
    put("output", net(mx.nd.ones((2, 4), dtype="float16")).dtype)
    net.hybridize()
    put("output of the graph", net(mx.nd.ones((2, 4), dtype="float16")).dtype)
    net.cast("float32")
    put("back", dtypes(net))
    put("output in float32", net(mx.nd.ones((2, 4))).dtype)
    late = mx.gluon.nn.HybridSequential(prefix="l_")
    late.add(mx.gluon.nn.Dense(3), mx.gluon.nn.BatchNorm(), mx.gluon.nn.Embedding(3, 4))
    late.cast(np.float16)
    late.initialize()
    for layer in (mx.gluon.nn.BatchNorm(prefix="b_"), mx.gluon.nn.LayerNorm(prefix="l_")):
        layer.initialize()
        for hybrid in (False, True):
            layer.hybridize(hybrid)
            # shapes follow from data of any dtype; what does not fit is said by the operator itself
            raised = kind(lambda layer=layer: layer(mx.nd.ones((2, 3), dtype="float64")).wait_to_read())["raises"]
            put("%s of another dtype, %s" % (layer.name, hybrid), [raised, layer.gamma.shape])
    put("before shapes are known", {k: np.dtype(p.dtype).name for k, p in late.collect_params().items()})


def training(mx, put):
    random = np.random.RandomState(0)
    x = mx.nd.array(random.uniform(-1, 1, (8, 4))).astype("float16")
    y = mx.nd.array(random.uniform(-1, 1, (8, 4))).astype("float16")
    loss_of = mx.gluon.loss.L2Loss()
    for optimizer, settings in (
        ("sgd", {"momentum": 0.9, "wd": 0.01}),
        ("sgd", {}),
        ("adam", {"epsilon": 1e-3}),  # 1e-8 is 0 in float16
    ):  # fmt: skip
        for multi in (True, False):
            for hybridize in (False, True):
                mx.random.seed(1)
                net = make_net(mx)
                net.cast("float16")
                if hybridize:
                    net.hybridize()
                trainer = mx.gluon.Trainer(
                    net.collect_params(), optimizer, dict(settings, learning_rate=0.05, multi_precision=multi)
                )
                losses = []
                for _ in range(10):
                    with mx.autograd.record():
                        loss = loss_of(net(x), y)
                    loss.backward()
                    trainer.step(8)
                    losses.append(float(loss.mean().asscalar()))
                name = "%s %s multi_precision=%s hybridize=%s" % (optimizer, sorted(settings), multi, hybridize)
                put(name, [losses, {k: p.data() for k, p in net.collect_params().items()}])
                state = trainer._updaters[0].states[0]
                put("states, " + name, [type(state).__name__, [
                    None if s is None else [a.dtype for a in s] if isinstance(s, (list, tuple)) else s.dtype
                    for s in (state if isinstance(state, (list, tuple)) else [state])
                ]])  # fmt: skip


PARTS = [casting, training]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_float16", check_complete(results(mxnet)))
