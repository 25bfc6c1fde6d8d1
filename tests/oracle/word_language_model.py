"""Run examples/word_language_model/train.py under real MXNet and write tests/golden/word_language_model.json.

Usage: ORACLE_PYTHON tests/oracle/word_language_model.py    (see tools/oracle.sh)

MXNet's recurrent layers need oneDNN. With one thread and with two they give the same losses, to the last digit.
"""

import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "word_language_model.json")
FIRST = 40  # losses of single batches to keep
SETTINGS = [
    "--epochs 2",
    "--model gru --tied --nlayers 1 --emsize 64 --nhid 64 --no-hybridize --epochs 1 --batch-size 30",
    # a short text, whose end it soon knows less well than before: the learning rate falls
    "--model rnn_tanh --text {root}/LICENSE --nlayers 1 --emsize 32 --nhid 32 --batch-size 4 --bptt 20 --epochs 4",
]


def run(options: str) -> dict:
    """One training run; returns what it writes with --losses-out, with the first batches alone."""
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(ROOT, "examples", "word_language_model", "train.py")
        arguments = [option.format(root=ROOT) for option in options.split()]
        command = [sys.executable, script, *arguments, "--losses-out", "losses.json"]
        subprocess.run(command, check=True, cwd=folder)
        with open(os.path.join(folder, "losses.json")) as f:
            history = json.load(f)
    return {"first_batch_losses": history.pop("batch_losses")[:FIRST], **history}


def main() -> None:
    golden = {options: run(options) for options in SETTINGS}
    with open(GOLDEN, "w") as f:
        json.dump(golden, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
