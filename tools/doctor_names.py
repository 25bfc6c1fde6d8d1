"""Writes mxgluon_compat/interop/doctor/mxnet_names.txt: the public names of MXNet 1.9.1, as a list of its API has them.

Run from the repository's root, with the list (JSON: ``modules`` with their names, ``classes`` with their members):
    python -m tools.doctor_names API.json            writes the file
    python -m tools.doctor_names API.json --check    says whether it is up to date (exit status 1: it is not)
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

PATH = pathlib.Path(__file__).parent.parent / "mxgluon_compat" / "interop" / "doctor" / "mxnet_names.txt"
HEAD = """\
# Public names of MXNet 1.9.1; written by python -m tools.doctor_names.
# A line for each module: its names, those of modules as NAME=MODULE; then one for each class: bases : own members.
"""
# What ``import mxnet`` leaves out, and lists of its API with it: {module: {name: members if it is a class}}.
_CHART = ("batch_cb", "callback_args", "eval_cb", "interval_elapsed", "setup_chart", "update_chart_data")
APART: dict[str, dict[str, Sequence[str] | None]] = {
    "mxnet.notebook.callback": {
        "LiveBokehChart": _CHART,
        "LiveLearningCurve": _CHART,
        "LiveTimeSeries": (*_CHART, "elapsed"),
        "PandasLogger": (
            "all_dataframes", "append_metrics", "callback_args", "elapsed", "epoch_cb", "epoch_df", "eval_cb",
            "eval_df", "train_cb", "train_df",
        ),
        "args_wrapper": None,
    },
}  # fmt: skip
# Functions of mx.np that are NumPy's ufuncs, which lists of MXNet's API leave out.
UFUNCS = ("divmod", "float_power", "frexp", "heaviside", "modf", "positive", "signbit", "spacing")


def text(api: dict[str, Any], apart: dict[str, dict[str, Sequence[str] | None]] = APART) -> str:
    """The file's text."""
    api = {kind: dict(api[kind]) for kind in ("modules", "classes")}
    for module, names in apart.items():
        kinds = {n: {"kind": "function" if members is None else "class"} for n, members in names.items()}
        api["modules"][module] = {"names": kinds}
        for name, members in names.items():
            if members is not None:
                api["classes"][f"{module}.{name}"] = {"bases": [], "attrs": members}
    # lists of MXNet's API leave out what is NumPy's own function
    if "mxnet.numpy.fallback" in api["modules"]:
        for module in ("mxnet.numpy", "mxnet.numpy.fallback", "mxnet.numpy.multiarray"):
            api["modules"][module] = _with(api["modules"][module], api["modules"]["mxnet.numpy.fallback"])
    lines = []
    for module, entry in sorted(api["modules"].items()):
        names = [f"{n}={e['is']}" if e["kind"] == "module" else n for n, e in sorted(entry["names"].items())]
        lines.append(" ".join(["module", module, *names]))
    for name, entry in sorted(api["classes"].items()):
        members = {*entry.get("methods", ()), *entry.get("properties", ()), *entry.get("attrs", ())}
        public = sorted(m for m in members if not m.startswith("_"))
        bases = [base.rpartition(".")[2] for base in entry["bases"]]
        lines.append(" ".join(["class", name.rpartition(".")[2], *bases, ":", *public]))
    return HEAD + "\n".join(lines) + "\n"


def _with(module: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The module with the public names of another one."""
    names = {name: entry for name, entry in other["names"].items() if entry["kind"] != "module"}
    names.update((name, {"kind": "function"}) for name in UFUNCS)
    return {**module, "names": {**names, **module["names"]}}


def main(path: str, *options: str) -> int:
    """Writes the file, or checks it; the exit status."""
    wanted = text(json.loads(pathlib.Path(path).read_text()))
    if "--check" in options:
        return int(PATH.read_text() != wanted)
    PATH.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
