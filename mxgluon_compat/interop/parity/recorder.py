"""Record what a program computes: under real MXNet and under mxgluon_compat, by this one file.

It needs Python 3.6, numpy and whatever ``import mxnet`` gives: it runs on an old machine that has nothing else::

    python recorder.py --record FILE [--seed N] [--steps N] [--sample N] [--no-hybridize] SCRIPT [ARGS...]

runs SCRIPT as ``python SCRIPT ARGS...`` does (``-m MODULE`` as ``python -m MODULE``) and writes FILE, which
``python -m mxgluon_compat compare --against FILE`` reads. The file is a zip archive of JSON and .npy, nothing pickled:

- ``header.json``: format, versions, the options and the command line;
- ``events-00000.jsonl``, ``samples-00000.npy`` and so on: an event a line, and their samples one after the other;
- ``end.json``: how many events and steps there are, and how the program ended.

An event is one array at one moment: the number of the step, its kind, the structural path of its Block within the
outermost Block (so that the global counters in names do not matter), shape, dtype, CRC-32 of its bytes, norm, mean,
least and greatest value (of the finite ones; the others are counted), and some of its elements at places that its
size decides. Kinds are ``initial`` (Parameters when they are first seen), ``input`` and ``output`` (of Blocks),
``loss`` (what backward is called on), ``gradient`` (as ``Trainer.step`` finds it, last layer first) and
``parameter`` (after the step).

A step ends with ``Trainer.step`` or ``update``; in a program that makes no Trainer, before the first forward pass after
a backward pass. Blocks inside a hybridized one run as a part of its graph and are not seen.

Of Modules (and executors without one) the nodes of the graph are what Blocks are in Gluon: ``Module.fc1`` is the output
of the node fc1, ``Module.fc1.weight`` its argument fc1_weight, ``Module[data]`` what goes in. A step ends with
``Module.update``; where no Module has an optimizer, before the first forward pass after a backward pass.
"""

import argparse
import ctypes
import io
import json
import os
import platform
import random
import runpy
import sys
import threading
import traceback
import weakref
import zipfile
import zlib
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

import numpy as np

FORMAT, VERSION = "mxgluon_compat recording", 1
DEFAULTS = {"seed": 0, "steps": None, "sample": 32, "no_hybridize": False, "nudge": None}

_CHUNK = 4096  # events that are kept in memory
_BLOCK = 1 << 20  # elements that are summed at once
_NUDGE = 2.0**-21  # of a gradient's root mean square: about the rounding of a sum in float32
_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: its multiples lie evenly, whatever the array's strides are


class Enough(BaseException):
    """Ends a program of which as many steps are recorded as were asked for."""


def places(size: int, count: int) -> np.ndarray:
    """Which elements are sampled of ``size``: all, or ``count`` places (fewer where two fall together), sorted."""
    if size <= count:
        return np.arange(size)
    return np.unique(np.array([((i * _GOLDEN) % (1 << 64)) * size >> 64 for i in range(count)], dtype=np.int64))


def statistics(values: np.ndarray) -> Dict[str, Any]:
    """norm, mean, min and max of the finite values; ``bad`` counts the others."""
    flat = values.reshape(-1)
    if flat.dtype == bool:
        flat = flat.astype(np.uint8)
    bad = 0
    if flat.dtype.kind == "f":
        finite = np.isfinite(flat)
        bad = int(flat.size - finite.sum())
        flat = flat[finite] if bad else flat
    if not flat.size:
        return {"norm": 0.0, "mean": 0.0, "min": 0.0, "max": 0.0, "bad": bad}
    total = squares = 0.0
    for start in range(0, flat.size, _BLOCK):
        wide = flat[start : start + _BLOCK].astype(np.float64)
        total += float(wide.sum())
        squares += float(np.dot(wide, wide))
    low, high = float(flat.min()), float(flat.max())
    return {"norm": squares**0.5, "mean": total / flat.size, "min": low, "max": high, "bad": bad}


class Writer(object):
    """Writes a recording beside ``path``; ``close`` gives it its name."""

    def __init__(self, path: str, header: Dict[str, Any], sample: int) -> None:
        self.path, self.sample, self.count = path, sample, 0
        self._temporary = "%s.%d.tmp" % (path, os.getpid())
        self._zip = zipfile.ZipFile(self._temporary, "w", zipfile.ZIP_DEFLATED)
        self._zip.writestr("header.json", json.dumps(dict(header, format=FORMAT, version=VERSION), indent=1))
        self._events = []  # type: List[str]
        self._samples = []  # type: List[np.ndarray]
        self._places = {}  # type: Dict[int, np.ndarray]
        self._chunks = 0

    def add(self, event: Dict[str, Any], values: np.ndarray) -> None:
        """Appends an event about ``values``."""
        values = np.ascontiguousarray(values)
        if values.size not in self._places:
            self._places[values.size] = places(values.size, self.sample)
        sample = values.reshape(-1)[self._places[values.size]].astype(np.float64)
        event.update(statistics(values), shape=list(values.shape), dtype=values.dtype.name, samples=int(sample.size),
                     crc=zlib.crc32(values.tobytes()) & 0xFFFFFFFF)  # fmt: skip
        self._events.append(json.dumps(event, sort_keys=True))
        self._samples.append(sample)
        self.count += 1
        if len(self._events) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        if not self._events:
            return
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.concatenate(self._samples), allow_pickle=False)
        self._zip.writestr("events-%05d.jsonl" % self._chunks, "\n".join(self._events) + "\n")
        self._zip.writestr("samples-%05d.npy" % self._chunks, buffer.getvalue())
        self._chunks, self._events, self._samples = self._chunks + 1, [], []

    def close(self, end: Dict[str, Any]) -> None:
        """Writes what is left, and gives the file its name."""
        self._flush()
        self._zip.writestr("end.json", json.dumps(dict(end, events=self.count, chunks=self._chunks), indent=1))
        self._zip.close()
        os.replace(self._temporary, self.path)


class _Graph(object):
    """What the graph of an executor says about the names in it.

    Attributes:
        inputs: arguments that are data: those given; else those without a gradient, where others have one; else those
            whose names end in ``data`` or ``label``; else all.
        outputs: {name of a node's visible output, as monitors see it: (its place, the operator)}.
        train: whether it runs in train mode now.
    """

    def __init__(self, executor: Any, inputs: Optional[Sequence[str]]) -> None:
        symbol, self.train = executor._symbol, False
        names = symbol.list_arguments()
        if inputs is None:
            learned = [n for n, gradient in _gradients_of(executor).items() if gradient is not None]
            named = [n for n in names if n.endswith(("data", "label"))]
            inputs = [n for n in names if n not in learned] if learned else named or names
        self.inputs = frozenset(inputs)
        variables = set(names) | set(symbol.list_auxiliary_states())
        operators = {n["name"]: n["op"] for n in json.loads(symbol.tojson())["nodes"] if n["op"] != "null"}
        self._nodes = sorted(operators, key=len, reverse=True)
        self.outputs = {}  # type: Dict[str, Tuple[str, str]]
        for name in symbol.get_internals().list_outputs():
            node = None if name in variables else self._node(name)
            if node is not None:
                rest = name[len(node) + 1 :]
                self.outputs[name] = (node if rest == "output" else "%s[%s]" % (node, rest), operators[node])

    def _node(self, name: str) -> Optional[str]:
        """The node whose name a name begins with: the longest."""
        return next((node for node in self._nodes if name.startswith(node + "_")), None)

    def place(self, label: str, name: str) -> str:
        """``LABEL.fc1.weight`` for the argument fc1_weight of the node fc1."""
        node = self._node(name)
        return "%s.%s" % (label, name) if node is None else "%s.%s.%s" % (label, node, name[len(node) + 1 :])

    @staticmethod
    def arguments(executor: Any) -> List[Tuple[str, Any]]:
        """(name, array) of arguments and auxiliary states."""
        return list(executor.arg_dict.items()) + list(executor.aux_dict.items())


def _gradients_of(executor: Any) -> Dict[str, Any]:
    """{argument: its gradient or None}, empty where the executor was bound without any."""
    return {} if executor.grad_arrays is None else dict(executor.grad_dict)


class Recorder(object):
    """``with Recorder(mx, path):`` records what Gluon and Modules do inside, in this thread; undoes its hooks after it.

    Args:
        mx: the module ``mxnet``.
        path: file to write.
        seed: given to ``mx.random``, ``numpy.random`` and ``random`` at the beginning; None leaves them alone.
        steps: how many steps to record; the body of ``with`` ends after them. None for all.
        sample: how many elements of each array to keep.
        no_hybridize: make ``hybridize()`` do nothing, so that every Block is seen.
        nudge: seed of noise as small as rounding that is added to every gradient, which shows how far rounding alone
            takes the program.
        command: put into the header.
    """

    def __init__(
        self,
        mx: Any,
        path: str,
        seed: Optional[int] = None,
        steps: Optional[int] = None,
        sample: int = 32,
        no_hybridize: bool = False,
        nudge: Optional[int] = None,
        command: Sequence[str] = (),
    ) -> None:
        self._mx, self._path = mx, path
        self._options = {"seed": seed, "steps": steps, "sample": sample, "no_hybridize": no_hybridize, "nudge": nudge}
        self._noise = None if nudge is None else np.random.RandomState(nudge)
        self._command = list(command)
        self._undo = []  # type: List[Tuple[Any, str, Any]]
        self._thread = threading.get_ident()
        self._process = os.getpid()
        self.step = 0
        self.failure = None  # type: Optional[str]
        self._busy = False  # inside backward, step, or a Block that is not watched
        self._stack = []  # type: List[Tuple[str, Any]]
        self._paths = {}  # type: Dict[int, str]
        self._made = []  # type: List[Any]
        self._labels = weakref.WeakKeyDictionary()  # type: Any
        self._counts = {}  # type: Dict[str, int]
        self._names = weakref.WeakKeyDictionary()  # type: Any
        self._seen = weakref.WeakSet()  # type: Any
        self._has_trainer = self._pending = False
        self._skipped = set()  # type: set
        self._around = []  # type: List[Tuple[str, Any]]  # (label, Module) that runs executors
        self._graphs = weakref.WeakKeyDictionary()  # type: Any  # {executor: (label, _Graph)}
        self._monitors = weakref.WeakKeyDictionary()  # type: Any  # {executor: the program's own callback}
        self._running = None  # type: Any  # (label, _Graph) while an executor's forward runs
        self._went_back = []  # type: List[Any]  # executors whose backward ran in this step
        self._known = set()  # type: set  # names of arguments whose first values are recorded

    # ------------------------------------------------------------------------------------------ beginning and end
    def __enter__(self) -> "Recorder":
        mx, options = self._mx, self._options
        if options["seed"] is not None:
            seed = int(options["seed"])
            mx.random.seed(seed)
            np.random.seed(seed % (1 << 32))
            random.seed(seed)
        name = mx.__name__.partition(".")[0]
        versions = {"python": platform.python_version(), "numpy": np.__version__, "mxnet": mx.__version__}
        header = {"library": name, "versions": versions, "options": options, "command": self._command}
        self._writer = Writer(self._path, header, int(options["sample"] or 0))
        block, hybrid, trainer = mx.gluon.Block, mx.gluon.HybridBlock, mx.gluon.Trainer
        self._wrap(block, "__call__", self._call)
        self._wrap(mx.nd.NDArray, "backward", self._backward)
        self._wrap(mx.autograd, "backward", self._backward)
        self._wrap(trainer, "__init__", self._new_trainer)
        self._wrap(trainer, "step", self._update)
        self._wrap(trainer, "update", self._update)
        executor, module = mx.executor.Executor, mx.mod.Module
        self._wrap(executor, "forward", self._run_graph)
        self._wrap(executor, "backward", self._run_back)
        self._wrap(executor, "set_monitor_callback", self._new_monitor)
        self._wrap(mx.sym.Symbol, "eval", self._run_once)
        self._wrap(mx.mod.BucketingModule, "forward", self._run_module)
        self._wrap(module, "forward", self._run_module)
        self._wrap(module, "init_optimizer", self._new_trainer)
        self._wrap(module, "update", self._update_module)
        if options["no_hybridize"]:
            for owner in (block, hybrid):
                self._wrap(owner, "hybridize", lambda original, *args, **kwargs: None)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        enough = kind is not None and issubclass(kind, Enough)
        done = kind is None or enough or (issubclass(kind, SystemExit) and error.code in (None, 0))
        try:
            if done and not enough and self._watches():
                self._close_step(last=True)
        finally:
            for owner, name, original in reversed(self._undo):
                setattr(owner, name, original)
            self._undo = []
            if os.getpid() == self._process:  # not in a process that the program forked
                if not done:
                    self.failure = "".join(traceback.format_exception_only(kind, error)).strip()
                ended = {"failure": self.failure, "steps": self.step, "enough": enough}
                self._writer.close(dict(ended, not_recorded=sorted(self._skipped)))
        return enough

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(original, *args, **kwargs)

        wrapped.__name__, wrapped.__doc__ = name, original.__doc__
        self._undo.append((owner, name, original))
        setattr(owner, name, wrapped)

    def _watches(self) -> bool:
        return not self._busy and threading.get_ident() == self._thread and os.getpid() == self._process

    def _unwatched(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._busy = True
        try:
            return function(*args, **kwargs)
        finally:
            self._busy = False

    # ------------------------------------------------------------------------------------------ what the hooks do
    def _call(self, original: Any, block: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(block, *args, **kwargs)
        if ".gluon.data." in type(block).__module__:  # transforms, called for every picture
            return self._unwatched(original, block, *args, **kwargs)
        given = list(self._arrays((args, sorted(kwargs.items()))))
        if not given:  # traced with symbols
            return original(block, *args, **kwargs)
        if not self._stack:
            self._close_step()
            self._enter_root(block)
        path = self._path_of(block)
        if self._stack:
            for outer, around in self._stack:  # a Block that has its own Parameters by now, and calls another
                self._initial([(outer, around)], states=False)
        else:
            self._initial(self._blocks(block, path), states=True)
        fresh = [(i, x) for i, x in enumerate(given) if not any(x is y for y in self._made)]
        for i, array in fresh:
            self._event("input", path, array, i, len(given), type(block).__name__)
        self._made.extend(x for _, x in fresh)
        self._stack.append((path, block))
        try:
            result = original(block, *args, **kwargs)
        finally:
            self._stack.pop()
            if not self._stack:
                self._made = []
        self._initial(self._blocks(block, path), states=False)
        outputs = list(self._arrays(result))
        for i, array in enumerate(outputs):
            self._event("output", path, array, i, len(outputs), type(block).__name__)
        if self._stack:
            self._made.extend(outputs)
        return result

    def _backward(self, original: Any, heads: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(heads, *args, **kwargs)
        losses = list(self._arrays(heads))
        for i, array in enumerate(losses):
            self._event("loss", "loss", array, i, len(losses))
        result = self._unwatched(original, heads, *args, **kwargs)
        self._pending = not self._has_trainer
        if self._pending:
            self._nudge(self._in_order(self._names.keys()))
        return result

    def _new_trainer(self, original: Any, trainer: Any, *args: Any, **kwargs: Any) -> None:
        """A Trainer is made, or the optimizer of a Module."""
        if self._watches():
            self._close_step()
            self._has_trainer = True
        original(trainer, *args, **kwargs)

    def _update(self, original: Any, trainer: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(trainer, *args, **kwargs)
        self._has_trainer, self._pending = True, False  # one that was made before the recording began, too
        params = self._in_order(trainer._params)
        for name, param in params:
            self._first_values(name, param, states=False)
        self._nudge(params)
        self._gradients(params)
        result = self._unwatched(original, trainer, *args, **kwargs)
        self._parameters(params)
        self._advance()
        return result

    def _close_step(self, last: bool = False) -> None:
        """Ends the step of a program without a Trainer, whose updates are over when the next forward pass begins."""
        if not self._pending:
            return
        self._pending = False
        params = self._in_order(self._names.keys())
        self._gradients(params)
        self._parameters(params)
        for executor in self._went_back:
            self._graph_gradients(executor)
            self._graph_parameters(executor)
        self._went_back = []
        self._advance(last)

    def _advance(self, last: bool = False) -> None:
        self.step += 1
        if not last and self._options["steps"] is not None and self.step >= self._options["steps"]:
            raise Enough()

    # ------------------------------------------------------------------------------------------ Modules, executors
    def _run_once(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        """``Symbol.eval``: under MXNet it makes an executor."""
        return self._unwatched(original, *args, **kwargs) if self._watches() else original(*args, **kwargs)

    def _run_module(self, original: Any, module: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(module, *args, **kwargs)
        # one label for all buckets, whose Modules share their arrays
        label = self._around[-1][0] if self._around else self._label(module, type(module).__name__)
        self._around.append((label, module))
        try:
            return original(module, *args, **kwargs)
        finally:
            self._around.pop()

    def _graph_of(self, executor: Any) -> Tuple[str, "_Graph"]:
        if executor not in self._graphs:
            if self._around:
                label, module = self._around[-1]
                inputs = list(module.data_names) + list(module.label_names or ())
                at = [i for i, e in enumerate(module._exec_group.execs) if e is executor]
                label = "%s@%d" % (label, at[0]) if at and at[0] else label
            else:
                label, inputs = self._label(executor, type(executor).__name__), None
            self._graphs[executor] = label, _Graph(executor, inputs)
            if executor not in self._monitors:
                executor.set_monitor_callback(None)  # which installs the one that records
        return self._graphs[executor]

    def _new_monitor(self, original: Any, executor: Any, callback: Any, *args: Any, **kwargs: Any) -> Any:
        self._monitors[executor] = callback
        own = weakref.ref(self)

        def both(name: Any, array: Any) -> None:
            recorder = own()
            if recorder is not None and recorder._undo:
                recorder._see(name, array)
            if callback is not None:
                callback(name, array)

        return original(executor, both, *args, **kwargs)

    def _see(self, name: Any, array: Any) -> None:
        """An output of a node, while an executor runs."""
        if self._running is None or self._busy:
            return
        label, graph = self._running
        place = graph.outputs.get(name.decode() if isinstance(name, bytes) else name)
        if place is not None:
            if not isinstance(array, self._mx.nd.NDArray):  # MXNet passes the address of its handle
                array = self._mx.nd.NDArray(ctypes.cast(array, self._mx.base.NDArrayHandle), writable=False)
            self._event("output", "%s.%s" % (label, place[0]), array, layer=place[1], train=graph.train)

    def _run_graph(self, original: Any, executor: Any, is_train: bool = False, **kwargs: Any) -> Any:
        if not self._watches() or self._running is not None:
            return original(executor, is_train, **kwargs)
        self._close_step()
        label, graph = self._graph_of(executor)
        kind, graph.train = label.partition("#")[0].partition("@")[0], bool(is_train)
        for name, array in graph.arguments(executor):
            if name in graph.inputs:
                array = self._mx.nd.array(kwargs[name]) if name in kwargs else array  # what the call brings
                self._event("input", "%s[%s]" % (label, name), array, layer=kind, train=graph.train)
            elif (label, name) not in self._known:
                self._known.add((label, name))
                self._event("initial", graph.place(label, name), array)
        self._running = label, graph
        try:
            result = original(executor, is_train, **kwargs)
        finally:
            self._running = None
        outputs = list(self._unwatched(lambda: executor.outputs))
        for i, array in enumerate(outputs):
            self._event("output", label, array, i, len(outputs), layer=kind, train=graph.train)
        return result

    def _run_back(self, original: Any, executor: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(executor, *args, **kwargs)
        result = self._unwatched(original, executor, *args, **kwargs)
        if executor in self._graphs and not any(e is executor for e in self._went_back):
            self._went_back.append(executor)
        self._pending = not self._has_trainer
        if self._pending:
            self._nudge_graph(executor)
        return result

    def _update_module(self, original: Any, module: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._watches():
            return original(module, *args, **kwargs)
        executors = [e for e in module._exec_group.execs if e in self._graphs]
        self._went_back, self._pending = [], False
        for executor in executors:
            self._nudge_graph(executor)
            self._graph_gradients(executor)
        result = self._unwatched(original, module, *args, **kwargs)
        for executor in executors:
            self._graph_parameters(executor)
        self._advance()
        return result

    def _graph_gradients(self, executor: Any) -> None:
        label, graph = self._graphs[executor]
        for name, gradient in reversed(list(_gradients_of(executor).items())):
            if gradient is not None and name not in graph.inputs:
                self._event("gradient", graph.place(label, name), gradient)

    def _graph_parameters(self, executor: Any) -> None:
        label, graph = self._graphs[executor]
        for name, array in graph.arguments(executor):
            if name not in graph.inputs:
                self._event("parameter", graph.place(label, name), array)

    def _nudge_graph(self, executor: Any) -> None:
        graph = self._graphs[executor][1] if executor in self._graphs else None
        if graph is not None and self._noise is not None:
            for name, gradient in _gradients_of(executor).items():
                if gradient is not None and name not in graph.inputs and gradient.stype == "default":
                    self._add_noise(gradient)

    # ------------------------------------------------------------------------------------------ events
    def _event(self, kind: str, name: str, array: Any, i: int = 0, of: int = 1, layer: Optional[str] = None,
               train: Optional[bool] = None) -> None:  # fmt: skip
        event = {"step": self.step, "kind": kind, "name": name if of == 1 else "%s[%d]" % (name, i)}
        if layer is not None:
            event["layer"] = layer
            event["train"] = bool(self._mx.autograd.is_training()) if train is None else train
        values = self._unwatched(self._numpy, array)
        self._writer.add(event, values)

    def _numpy(self, array: Any) -> np.ndarray:
        # MXNet with oneDNN reads weights in a wrong order while a convolution that uses them is still running.
        self._mx.nd.waitall()
        values = array.asnumpy()
        # bfloat16 comes as raw 16-bit words, or not at all
        return values if values.dtype.kind in "biuf" else array.astype("float32").asnumpy()

    def _arrays(self, value: Any) -> Iterator[Any]:
        """The arrays in nested lists, tuples and dicts."""
        if isinstance(value, self._mx.nd.NDArray):
            yield value
        elif isinstance(value, dict):
            for key in sorted(value, key=str):
                for array in self._arrays(value[key]):
                    yield array
        elif isinstance(value, (list, tuple)):
            for item in value:
                for array in self._arrays(item):
                    yield array

    def _gradients(self, params: List[Tuple[str, Any]]) -> None:
        for name, param in reversed(params):
            if param.grad_req != "null":
                self._each("gradient", name, param, lambda p: p.list_grad())

    def _nudge(self, params: List[Tuple[str, Any]]) -> None:
        if self._noise is None:
            return
        for _, param in params:
            if param.grad_req != "null" and param._grad_stype == "default":
                for grad in self._unwatched(param.list_grad):
                    self._add_noise(grad)

    def _add_noise(self, gradient: Any) -> None:
        values = self._numpy(gradient)
        size = _NUDGE * statistics(values)["norm"] / max(values.size, 1) ** 0.5
        noise = self._noise.standard_normal(values.shape) * size  # type: ignore[union-attr]
        with self._mx.autograd.pause():
            gradient[:] = (values + noise).astype(values.dtype)

    def _parameters(self, params: List[Tuple[str, Any]]) -> None:
        for name, param in params:
            self._each("parameter", name, param, self._values)

    def _initial(self, blocks: Iterable[Tuple[str, Any]], states: bool) -> None:
        """Parameters of Blocks that have got their values; running statistics only before they are used."""
        for name, param in self._of(blocks):
            self._first_values(name, param, states)

    def _first_values(self, name: str, param: Any, states: bool) -> None:
        if param in self._seen:
            return
        if param._stype == "default" and param._data is None:
            return  # its initialisation waits for its shape
        self._seen.add(param)
        if states or param.grad_req != "null":
            self._each("initial", name, param, self._values)

    def _each(self, kind: str, name: str, param: Any, get: Callable[[Any], List[Any]]) -> None:
        """An event for each context's array; what cannot be read (sparse and not pulled) is named at the end."""
        try:
            arrays = self._unwatched(get, param)
        except Exception as error:  # noqa: B902 - the program must go on
            self._skipped.add("%s %s: %s" % (kind, name, str(error).splitlines()[0] if str(error) else repr(error)))
            return
        for i, array in enumerate(arrays):
            self._event(kind, name if i == 0 else "%s@%d" % (name, i), array)

    def _values(self, param: Any) -> List[Any]:
        if param._stype == "default":
            return list(param.list_data())
        return [param.row_sparse_data(self._mx.nd.arange(param.shape[0], dtype="int64"))]

    # ------------------------------------------------------------------------------------------ names
    def _enter_root(self, block: Any) -> None:
        if block not in self._labels:
            kind, name = type(block).__name__, block.name
            # a name that the program gave, or the class where it is the class and a number
            self._label(block, name if name and name.rstrip("0123456789") != kind.lower() else kind)
        self._paths = {}
        for path, inner in self._blocks(block, self._labels[block]):
            self._paths.setdefault(id(inner), path)
        for name, param in self._of(self._blocks(block, self._labels[block])):
            self._names.setdefault(param, (len(self._names), name))

    def _label(self, what: Any, name: str) -> str:
        """The name of an outermost Block, a Module or an executor: the first of a name has it, the second is NAME#2."""
        if what not in self._labels:
            self._counts[name] = self._counts.get(name, 0) + 1
            self._labels[what] = name if self._counts[name] == 1 else "%s#%d" % (name, self._counts[name])
        return self._labels[what]

    def _path_of(self, block: Any) -> str:
        if id(block) not in self._paths:
            above = self._stack[-1][0]
            found = list(self._blocks(block, "%s.(%s)" % (above, type(block).__name__)))
            for path, inner in found:
                self._paths.setdefault(id(inner), path)  # no child by name: kept in a list, or made in forward
            for name, param in self._of(found):
                self._names.setdefault(param, (len(self._names), name))
        return self._paths[id(block)]

    def _blocks(self, block: Any, path: str) -> Iterator[Tuple[str, Any]]:
        yield path, block
        for name, child in block._children.items():
            for found in self._blocks(child, "%s.%s" % (path, name)):
                yield found

    @staticmethod
    def _of(blocks: Iterable[Tuple[str, Any]]) -> Iterator[Tuple[str, Any]]:
        """The Blocks' own Parameters."""
        for path, block in blocks:
            for key, param in block._reg_params.items():
                yield "%s.%s" % (path, key), param

    def _in_order(self, params: Any) -> List[Tuple[str, Any]]:
        """(name, Parameter), first layers first; those of no Block that was called come last, by their own names."""
        last = len(self._names)
        found = [self._names.get(param, (last, param.name)) + (i, param) for i, param in enumerate(params)]
        return [(name, param) for _, name, _, param in sorted(found, key=lambda entry: entry[:3])]


# ---------------------------------------------------------------------------------------------- the command line
def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of a recording; what is not given is None."""
    for name, kind, what in (
        ("seed", int, "seed of mx.random, numpy and random, set once before the program starts (default: 0)"),
        ("steps", _positive, "record N steps, then end the program (default: all)"),
        ("sample", _positive, "elements to keep of each array (default: 32)"),
        ("nudge", int, "add noise of this seed, as small as rounding, to all gradients: it shows what rounding does"),
    ):
        parser.add_argument("--" + name, type=kind, metavar="N", help=what)
    parser.add_argument(
        "--no-hybridize", action="store_true", default=None,
        help="make hybridize() do nothing, to see every layer; of a hybridized net only the outermost Block is seen",
    )  # fmt: skip


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("%r is not 1 or more" % text)
    return value


def chosen(options: Any, otherwise: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    """The options given, those of ``otherwise`` where none was, the defaults else."""
    given = {key: getattr(options, key) for key in DEFAULTS if getattr(options, key) is not None}
    return dict(DEFAULTS, **dict(otherwise or {}, **given))


def exit_code(recorder: Recorder, run: Callable[[], None]) -> int:
    """Runs a program inside ``recorder``: 0, or 2 where it failed, with its traceback on stderr."""
    try:
        with recorder:
            run()
    except SystemExit as error:
        if recorder.failure is None:
            return 0
        if not isinstance(error.code, int):
            sys.stderr.write("%s\n" % (error.code,))
        sys.stderr.write("the program ended with exit code %s\n" % (error.code if isinstance(error.code, int) else 1))
        return 2
    except Exception:
        sys.excepthook(*sys.exc_info())
        return 2
    return 0


def _run(script: str, arguments: Sequence[str]) -> None:
    """Runs a script as the process's ``__main__``."""
    main = type(sys)("__main__")
    main.__file__ = os.path.abspath(script)
    sys.argv[:] = [script] + list(arguments)
    sys.modules["__main__"] = main
    with open(script, "rb") as file:
        code = compile(file.read(), main.__file__, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _run_module(name: str, arguments: Sequence[str]) -> None:
    """Runs a module as ``python -m`` does."""
    sys.argv[:] = [name] + list(arguments)
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Records a program under what ``import mxnet`` gives."""
    parser = argparse.ArgumentParser(description="Record what a program computes, for a comparison elsewhere.")
    parser.add_argument("--record", required=True, metavar="FILE", help="file to write")
    add_options(parser)
    parser.add_argument("-m", dest="module", action="store_true", help="run a module, as 'python -m' does")
    parser.add_argument("program", metavar="SCRIPT", help="the script, or with -m the module")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    program = options.program
    if not options.module and not os.path.isfile(program):
        parser.error("no such script: %r (looked from %s)" % (program, os.getcwd()))
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    sys.path.insert(0, os.getcwd() if options.module else os.path.dirname(os.path.realpath(program)))
    import mxnet as mx

    command = (["-m"] if options.module else []) + [program] + options.arguments
    recorder = Recorder(mx, os.path.abspath(options.record), command=command, **chosen(options))
    run = _run_module if options.module else _run
    return exit_code(recorder, lambda: run(program, options.arguments))


if __name__ == "__main__":
    sys.exit(main())
