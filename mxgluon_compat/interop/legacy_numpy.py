"""The names and habits that NumPy took away, given back to a program written for NumPy 1.x.

Only ``enable()`` touches NumPy, and only ``python -m mxgluon_compat run --legacy-numpy`` calls it. Who sees what:

- Names that the installed NumPy does not have (``np.float``, ``np.in1d``, ``np.product``, ...) are there for the whole
  process. Code written for this NumPy does not use them, so nothing changes for it; and libraries as old as the
  program, which it imports, need them as much as it does.
- ``np.bool`` and ``np.long``, which NumPy 2 has again with another meaning (scalar types, where they were Python's
  ``bool`` and ``int``), have the old meaning in the program alone: in ``__main__`` and in modules that are not in the
  standard library, in ``site-packages`` or in this package. For everybody else they stay what they are.
- For the whole process again: ``np.array``, ``np.asarray`` and ``np.asanyarray`` make an object array of lists of
  different lengths, with a warning, as before 1.24; ``copy=False`` copies where it must, as before 2.0; and scalars
  print as numbers (``0.5``, not ``np.float64(0.5)``), as before 2.0.

What has no equivalent stays away, and NumPy's own error says what to do: the C interface of floating-point errors
(``geterrobj``, ``seterrobj``, ``set_numeric_ops``, ``ERR_*``, ``FPE_*``, ``SHIFT_*``, ``UFUNC_*``), helpers for
interactive use and for NumPy's own documentation (``lookfor``, ``who``, ``add_newdoc_ufunc``, ``deprecate``,
``deprecate_with_doc``, ``set_string_function``, ``get_array_wrap``) and modules and values that leaked
(``np.os``, ``np.sys``, ``np.warnings``, ``np.compat``, ``np.Tester``, ...).
"""

from __future__ import annotations

import functools
import importlib
import inspect
import math
import os
import sys
import sysconfig
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import numpy as np

__all__ = ["disable", "enable"]

# name -> value
_VALUES: dict[str, Any] = {
    # Python's own types (removed in 1.24)
    **{t.__name__: t for t in (bool, int, float, complex, object, str)},
    "long": int,
    "unicode": str,
    # other spellings of constants (2.0)
    **dict.fromkeys(("Inf", "Infinity", "infty", "PINF"), np.inf),
    **dict.fromkeys(("NaN", "NAN"), np.nan),
    "NINF": -np.inf,
    "PZERO": 0.0,
    "NZERO": -0.0,
    # numbers of the C interface that Python functions take as arguments
    **{"CLIP": 0, "WRAP": 1, "RAISE": 2, "MAY_SHARE_BOUNDS": 0, "MAY_SHARE_EXACT": -1, "ALLOW_THREADS": 1},
    **{"MAXDIMS": 32, "BUFSIZE": 8192},
    "math": math,
}

# name -> where the same thing is now
_MOVED: dict[str, str] = {
    # other spellings of scalar types
    **{"bool8": "bool_", "int0": "intp", "uint0": "uintp", "bytes0": "bytes_", "str0": "str_", "void0": "void"},
    **{"object0": "object_", "string_": "bytes_", "unicode_": "str_", "float_": "float64", "longfloat": "longdouble"},
    **{"singlecomplex": "complex64", "complex_": "complex128", "cfloat": "complex128"},
    **{"longcomplex": "clongdouble", "clongfloat": "clongdouble", "typeDict": "sctypeDict"},
    # other spellings of functions
    **{"product": "prod", "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all", "round_": "round"},
    **{"trapz": "trapezoid", "row_stack": "vstack", "mat": "asmatrix"},
    # moved elsewhere
    **{
        name: f"exceptions.{name}"
        for name in (
            "AxisError",
            "ComplexWarning",
            "ModuleDeprecationWarning",
            "RankWarning",
            "TooHardError",
            "VisibleDeprecationWarning",
        )
    },
    **{"add_docstring": "lib.add_docstring", "add_newdoc": "lib.add_newdoc", "DataSource": "lib.npyio.DataSource"},
    **{"byte_bounds": "lib.array_utils.byte_bounds", "tracemalloc_domain": "lib.tracemalloc_domain"},
    **{name: f"char.{name}" for name in ("chararray", "compare_chararrays")},
    "format_parser": "rec.format_parser",
}


# ------------------------------------------------------------------------------- functions, by what they used to do
def asfarray(a: Any, dtype: Any = np.float64) -> np.ndarray:
    """``a`` as an array of floats: ``dtype`` if that is inexact, else float64."""
    return np.asarray(a, dtype=dtype if np.issubdtype(dtype, np.inexact) else np.float64)


def asscalar(a: np.ndarray) -> Any:
    """The only element of ``a`` as a Python number (removed in 1.23, and common in older programs)."""
    return a.item()


def disp(mesg: Any, device: TextIO | None = None, linefeed: bool = True) -> None:
    """Print a message."""
    print(mesg, end="\n" if linefeed else "", file=device, flush=True)


def fastCopyAndTranspose(a: Any) -> np.ndarray:  # noqa: N802 - NumPy's name
    """A transposed copy of a 1-D or 2-D array."""
    return np.asarray(a).T.copy()


def find_common_type(array_types: Sequence[Any], scalar_types: Sequence[Any]) -> np.dtype | None:
    """The common dtype of arrays and scalars; scalars count only where they are of a higher kind."""
    arrays = np.result_type(*map(np.dtype, array_types)) if array_types else None
    scalars = np.result_type(*map(np.dtype, scalar_types)) if scalar_types else None
    if arrays is None or scalars is None:
        return scalars if arrays is None else arrays
    kinds = "buifcSUVOMm"
    return np.promote_types(arrays, scalars) if kinds.index(scalars.kind) > kinds.index(arrays.kind) else arrays


def in1d(ar1: Any, ar2: Any, assume_unique: bool = False, invert: bool = False, **kwargs: Any) -> np.ndarray:
    """Whether each element of the flattened ``ar1`` is in ``ar2``."""
    return np.isin(np.asarray(ar1).ravel(), ar2, assume_unique=assume_unique, invert=invert, **kwargs)


def msort(a: Any) -> np.ndarray:
    """A copy sorted along the first axis."""
    return np.sort(a, axis=0)


def obj2sctype(rep: Any, default: Any = None) -> Any:
    """The scalar type of a dtype, an array or a type."""
    if isinstance(rep, type) and issubclass(rep, np.generic):
        return rep
    try:
        return rep.dtype.type if isinstance(rep, np.ndarray) else np.dtype(rep).type
    except TypeError:
        return default


def issctype(rep: Any) -> bool:
    """Whether ``rep`` stands for a scalar type other than object."""
    return isinstance(rep, (type, np.dtype)) and obj2sctype(rep) not in (None, np.object_)


def issubclass_(arg1: Any, arg2: Any) -> bool:
    """``issubclass`` that is false for what is not a class."""
    try:
        return issubclass(arg1, arg2)
    except TypeError:
        return False


def issubsctype(arg1: Any, arg2: Any) -> bool:
    """Whether the scalar type of ``arg1`` is a subclass of that of ``arg2``."""
    return issubclass(obj2sctype(arg1), obj2sctype(arg2))


def maximum_sctype(t: Any) -> Any:
    """The scalar type of highest precision of the same kind."""
    scalar = obj2sctype(t)
    for kind in ("int", "uint", "float", "complex"):
        if scalar in _SCTYPES[kind]:
            return _SCTYPES[kind][-1]
    return t if scalar is None else scalar


def recfromtxt(fname: Any, **kwargs: Any) -> np.ndarray:
    """A record array from a text file."""
    output = np.genfromtxt(fname, **{"dtype": None, **kwargs})
    return output.view(np.recarray) if not kwargs.get("usemask") else output


def recfromcsv(fname: Any, **kwargs: Any) -> np.ndarray:
    """A record array from a CSV file whose first row has the names."""
    return recfromtxt(fname, **{"case_sensitive": "lower", "names": True, "delimiter": ",", **kwargs})


def safe_eval(source: str) -> Any:
    """The value of a Python literal."""
    import ast

    return ast.literal_eval(source)


def sctype2char(sctype: Any) -> str:
    """The one-letter code of a scalar type."""
    scalar = obj2sctype(sctype)
    if scalar is None:
        raise ValueError(f"unrecognized type: {sctype!r}")
    return np.dtype(scalar).char


def source(object: Any, output: TextIO | None = None) -> None:
    """Print the source text of a Python object."""
    print(f"In file: {inspect.getsourcefile(object)}\n\n{inspect.getsource(object)}", file=output)


class _ByScalarType(Mapping[Any, Any]):
    """``np.cast`` and ``np.nbytes``: a mapping from scalar types, which also takes whatever stands for one."""

    def __init__(self, value: Callable[[np.dtype], Any]) -> None:
        self._value = value

    def __getitem__(self, key: Any) -> Any:
        scalar = obj2sctype(key)
        if scalar is None:
            raise KeyError(key)
        return self._value(np.dtype(scalar))

    def __iter__(self) -> Any:
        return iter(sorted(set(np.sctypeDict.values()), key=str))

    def __len__(self) -> int:
        return len(set(np.sctypeDict.values()))


_SCTYPES: dict[str, list[type]] = {
    "int": [np.int8, np.int16, np.int32, np.int64],
    "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
    "float": [np.float16, np.float32, np.float64, np.longdouble],
    "complex": [np.complex64, np.complex128, np.clongdouble],
    "others": [bool, object, bytes, str, np.void],
}
_VALUES |= {
    function.__name__: function
    for function in (asfarray, asscalar, disp, fastCopyAndTranspose, find_common_type, in1d, issctype, issubclass_)
    + (issubsctype, maximum_sctype, msort, obj2sctype, recfromcsv, recfromtxt, safe_eval, sctype2char, source)
}
_VALUES |= {
    "sctypes": _SCTYPES,
    "cast": _ByScalarType(lambda dtype: lambda value: np.asarray(value).astype(dtype)),
    "nbytes": _ByScalarType(lambda dtype: dtype.itemsize),
}


# ------------------------------------------------------------------------------------------------ arrays of anything
def _with_old_rules(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """``np.array`` or one of its kin with the rules of NumPy 1.23 for ragged lists and for ``copy=False``."""

    @functools.wraps(function)
    def made(*args: Any, **kwargs: Any) -> np.ndarray:
        if kwargs.get("copy", True) is False and _NUMPY_2:
            kwargs["copy"] = None
        try:
            return function(*args, **kwargs)
        except ValueError as error:
            dtypes = [*args[1:2], kwargs.pop("dtype", None)]
            if "inhomogeneous shape" not in str(error) or any(dtype is not None for dtype in dtypes):
                raise
        message = "an array of nested sequences of different lengths is one of objects; newer NumPy wants dtype=object"
        warnings.warn(message, np.VisibleDeprecationWarning, stacklevel=2)  # type: ignore[attr-defined]
        return function(args[0], object, *args[2:], **kwargs)

    return made


# --------------------------------------------------------------------------------------------------- on and off
_REDEFINED = ("bool", "long")
_NUMPY_2 = np.lib.NumpyVersion(np.__version__) >= "2.0.0"
_ARRAYS = ("array", "asarray", "asanyarray")
_hidden: dict[str, Any] = {}  # what NumPy has under the names that the program sees otherwise
_replaced: dict[str, Any] = {}  # what NumPy has under the names that everybody sees otherwise
_print_options: dict[str, Any] = {}
_numpy_getattr = np.__getattr__


@functools.cache
def _is_program_file(filename: str) -> bool:
    """Whether code from this file is the program's own: not the standard library's, an installed package's or ours."""
    path = Path(os.path.abspath(filename))
    if filename.startswith("<frozen ") or {"site-packages", "dist-packages"} & set(path.parts):
        return False
    others: list[Any] = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), Path(__file__).parents[1]]
    return not any(path.is_relative_to(other) for other in others)


def _is_program(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") == "__main__" or _is_program_file(frame.f_code.co_filename)


def _getattr(name: str) -> Any:
    """NumPy's module-level ``__getattr__``, asked for names that NumPy does not have, while the old ones are on."""
    if name in _hidden:
        # The second condition: pickle, called from the program, looks np.bool up to check that it is the class at hand.
        frame = sys._getframe(1)
        return _VALUES[name] if _is_program(frame) and name in frame.f_code.co_names else _hidden[name]
    if name in _VALUES:
        return _VALUES[name]
    if name in _MOVED:
        *modules, last = _MOVED[name].split(".")
        return getattr(importlib.import_module(".".join(["numpy", *modules])), last)
    return _numpy_getattr(name)


def enable() -> None:
    """Give names and habits back (see the top of this module for who sees what). A second call changes nothing."""
    if np.__getattr__ is _getattr:
        return
    for name in _REDEFINED:
        if name in vars(np):
            _hidden[name] = vars(np)[name]
            delattr(np, name)
    np.__getattr__ = _getattr  # type: ignore[method-assign]
    _replaced.update({name: getattr(np, name) for name in _ARRAYS})
    vars(np).update({name: _with_old_rules(function) for name, function in _replaced.items()})
    if _NUMPY_2:
        _print_options.update(np.get_printoptions())
        np.set_printoptions(legacy="1.25")


def disable() -> None:
    """Leave NumPy as it was before ``enable()``."""
    np.__getattr__ = _numpy_getattr  # type: ignore[method-assign]
    vars(np).update(_hidden | _replaced)
    if _print_options:
        np.set_printoptions(legacy=_print_options["legacy"])
    for kept in (_hidden, _replaced, _print_options):
        kept.clear()
