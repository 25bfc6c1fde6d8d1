"""A net on arrays of mx.np, trained a few steps, as for MXNet."""

from __future__ import annotations

from typing import Any

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, np, npx
from mxgluon_compat.gluon import nn

npx.set_np()


class Net(gluon.HybridBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.hidden = nn.Dense(8, activation="relu")
            self.out = nn.Dense(1)

    def hybrid_forward(self, F: Any, x: Any) -> Any:  # noqa: N803
        return self.out(F.np.concatenate([self.hidden(x), F.npx.sigmoid(x)], axis=1))


x = np.arange(12).reshape(4, 3) / 12
y: np.ndarray = np.sin(x.sum(axis=1, keepdims=True))
net = Net()
net.initialize(mx.init.Xavier())
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
for _ in range(2):
    with autograd.record():
        loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    trainer.step(1)
symbol = mx.sym.np.exp(mx.sym.Variable("x").as_np_ndarray())
shapes = symbol.infer_shape(x=())[1]
print(float(loss) > 0, np.linalg.norm(x).shape, npx.softmax(x).shape, shapes, x[0, 1:].tolist())
