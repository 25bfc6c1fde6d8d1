"""The code of the guide's "Leaving, layer by layer" runs as it stands there."""

import pathlib
import re

import numpy as np
import onnxruntime
import pytest
import torch

import mxgluon_compat as mx

GUIDE = pathlib.Path(__file__).parents[2] / "migration_guide.md"


def test_the_guides_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    section = GUIDE.read_text().split("\n## Leaving, layer by layer\n")[1].split("\n## ")[0]
    blocks = re.findall(r"<!-- leaving -->\n```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 9
    names = {}
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert (tmp_path / "net.params").exists() and names["compiled"] is not None
    assert "mxgluon" not in (tmp_path / "model.py").read_text() and "layers.2.bias" in names["model"].state_dict()


@pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning")  # of PyTorch's exporter, about PyTorch
def test_the_guides_way_out_to_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    section = GUIDE.read_text().split("\n### Out to others\n")[1].split("\n## ")[0]
    blocks = re.findall(r"<!-- out -->\n```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == section.count("```python") == 3
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(16, activation="relu"), mx.gluon.nn.Dense(2))
    net.initialize()
    net.hybridize()
    data = mx.nd.random.normal(shape=(8, 10))
    net(data)
    names = {"mx": mx, "np": np, "torch": torch, "onnxruntime": onnxruntime, "as_module": mx.interop.as_module}
    names.update(net=net, data=data)
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert {p.name for p in tmp_path.iterdir()} >= {"net.onnx", "net.pt2", "other.onnx"}
