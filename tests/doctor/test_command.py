"""``python -m mxgluon_compat doctor``: reports, exit codes, saved files, and the guide's own example."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import pytest

import mxgluon_compat as mx
from mxgluon_compat.__main__ import main
from mxgluon_compat.interop.doctor import guide

ROOT = pathlib.Path(__file__).parent.parent.parent
GOOD = "import mxnet as mx\nmx.nd.ones(3)\n"


@pytest.fixture
def doctor(capsys, tmp_path, monkeypatch):
    """Run the command in a fresh folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def doctor(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["doctor", *arguments])
        return stop.value.code, *capsys.readouterr()

    return doctor


def write(**files):
    for name, text in files.items():
        pathlib.Path(f"{name}.py").write_text(text)


def test_fine(doctor):
    write(a=GOOD)
    assert doctor(".") == (
        0,
        "1 file of code, 1 with MXNet; 0 errors; 0 saved files\n"
        "1 of 1 call sites (100.0%) will run: 1 supported, 0 differs, 0 unknown, 0 not supported\n",
        "",
    )
    assert doctor("--all", "a.py")[1].splitlines()[:2] == ["a.py:1: mx: supported", "a.py:2: mx.nd.ones: supported"]


def test_without_mxnet(doctor):
    write(a="import numpy\n")
    assert doctor("a.py")[:2] == (
        0,
        "1 file of code, 0 with MXNet; 0 errors; 0 saved files\nno call of MXNet was found\n",
    )


def test_not_supported(doctor):
    write(a=GOOD, b="import mxnet as mx\nmx.rtc.CudaModule('')\n")
    code, out, _ = doctor(".")
    assert code == 1
    line = guide.line_of_anchor("what-is-not-there")
    first, *_, last = out.splitlines()
    assert first.startswith("b.py:2: mx.rtc.CudaModule: not supported: MXNet's own kernel launcher is not here")
    assert int(re.search(r"\(migration_guide.md:(\d+)\)$", first)[1]) > line
    assert last == "1 of 2 call sites (50.0%) will run: 1 supported, 0 differs, 0 unknown, 1 not supported"


def test_unknown_counts_when_strict(doctor):
    write(a="import mxnet as mx\nmx.nd.nothing(3)\n")
    code, out, _ = doctor("a.py")
    assert (code, out.splitlines()[0]) == (0, "a.py:2: mx.nd.nothing: unknown: MXNet 1.9.1 has no such name")
    assert doctor("--strict", "a.py")[0] == 1


def test_a_file_that_cannot_be_parsed(doctor):
    write(a=GOOD, b="print 'hello'\n")
    code, out, _ = doctor(".")
    assert code == 1
    assert out.startswith("b.py:1: not read: syntax error")
    assert "1 of 1 call sites" in out


def test_json(doctor):
    code = (
        "import mxnet as mx\nnet = mx.gluon.nn.Dense(3)\nnet.hybridize()\nmx.nd.nothing(3)\nx = mx.nd.clip(1, 2, 3)\n"
    )
    write(a=code)
    code, out, _ = doctor("--json", "a.py")
    report = json.loads(out)
    assert code == 0
    assert report["summary"]["calls"] == {"supported": 2, "differs": 1, "unknown": 1, "not supported": 0}
    assert report["summary"]["share_of_calls_that_run"] == 0.75
    by_name = {use["name"]: use for use in report["uses"]}
    lines = guide.path().read_text().splitlines()
    assert "`hybridize`" in lines[by_name["Dense.hybridize"]["guide"] - 1]
    assert "`clip`" in lines[by_name["mx.nd.clip"]["see"][0] - 1]
    assert by_name["mx.nd.nothing"] == {
        "file": "a.py", "line": 4, "cell": None, "name": "mx.nd.nothing", "kind": "call", "state": "unknown",
        "reason": "MXNet 1.9.1 has no such name", "guide": None, "see": []}  # fmt: skip


@pytest.mark.parametrize("arguments", [["nothing"], ["a.txt"], []])
def test_wrong_usage(doctor, arguments):
    pathlib.Path("a.txt").write_text("")
    code, out, err = doctor(*arguments)
    assert (code, out) == (2, "")
    assert "error: " in err


def test_saved_files(doctor):
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(3, in_units=2), mx.gluon.nn.BatchNorm(in_channels=3))
    net.initialize()
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    net.export("good")
    code, out, _ = doctor(".")
    assert code == 0
    assert out.splitlines()[:2] == [
        "good-0000.params: supported: 6 arrays to load",
        "good-symbol.json: supported: 2 nodes of 2 operators, with good-0000.params",
    ]
    arrays = mx.nd.load("good-0000.params")
    mx.nd.save("good-0000.params", {k: v for k, v in arrays.items() if "weight" not in k})
    text = pathlib.Path("good-symbol.json").read_text()
    pathlib.Path("other-symbol.json").write_text(text.replace('"FullyConnected"', '"no_such_op"'))
    pathlib.Path("text-symbol.json").write_text("no graph")
    pathlib.Path("zip.params").write_bytes(b"PK\x03\x04")
    code, out, _ = doctor(".")
    assert code == 1
    found = {line.split(": ")[0]: line for line in out.splitlines()}
    assert "not supported" in found["good-symbol.json"] and "the graph has this parameter" in out
    assert "operator no_such_op (x1): MXNet 1.9.1 has no operator of this name" in found["other-symbol.json"]
    assert "not supported" in found["text-symbol.json"]
    assert "not supported" in found["zip.params"]


def test_values_that_surprise(doctor):
    x = mx.sym.BatchNorm(mx.sym.var("data"), name="bn")  # fix_gamma
    x.save("a-symbol.json")
    names = {"arg:bn_gamma": 2, "arg:bn_beta": 0, "aux:bn_moving_mean": 0, "aux:bn_moving_var": 1}
    mx.nd.save("a-0000.params", {name: mx.nd.full((3,), value) for name, value in names.items()})
    code, out, _ = doctor(".")
    assert code == 0
    assert "a-symbol.json: differs" in out
    assert "  bn_gamma: " in out


def test_nothing_of_the_code_runs(doctor):
    write(a="import mxnet as mx\nopen('ran', 'w')\nmx.nd.save('ran', [mx.nd.ones(3)])\n")
    assert doctor("a.py")[0] == 0
    assert not pathlib.Path("ran").exists()


def test_as_a_process(tmp_path):
    (tmp_path / "a.py").write_text(GOOD)
    command = [sys.executable, "-m", "mxgluon_compat", "doctor", "a.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 call sites" in done.stdout


def test_the_guide_is_built_into_the_package(tmp_path):
    pytest.importorskip("setuptools")
    script = (
        "import sys, setuptools.dist, setuptools.command.build_py as b; sys.argv = ['setup.py', '--name'];"
        "import runpy; scope = runpy.run_path('setup.py');"
        "b.build_py.run = lambda self: None;"
        f"command = scope['BuildWithGuide'](setuptools.dist.Distribution()); command.build_lib = {str(tmp_path)!r};"
        "command.run()"
    )
    (tmp_path / "mxgluon_compat").mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "mxgluon_compat" / guide.NAME).read_bytes() == (ROOT / guide.NAME).read_bytes()
