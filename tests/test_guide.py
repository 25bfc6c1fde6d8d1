"""The migration guide: every block of code in it runs as it stands there, and its links lead somewhere.

Python blocks of a section share their names and run in order, in a fresh folder; commands run too. What a section's
code takes as given is made in ``GIVEN``. What needs a GPU runs on the CPU where there is none, what needs MXNet's
interpreter with this package in its place (see ``guide_commands``).
"""

from __future__ import annotations

import configparser
import doctest
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.interop import install, uninstall
from tests import guide
from tests.guide_commands import OLD

ROOT = guide.PATH.parent
SECTIONS = guide.sections()
ON_CPU = {"mx.gpu(": "mx.cpu("}  # where there is no GPU
TRAIN = """\
import argparse, os
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
epochs = parser.parse_args().epochs
store = "dist_sync" if "WORLD_SIZE" in os.environ else "device"
mx.random.seed(1)
net = nn.HybridSequential()
net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=store)
for _ in range(2 * epochs):
    with autograd.record():
        loss = net(mx.nd.random.normal(shape=(8, 3))).square().mean()
    loss.backward()
    trainer.step(8)
print("trained", epochs)
"""
Names = dict[str, Any]


# ---------------------------------------------------------------------------------------------- what is given
def small_net(**names: Any) -> Names:
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(2, in_units=3), mx.gluon.nn.BatchNorm(in_channels=2))
    net.initialize()
    return {"mx": mx, "net": net, **names}


def a_training() -> Names:
    names = small_net(epoch=3)
    names["trainer"] = mx.gluon.Trainer(names["net"].collect_params(), "sgd", {"momentum": 0.9})
    return names


def a_program() -> Names:
    pathlib.Path("train.py").write_text(TRAIN)
    return {}


def a_code_base() -> Names:
    pathlib.Path("PATH").mkdir()
    pathlib.Path("PATH", "one.py").write_text("import mxnet as mx\nmx.nd.ones(3)\n")
    pathlib.Path("PATH", "other.py").write_text("import mxnet as mx\nmx.rtc.CudaModule('')\nmx.nd.nothing(3)\n")
    return {}


def exported_files() -> Names:
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Conv2D(2, 3), mx.gluon.nn.BatchNorm(), mx.gluon.nn.GlobalAvgPool2D(), mx.gluon.nn.Dense(2))
    net.initialize()
    net.hybridize()
    net(mx.nd.ones((1, 3, 8, 8)))
    net.export("net", format="mxnet")
    return {}


def photos() -> Names:
    pytest.importorskip("cv2")
    for kind in ("cats", "dogs"):
        folder = pathlib.Path("photos", kind)
        folder.mkdir(parents=True)
        for i in range(6):
            picture = mx.nd.random.randint(0, 255, (24, 32, 3)).astype("uint8").asnumpy()
            content = mx.recordio.unpack(mx.recordio.pack_img((0, 0, 0, 0), picture))[1]
            (folder / f"{i}.jpg").write_bytes(content)
    record = mx.recordio.MXRecordIO("bad.rec", "w")
    record.write(b"sound")
    record.close()
    with open("bad.rec", "ab") as file:
        file.write(b"what is no record")
    return {}


def two_kinds_of_points() -> Names:
    y = np.arange(64) % 2
    x = np.random.RandomState(0).normal(3 - 6 * y[:, None], 1, (64, 3)).astype("float32")
    np.savez("train.npz", x=x, y=(1 - y).astype("float32"))
    return {}


def two_nets_to_compare() -> Names:
    a_program()
    nets = []
    for _ in range(2):
        mx.random.seed(4)
        nets.append(mx.gluon.nn.Dense(2, in_units=3))
        nets[-1].initialize()

    def train(net: Any) -> None:
        with mx.autograd.record():
            loss = net(mx.nd.random.normal(shape=(4, 3))).sum()
        loss.backward()

    return {"mx": mx, "train": train, "net": nets[0], "again": nets[1]}


def a_net_for_lightning() -> Names:
    pytest.importorskip("lightning")
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(4, activation="relu"), mx.gluon.nn.BatchNorm(), mx.gluon.nn.Dense(2))
    net.initialize()
    samples = torch.utils.data.TensorDataset(torch.randn(8, 3), torch.arange(8) % 2)
    loader = torch.utils.data.DataLoader(samples, 4)
    return {"mx": mx, "torch": torch, "as_module": mx.interop.as_module, "net": net, "loader": loader}


def a_net_for_others() -> Names:
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(16, activation="relu"), mx.gluon.nn.Dense(2))
    net.initialize()
    net.hybridize()
    data = mx.nd.random.normal(shape=(8, 10))
    net(data)
    ort = pytest.importorskip("onnxruntime")
    names = {"mx": mx, "np": np, "torch": torch, "onnxruntime": ort, "as_module": mx.interop.as_module}
    return {**names, "net": net, "data": data}


GIVEN: dict[str, Callable[[], Names]] = {
    "Run unchanged": a_program,
    "Will my code run?": a_code_base,
    "Checkpoints": small_net,
    "Going on after an interruption": a_training,
    "Looking into files": exported_files,
    "Packing pictures": photos,
    "Is it the same?": two_nets_to_compare,
    "Scripts for SageMaker": two_kinds_of_points,
    "Lightning": a_net_for_lightning,
    "Out to others": a_net_for_others,
    "Operators": lambda: {"mx": mx},
    "Several devices, processes, machines": a_program,
}
# a word of a command that ends with another exit code than 0, since there are problems in what it reads
EXIT_CODES = {"doctor": 1, "--skip-damaged": 1}


# ---------------------------------------------------------------------------------------------- running
@pytest.fixture(scope="module")
def command() -> Iterator[Callable[[list[str]], Names]]:
    """Runs the words of a command in the current folder: its exit code, what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.guide_commands"],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    stdin, stdout = process.stdin, process.stdout

    def command(words: list[str]) -> Names:
        stdin.write(json.dumps([str(pathlib.Path.cwd()), words]) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())

    yield command
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.fixture
def as_a_program(tmp_path, monkeypatch) -> Iterator[None]:
    """``import mxnet`` works, and imports find files of the folder, as in a program that ``run`` has started."""
    before, file_format = set(sys.modules), mx.file_format()
    monkeypatch.syspath_prepend(tmp_path)
    install()
    yield
    uninstall()
    mx.set_file_format(file_format)
    for name in set(sys.modules) - before:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def installable(words: list[str]) -> None:
    """``pip install``: the names are those of packages, and the extras those of this one."""
    from packaging.requirements import Requirement

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    for word in words:
        requirement = Requirement(word.strip("'"))
        if requirement.name == config["metadata"]["name"]:
            assert requirement.extras <= set(config["options.extras_require"]), word
        else:
            wanted = config["options"]["install_requires"].split() + config["options.extras_require"]["test"].split()
            assert requirement.name in {re.split(r"[<>=]", name)[0] for name in wanted}, word


def commands_of(code: str) -> list[list[str]]:
    lines = (line.partition(" #")[0].strip() for line in code.replace("\\\n", " ").splitlines())
    return [line.split() for line in lines if line and not line.startswith("#")]


def run_python(block: guide.Block, names: Names) -> None:
    code = block.code
    if not torch.cuda.is_available():
        for gpu, cpu in ON_CPU.items():
            code = code.replace(gpu, cpu)
    if code.startswith(">>> "):
        test = doctest.DocTestParser().get_doctest(code, names, block.section, str(guide.PATH), block.line)
        assert doctest.DocTestRunner().run(test).failed == 0
    else:
        exec(compile("\n" * (block.line - 1) + code, str(guide.PATH), "exec"), names)


@pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning")  # of PyTorch's exporter and Lightning, about PyTorch
@pytest.mark.filterwarnings("ignore::UserWarning:lightning")  # advice: workers of the loader, the folder used again
@pytest.mark.parametrize("section", SECTIONS)
def test_code_runs(section, tmp_path, monkeypatch, capsys, command, as_a_program):
    monkeypatch.chdir(tmp_path)
    names = GIVEN[section]() if section in GIVEN else {}
    printed, ran = "", 0
    for block in SECTIONS[section]:
        kind, _, argument = block.mark.partition(" ")
        if kind == "file":
            pathlib.Path(argument).write_text(block.code)
        elif block.language == "python":
            capsys.readouterr()
            run_python(block, names)
            printed = capsys.readouterr().out
        elif block.language == "sh":
            for words in commands_of(block.code):
                if words[:2] == ["pip", "install"]:
                    installable(words[2:])
                    continue
                done = command(words)
                code = sum(EXIT_CODES.get(word, 0) for word in words)
                assert done["code"] == code, (words, done["out"], done["err"])
                printed = done["out"]
        else:
            assert (block.language, kind) == ("text", "prints"), f"{guide.PATH.name}:{block.line}"
            assert re.sub(r"(guide\.md:)\d+", r"\1LINE", printed) == block.code
        ran += 1
    assert ran == len(SECTIONS[section])


# ---------------------------------------------------------------------------------------------- the text
def test_what_is_given_is_needed():
    assert set(GIVEN) <= set(SECTIONS)
    assert all(any(word in block.code for block in guide.blocks()) for word in (*EXIT_CODES, *ON_CPU))
    assert any(OLD in block.code for block in SECTIONS["Is it the same?"])


def test_no_block_is_overlooked():
    assert sum(len(found) for found in SECTIONS.values()) == len(re.findall(r"^```\w", guide.TEXT, re.MULTILINE))
    assert guide.TEXT.count("```") == 2 * len(guide.blocks())
    assert len(set(re.findall(r"^##+ (.*)$", guide.TEXT, re.MULTILINE))) == len(re.findall(r"^##+ ", guide.TEXT, re.M))


def anchors(text: str) -> set[str]:
    """Of the headings of a page, as they are made of them for links."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


PAGES = [guide.PATH, ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", page.read_text())):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            there = page.parent / path if path else page
            assert there.exists(), target
            assert not anchor or anchor in anchors(there.read_text()), target


def test_the_code_names_sections_that_are_there():
    """``UnsupportedError(..., guide="speed")`` and texts of errors lead to headings."""
    named: set[str] = set()
    for path in (ROOT / "mxgluon_compat").rglob("*.py"):
        text = path.read_text()
        named.update(re.findall(r"migration_guide\.md#([\w-]+)", text), re.findall(r"\bguide=\"([\w-]+)\"", text))
    assert named and named <= anchors(guide.TEXT)
