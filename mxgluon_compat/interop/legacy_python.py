"""The names that Python's standard library took away since 3.5, given back to a program written then.

Only ``enable()`` touches the library, and only ``python -m mxgluon_compat run --legacy-python`` calls it. Names that
this Python has are left alone; the others are there for the whole process, for libraries of the program's age too.

What has no equivalent stays away: methods of types written in C (``array.tostring``, ``Element.getchildren``), syntax
(``async`` as a name), and all of Python 2.
"""

from __future__ import annotations

import base64
import collections
import collections.abc
import configparser
import errno
import fractions
import functools
import html
import html.parser
import importlib
import importlib.util
import inspect
import json
import math
import os
import sys
import threading
import time
import unittest
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["disable", "enable"]

_ArgSpec = collections.namedtuple("_ArgSpec", "args varargs keywords defaults")


def _getargspec(func: Callable[..., Any]) -> _ArgSpec:
    """Names and defaults of a function's arguments.

    Raises:
        ValueError: it has keyword-only arguments or annotations.
    """
    found = inspect.getfullargspec(func)
    if found.kwonlyargs or found.annotations:
        raise ValueError(
            "Function has keyword-only parameters or annotations, use inspect.signature() API which can support them"
        )
    return _ArgSpec(*found[:4])


def _without_encoding(function: Callable[..., Any]) -> Callable[..., Any]:
    """``json.load`` or ``json.loads`` that takes ``encoding``, which had no meaning since Python 3.0."""

    @functools.wraps(function)
    def loaded(*args: Any, encoding: Any = None, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return loaded


# module, class or other holder -> the names that it had
_NAMES: list[tuple[Any, dict[str, Any]]] = [
    (collections, {name: getattr(collections.abc, name) for name in collections.abc.__all__}),
    (inspect, {"getargspec": _getargspec}),
    (fractions, {"gcd": math.gcd}),
    (time, {"clock": time.perf_counter}),
    (os, {"errno": errno}),
    (base64, {"encodestring": base64.encodebytes, "decodestring": base64.decodebytes}),
    (threading.Thread, {"isAlive": threading.Thread.is_alive}),
    (html.parser.HTMLParser, {"unescape": staticmethod(html.unescape)}),
    (configparser, {"SafeConfigParser": configparser.ConfigParser}),
    (
        unittest.TestCase,
        {
            old: getattr(unittest.TestCase, new)
            for old, new in {
                "assertEquals": "assertEqual",
                "assertNotEquals": "assertNotEqual",
                "assert_": "assertTrue",
                "assertAlmostEquals": "assertAlmostEqual",
                "assertNotAlmostEquals": "assertNotAlmostEqual",
                "assertRegexpMatches": "assertRegex",
                "assertRaisesRegexp": "assertRaisesRegex",
                "assertItemsEqual": "assertCountEqual",
            }.items()
        },
    ),
]


def _load_source(name: str, pathname: str) -> ModuleType:
    """The module in a file, under a name."""
    spec: Any = importlib.util.spec_from_file_location(name, pathname)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_IMP: Any = ModuleType("imp", "Loading of modules as before importlib: what programs use of it.")
_IMP.reload, _IMP.load_source, _IMP.new_module = importlib.reload, _load_source, ModuleType


def _missing(name: str) -> bool:
    """Whether there is no module of that name."""
    try:
        return importlib.util.find_spec(name) is None
    except (ImportError, ValueError):
        return True


_given: list[tuple[Any, str]] = []
_json: dict[str, Any] = {}


def enable() -> None:
    """Give the removed names back. A second call changes nothing."""
    if _json:
        return
    for holder, names in _NAMES:
        for name, value in names.items():
            if not hasattr(holder, name):
                setattr(holder, name, value)
                _given.append((holder, name))
    if _missing("imp"):
        sys.modules["imp"] = _IMP
    if _missing("distutils") and not _missing("setuptools"):
        importlib.import_module("setuptools")  # which brings its own
    for name in ("load", "loads"):
        _json[name] = getattr(json, name)
        setattr(json, name, _without_encoding(_json[name]))


def disable() -> None:
    """Leave the library as it was before ``enable()``; setuptools stays imported."""
    for holder, name in _given:
        delattr(holder, name)
    if sys.modules.get("imp") is _IMP:
        del sys.modules["imp"]
    for name, function in _json.items():
        setattr(json, name, function)
    _given.clear()
    _json.clear()
