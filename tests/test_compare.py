"""``python -m mxgluon_compat compare``: programs here against recordings of MXNet, and both at once."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mxgluon_compat.__main__ import main
from mxgluon_compat.interop.parity import Recording
from tests.oracle.recordings import EXAMPLES

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "recordings"
ORACLE = os.environ.get("MXNET_ORACLE_PYTHON")

Compare = Callable[..., tuple[int, str, str]]

PROGRAM = """
import os, sys
import mxnet as mx
from mxnet.gluon import nn

fault = sys.argv[1] if len(sys.argv) > 1 and "UNDER_MXNET" not in os.environ else None
print("prints", sys.argv[1:])
net = nn.HybridSequential()
net.add(nn.Dense(4, activation="relu"), nn.LayerNorm(epsilon=0.1 if fault == "epsilon" else 1e-5), nn.Dense(2))
net.initialize(mx.init.Normal(0.3))
net.hybridize()
trainer = mx.gluon.Trainer(net.collect_params(), "adam")
for i in range(3):
    with mx.autograd.record():
        loss = net(mx.nd.random.normal(shape=(8, 3))).square().mean()
    loss.backward()
    if fault == "fails" and i == 2:
        raise RuntimeError("on purpose")
    if fault == "exit":
        sys.exit(3)
    trainer.step(1)
"""

# What "the interpreter with MXNet" imports where there is none: this package, and a mark that tells the two apart.
STAND_IN = """
import os, sys
from mxgluon_compat import interop
os.environ["UNDER_MXNET"] = "1"
del sys.modules["mxnet"]
interop.install()
import mxnet
"""


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Compare:
    """Runs the command line in a folder of its own; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["compare", *arguments])
        return int(ended.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stand_in").mkdir()
    (tmp_path / "stand_in" / "mxnet.py").write_text(textwrap.dedent(STAND_IN))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "stand_in"), str(ROOT)]))


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_the_same(compare: Compare, name: str) -> None:
    _, script, arguments = EXAMPLES[name]
    code, out, err = compare(
        "--against", str(GOLDEN / f"{name}.rec"), str(ROOT / "examples" / script), *arguments.split()
    )
    assert code == 0, out + err
    assert "they are the same" in out and "mxnet 1.9.1 and mxgluon_compat 1.9.1" in out
    assert "rounding alone" not in out  # so near that no second run was needed


class Tags(HTMLParser):
    """Elements and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [str(value) for key, value in attrs if key in ("src", "href")]
        if tag not in ("meta", "line", "path", "polyline", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


def test_both_at_once(compare: Compare, stand_in: None) -> None:
    code, out, err = compare("--mxnet-python", sys.executable, "--html", "page.html", "program.py", "x", "--json")
    assert code == 0, out + err
    assert "they are the same" in out and err.count("prints ['x', '--json']") == 2  # options behind SCRIPT are its own
    page = Tags()
    page.feed(Path("page.html").read_text())
    assert page.open == [] and page.addresses == [] and page.seen.count("svg") == 2
    assert sorted(path.name for path in Path(".").iterdir()) == ["page.html", "program.py", "stand_in"]


def test_both_at_once_with_a_fault(compare: Compare, stand_in: None) -> None:
    arguments = ("--mxnet-python", sys.executable, "--no-hybridize", "--html", "page.html")
    code, out, _ = compare(*arguments, "program.py", "epsilon")
    assert code == 1
    assert "they part at step 0: output of LayerNorm HybridSequential.1: values differ" in out
    assert "look at epsilon" in out
    assert "HybridSequential.1" in Path("page.html").read_text()
    code, out, _ = compare(*arguments, "--steps", "1", "--json", "program.py", "epsilon")
    report = json.loads(out)
    assert code == 1 and not report["same"] and report["first"]["name"] == "HybridSequential.1"
    assert [r["steps"] for r in report["recordings"]] == [1, 1]


def test_a_recording_of_another_machine(compare: Compare, stand_in: None) -> None:
    """The recorder is written out, run by path, and its recording compared here, by itself and with another one."""
    code, out, _ = compare("--write-recorder", "record.py")
    assert (code, out) == (0, "record.py: run it with the interpreter that has MXNet\n")
    command = [sys.executable, "record.py", "--record", "there.rec", "--seed", "4", "--no-hybridize", "program.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "prints []\n"
    there = Recording.load("there.rec")
    assert there.header["options"] == {"seed": 4, "steps": None, "sample": 32, "no_hybridize": True, "nudge": None}
    assert there.header["command"] == ["program.py"] and there.end["steps"] == 3
    assert compare("--against", "there.rec", "program.py")[0] == 0  # with the recording's options
    code, out, _ = compare("--against", "there.rec", "--seed", "5", "program.py")
    assert code == 1 and "they part at step 0" in out and "recorded with seed=4 and seed=5" in out
    assert compare("--record", "here.rec", "--seed", "4", "--no-hybridize", "program.py")[0] == 0
    assert compare("--against", "there.rec", "here.rec")[0] == 0


MODULE_PROGRAM = """
import sys, os
import mxnet as mx
import numpy as np
from . import sizes

fault = "UNDER_MXNET" not in os.environ and sys.argv[1:] == ["epsilon"]
x = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=sizes.HIDDEN, name="fc1")
x = mx.sym.BatchNorm(x, eps=0.1 if fault else 1e-3, name="bn")
out = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(x, num_hidden=2, name="fc2"), name="softmax")
data = mx.io.NDArrayIter(np.random.rand(24, 3), np.arange(24) % 2, 8)
mx.mod.Module(out).fit(data, num_epoch=1, initializer=mx.init.Xavier())
print("ran", __name__, os.path.basename(sys.argv[0]), sys.argv[1:])
"""


def test_a_module_of_python_with_a_module(compare: Compare, stand_in: None) -> None:
    """``-m``, on both sides and with the recorder that was written out; a program of symbols."""
    Path("package").mkdir()
    Path("package/__init__.py").touch()
    Path("package/sizes.py").write_text("HIDDEN = 4")
    Path("package/train.py").write_text(MODULE_PROGRAM)
    code, out, err = compare("--mxnet-python", sys.executable, "-m", "package.train", "x", "-m")
    assert code == 0, out + err
    assert "they are the same" in out and err.count("ran __main__ train.py ['x', '-m']") == 2
    code, out, err = compare("--mxnet-python", sys.executable, "--html", "page.html", "-m", "package.train", "epsilon")
    assert code == 1, out + err
    assert "they part at step 0: output of BatchNorm Module.bn: values differ" in out and "look at epsilon" in out
    assert "Module.bn" in Path("page.html").read_text()
    assert compare("--write-recorder", "record.py")[0] == 0
    command = [sys.executable, "record.py", "--record", "there.rec", "-m", "package.train", "y"]
    assert "ran __main__ train.py ['y']" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert Recording.load("there.rec").header["command"] == ["-m", "package.train", "y"]
    code, out, err = compare("--against", "there.rec", "-m", "package.train", "y")
    assert code == 0, out + err
    code, _, err = compare("--against", "there.rec", "-m", "package.missing")
    assert code == 2 and "package.missing" in err


def test_programs_that_fail(compare: Compare, stand_in: None) -> None:
    code, out, err = compare("--mxnet-python", sys.executable, "program.py", "fails")
    assert code == 2
    assert "RuntimeError: on purpose" in err and 'program.py", line' in err and "Traceback" in err
    assert "under mxgluon_compat 1.9.1 the program failed: RuntimeError: on purpose" in out
    assert "they part at step 2" in out  # what it did until then is compared
    code, _, err = compare("--record", "here.rec", "program.py", "exit")
    assert code == 2 and "exit code 3" in err
    Path("other.py").write_text("print('no net')")
    code, _, err = compare("--mxnet-python", sys.executable, "other.py")
    assert code == 2 and "nothing was recorded under MXNet: the program calls no Gluon Block" in err
    code, _, err = compare("--mxnet-python", "/no/such/python", "other.py")
    assert code == 2 and "/no/such/python" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("program.py", "one of the arguments --mxnet-python --record --against --write-recorder is required"),
        ("--record a --against b program.py", "not allowed with"),
        ("--record a", "which program?"),
        ("--record a missing.py", "no such script: 'missing.py'"),
        ("--against program.py program.py", "program.py is no recording"),
        ("--against missing.rec program.py", "missing.rec"),
        ("--record a --steps 0 program.py", "--steps"),
        ("--record a --rtol -1 program.py", "is no tolerance"),
        ("--write-recorder a program.py", "runs no program"),
        (
            f"--against {shlex.quote(str(GOLDEN / 'plain.rec'))} {shlex.quote(str(GOLDEN / 'plain.rec'))} x",
            "no arguments",
        ),
    ],
)
def test_wrong_usage(compare: Compare, arguments: str, message: str) -> None:
    code, out, err = compare(*shlex.split(arguments))
    assert (code, out) == (2, "") and message in err
    assert [path.name for path in Path(".").iterdir()] == ["program.py"]


LIVE = {
    "digits": "digits/train.py --epochs 2",
    "tutorial_blocks": "tutorial_blocks/train.py",
    "word_language_model": "word_language_model/train.py --epochs 1",
    "dcgan": "dcgan/train.py --images 256 --epochs 2",
}


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="MXNET_ORACLE_PYTHON is not set")
@pytest.mark.parametrize("name", LIVE)
def test_examples_against_mxnet(compare: Compare, name: str) -> None:
    script, *arguments = LIVE[name].split()
    code, out, err = compare("--mxnet-python", str(ORACLE), str(ROOT / "examples" / script), *arguments)
    assert code == 0, out + err


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="MXNET_ORACLE_PYTHON is not set")
def test_a_fault_against_mxnet(compare: Compare) -> None:
    code, out, _ = compare("--mxnet-python", str(ORACLE), "--no-hybridize", "program.py", "x")
    assert code == 0, out
    Path("program.py").write_text(
        PROGRAM.replace("UNDER_MXNET", "NEVER").replace(
            "sys.argv[1] if", '"epsilon" if "gluon_compat" in mx.__name__ and'
        )
    )
    code, out, _ = compare("--mxnet-python", str(ORACLE), "--no-hybridize", "program.py", "x")
    assert code == 1 and "step 0: output of LayerNorm HybridSequential.1: values differ" in out
