"""docs/api.md is up to date, says something of every name, and docs/README.md leads to every page."""

from __future__ import annotations

import importlib

import mxgluon_compat as mx
from tools import api_page


def test_the_page_is_up_to_date():
    assert api_page.PAGE.read_text() == api_page.page(), "run python -m tools.api_page"


def test_each_name_is_explained():
    assert [(room.path, e.name) for room in api_page.rooms() for e in room.entries if not e.text] == []


def test_each_name_is_there_once():
    rooms = api_page.rooms()
    for room in rooms:
        module = importlib.import_module(f"{mx.__name__}.{room.path}" if room.path else mx.__name__)
        names = [entry.name for entry in room.entries]
        assert len(set(names)) == len(names) > 0
        assert all(hasattr(module, name) for name in names)
    named = {f"{room.path}.{entry.name}": entry.own for room in rooms for entry in room.entries}
    assert named["gluon.nn.Dense"] is False and named["checkpoint.save_checkpoint"] is True
    assert named["random.get_state"] is True
    assert "gluon.nn.basic_layers.Dense" not in named and "ndarray.FullyConnected" not in named


def test_what_is_missing():
    found = api_page.missing()
    assert "C library" in found["check_call"][1] and "Dense" not in found


def test_the_index_leads_to_every_page():
    docs = api_page.PAGE.parent
    index = (docs / "README.md").read_text()
    assert all(f"]({path.name})" in index for path in docs.glob("*.md") if path.name != "README.md")
