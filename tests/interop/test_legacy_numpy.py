"""``interop.legacy_numpy``: the names of NumPy 1.23.5 that later went away, against what they were there."""

from __future__ import annotations

import io
import json
import pickle
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mxgluon_compat.interop import legacy_numpy

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "legacy_numpy.json").read_text())

# What legacy_numpy says it leaves away.
LEFT_AWAY = {
    *("geterrobj", "seterrobj", "set_numeric_ops", "FLOATING_POINT_SUPPORT"),
    *("lookfor", "who", "add_newdoc_ufunc", "deprecate", "deprecate_with_doc", "set_string_function", "get_array_wrap"),
    *("os", "sys", "warnings", "compat", "Tester", "kernel_version", "use_hugepage", "numarray", "oldnumeric"),
}
LEFT_AWAY_PREFIXES = ("ERR_", "FPE_", "SHIFT_", "UFUNC_")


@pytest.fixture
def enabled() -> Iterator[None]:
    legacy_numpy.enable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # names that this NumPy still has and wants to remove
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # np.mat
            warnings.filterwarnings("ignore", "an array of nested sequences of different lengths")
            yield
    finally:
        legacy_numpy.disable()


def test_every_name_of_the_old_numpy_is_there(enabled: None) -> None:
    names = {name for name in GOLDEN["names"] if name not in LEFT_AWAY and not name.startswith(LEFT_AWAY_PREFIXES)}
    assert {name for name in names if not hasattr(np, name)} == set()


@pytest.mark.parametrize("expression", GOLDEN["results"])
def test_names_mean_what_they_meant(expression: str, enabled: None) -> None:
    result = eval(expression, {"np": np, "io": io})
    assert json.dumps(result, default=lambda x: x.item()) == GOLDEN["results"][expression]


def test_numpy_is_untouched_before_and_after() -> None:
    before, getattr_before, printed = dict(vars(np)), np.__getattr__, repr(np.float64(0.5))
    legacy_numpy.enable()
    legacy_numpy.enable()
    assert np.float is float
    legacy_numpy.disable()
    assert dict(vars(np)) == before
    assert np.__getattr__ is getattr_before and repr(np.float64(0.5)) == printed
    with pytest.raises(AttributeError, match="np.float"):
        np.float  # noqa: B018


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="NumPy 1.24 to 1.26 have no np.bool")
def test_names_with_a_new_meaning_keep_it_for_installed_packages(enabled: None) -> None:
    library: dict[str, object] = {"__name__": "library"}
    filename = str(Path(np.__file__).parents[1] / "library" / "core.py")
    text = "import numpy as np\ndef look(): return np.bool, np.long, np.float\nfrom numpy import bool as imported"
    exec(compile(text, filename, "exec"), library)
    assert library["look"]() == (np.bool_, np.dtype("long").type, float)
    assert library["imported"] is np.bool_
    assert (np.bool, np.long) == (bool, int)


def test_scalar_types_can_be_pickled_from_the_program(enabled: None) -> None:
    kinds = [np.bool_, np.dtype("long").type, np.dtype(np.bool_), np.True_]
    assert pickle.loads(pickle.dumps(kinds)) == kinds


def test_ragged_arrays_warn(enabled: None) -> None:
    with pytest.warns(np.VisibleDeprecationWarning, match="different lengths"):
        found = np.array([[1, 2], [3]])
    assert found.tolist() == [[1, 2], [3]]


def test_ragged_arrays_of_a_dtype_are_refused(enabled: None) -> None:
    for make in (lambda: np.array([[1, 2], [3]], "f4"), lambda: np.asarray([[1, 2], [3]], dtype=np.float32)):
        with pytest.raises(ValueError, match="inhomogeneous shape"):
            make()
    with pytest.raises(ValueError, match="could not broadcast"):
        np.array([np.zeros((2, 3)), np.zeros((2, 4))])


def test_an_unknown_name_gives_numpys_own_error(enabled: None) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        np.no_such_name  # noqa: B018
    assert sys.modules["numpy"] is np
