"""Writes tests/golden/im2rec.json: the lists and record files that MXNet's im2rec.py makes of a folder.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.im2rec
"""

import os
import subprocess
import sys
import tempfile

from tests.oracle.scenario import write

# Files that are packed as they are; nobody decodes them.
FILES = {
    "top.png": 30, "b_dog/p0.jpg": 41, "b_dog/p1.jpg": 42, "b_dog/p2.JPG": 43, "b_dog/notes.txt": 10,
    "a_cat/p0.jpg": 44, "a_cat/p1.jpeg": 45, "a_cat/deep/p0.png": 46, "c d/x.jpg": 47, "B/1.png": 48,
}  # fmt: skip
LIST = "7\t1.0\t2.5\tb_dog/p0.jpg\n3\t4\tb_dog/p1.jpg\n11\t0.125\t-1\t3\ttop.png\n"
# Arguments of im2rec.py; each begins with a folder of its own, with photos/ and m.lst.
LISTS = {
    "flat": [], "recursive": ["--recursive"], "in order": ["--recursive", "--no-shuffle"],
    "ratios": ["--recursive", "--no-shuffle", "--train-ratio", "0.5", "--test-ratio", "0.25"],
    "shuffled ratios": ["--recursive", "--train-ratio", "0.7"],
    "chunks": ["--recursive", "--no-shuffle", "--chunks", "2"],
    "chunks and ratios": ["--recursive", "--chunks", "2", "--train-ratio", "0.5"],
    "suffixes": ["--recursive", "--no-shuffle", "--exts", ".txt", ".png"],
}  # fmt: skip
PACKS = {"pack": ["--pass-through"], "pack labels": ["--pass-through", "--pack-label"]}


def make(folder):
    for name, size in FILES.items():
        path = os.path.join(folder, "photos", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"\xff\xd8\xff" + bytes((7 * i + size) % 256 for i in range(size)))
    with open(os.path.join(folder, "m.lst"), "w") as file:
        file.write(LIST)


def made(folder):
    """{name: content in hexadecimal} of what was written."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith((".lst", ".rec", ".idx")) and name != "m.lst":
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = file.read().hex()
    return found


def main():
    import mxnet

    program = os.path.join(os.path.dirname(mxnet.__file__), "tools", "im2rec.py")
    found = {}
    for name, arguments in list(LISTS.items()) + list(PACKS.items()):
        with tempfile.TemporaryDirectory() as folder:
            make(folder)
            with open(os.path.join(folder, "cv2.py"), "w") as file:
                file.write("IMREAD_COLOR = 1\n")  # it is imported, and not used here
            what = ["m", "photos"] if name in PACKS else ["n", "photos"]
            arguments = (["--list"] if name in LISTS else []) + arguments + ["--"] + what
            subprocess.run(
                [sys.executable, program] + arguments, cwd=folder, check=True, env=dict(os.environ, PYTHONPATH=folder)
            )
            found[name] = made(folder)
    write("im2rec", found)


if __name__ == "__main__":
    main()
