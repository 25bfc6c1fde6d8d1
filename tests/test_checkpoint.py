"""The state of a training in one file: going on from it is as if there had been no interruption."""

from __future__ import annotations

import os
import pathlib
import random
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.checkpoint import load_checkpoint, save_checkpoint
from mxgluon_compat.contrib import amp

ROOT = pathlib.Path(__file__).parent.parent


def make_net(seed=0, units=3):
    mx.random.seed(seed)
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(8, in_units=4), mx.gluon.nn.Dropout(0.5), mx.gluon.nn.Dense(units, in_units=8))
    net.initialize(mx.init.Xavier())
    return net


def trainer_of(net, optimizer="adam"):
    return mx.gluon.Trainer(net.collect_params(), optimizer, {"learning_rate": 0.05})


def step(net, trainer):
    with mx.autograd.record():
        loss = (net(mx.nd.random.uniform(shape=(4, 4))) ** 2).sum()
    loss.backward()
    trainer.step(4)
    return loss.asscalar()


def test_a_training_that_is_killed_ends_as_one_that_is_not(tmp_path):
    """With Dropout, shuffled data, a schedule and states of the optimizer; killed while it writes, too."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.interrupted", str(tmp_path)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["adam", "sgd"]
    for line in lines:
        assert int(re.search(r"killed (\d+) times", line)[1]) >= 3, line
        assert "the same: True" in line


def test_everything_goes_on(tmp_path):
    path = tmp_path / "file"
    net = make_net()
    trainer = trainer_of(net)
    step(net, trainer)
    save_checkpoint(path, net, trainer, {"epoch": 3, "best": [0.25, None]})
    wanted = (
        [step(net, trainer) for _ in range(3)],
        np.random.rand(3).tolist(),
        np.random.randn(3).tolist(),
        random.random(),
    )
    step(net, trainer)
    other = make_net(7)
    trainer = trainer_of(other)
    assert load_checkpoint(path, other, trainer) == {"epoch": 3, "best": [0.25, None]}
    assert trainer.optimizer.num_update == 1
    assert (
        [step(other, trainer) for _ in range(3)], np.random.rand(3).tolist(), np.random.randn(3).tolist(),
        random.random(),
    ) == wanted  # fmt: skip


def test_random_streams():
    mx.random.seed(3)
    mx.nd.random.uniform(shape=5)
    state = mx.random.get_state()
    draws = [
        lambda: mx.nd.random.normal(shape=7),
        lambda: mx.nd.random.shuffle(mx.nd.arange(9)),
        lambda: mx.nd.random.gamma(2, 1, 3),
    ]
    wanted = [draw().asnumpy().tolist() for draw in draws]
    mx.random.seed(4)
    mx.random.set_state(state)
    assert [draw().asnumpy().tolist() for draw in draws] == wanted


def test_members_are_files_that_are_known(tmp_path):
    net = make_net()
    trainer = trainer_of(net)
    step(net, trainer)
    save_checkpoint(tmp_path / "file", net, trainer)
    with zipfile.ZipFile(tmp_path / "file") as file:
        assert sorted(file.namelist()) == ["checkpoint.json", "net.params", "random.params", "trainer.states"]
        file.extractall(tmp_path)
    other = make_net(1)
    other.load_parameters(str(tmp_path / "net.params"))
    trainer_of(other).load_states(str(tmp_path / "trainer.states"))
    assert (other[0].weight.data().asnumpy() == net[0].weight.data().asnumpy()).all()


def test_without_a_trainer(tmp_path):
    net = make_net()
    save_checkpoint(tmp_path / "file", net)
    other = make_net(1)
    assert load_checkpoint(tmp_path / "file", other) is None
    assert (other[2].weight.data().asnumpy() == net[2].weight.data().asnumpy()).all()
    with pytest.raises(MXNetError, match="without a Trainer"):
        load_checkpoint(tmp_path / "file", other, trainer_of(other))


def test_the_loss_scale_of_mixed_precision(tmp_path):
    net = make_net()
    amp.init()
    try:
        trainer, other = trainer_of(net), trainer_of(net)
        amp.init_trainer(trainer)
        amp.init_trainer(other)
        trainer._amp_loss_scaler._next_loss_scale, trainer._amp_loss_scaler._unskipped = 128.0, 17
        save_checkpoint(tmp_path / "file", net, trainer)
        load_checkpoint(tmp_path / "file", net, other)
        assert vars(other._amp_loss_scaler) == vars(trainer._amp_loss_scaler)
    finally:
        amp.amp._reset()


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path, net = tmp_path / "file", make_net()
    save_checkpoint(path, net, extra=1)
    with pytest.raises(TypeError):
        save_checkpoint(path, net, extra=object())
    unknown = mx.gluon.nn.Dense(2)
    unknown.initialize()
    with pytest.raises(RuntimeError):
        save_checkpoint(path, unknown, extra=2)
    assert load_checkpoint(path, net) == 1 and os.listdir(tmp_path) == ["file"]


def test_other_files_are_refused_and_change_nothing(tmp_path):
    path, net = tmp_path / "file", make_net()
    trainer = trainer_of(net)
    step(net, trainer)
    save_checkpoint(path, net, trainer)
    content = path.read_bytes()
    weight = net[0].weight.data().asnumpy()
    damaged = bytearray(content)
    damaged[len(content) // 3] ^= 255
    for bad in (b"", b"nonsense", content[: len(content) // 2], bytes(damaged)):
        (tmp_path / "bad").write_bytes(bad)
        with pytest.raises(MXNetError, match="not a whole file"):
            load_checkpoint(tmp_path / "bad", net, trainer)
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "nothing", net, trainer)
    with pytest.raises(AssertionError):
        load_checkpoint(path, make_net(units=5))
    other = make_net(1)
    before = other[0].weight.data().asnumpy()
    assert (before != weight).any()
    with pytest.raises(MXNetError, match="Adam"):
        load_checkpoint(path, other, trainer_of(other, "sgd"))
    assert (other[0].weight.data().asnumpy() == before).all()
    assert (net[0].weight.data().asnumpy() == weight).all()
