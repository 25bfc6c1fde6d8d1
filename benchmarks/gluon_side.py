"""Makes what a Gluon process times, with MXNet 1.9.1 or with this package. Also runs under Python 3.8."""

from __future__ import annotations

from typing import Any

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from . import gluon_nets, works


class Side:
    """The Gluon side on one device.

    Args:
        device: ``'cpu'`` or ``'cuda'``.
    """

    def __init__(self, device: str) -> None:
        self.ctx = mx.gpu(0) if device == "cuda" else mx.cpu()
        self.synchronize = mx.nd.waitall

    def versions(self) -> dict[str, str]:
        """What runs here."""
        return {"gluon": mx.__version__}

    def operator(self, name: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """(statement to time, its variables, numbers that every side must agree on)."""
        scope = {k: mx.nd.array(v, ctx=self.ctx) for k, v in works.operands().items()}
        scope["mx"] = mx
        statement = works.OPERATORS[name][0]
        return statement, scope, eval(statement, scope).asnumpy().reshape(-1).astype(float).tolist()

    def update(self, name: str, mode: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """The same for the steps of a Trainer, without what makes the gradients."""
        parameters = []
        for place, (value, gradient) in enumerate(works.weights_and_gradients()):
            parameter = gluon.Parameter(f"p{place}", shape=value.shape)
            parameter.initialize(ctx=self.ctx)
            parameter.set_data(mx.nd.array(value))
            parameter.grad(self.ctx)[:] = mx.nd.array(gradient, ctx=self.ctx)
            parameters.append(parameter)
        kind, settings, batch_size = works.UPDATES[name]
        trainer = gluon.Trainer(parameters, kind, settings)
        arrays = [parameter.data(self.ctx) for parameter in parameters]

        def step() -> None:
            for array in arrays:
                array._fresh_grad = True  # as after a backward pass
            trainer.step(batch_size)

        for _ in range(works.CHECK_STEPS):
            step()
        return "step()", {"step": step}, [float(a.norm().asscalar()) for a in arrays if a.ndim > 1]

    def net(self, name: str, mode: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """The same for a net; contestants: ``hybridized`` and ``imperative``."""
        images, labels = works.batch(name)
        x, y = mx.nd.array(images, ctx=self.ctx), mx.nd.array(labels, ctx=self.ctx)
        net = gluon_nets.make(name, works.NETS[name].classes)
        net.initialize(ctx=self.ctx)
        net(x)  # makes the parameters, whose shapes follow from the data
        trainable = [p for p in net.collect_params().values() if p.grad_req != "null"]
        for place, parameter in enumerate(trainable):
            parameter.set_data(mx.nd.array(works.initial(parameter.name, place, parameter.shape)))
        if contestant == "hybridized":
            net.hybridize(static_alloc=True, static_shape=True)
        if mode == "inference":
            output = net(x).asnumpy()
            return "net(x)", {"net": net, "x": x}, [float(np.abs(output).mean()), float(output.std())]

        loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
        trainer = gluon.Trainer(net.collect_params(), "sgd", works.sgd(name))
        batch_size = len(labels)

        def step() -> Any:
            with autograd.record():
                loss = loss_function(net(x), y)
            loss.backward()
            trainer.step(batch_size)
            return loss

        losses = [float(step().mean().asscalar()) for _ in range(works.CHECK_STEPS)]
        return "step()", {"step": step}, losses
