"""The code of the guide's "Leaving, layer by layer" runs as it stands there."""

import pathlib
import re

GUIDE = pathlib.Path(__file__).parents[2] / "migration_guide.md"


def test_the_guides_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    section = GUIDE.read_text().split("\n## Leaving, layer by layer\n")[1].split("\n## ")[0]
    blocks = re.findall(r"<!-- leaving -->\n```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == section.count("```python") == 9
    names = {}
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert (tmp_path / "net.params").exists() and names["compiled"] is not None
    assert "mxgluon" not in (tmp_path / "model.py").read_text() and "layers.2.bias" in names["model"].state_dict()
