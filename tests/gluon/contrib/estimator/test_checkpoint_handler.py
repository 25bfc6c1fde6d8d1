"""CheckpointHandler against real MXNet's; interrupted runs that go on as if nothing had been; where it differs."""

import json
import pathlib
import signal
import subprocess
import sys

import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon.contrib.estimator import (
    BatchEnd,
    CheckpointHandler,
    LoggingHandler,
    StoppingHandler,
)
from tests.oracle import estimator_checkpoints as scenario
from tests.oracle.estimator_common import dense, loader, tolerance, watched
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, tolerance=tolerance)
ROOT = pathlib.Path(__file__).parents[4]
BATCHES = {"epoch_period": None, "batch_period": 2}


class Interrupt(BatchEnd):
    """Ends the training as Ctrl-C would."""

    priority = 5000

    def __init__(self, after, how=KeyboardInterrupt):
        self.left, self.how = after, how

    def batch_end(self, estimator, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            raise self.how


def start(context=None, hybrid=False, optimizer="sgd", **options):
    net = dense(mx, ctx=context, hybrid=hybrid)
    if "lr_scheduler" not in options:
        options.setdefault("learning_rate", 0.05)
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, options)
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    record = []
    estimator = mx.gluon.contrib.estimator.Estimator(net, loss, trainer=trainer, context=context)
    return watched(estimator, record), record


def run(folder, epochs, interrupted=None, plan=None, extra=(), start_options=None, **options):
    """An Estimator, its CheckpointHandler and its log after a run."""
    estimator, record = start(**(start_options or {}))
    if options.pop("best", False):
        options.update(save_best=True, mode="min", monitor=estimator.train_metrics[1])
    handler = CheckpointHandler(folder, **options)
    handlers = [handler, *extra] + ([Interrupt(interrupted)] if interrupted else [])
    try:
        estimator.fit(loader(mx, 12), event_handlers=handlers, **(plan or {"epochs": epochs}))
    except KeyboardInterrupt:
        assert interrupted
    return estimator, handler, record


def content(folder):
    return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}


def listed(folder):
    return sorted({path.stem for path in pathlib.Path(folder).iterdir() if path.suffix in (".params", ".states")})


# ---------------------------------------------------------------------------------------------- going on
def schedule():
    return {"lr_scheduler": mx.lr_scheduler.FactorScheduler(4, 0.7, base_lr=0.1), "momentum": 0.9, "wd": 0.01}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"optimizer": "adam"},
        schedule,
        {"optimizer": "adam", "hybrid": True},
        {"optimizer": "adam", "context": [mx.cpu(0), mx.cpu(1)]},
        {"momentum": 0.9, "context": mx.cpu(1)},
    ],
)
def test_interrupted_and_resumed(tmp_path, options):
    """Files, parameters, states and counters are bit for bit those of a run that nobody interrupted."""

    def made_anew():  # a scheduler must not be shared
        return options() if callable(options) else dict(options)

    whole, counted, _ = run(tmp_path / "whole", 5, start_options=made_anew(), best=True)
    run(tmp_path / "parts", 5, interrupted=8, start_options=made_anew(), best=True)  # in the third epoch
    assert listed(tmp_path / "parts") == ["model-best", "model-epoch0batch3", "model-epoch1batch6"]
    resumed, handler, record = run(
        tmp_path / "parts", 5, start_options=made_anew(), best=True, resume_from_checkpoint=True
    )
    assert record[0][1:3] == [
        "WARNING", "CheckpointHandler: Checkpoint resumed from epoch 1 batch 6, continue to train for 3 epochs ",
    ]  # fmt: skip
    assert content(tmp_path / "parts") == content(tmp_path / "whole")
    for one, two in zip(whole.net.collect_params().values(), resumed.net.collect_params().values()):
        for a, b in zip(one.list_data(), two.list_data()):
            assert (a.asnumpy() == b.asnumpy()).all()
    assert resumed.trainer.optimizer.num_update == whole.trainer.optimizer.num_update == 15
    assert resumed.trainer.learning_rate == whole.trainer.learning_rate
    assert handler.trained_epoch + 1 + handler.current_epoch == counted.current_epoch
    assert handler.trained_batch + handler.current_batch == counted.current_batch
    assert handler.best == counted.best
    assert handler.saved_checkpoints == counted.saved_checkpoints


def test_killed_and_resumed(tmp_path):
    """A process that is killed between two checkpoints, and one that goes on from there."""
    program = (
        "import os, signal, sys\n"
        "import mxgluon_compat as mx\n"
        "from tests.oracle.estimator_common import loader, made, spy\n"
        "kill = lambda n: n == 6 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "module = mx.gluon.contrib.estimator\n"
        "checkpoints = module.CheckpointHandler(sys.argv[1], resume_from_checkpoint=True)\n"
        "handlers = [checkpoints, spy(mx, [], answers={'batch_end': kill})]\n"
        "made(mx, [], momentum=0.9).fit(loader(mx, 12), epochs=4, event_handlers=handlers)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "parts"], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    options = {"start_options": {"momentum": 0.9, "learning_rate": 0.1}, "resume_from_checkpoint": True}
    run(tmp_path / "parts", 4, **options)
    run(tmp_path / "whole", 4, **options)
    assert listed(tmp_path / "whole")[-1] == "model-epoch3batch11"  # one less than without resume_from_checkpoint
    assert content(tmp_path / "parts") == content(tmp_path / "whole")


@pytest.mark.parametrize("name", ["save_states", "save_parameters"])
def test_a_checkpoint_that_is_not_whole_is_none(tmp_path, monkeypatch, name):
    """Interrupted while it writes, a run goes on from the checkpoint before."""
    owner = mx.gluon.Trainer if name == "save_states" else mx.gluon.Block
    write, calls = getattr(owner, name), []

    def interrupted(self, path, *args, **kwargs):
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(self, path, *args, **kwargs)

    monkeypatch.setattr(owner, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        start()[0].fit(loader(mx, 12), epochs=3, event_handlers=[CheckpointHandler(tmp_path / "parts")])
    monkeypatch.undo()
    _, handler, _ = run(tmp_path / "parts", 3, resume_from_checkpoint=True)
    assert (handler.trained_epoch, handler.trained_batch) == (0, 3)
    run(tmp_path / "whole", 3)
    assert content(tmp_path / "parts") == content(tmp_path / "whole")


def test_states_are_written_all_or_nothing(tmp_path, monkeypatch):
    estimator, _, _ = run(tmp_path, 1)
    (states,) = tmp_path.glob("*.states")
    before = states.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "write_bytes", full)
    for on_kvstore in (None, True):
        net = dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", update_on_kvstore=on_kvstore)
        with pytest.raises(OSError, match="No space left"):
            trainer.save_states(str(states))
    assert states.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_resumed_by_batches(tmp_path):
    """Data begin anew, as in MXNet; parameters, states and numbers go on."""
    run(tmp_path, None, plan={"batches": 5}, start_options={"momentum": 0.9}, **BATCHES)
    estimator, handler, _ = run(
        tmp_path, None, plan={"batches": 9}, start_options={"momentum": 0.9}, resume_from_checkpoint=True, **BATCHES
    )
    assert (handler.trained_epoch, handler.trained_batch, estimator.max_batch) == (1, 3, 5)
    assert listed(tmp_path) == ["model-epoch0batch1", "model-epoch1batch3", "model-epoch2batch5", "model-epoch3batch7"]
    assert estimator.trainer.optimizer.num_update == 9


def test_a_stopping_handler_before_it_knows_what_is_left(tmp_path):
    run(tmp_path, 2)
    estimator, _ = start()
    handler = CheckpointHandler(tmp_path, resume_from_checkpoint=True)
    estimator.fit(loader(mx, 12), epochs=3, event_handlers=[StoppingHandler(), handler])
    assert handler.current_epoch == 1


# ---------------------------------------------------------------------------------------------- where it differs
def test_old_ones_are_removed_by_their_whole_name(tmp_path):
    """MXNet removes all whose names begin alike: batch1 and, with it, the new batch11."""
    run(tmp_path, None, plan={"batches": 12}, epoch_period=None, batch_period=2)
    assert listed(tmp_path) == [f"model-epoch{e}batch{b}" for e, b in ((1, 3), (1, 5), (2, 7), (3, 11), (3, 9))]


def test_old_ones_are_removed_after_resuming_too(tmp_path):
    """MXNet forgets those of the run before, and keeps them."""
    run(tmp_path, 3, max_checkpoints=2)
    _, handler, _ = run(tmp_path, 5, max_checkpoints=2, resume_from_checkpoint=True)
    assert listed(tmp_path) == handler.saved_checkpoints == ["model-epoch3batch12", "model-epoch4batch15"]


def test_a_handler_that_is_used_again_keeps_what_it_wrote_last(tmp_path):
    estimator, handler, _ = run(tmp_path, 2, max_checkpoints=2)
    estimator.fit(loader(mx, 12), epochs=2, event_handlers=[handler])
    assert listed(tmp_path) == handler.saved_checkpoints == ["model-epoch0batch3", "model-epoch1batch6"]


def test_the_best_stays_the_best_after_resuming(tmp_path):
    """MXNet begins from nothing, and writes over the best one."""
    _, first, _ = run(tmp_path, 2, best=True)
    before = (tmp_path / "model-best.params").read_bytes()
    assert json.loads((tmp_path / "model-best.json").read_text()) == {
        "monitor": "training softmaxcrossentropyloss", "best": first.best,
    }  # fmt: skip
    _, second, _ = run(
        tmp_path, 4, best=True, start_options={"learning_rate": -0.05}, resume_from_checkpoint=True
    )  # states bring the rate of the first run with them
    assert second.best < first.best
    assert (tmp_path / "model-best.params").read_bytes() != before
    best = json.loads((tmp_path / "model-best.json").read_text())["best"]
    (tmp_path / "model-best.json").write_text(json.dumps({"monitor": "x", "best": best / 100}))
    before = (tmp_path / "model-best.params").read_bytes()
    run(tmp_path, 5, best=True, resume_from_checkpoint=True)
    assert (tmp_path / "model-best.params").read_bytes() == before


def test_it_logs_what_is_so(tmp_path):
    """MXNet counts a batch too many at the end of an epoch, shows the new value as the old one, batches as epochs."""
    estimator, record = start()
    handler = CheckpointHandler(tmp_path, monitor=estimator.train_metrics[1], save_best=True, mode="max", verbose=1)
    estimator.fit(loader(mx, 12), epochs=2, event_handlers=[handler, LoggingHandler()])
    lines = [(r[2], r[3]) for r in record if "CheckpointHandler: " in r[2]]
    where, prefix = f"saving model at {tmp_path} with prefix: model", f"{tmp_path} with prefix: model-best"
    assert [line for line, _ in lines] == [
        f"[Epoch 0] CheckpointHandler: trained total 3 batches, {where}-epoch0batch3",
        "[Epoch 0] CheckpointHandler: training softmaxcrossentropyloss improved from -# to #, updating best model at "
        f"{prefix}",
        f"[Epoch 1] CheckpointHandler: trained total 6 batches, {where}-epoch1batch6",
        "[Epoch 1] CheckpointHandler: training softmaxcrossentropyloss did not improve from #, skipping updating best "
        "model",
    ]
    assert lines[1][1] == pytest.approx([float("inf"), handler.best], abs=1e-5)
    assert lines[3][1] == pytest.approx([handler.best], abs=1e-5)


def test_folders_that_are_files_are_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        CheckpointHandler(tmp_path / "file")


def test_formats(tmp_path):
    before = mx.set_file_format("mxnet")
    try:
        run(tmp_path, 1, start_options={"hybrid": True})
    finally:
        mx.set_file_format(before)
    assert (tmp_path / "model-epoch0batch3.params").read_bytes()[:2] == b"\x12\x01"  # MXNet's mark
    estimator, _, _ = run(tmp_path, 2, start_options={"hybrid": True}, resume_from_checkpoint=True)
    assert (tmp_path / "model-epoch1batch6.params").read_bytes()[8:9] == b"{"  # safetensors
    graph = mx.sym.load(str(tmp_path / "model-symbol.json"))
    assert graph.list_arguments() == ["data", *estimator.net.collect_params().keys()]
