"""Splitting batches over devices, clipping gradients, downloading files, and small helpers of gluon."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import ssl
import uuid
import warnings
import weakref
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import torch

from .. import ndarray
from ..context import Context
from ..util import is_np_array, is_np_shape

__all__ = [
    "HookHandle", "check_sha1", "clip_global_norm", "download", "replace_file", "split_and_load", "split_data",
]  # fmt: skip

NDArray = ndarray.NDArray
T = TypeVar("T")


# ---------------------------------------------------------------------------------------------- several devices
def split_data(data: Any, num_slice: int, batch_axis: int = 0, even_split: bool = True) -> list[Any]:
    """Cuts ``data`` along ``batch_axis`` into ``num_slice`` slices; the first ones are longer where it does not divide.

    Args:
        data: an NDArray or a numpy array.
        num_slice: number of slices.
        batch_axis: the axis to cut.
        even_split: refuse a length that does not divide.

    Raises:
        ValueError: ``even_split``, and the length is not a multiple of ``num_slice``.
    """
    size = data.shape[batch_axis]
    if even_split and size % num_slice:
        raise ValueError(
            f"data with shape {data.shape} cannot be evenly split into {num_slice} slices along axis {batch_axis}. "
            f"Use a batch size that's multiple of {num_slice} or set even_split=False to allow uneven partitioning "
            "of data."
        )
    step, longer = divmod(size, num_slice)
    ends = [step * i + min(i, longer) for i in range(num_slice + 1)]
    before = (slice(None),) * (batch_axis % len(data.shape))
    return [data[(*before, slice(begin, end))] for begin, end in zip(ends, ends[1:])]


def split_and_load(
    data: Any, ctx_list: Sequence[Context], batch_axis: int = 0, even_split: bool = True
) -> list[NDArray]:
    """``split_data`` into a slice for each context, moved there; what is not an NDArray becomes one first."""
    if not isinstance(data, NDArray):
        data = ndarray.array(data, ctx=ctx_list[0])
    if len(ctx_list) == 1:
        return [data.as_in_context(ctx_list[0])]
    slices = split_data(data, len(ctx_list), batch_axis, even_split)
    return [part.as_in_context(ctx) for part, ctx in zip(slices, ctx_list)]


# ---------------------------------------------------------------------------------------------- gradients
def clip_global_norm(arrays: Sequence[NDArray], max_norm: float, check_isfinite: bool = True) -> float | NDArray:
    """Scales the arrays in place so that the norm of all of them together is at most ``max_norm``.

    Args:
        arrays: of any shapes, dtypes and contexts.
        max_norm: the bound.
        check_isfinite: warn where the norm is not finite, which waits for the device.

    Returns:
        The norm before: a number, or (``check_isfinite=False``) an array (1,) on the first array's context.
    """
    assert len(arrays) > 0, "clip_global_norm needs at least one array"
    groups: dict[tuple[torch.device, torch.dtype], list[torch.Tensor]] = {}
    for array in arrays:
        groups.setdefault((array._data.device, array._data.dtype), []).append(array._data)
    first = arrays[0]._data.device
    with torch.no_grad():
        norms: list[torch.Tensor] = []
        for (_, dtype), group in groups.items():
            # float16 squares overflow, so those are summed in float32.
            half = dtype in (torch.float16, torch.bfloat16)
            norms += torch._foreach_norm(group, 2, dtype=torch.float32 if half else dtype)
        dtype = max((n.dtype for n in norms), key=lambda d: d.itemsize)
        total = torch.linalg.vector_norm(torch.stack([n.to(first, dtype) for n in norms]))
        if check_isfinite:
            norm = total.item()
            if not math.isfinite(norm):
                warnings.warn(UserWarning("nan or inf is detected. Clipping results will be undefined."), stacklevel=2)
        scale = (max_norm / (total + 1e-8)).clamp(max=1.0)
        for (device, _), group in groups.items():
            torch._foreach_mul_(group, scale.to(device))
    return norm if check_isfinite else NDArray(total.reshape(1), arrays[0].context)


# ---------------------------------------------------------------------------------------------- files
def check_sha1(filename: str, sha1_hash: str) -> bool:
    """Whether the file has that SHA-1 (lower-case hexadecimal digits)."""
    digest = hashlib.sha1()
    with open(filename, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == sha1_hash


def replace_file(src: str, dst: str) -> None:
    """Moves ``src`` over ``dst`` at once.

    Raises:
        OSError: it cannot be moved; ``src`` is removed.
    """
    try:
        os.replace(src, dst)
    except OSError:
        if os.path.exists(src):
            os.remove(src)
        raise OSError(f"Moving downloaded temp file - {src}, to {dst} failed. Please retry the download.") from None


def download(
    url: str,
    path: str | None = None,
    overwrite: bool = False,
    sha1_hash: str | None = None,
    retries: int = 5,
    verify_ssl: bool = True,
) -> str:
    """Downloads a file unless it is there.

    Args:
        url: http, https or file.
        path: the file, or the folder to put it into; default the current one.
        overwrite: download also where the file is there.
        sha1_hash: what the file must have; a file that is there with another one is downloaded again.
        retries: how often to try.
        verify_ssl: check the server's certificate.

    Returns:
        The file's path.

    Raises:
        ConnectionError: the server cannot be reached.
        RuntimeError: the server does not give the file.
        UserWarning: the file does not have ``sha1_hash``.
    """
    name = url.split("/")[-1]
    if path is None:
        assert name, "Can't construct file-name from this URL. Please set the `path` option manually."
        fname = name
    else:
        path = os.path.expanduser(path)
        fname = os.path.join(path, name) if os.path.isdir(path) or path.endswith(("/", os.sep)) else path
    assert retries >= 0, f"Number of retries should be at least 0, currently it's {retries}"
    if not verify_ssl:
        warnings.warn(
            "Unverified HTTPS request is being made (verify_ssl=False). "
            "Adding certificate verification is strongly advised.",
            stacklevel=2,
        )
    if not overwrite and os.path.exists(fname) and (not sha1_hash or check_sha1(fname, sha1_hash)):
        return fname
    os.makedirs(os.path.dirname(os.path.abspath(os.path.expanduser(fname))), exist_ok=True)
    temporary = f"{fname}.{uuid.uuid4()}"

    def attempt() -> str:
        print(f"Downloading {fname} from {url}...")
        _fetch(url, temporary, verify_ssl)
        # Another process may have put the same file there meanwhile.
        if overwrite or not os.path.exists(fname) or (sha1_hash and not check_sha1(fname, sha1_hash)):
            replace_file(temporary, fname)
        else:
            os.remove(temporary)
            warnings.warn(f"File {fname} exists in file system so the downloaded file is deleted", stacklevel=4)
        if sha1_hash and not check_sha1(fname, sha1_hash):
            raise UserWarning(
                f"File {fname} is downloaded but the content hash does not match. The repo may be outdated or "
                'download may be incomplete. If the "repo_url" is overridden, consider switching to the default '
                "repo."
            )
        return fname

    try:
        return _attempts(retries, attempt)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def _attempts(retries: int, attempt: Callable[[], T]) -> T:
    """What ``attempt()`` returns, tried again while it fails, ``retries`` times in all.

    Raises:
        Exception: what the last attempt raised.
    """
    while True:
        try:
            return attempt()
        except Exception as error:
            retries -= 1
            if retries <= 0:
                raise
            print(f"download failed due to {error!r}, retrying, {retries} attempt{'s' if retries > 1 else ''} left")


def _fetch(url: str, filename: str, verify_ssl: bool = True) -> None:
    """Writes what ``url`` gives to a file; where an earlier call was cut off, only the rest, if the server can.

    Raises:
        ConnectionError: the server cannot be reached, or ends before the file does; what came is kept.
        RuntimeError: the server does not give the file.
    """
    context = None if verify_ssl else ssl._create_unverified_context()
    start = os.path.getsize(filename) if os.path.exists(filename) else 0
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        with urlopen(request, timeout=60, context=context) as response:
            if response.status != 206:  # all of it
                start = 0
            length = response.headers.get("Content-Length")
            total = None if length is None else start + int(length)
            with open(filename, "ab" if start else "wb") as file, _progress(url, start, total) as advance:
                while block := response.read(1 << 18):
                    file.write(block)
                    advance(len(block))
    except HTTPError as error:
        if error.code == 416:  # there is nothing behind what came earlier: that was another file
            os.remove(filename)
            return _fetch(url, filename, verify_ssl)
        raise RuntimeError(f"Failed downloading url {url}: {error.code} {error.reason}") from None
    except URLError as error:
        raise ConnectionError(
            f"Failed downloading url {url}: {error.reason}. Without a network, put the file in its place by hand."
        ) from None
    came = os.path.getsize(filename)
    if total is not None and came < total:
        raise ConnectionError(f"Failed downloading url {url}: it ended after {came} of {total} bytes.")


@contextlib.contextmanager
def _progress(url: str, start: int, total: int | None) -> Iterator[Callable[[int], Any]]:
    """``with ... as advance:`` shows a bar on a terminal, where tqdm is installed; ``advance(n)`` when n bytes came."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda count: None
        return
    name = url.split("/")[-1]
    with tqdm(desc=name, initial=start, total=total, unit="B", unit_scale=True, unit_divisor=1024, disable=None) as bar:
        yield bar.update


def _get_repo_url() -> str:
    """Where models and datasets are downloaded from; the environment variable MXNET_GLUON_REPO sets another place."""
    url = os.environ.get("MXNET_GLUON_REPO", "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/")
    return url if url.endswith("/") else url + "/"


def _get_repo_file_url(namespace: str, filename: str) -> str:
    """The URL of a file of that repository."""
    return f"{_get_repo_url()}{namespace}/{filename}"


# ---------------------------------------------------------------------------------------------- small helpers
def _indent(s_: str, numSpaces: int) -> str:  # noqa: N803 - MXNet's name
    """The text with all lines but the first indented."""
    first, *rest = s_.split("\n")
    return "\n".join([first, *(" " * numSpaces + line for line in rest)])


def _brief_print_list(lst: Sequence[Any], limit: int = 7) -> str:
    """The elements in quotes, at most ``limit`` of them: the first and the last ones."""
    if len(lst) > limit:
        return f"{_brief_print_list(lst[: limit // 2], limit)}, ..., {_brief_print_list(lst[-limit // 2 :], limit)}"
    return ", ".join(f"'{element}'" for element in lst)


class HookHandle:
    """What takes a hook out again: ``handle.detach()``, or ``with handle:`` for the time of a block."""

    def __init__(self) -> None:
        self._hooks_dict_ref: Any = None
        self._id: int | None = None

    def attach(self, hooks_dict: MutableMapping[int, Any], hook: Any) -> None:
        """Puts ``hook`` into ``hooks_dict``; once for each handle."""
        assert not self._hooks_dict_ref, "The same handle cannot be attached twice."
        self._id = id(hook)
        hooks_dict[self._id] = hook
        self._hooks_dict_ref = weakref.ref(hooks_dict)

    def detach(self) -> None:
        """Takes the hook out; again is fine."""
        hooks = self._hooks_dict_ref() if self._hooks_dict_ref else None
        if hooks is not None:
            hooks.pop(self._id, None)

    def __getstate__(self) -> tuple[Any, int | None]:
        return (self._hooks_dict_ref() if self._hooks_dict_ref else None), self._id

    def __setstate__(self, state: tuple[Any, int | None]) -> None:
        hooks, self._id = state
        self._hooks_dict_ref = weakref.ref(hooks) if hooks is not None else None

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, ptype: Any, value: Any, trace: Any) -> None:
        self.detach()


def shape_is_known(shape: Sequence[int] | None) -> bool:
    """Whether no dimension is unknown: 0 under MXNet's legacy shapes, -1 under NumPy's."""
    if shape is None:
        return False
    unknown = -1 if is_np_shape() else 0
    if len(shape) == 0:
        return unknown == -1
    for size in shape:
        if size == unknown:
            return False
        assert size > unknown, f"shape dimension size cannot be less than {unknown}, while received {size}"
    return True


def _check_same_symbol_type(symbols: Sequence[Any]) -> type:
    """The class that all symbols have.

    Raises:
        TypeError: legacy and NumPy symbols are mixed.
    """
    classes = {type(s) for s in symbols}
    if len(classes) != 1:
        raise TypeError(
            f"symbols must be all of one class, got {', '.join(sorted(c.__name__ for c in classes)) or 'none'}"
        )
    return classes.pop()


def _check_all_np_ndarrays(out: Any) -> None:
    """Under NumPy array semantics, refuses legacy arrays in nested lists and tuples.

    Raises:
        TypeError: one is not of a NumPy class.
    """
    if isinstance(out, (list, tuple)):
        for one in out:
            _check_all_np_ndarrays(one)
    elif is_np_array() and type(out).__name__ not in ("ndarray", "_Symbol"):
        raise TypeError(
            "Block's output ndarrays/symbols must be of type `mxnet.numpy.ndarray` or "
            f"`mxnet.symbol.numpy._Symbol`, while got output type {type(out)}"
        )
