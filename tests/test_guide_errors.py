"""The guide's table of errors: each text in it is what is really raised."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import TorchBlock, install, uninstall
from tests import guide

((_, ROWS),) = guide.tables("Troubleshooting")
TEXTS = [row[0].strip("`") for row in ROWS if not row[0].startswith("**")]


def net(initialized: bool = True, **options: Any) -> Any:
    made = nn.Dense(2, **options)
    if initialized:
        made.initialize()
    return made


def variable() -> nd.NDArray:
    x = nd.ones(3)
    x.attach_grad()
    return x


def real_mxnet_is_imported() -> None:
    sys.modules["mxnet"] = types.ModuleType("mxnet")
    try:
        install()
    finally:
        del sys.modules["mxnet"]


def import_what_is_missing() -> None:
    install()
    try:
        import mxnet.symbol_doc  # noqa: F401
    finally:
        uninstall()


def saved(made: Any) -> str:
    made.save_parameters("net.params")
    return "net.params"


def load_other_names() -> None:
    source, target = nn.HybridSequential(), nn.HybridSequential()
    source.add(net(in_units=3))
    target.add(net(in_units=3), net(in_units=2))
    target.load_parameters(saved(source))


def load_a_checkpoint_of_torch() -> None:
    torch.save({"weight": torch.ones(2)}, "net.pt")
    net().load_parameters("net.pt")


def load_half_a_file() -> None:
    path = saved(net(in_units=3))
    with open(path, "rb") as file:
        content = file.read()
    with open(path, "wb") as file:
        file.write(content[:-5])
    nd.load(path)


def backward_without_record() -> None:
    (variable() * 2).backward()


def write_while_recording() -> None:
    x = variable()
    with autograd.record():
        x += 1


def step_without_backward() -> None:
    gluon.Trainer(net(in_units=3).collect_params(), "sgd").step(1)


def hybridized(forward: Callable[[Any, Any], Any]) -> None:
    class Made(nn.HybridBlock):
        def hybrid_forward(self, F: Any, x: Any) -> Any:
            return forward(F, x)

    made = Made()
    made.hybridize()
    with autograd.record():
        made(variable())


class Double(autograd.Function):
    def forward(self, x: Any) -> Any:
        return x * 2

    def backward(self, dy: Any) -> Any:
        return dy * 2


def torch_backward_without_record() -> None:
    made = net(in_units=3)
    made(nd.ones((1, 3))).to_torch().sum().backward()


def export_of_a_torch_block() -> None:
    made = nn.HybridSequential()
    made.add(TorchBlock(torch.nn.Linear(3, 2)))
    made.initialize()
    made.hybridize()
    made(nd.ones((1, 3)))
    made.export("net")


PROVOKED: list[Callable[[], Any]] = [
    import_what_is_missing,
    real_mxnet_is_imported,
    lambda: __import__("mxnet"),
    lambda: mx.no_such_name,
    lambda: nd.no_such_name,
    lambda: mx.rtc.CudaModule(""),
    lambda: np.array([[1, 2], [3]]),
    lambda: exec("from collections import Iterable"),
    lambda: np.float,
    lambda: nd.ones(3, ctx=mx.gpu(99)),
    lambda: mx.kv.create("dist_sync"),
    lambda: net(initialized=False)(nd.ones((1, 3))),
    lambda: net().weight.data(),
    lambda: net(in_units=3)(nd.ones((1, 3), ctx=mx.cpu(1))),
    lambda: net(in_units=3).initialize(),
    lambda: net(in_units=4).load_parameters(saved(net(in_units=3))),
    load_other_names,
    lambda: net().load_parameters("none.params"),
    load_a_checkpoint_of_torch,
    load_half_a_file,
    lambda: net().export("net"),
    lambda: net(in_units=3)(nd.ones((1, 4))),
    lambda: nd.ones(3) + nd.ones(3, dtype="float64"),
    lambda: nd.Activation(nd.ones(3), act_type="relu", alpha=1),
    lambda: nd.ones((2, 3)).reshape((4, 2)),
    lambda: nd.ones(3).asscalar(),
    lambda: bool(nd.ones(3)),
    backward_without_record,
    write_while_recording,
    step_without_backward,
    lambda: gluon.Trainer(net(), "sgd"),
    lambda: gluon.Trainer(net().collect_params(), "sdg"),
    lambda: gluon.Trainer(net().collect_params(), "sgd", {"lr": 0.1}),
    lambda: gluon.utils.split_and_load(nd.ones((3, 2)), [mx.cpu(0), mx.cpu(1)]),
    lambda: mx.metric.Accuracy().update([nd.ones(3)], [nd.ones((2, 2))]),
    lambda: hybridized(lambda F, x: nd.relu(x)),
    lambda: hybridized(lambda F, x: x.asnumpy()),
    lambda: hybridized(lambda F, x: Double()(x)),
    torch_backward_without_record,
    export_of_a_torch_block,
]


@pytest.fixture(scope="module")
def raised(tmp_path_factory) -> list[str]:
    """What each of ``PROVOKED`` raises, as ``Type: text``."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("errors"))
        patch.setitem(sys.modules, "mxnet", None)
        del sys.modules["mxnet"]  # put back when this is over
        for provoke in PROVOKED:
            with pytest.raises((Exception, Warning)) as error:
                provoke()
            found.append(f"{error.type.__name__}: {error.value}")
    return found


def pattern(text: str) -> str:
    return ".*?".join(re.escape(part) for part in text.split("..."))


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_is_that_of_an_error(text, raised):
    assert [message for message in raised if re.match(pattern(text) + r"\Z", message, re.DOTALL)]


def test_each_error_is_in_the_table(raised):
    for message in raised:
        assert [t for t in TEXTS if re.match(pattern(t) + r"\Z", message, re.DOTALL)], message
    assert len(TEXTS) == len(PROVOKED)
