"""Makes what the PyTorch process times."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its customary name

from . import torch_nets, works

COMPILE_MODES = {"compile": None, "compile-graphs": "reduce-overhead"}


class Side:
    """Hand-written PyTorch on one device.

    Args:
        device: ``'cpu'`` or ``'cuda'``.
    """

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)
        self.synchronize = torch.cuda.synchronize if device == "cuda" else lambda: None

    def versions(self) -> dict[str, str]:
        """What runs here."""
        found = {"torch": torch.__version__}
        if self.device.type == "cuda":
            found["gpu"] = torch.cuda.get_device_name(self.device)
        return found

    def operator(self, name: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """(statement to time, its variables, numbers that every side must agree on)."""
        scope: dict[str, Any] = {k: torch.from_numpy(v).to(self.device) for k, v in works.operands().items()}
        scope["torch"] = torch
        statement = works.OPERATORS[name][1]
        return statement, scope, eval(statement, scope).cpu().reshape(-1).tolist()

    def update(self, name: str, mode: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """The same for the steps of an optimizer; contestants: ``fused`` and ``foreach``."""
        parameters = []
        for value, gradient in works.weights_and_gradients():
            parameters.append(torch.nn.Parameter(torch.from_numpy(value).to(self.device)))
            parameters[-1].grad = torch.from_numpy(gradient).to(self.device)
        kind, settings, batch_size = works.UPDATES[name]
        settings = {"lr" if key == "learning_rate" else key: number for key, number in settings.items()}
        made = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[kind](parameters, **settings, **{contestant: True})
        sums = [parameter.grad for parameter in parameters]

        def step() -> None:
            if batch_size != 1:  # the gradients of a loss summed over a batch
                for parameter, mean in zip(parameters, torch._foreach_mul(sums, 1 / batch_size)):
                    parameter.grad = mean
            made.step()

        for _ in range(works.CHECK_STEPS):
            step()
        return "step()", {"step": step}, [float(p.detach().norm()) for p in parameters if p.ndim > 1]

    def net(self, name: str, mode: str, contestant: str) -> tuple[str, dict[str, Any], list[float]]:
        """The same for a net; contestants: ``eager``, ``channels_last`` and those of COMPILE_MODES."""
        images, labels = works.batch(name)
        x, y = torch.from_numpy(images).to(self.device), torch.from_numpy(labels).to(self.device)
        net = torch_nets.make(name, works.NETS[name].classes)
        with torch.no_grad():
            for place, (parameter_name, parameter) in enumerate(net.named_parameters()):
                parameter.copy_(torch.from_numpy(works.initial(parameter_name, place, tuple(parameter.shape))))
        net.to(self.device)
        if contestant == "channels_last":
            net.to(memory_format=torch.channels_last)
            x = x.contiguous(memory_format=torch.channels_last)
        model = torch.compile(net, mode=COMPILE_MODES[contestant]) if contestant in COMPILE_MODES else net
        if mode == "inference":
            net.eval()

            def infer() -> torch.Tensor:
                with torch.no_grad():
                    return model(x)

            output = infer()
            return "infer()", {"infer": infer}, [float(output.abs().mean()), float(output.std(correction=0))]

        sgd = works.sgd(name)
        optimizer = torch.optim.SGD(net.parameters(), lr=sgd["learning_rate"], momentum=sgd["momentum"])

        def step() -> torch.Tensor:
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        losses = [float(step().detach()) for _ in range(works.CHECK_STEPS)]
        return "step()", {"step": step}, losses
