"""The legacy scripts under examples/ train here as they did under MXNet 1.9.1: golden files from tests/oracle/.

And they come by each use of MXNet of which doctor says that it works: that of ``mx.gpu`` in runs of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.doctor import marks

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
DIGITS = json.loads((GOLDEN / "digits_losses.json").read_text())
DCGAN = json.loads((GOLDEN / "dcgan_losses.json").read_text())
ORACLE = os.environ.get("MXNET_ORACLE_PYTHON")
NUMBER = re.compile(r"-?\d+\.\d+")


def run(script: str, *arguments: str, cwd: Path) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """What the script printed, and the places that it came by."""
    done, places = marks.run(ROOT / "examples" / script, *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done, places


def missed(example: str, places: set[str]) -> set[str]:
    """Names of the uses of MXNet that are said to work, and are at none of the places."""
    return {use.name for use in marks.missed(marks.uses_of(ROOT / "examples" / example), places)}


def check_losses(history: dict[str, Any], expected: dict[str, Any]) -> None:
    """The losses against those of a run of MXNet.

    The first batches are equal but for float32 rounding. Rounding grows with every update (among MXNet's own four runs,
    which differ by nothing else, to a third of a percent in whole epochs), so epochs are given 2 %.
    """
    first = expected["first_batch_losses"]
    assert history["batch_losses"][: len(first)] == pytest.approx(first, rel=1e-4)
    assert history["epoch_losses"] == pytest.approx(expected["epoch_losses"], rel=0.02)


def test_digits(tmp_path: Path) -> None:
    done, places = run("digits/train.py", "--out", "out", "--losses-out", "losses.json", cwd=tmp_path)
    history = json.loads((tmp_path / "losses.json").read_text())
    for expected in DIGITS["settings"].values():
        check_losses(history, expected)
    assert history["test_accuracy"][-1] >= 0.97
    assert "loaded back, it predicts the same" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["digits-0012.params", "digits-symbol.json"]
    assert missed("digits", places) == {"mx.gpu"}


def test_digits_without_hybridize(tmp_path: Path) -> None:
    """The net as written, operator by operator."""
    options = "--no-hybridize --epochs 1"
    run("digits/train.py", *options.split(), "--losses-out", "losses.json", cwd=tmp_path)
    check_losses(json.loads((tmp_path / "losses.json").read_text()), DIGITS[options])


WORDS = json.loads((GOLDEN / "word_language_model.json").read_text())


def test_word_language_model(tmp_path: Path) -> None:
    """Losses of batches and of epochs, learning rates, the best model's; between them the settings use all there is."""
    places = set()
    for number, (options, expected) in enumerate(WORDS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        arguments = [option.format(root=ROOT) for option in options.split()]
        done, own = run("word_language_model/train.py", *arguments, "--losses-out", "losses.json", cwd=folder)
        places |= own
        history = json.loads((folder / "losses.json").read_text())
        first = expected["first_batch_losses"]
        assert history["batch_losses"][: len(first)] == pytest.approx(first, rel=1e-4), options
        for key in ("epoch_losses", "valid_losses", "learning_rates", "test_loss"):
            assert history[key] == pytest.approx(expected[key], rel=1e-3), (options, key)
        assert history["epoch_losses"][-1] < history["batch_losses"][0] - 1
        assert "best model: test perplexity" in done.stderr and (folder / "model.params").exists()
    assert missed("word_language_model", places) == {"mx.gpu"}


def check_dcgan(history: dict[str, Any], expected: dict[str, Any]) -> None:
    """Both losses of every batch, how many pictures were told apart, mean and variance of the generated ones.

    The first batches are equal but for float32 rounding, which then grows (Adam makes a whole step of whatever gradient
    is left where it cancels): after twelve batches MXNet's own four runs are 3e-5 apart, DCGAN["spread"].
    """
    assert history.keys() == expected.keys()
    for key in ("discriminator_losses", "generator_losses"):
        assert history[key][:6] == pytest.approx(expected[key][:6], rel=1e-5), key
        assert history[key] == pytest.approx(expected[key], rel=5e-4), key
    assert history["accuracies"] == pytest.approx(expected["accuracies"])
    assert history["pictures"] == pytest.approx(expected["pictures"], abs=1e-5)


@pytest.mark.parametrize("options", ["", "--no-hybridize", "--size 64 --epochs 1 --images 32"])
def test_dcgan(tmp_path: Path, options: str) -> None:
    """Two nets that learn from each other, from the same seed."""
    arguments = [*DCGAN["arguments"].split(), *options.split(), "--out", "out", "--losses-out", "losses.json"]
    done, places = run("dcgan/train.py", *arguments, cwd=tmp_path)
    check_dcgan(json.loads((tmp_path / "losses.json").read_text()), DCGAN[options or "losses"])
    files = {path.name for path in (tmp_path / "out").iterdir() if path.suffix != ".png"}
    exported = {"generator-symbol.json", f"generator-000{1 if '--epochs 1' in options else 2}.params"}
    assert files == {"discriminator.params", *(() if "--no-hybridize" in options else exported)}
    assert "--no-hybridize" in options or "loaded back, it draws the same" in done.stderr
    assert "--no-hybridize" in options or missed("dcgan", places) == {"mx.gpu"}


def check_printed(printed: str, golden: str) -> None:
    """Words the same; numbers to what rounding leaves."""
    assert NUMBER.sub("#", printed).splitlines() == NUMBER.sub("#", golden).splitlines()
    numbers, expected = ([float(number) for number in NUMBER.findall(text)] for text in (printed, golden))
    assert numbers == pytest.approx(expected, rel=1e-3, abs=2e-5)


def test_tutorial_blocks(tmp_path: Path) -> None:
    """Names, shapes, printed Blocks and parameters; losses, gradients and accuracies."""
    done, places = run("tutorial_blocks/train.py", cwd=tmp_path)
    check_printed(done.stdout, (GOLDEN / "tutorial_blocks.txt").read_text())
    assert missed("tutorial_blocks", places) == set()


@pytest.mark.gpu
@pytest.mark.parametrize("example", ["digits", "word_language_model", "dcgan"])
def test_on_a_gpu(tmp_path: Path, example: str) -> None:
    _, places = run(f"{example}/train.py", "--gpu", "--epochs", "1", cwd=tmp_path)
    assert "mx.cpu" in missed(example, places) and "mx.gpu" not in missed(example, places)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("example", ["digits", "word_language_model", "dcgan"])
def test_without_a_gpu(tmp_path: Path, example: str) -> None:
    """``--gpu`` where there is none: comes by ``mx.gpu``, and ends with an error that names it."""
    done, places = marks.run(ROOT / "examples" / example / "train.py", "--gpu", "--epochs", "1", cwd=tmp_path)
    assert done.returncode == 1 and re.search(r"MXNetError: .*gpu\(0\)", done.stderr), done.stderr
    assert "mx.gpu" not in missed(example, places)


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="MXNET_ORACLE_PYTHON is not set")
def test_golden_files_against_mxnet(tmp_path: Path) -> None:
    def mxnet(script: str, *arguments: str) -> str:
        command = [ORACLE, str(ROOT / "examples" / script), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=True).stdout

    mxnet("digits/train.py", "--losses-out", "losses.json")
    history = json.loads((tmp_path / "losses.json").read_text())
    for expected in DIGITS["settings"].values():
        check_losses(history, expected)
    mxnet("dcgan/train.py", *DCGAN["arguments"].split(), "--out", "out", "--losses-out", "losses.json")
    check_dcgan(json.loads((tmp_path / "losses.json").read_text()), DCGAN["losses"])
    check_printed(mxnet("tutorial_blocks/train.py"), (GOLDEN / "tutorial_blocks.txt").read_text())
