"""Writes docs/curves.md and its drawings: the losses of training runs here beside MXNet's, step by step.

MXNet's losses and the spread among its own runs come from tests/golden/curves.json; ours from running the programs of
tests/curves now. Drawn with matplotlib, which the extra ``[plot]`` installs.

Run from the repository's root:
    python -m tools.curves_page
"""

from __future__ import annotations

import ast
import pathlib
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

from tests.curves.test_curves import GOLDEN, HERE, RELATIVE, SPREADS, losses_here  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs" / "curves.md"
HEAD = f"""# Loss curves

Programs of [tests/curves](../tests/curves), unchanged, under MXNet 1.9.1 and here, on a CPU: the same seed, the same
data, 100 steps. *Spread* is what MXNet's own runs differ by at a step when nothing but rounding changes (one and two
threads, oneDNN on and off), relative to the loss; *apart* is how far our loss is from MXNet's. A test allows
{RELATIVE:g}, or {SPREADS:g} times the spread at that step where that is larger. Made by `python -m tools.curves_page`.

| program | hybridized | runs of MXNet | loss, first and last | largest spread | apart: median | apart: largest |
| --- | --- | ---: | --- | ---: | ---: | ---: |
"""


def draw(title: str, golden: dict[str, Any], ours: list[float], apart: list[float], path: pathlib.Path) -> None:
    """The two curves above, how far they are apart below."""
    figure, (above, below) = pyplot.subplots(2, 1, sharex=True, figsize=(7, 5), height_ratios=(2, 1))
    steps = range(1, len(ours) + 1)
    above.plot(steps, golden["losses"], color="tab:gray", linewidth=4, alpha=0.5, label="MXNet 1.9.1")
    above.plot(steps, ours, color="tab:blue", linewidth=1, label="mxgluon_compat")
    above.set(ylabel="loss", title=title)
    above.legend()
    allowed = [max(RELATIVE, SPREADS * s) for s in golden["spread"]]
    floor = 1e-8  # equal to the last digit is drawn there
    below.semilogy(steps, allowed, color="tab:red", linewidth=1, label="allowed")
    below.semilogy(
        steps, [max(s, floor) for s in golden["spread"]], color="tab:gray", alpha=0.5, label="spread of MXNet"
    )
    below.semilogy(steps, [max(a, floor) for a in apart], ".", color="tab:blue", markersize=3, label="apart")
    below.set(xlabel="step", ylabel="relative difference", ylim=(floor / 2, 2 * max(allowed)))
    below.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def main() -> None:
    """Runs the programs, draws the curves, writes the page."""
    matplotlib.rcParams["svg.hashsalt"] = "curves"  # the same file each time
    matplotlib.rcParams["svg.fonttype"] = "none"
    folder = PAGE.parent / "curves"
    folder.mkdir(exist_ok=True)
    rows, drawings = [], []
    for run, golden in GOLDEN.items():
        name, *options = run.split()
        ours = losses_here(run)
        apart = [abs(a - b) / abs(b) for a, b in zip(ours, golden["losses"], strict=True)]
        rows.append(
            f"| [{name}](../tests/curves/{name}.py) | {'no' if options else 'yes'} | {len(golden['settings'])} "
            f"| {golden['losses'][0]:.3f}, {golden['losses'][-1]:.3f} | {max(golden['spread']):.1e} "
            f"| {sorted(apart)[len(apart) // 2]:.1e} | {max(apart):.1e} |"
        )
        if not options:
            draw(name.replace("_", " "), golden, ours, apart, folder / f"{name}.svg")
            text = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text()))
            drawings.append(f"## {name}\n\n{text}\n\n![{name}](curves/{name}.svg)\n")
        print(rows[-1])
    PAGE.write_text(HEAD + "\n".join(rows) + "\n\n" + "\n".join(drawings))


if __name__ == "__main__":
    main()
