"""docs/layers.md: it is up to date, and each public name that it lists is compared with MXNet somewhere."""

from __future__ import annotations

from tools import layers_page


def test_the_page_is_up_to_date():
    assert layers_page.PAGE.read_text() == layers_page.page(), "run python -m tools.layers_page"


def test_each_name_is_compared():
    assert layers_page.uncompared() == []


def test_a_name_without_cases_stands_out(monkeypatch):
    name = layers_page.Compared("nn", "Foo", "(x)", [], 0, [])
    monkeypatch.setattr(layers_page, "compared", lambda: [name])
    assert layers_page.uncompared() == ["nn.Foo"]
    assert "| `Foo` | `x` | **nothing** |" in layers_page.page()


def test_a_case_belongs_to_the_name_it_makes():
    there = {(row.module, row.name): row for row in layers_page.compared()}
    assert {case.table for case in there["nn", "BatchNormReLU"].cases} == {"layers_onednn"}
    assert all("nn.Dense(" in case.text for case in there["nn", "Dense"].cases)
    pattern = layers_page._called("nn", "Identity")
    assert pattern.search("stack('nn.Identity()')") and pattern.search("mx.gluon.nn.Identity()")
    assert not pattern.search("contrib.nn.Identity()") and not pattern.search("nn.IdentityX()")
