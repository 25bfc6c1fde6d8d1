"""``interop.legacy_python``: the names of the standard library that went away, against what they were in Python 3.8."""

from __future__ import annotations

import collections
import importlib.util
import inspect
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from mxgluon_compat.interop import legacy_python
from tests.oracle.legacy_python import EXPRESSIONS, evaluate

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "legacy_python.json").read_text())
# Newer Pythons have more classes there.
NEWER = "collections, collections.abc"


@pytest.fixture
def enabled() -> Iterator[None]:
    legacy_python.enable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # names that this Python still has and wants to remove
            yield
    finally:
        legacy_python.disable()


def test_every_class_of_collections_is_there(enabled: None) -> None:
    assert {name for name in json.loads(GOLDEN[NEWER]) if not hasattr(collections, name)} == set()


@pytest.mark.parametrize("modules", sorted(set(EXPRESSIONS) - {NEWER}))
def test_names_mean_what_they_meant(modules: str, enabled: None) -> None:
    if modules.startswith("distutils") and not any(map(importlib.util.find_spec, ("distutils", "setuptools"))):
        pytest.skip("distutils comes with setuptools")
    assert evaluate(modules, EXPRESSIONS[modules]) == GOLDEN[modules]


def test_names_that_python_38_lacks_too(enabled: None) -> None:
    before = time.clock()  # type: ignore[attr-defined]
    assert time.clock() >= before  # type: ignore[attr-defined]
    assert os.errno.ENOENT == 2  # type: ignore[attr-defined]


def test_sources_are_loaded(tmp_path: Path, enabled: None) -> None:
    import imp

    (tmp_path / "part.py").write_text("value = 3\n")
    try:
        assert imp.load_source("some_part", str(tmp_path / "part.py")).value == 3
        assert sys.modules["some_part"].value == 3
    finally:
        sys.modules.pop("some_part", None)


def test_the_library_is_untouched_before_and_after() -> None:
    holders = [holder for holder, _ in legacy_python._NAMES] + [json]
    before = [dict(vars(holder)) for holder in holders]
    legacy_python.enable()
    legacy_python.enable()
    assert collections.Iterable is collections.abc.Iterable  # type: ignore[attr-defined]
    legacy_python.disable()
    assert [dict(vars(holder)) for holder in holders] == before
    assert not hasattr(collections, "Iterable") and not hasattr(inspect, "getargspec") or sys.version_info < (3, 11)
