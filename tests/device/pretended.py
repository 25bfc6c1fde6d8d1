"""A device that is only pretended: its tensors lie in the main memory, but mix with those of no other device.

``register()`` teaches torch the device type ``pretended``, with ``COUNT`` devices, for the rest of the process. An
operator on their tensors runs the CPU's kernel, and is refused where a GPU would refuse it: tensors of other devices
among its inputs, or a dtype that torch's CUDA kernels do not have (``WITHOUT_KERNEL``).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.utils import _pytree as pytree

NAME = "pretended"
COUNT = 2
AVAILABLE = hasattr(torch.utils.backend_registration, "_setup_privateuseone_for_python_backend")

_DL_CPU, _DL_OTHER = 1, 12  # numbers of device types in DLPack: kDLCPU and kDLExtDev, which is torch's PrivateUse1
_aten = torch.ops.aten


# ---------------------------------------------------------------------------------------------- the same memory
class _Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("index", ctypes.c_int32)]


class _Tensor(ctypes.Structure):
    """How DLPack's struct begins."""

    _fields_ = [("data", ctypes.c_void_p), ("device", _Device)]


_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def _as_if_on(tensor: torch.Tensor, kind: int, index: int) -> torch.Tensor:
    """``tensor``, its memory said to be on another device."""
    capsule = torch._C._to_dlpack(tensor)
    device = _Tensor.from_address(_pointer(capsule, b"dltensor")).device
    device.type, device.index = kind, index
    return torch._C._from_dlpack(capsule)


def _inner(tensor: torch.Tensor) -> torch.Tensor:
    """The CPU's tensor that shares the memory of a pretended one."""
    if tensor.is_sparse:
        return _sparse(_inner, tensor)
    return _as_if_on(tensor, _DL_CPU, 0)


def _outer(tensor: torch.Tensor, index: int) -> torch.Tensor:
    """The tensor of the device ``index`` that has the memory of the CPU's."""
    if tensor.is_sparse:
        return _sparse(lambda part: _outer(part, index), tensor)
    return _as_if_on(tensor.resolve_conj().resolve_neg(), _DL_OTHER, index)


def _sparse(moved: Callable[[torch.Tensor], torch.Tensor], tensor: torch.Tensor) -> torch.Tensor:
    indices, values = moved(tensor._indices()), moved(tensor._values())
    return torch.sparse_coo_tensor(
        indices, values, tensor.shape, is_coalesced=tensor.is_coalesced(), check_invariants=False
    )


def _view(base: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """What ``like``, a CPU's view of the memory of ``base``, is on the device."""
    if like.dtype is not base.dtype:
        return _outer(like, base.device.index)
    moved = (like.data_ptr() - base.data_ptr()) // base.element_size() if like.numel() else 0
    return torch._C._dynamo.guards._reinterpret_tensor(base, like.shape, like.stride(), moved)


# ---------------------------------------------------------------------------------------------- what a GPU refuses
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128)
_FLOATS_ONLY = (
    "_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "_addmm_activation", "_cdist_forward", "_upsample_bicubic2d_aa",
    "_upsample_bilinear2d_aa", "adaptive_avg_pool2d", "adaptive_max_pool2d", "adaptive_max_pool3d", "addbmm", "addmm",
    "addmv", "avg_pool2d", "avg_pool3d", "baddbmm", "bmm", "convolution_overrideable", "dot", "grid_sampler_2d",
    "im2col", "lerp", "max_pool2d_with_indices", "max_pool3d_with_indices", "mm", "mv", "reflection_pad1d",
    "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d", "replication_pad3d",
    "upsample_bicubic2d", "upsample_bilinear2d", "upsample_linear1d", "upsample_trilinear3d", "vdot",
)  # fmt: skip

#: operator -> whether torch has no CUDA kernel for the dtype, where there are fewer of them than the CPU's
WITHOUT_KERNEL: dict[str, Callable[[torch.dtype], bool]] = {
    **dict.fromkeys(_FLOATS_ONLY, lambda dtype: dtype not in _FLOATS),
    **dict.fromkeys(("argmax", "argmin", "msort", "sort", "topk"), lambda dtype: dtype is torch.bool),
    **dict.fromkeys(("_histogramdd_bin_edges", "histogram", "histogramdd"), lambda dtype: True),
    "histc": lambda dtype: dtype is torch.float16,
}
#: operators that take tensors of the main memory beside those of a GPU: positions, lengths
MIXED = {
    "index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index", "_unsafe_index_put",
    "_pack_padded_sequence", "_ctc_loss", "_ctc_loss_backward", "tensor_split",
}  # fmt: skip


def _only_device(op: Any, tensors: list[torch.Tensor]) -> torch.device | None:
    """The device of the tensors, but for numbers (0-d) on the CPU.

    Raises:
        RuntimeError: there are several.
    """
    name = op._schema.name.partition("::")[2]
    found = {t.device for t in tensors if t.device.type == NAME}
    others = {t.device for t in tensors if t.device.type != NAME and t.dim()}
    if len(found) > 1 or (found and others and name not in MIXED):
        devices = ", ".join(sorted(map(str, found | others)))
        raise RuntimeError(f"Expected all tensors to be on the same device, but found several: {devices} (in {op})")
    refused = WITHOUT_KERNEL.get(name)
    if refused is not None and found and refused(tensors[0].dtype):
        raise NotImplementedError(f'"{name}" not implemented for {tensors[0].dtype} on a GPU')
    return next(iter(found), None)


# ---------------------------------------------------------------------------------------------- what waits for a GPU
#: what has waited for a device, as CUDA would: names of operators, and "copy"
waits: list[str] = []
_WAITING = {
    "_local_scalar_dense", "_unique2", "equal", "is_nonzero", "item", "masked_select", "nonzero", "unique_consecutive",
    "unique_dim",
}  # fmt: skip


def _note_wait(name: str, args: tuple[Any, ...]) -> None:
    of_masks = name in ("index", "index_put_", "_index_put_impl_") and any(
        i is not None and i.dtype in (torch.bool, torch.uint8) for i in args[1]
    )
    if name in _WAITING or of_masks or (name == "repeat_interleave" and len(args) == 1):
        waits.append(name)


# ---------------------------------------------------------------------------------------------- operators
def _numbers_as_tensors(op: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Python's numbers as the 0-d tensors that they were; torch hands those to Python as numbers."""
    found = list(args)
    for i, (value, argument) in enumerate(zip(args, op._schema.arguments)):
        if isinstance(value, (bool, int, float, complex)) and isinstance(argument.type, torch.TensorType):
            wide = any(isinstance(t, torch.Tensor) and t.dtype is torch.float64 for t in args)
            dtype = torch.float64 if wide and type(value) is float else None
            found[i] = torch.tensor(value, dtype=dtype)
    return tuple(found)


@functools.cache
def _written(op: Any) -> tuple[tuple[int | str, ...], tuple[Any, ...]]:
    """(arguments that an operator writes into or gives views of, for each output which of them it is, or None)."""
    schema = op._schema
    places = {}
    for i, argument in enumerate(schema.arguments):
        if argument.alias_info is not None:
            key = argument.name if argument.kwarg_only else i
            for name in argument.alias_info.before_set:
                places[name] = (key, argument.alias_info.is_write)
    outputs = []
    for output in schema.returns:
        names = () if output.alias_info is None else output.alias_info.before_set
        outputs.append(next((places[name] for name in names if name in places), None))
    return tuple(places), tuple(outputs)


def _run(op: Any, *args: Any, **kwargs: Any) -> Any:
    """``op`` by the CPU's kernel."""
    return _run_as(op, op, args, kwargs)


# What tells the parts of a sparse tensor, and is the same code for all devices
_PARTS = (
    "_coalesced_", "_dimI", "_dimV", "_indices", "_nnz", "_sparse_coo_tensor_with_dims_and_tensors", "_values",
    "dense_dim", "indices", "is_coalesced", "sparse_dim", "values",
)  # fmt: skip


def _as_on_a_cpu(op: Any, *args: Any, **kwargs: Any) -> Any:
    return op.redispatch(torch._C.DispatchKeySet(torch._C.DispatchKey.SparseCPU), *args, **kwargs)


def _to_copy(self, dtype=None, layout=None, device=None, pin_memory=None, non_blocking=False, memory_format=None):  # noqa: ANN001, ANN202
    """Of a sparse tensor."""
    target = self.device if device is None else device
    made = _inner(self).to(dtype=self.dtype if dtype is None else dtype, copy=True)
    return _outer(made, _index(target)) if target.type == NAME else made


def _run_as(op: Any, kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``op`` by ``kernel`` on the memory of the tensors."""
    _note_wait(op._schema.name.partition("::")[2], args)
    leaves, spec = pytree.tree_flatten((_numbers_as_tensors(op, args), kwargs))
    device = _only_device(op, [x for x in leaves if isinstance(x, torch.Tensor)])
    grown = []  # empty ones, which the kernel may give another size
    for i, x in enumerate(leaves):
        if isinstance(x, torch.Tensor) and x.device.type == NAME:
            leaves[i] = _inner(x) if x.numel() else torch.empty_like(x, device="cpu")
            if not x.numel():
                grown.append((x, leaves[i]))
        elif isinstance(x, torch.device) and x.type == NAME:
            device, leaves[i] = device or x, torch.device("cpu")
    inner_args, inner_kwargs = pytree.tree_unflatten(leaves, spec)
    result = kernel(*inner_args, **inner_kwargs)
    outputs, index = _written(op), _index(device)
    for x, inner in grown:
        if inner.shape != x.shape:
            x.data = _outer(inner, x.device.index)
    made = []
    for value, argument in zip(result if len(outputs) > 1 else (result,), outputs):
        if argument is None:
            made.append(pytree.tree_map_only(torch.Tensor, lambda t: _outer(t, index), value))
            continue
        place, writes = argument
        base = kwargs[place] if isinstance(place, str) else args[place]
        made.append(base if writes else pytree.tree_map_only(torch.Tensor, functools.partial(_view, base), value))
    return tuple(made) if len(outputs) > 1 else made[0] if outputs else None


def _numbers_as_tensors(op: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Python's numbers as the 0-d tensors that they were; torch hands those to Python as numbers."""
    found = list(args)
    for i, (value, argument) in enumerate(zip(args, op._schema.arguments)):
        if isinstance(value, (bool, int, float, complex)) and isinstance(argument.type, torch.TensorType):
            wide = any(isinstance(t, torch.Tensor) and t.dtype is torch.float64 for t in args)
            dtype = torch.float64 if wide and type(value) is float else None
            found[i] = torch.tensor(value, dtype=dtype)
    return tuple(found)


@functools.cache
def _written(op: Any) -> tuple[tuple[int | str, bool] | None, ...]:
    """For each output of an operator: the argument that it is or shows, and whether it is written into; or None."""
    places = {}
    for i, argument in enumerate(op._schema.arguments):
        if argument.alias_info is not None:
            for name in argument.alias_info.before_set:
                places[name] = argument.name if argument.kwarg_only else i, argument.alias_info.is_write
    names = [() if r.alias_info is None else r.alias_info.before_set for r in op._schema.returns]
    return tuple(next((places[name] for name in of_output if name in places), None) for of_output in names)


def _index(device: torch.device | None) -> int:
    return (0 if device is None else device.index) or 0


def _empty(size, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):  # noqa: ANN001, ANN202
    made = torch.empty(size, dtype=dtype, memory_format=memory_format or torch.contiguous_format)
    return _outer(made, _index(device))


def _empty_strided(size, stride, dtype=None, layout=None, device=None, pin_memory=None):  # noqa: ANN001, ANN202
    return _outer(torch.empty_strided(size, stride, dtype=dtype), _index(device))


def _zeros(size, dtype=None, layout=None, device=None, pin_memory=None):  # noqa: ANN001, ANN202
    return _outer(torch.zeros(size, dtype=dtype), _index(device))  # the CPU's have no memory


def _as_strided(self, size, stride, storage_offset=None):  # noqa: ANN001, ANN202
    moved = 0 if storage_offset is None else storage_offset - self.storage_offset()
    return torch._C._dynamo.guards._reinterpret_tensor(self, size, stride, moved)


def _copy_from(self, dst, non_blocking=False):  # noqa: ANN001, ANN202
    if self.device.type != dst.device.type and not (non_blocking and dst.device.type == NAME) and self.numel():
        waits.append("copy")
    source, target = (_inner(t) if t.device.type == NAME else t for t in (self, dst))
    target.copy_(source)
    return dst


def _resize(self, size, memory_format=None):  # noqa: ANN001, ANN202
    made = torch.empty(size, dtype=self.dtype, memory_format=memory_format or torch.contiguous_format)
    kept = min(made.numel(), self.numel())
    made.view(-1)[:kept] = _inner(self).reshape(-1)[:kept]
    self.data = _outer(made, self.device.index)
    return self


def _convolution(*args):  # noqa: ANN002, ANN202
    return _run_as(_aten.convolution_overrideable.default, _aten.convolution.default, args, {})


def _convolution_backward(gradient, data, weight, *rest):  # noqa: ANN001, ANN002, ANN202
    def kernel(gradient, data, weight, *rest):  # noqa: ANN001, ANN002, ANN202
        return _aten.convolution_backward.default(gradient, data, weight, [weight.shape[0]], *rest)

    return _run_as(_aten.convolution_backward_overrideable.default, kernel, (gradient, data, weight, *rest), {})


def _lstm_cell(*args):  # noqa: ANN002, ANN202
    def kernel(from_input, from_hidden, cell, b_input=None, b_hidden=None):  # noqa: ANN001, ANN202
        gates = from_input + from_hidden
        if b_input is not None:
            gates = gates + b_input + b_hidden
        i, f, g, o = gates.chunk(4, 1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        new = f * cell + i * g
        return o * new.tanh(), new, torch.cat([i, f, g, o], 1)

    return _run_as(_aten._thnn_fused_lstm_cell.default, kernel, args, {})


def _lstm_cell_backward(*args):  # noqa: ANN002, ANN202
    def kernel(of_hidden, of_cell, cell, new, gates, has_bias):  # noqa: ANN001, ANN202
        i, f, g, o = gates.chunk(4, 1)
        of_hidden = torch.zeros_like(new) if of_hidden is None else of_hidden
        slope = of_hidden * o * (1 - new.tanh() ** 2) + (0 if of_cell is None else of_cell)
        of_gates = torch.cat([
            slope * g * i * (1 - i), slope * cell * f * (1 - f), slope * i * (1 - g * g),
            of_hidden * new.tanh() * o * (1 - o),
        ], 1)  # fmt: skip
        return of_gates, slope * f, of_gates.sum(0)

    return _run_as(_aten._thnn_fused_lstm_cell_backward_impl.default, kernel, args, {})


def _gru_cell(*args):  # noqa: ANN002, ANN202
    def kernel(from_input, from_hidden, state, b_input=None, b_hidden=None):  # noqa: ANN001, ANN202
        if b_input is not None:
            from_input, from_hidden = from_input + b_input, from_hidden + b_hidden
        (i_r, i_z, i_n), (h_r, h_z, h_n) = from_input.chunk(3, 1), from_hidden.chunk(3, 1)
        r, z = (i_r + h_r).sigmoid(), (i_z + h_z).sigmoid()
        n = (i_n + r * h_n).tanh()
        return n + z * (state - n), torch.cat([r, z, n, state, h_n], 1)

    return _run_as(_aten._thnn_fused_gru_cell.default, kernel, args, {})


def _gru_cell_backward(*args):  # noqa: ANN002, ANN202
    def kernel(gradient, kept, has_bias):  # noqa: ANN001, ANN202
        r, z, n, state, h_n = kept.chunk(5, 1)
        of_n = gradient * (1 - z) * (1 - n * n)
        of_r, of_z = of_n * h_n * r * (1 - r), gradient * (state - n) * z * (1 - z)
        of_input, of_hidden = torch.cat([of_r, of_z, of_n], 1), torch.cat([of_r, of_z, of_n * r], 1)
        return of_input, of_hidden, gradient * z, of_input.sum(0), of_hidden.sum(0)

    return _run_as(_aten._thnn_fused_gru_cell_backward.default, kernel, args, {})


_KERNELS = {
    "_efficientzerotensor": _zeros,
    "_thnn_fused_gru_cell": _gru_cell,
    "_thnn_fused_gru_cell_backward": _gru_cell_backward,
    "_thnn_fused_lstm_cell": _lstm_cell,
    "_thnn_fused_lstm_cell_backward_impl": _lstm_cell_backward,
    "_copy_from": _copy_from,
    "as_strided": _as_strided,
    "convolution_backward_overrideable": _convolution_backward,
    "convolution_overrideable": _convolution,
    "empty.memory_format": _empty,
    "empty_strided": _empty_strided,
    "resize_": _resize,
}


# ---------------------------------------------------------------------------------------------- the device type
class _Module:
    """What ``torch.cuda`` is to CUDA devices."""

    def __init__(self) -> None:
        self._current = 0

    is_available = is_initialized = staticmethod(lambda: True)
    device_count = staticmethod(lambda: COUNT)
    synchronize = staticmethod(lambda device=None: None)
    empty_cache = staticmethod(lambda: None)
    memory_reserved = staticmethod(lambda device=None: 1 << 20)
    mem_get_info = staticmethod(lambda device=None: (1 << 30, 1 << 31))
    get_device_capability = staticmethod(lambda device=None: (7, 0))
    get_rng_state = staticmethod(lambda device=None: torch.get_rng_state())
    set_rng_state = staticmethod(lambda state, device=None: torch.set_rng_state(state))
    manual_seed_all = staticmethod(lambda seed: None)
    _is_in_bad_fork = staticmethod(lambda: False)

    def current_device(self) -> int:
        return self._current

    @contextlib.contextmanager
    def device(self, device: torch.device) -> Any:
        before, self._current = self._current, device.index
        try:
            yield
        finally:
            self._current = before


class _Generator(torch.Generator):
    """A CPU's generator stands for that of a pretended device."""

    def __new__(cls, device: Any = "cpu") -> Any:
        device = torch.device(device)
        return super().__new__(cls, "cpu" if device.type == NAME else device)


def _deepcopy(self: torch.Tensor, memo: dict[int, Any], ordinary: Any = torch.Tensor.__deepcopy__) -> torch.Tensor:
    """torch copies storages, which it cannot make here."""
    if self.device.type != NAME or not self.is_leaf:
        return ordinary(self, memo)
    if id(self) not in memo:
        memo[id(self)] = self.detach().clone().requires_grad_(self.requires_grad)
    return memo[id(self)]


def _reduce(self: torch.Tensor, protocol: int, ordinary: Any = torch.Tensor.__reduce_ex__) -> Any:
    if self.device.type != NAME:
        return ordinary(self, protocol)
    return _moved, (self.detach().cpu(), self.device, self.requires_grad)


def _moved(tensor: torch.Tensor, device: torch.device, requires_grad: bool) -> torch.Tensor:
    return tensor.to(device).requires_grad_(requires_grad)


_registered: list[torch.library.Library] = []


def register() -> None:
    """Adds the device type to torch, once and for good."""
    if _registered:
        return
    torch.utils.backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    fallback, own = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
    fallback.fallback(_run, "PrivateUse1")
    fallback.fallback(_run, "SparsePrivateUse1")
    own.impl("clone", functools.partial(_run, _aten.clone.default), "SparsePrivateUse1")
    own.impl("_to_copy", _to_copy, "SparsePrivateUse1")
    for name in _PARTS:
        own.impl(name, functools.partial(_as_on_a_cpu, getattr(_aten, name).default), "SparsePrivateUse1")
    for name, kernel in _KERNELS.items():
        own.impl(name, kernel, "PrivateUse1")
    torch.Generator, torch.Tensor.__deepcopy__, torch.Tensor.__reduce_ex__ = _Generator, _deepcopy, _reduce
    _registered.extend((fallback, own))
