"""MXNet's own optimizer states: pickles, read without running them.

A pickle names functions and classes and says what to call them with. Here a name becomes nothing but one of the few
things below, which take numbers, text and arrays; all other names are refused, and so are opcodes that MXNet's pickles
have no use for. Of a pickled optimizer only the settings are taken: its class is neither looked up nor made.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from typing import Any

import numpy as np

from ..base import MXNetError
from ..ndarray import NDArray, load_frombuffer

__all__ = ["Settings", "looks_pickled", "unpickled"]

_OPCODES = frozenset({
    "PROTO", "FRAME", "STOP", "MARK", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "GET", "BINGET", "LONG_BINGET",
    "NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT",
    "BINFLOAT", "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    "EMPTY_LIST", "LIST", "APPEND", "APPENDS", "EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "GLOBAL", "STACK_GLOBAL",
    "REDUCE", "BUILD", "NEWOBJ",
})  # fmt: skip
_ARRAYS = {
    "mxnet.ndarray.ndarray": ("NDArray",), "mxnet.ndarray": ("NDArray",), "mxnet.numpy.multiarray": ("ndarray",),
    "mxnet.ndarray.sparse": ("RowSparseNDArray", "CSRNDArray"),
}  # fmt: skip
_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
_NUMBERS = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
_LATIN = ("latin1", "latin-1")


class Settings:
    """What a pickle says of an optimizer or a scheduler: the name of its class and its attributes.

    Attributes:
        name: of the class.
        values: the attributes.
    """

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        self.values = values


def looks_pickled(content: bytes) -> bool:
    """Whether the bytes may be a pickle: they end as all do, and are no safetensors file."""
    return content[-1:] == b"." and not (content[8:9] == b"{" and int.from_bytes(content[:8], "little") < 1 << 40)


def unpickled(content: bytes, known: set[tuple[str, str]]) -> Any:
    """What a pickle holds: dicts, lists, tuples, text, numbers, NDArrays and Settings.

    Args:
        content: the pickle.
        known: (module, name) of classes of the program, beside MXNet's, that may have Settings.

    Raises:
        MXNetError: it is damaged, or names what optimizer states have no use for.
    """
    try:
        _check(content)
        with np.errstate(all="ignore"):
            held = _Unpickler(content, known).load()
            return _plain(held, _Budget(16 * len(content) + 4096))
    except MXNetError:
        raise
    except (RecursionError, MemoryError) as error:
        raise MXNetError("these optimizer states are a pickle that nests or repeats itself without end") from error
    except Exception as error:  # damaged bytes may ask anything of what is on the stack
        raise MXNetError(f"these optimizer states are a damaged pickle: {error}") from error


def _check(content: bytes) -> None:
    """Refuses opcodes with other uses, places of the memo that would take more memory than the pickle itself, and what
    does not end with one thing made: the half of a pickle is none."""
    depth, end = 0, 0
    marks: list[int] = []
    argument: Any
    at: Any
    for opcode, argument, at in pickletools.genops(content):
        if opcode.name not in _OPCODES:
            raise _refused(f"the opcode {opcode.name}")
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and argument > len(content):
            raise ValueError(f"place {argument} of the memo")
        taken = opcode.stack_before
        if pickletools.markobject in taken:
            taken = taken[: taken.index(pickletools.markobject)]
            depth = marks.pop()
        depth -= len(taken)
        if opcode.name == "MARK":
            marks.append(depth)
        else:
            depth += len(opcode.stack_after)
        end = at + 1
    if end != len(content) or depth or marks:
        raise ValueError("it ends too early, or too late")


def _refused(what: str) -> MXNetError:
    return MXNetError(
        f"these optimizer states are a pickle with {what}, which states of MXNet's optimizers have no use for; it was "
        "refused, and nothing of it was run. Save the states again from a program that you trust"
    )


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, known: set[tuple[str, str]]) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self._known = known

    def find_class(self, module: str, name: str) -> Any:
        if name in _ARRAYS.get(module, ()):
            return _Call(_PickledArray)
        if module in ("builtins", "__builtin__") and name == "bytearray":
            return _Call(_bytes)
        if (module, name) == ("_codecs", "encode"):
            return _Call(_bytes)
        if module in _NUMPY and name in ("scalar", "_reconstruct", "ndarray", "dtype"):
            return _Call(
                {"scalar": _scalar, "_reconstruct": _PickledNumpy, "ndarray": None, "dtype": _PickledType}[name]
            )
        if module.partition(".")[0] == "mxnet" and module.split(".")[1:2] in (["optimizer"], ["lr_scheduler"]):
            return type(name, (_PickledSettings,), {})
        if (module, name) in self._known:
            return type(name, (_PickledSettings,), {})
        if (module, name) in (("builtins", "object"), ("__builtin__", "object")):
            return _Call(None)
        if module in ("copyreg", "copy_reg") and name == "_reconstructor":
            return _Call(_reconstructor)
        raise _refused(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise _refused("a persistent id")


class _Call:
    """What a name of a pickle stands for: it can be called, and nothing else."""

    __slots__ = ("_function",)

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        if self._function is None:
            raise ValueError("it calls what is no function")
        return self._function(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise ValueError("it changes a function")


class _PickledSettings:
    """An optimizer or a scheduler."""

    __slots__ = ("_state",)
    _state: Any

    def __new__(cls) -> _PickledSettings:
        made = super().__new__(cls)
        made._state = None
        return made

    def __setstate__(self, state: Any) -> None:
        if self._state is not None or not isinstance(state, dict):
            raise ValueError("settings that are no dict")
        self._state = state


class _PickledArray:
    """An NDArray: it is made without one, and gets its bytes."""

    __slots__ = ("_array",)

    def __init__(self, handle: None) -> None:
        if handle is not None:
            raise ValueError("an array with an address")
        self._array: NDArray | None = None

    def __setstate__(self, state: Any) -> None:
        content = state["handle"]
        content = _bytes(content, "latin1" if isinstance(content, str) else "")
        try:  # a file with one array and no name
            (self._array,) = load_frombuffer(struct.pack("<QQQ", 0x112, 0, 1) + content + struct.pack("<Q", 0))
        except MXNetError as error:
            raise ValueError(f"an array in it cannot be read: {error}") from error


class _PickledType:
    """A dtype of NumPy: of numbers alone."""

    __slots__ = ("dtype",)

    def __init__(self, name: Any, align: Any = False, copy: Any = True) -> None:
        if not isinstance(name, str) or name not in (
            "b1",
            "i1",
            "i2",
            "i4",
            "i8",
            "u1",
            "u2",
            "u4",
            "u8",
            "f2",
            "f4",
            "f8",
        ):
            raise ValueError(f"the dtype {name!r}")
        self.dtype = np.dtype(name)

    def __setstate__(self, state: Any) -> None:
        if state[1] not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
            raise ValueError("a dtype with fields")
        self.dtype = self.dtype.newbyteorder(state[1])


class _PickledNumpy:
    """An array of NumPy: it is made without elements, and gets them."""

    __slots__ = ("array",)

    def __init__(self, *arguments: Any) -> None:
        self.array: np.ndarray | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, by_columns, content = state
        if not isinstance(kind, _PickledType):
            raise ValueError("an array without a dtype")
        content = _bytes(content, "latin1" if isinstance(content, str) else "")
        order: Any = "F" if by_columns else "C"
        self.array = np.frombuffer(content, kind.dtype).reshape(shape, order=order).astype(kind.dtype.newbyteorder("="))


def _bytes(content: Any, encoding: str = "") -> bytes:
    """``bytearray(content)`` and ``codecs.encode(content, 'latin1')``, of what is there: no number of zeros."""
    if isinstance(content, (bytes, bytearray)) and not encoding:
        return bytes(content)
    if isinstance(content, str) and encoding in _LATIN:
        return content.encode("latin1")
    raise ValueError("bytes that are none")


def _scalar(kind: Any, content: Any) -> Any:
    if not isinstance(kind, _PickledType):
        raise ValueError("a number without a dtype")
    content = _bytes(content, "latin1" if isinstance(content, str) else "")
    (number,) = np.frombuffer(content, kind.dtype)
    return number.item()


def _reconstructor(cls: Any, base: Any, state: Any) -> Any:
    """How the oldest protocols make objects of classes."""
    if not (isinstance(cls, type) and issubclass(cls, _PickledSettings)) or state is not None:
        raise ValueError("an object of no known class")
    return cls()


class _Budget:
    """How many things may still come out: a small pickle can repeat what it holds very often."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise MemoryError


def _plain(held: Any, budget: _Budget) -> Any:
    """``held`` without the stand-ins."""
    budget.spend()
    if held is None or isinstance(held, (bool, int, float, str)):
        return held
    if isinstance(held, dict):
        return {_key(k): _plain(v, budget) for k, v in held.items()}
    if isinstance(held, (list, tuple)):
        return type(held)(_plain(part, budget) for part in held)
    if isinstance(held, _PickledArray) and held._array is not None:
        return held._array
    if isinstance(held, _PickledNumpy) and held.array is not None:
        return held.array
    if isinstance(held, _PickledSettings):
        return Settings(type(held).__name__, _plain(held._state or {}, budget))
    raise ValueError("it holds what is no state")


def _key(key: Any) -> Any:
    if key is None or isinstance(key, (bool, int, float, str)):
        return key
    raise ValueError("a key that is no number and no text")
