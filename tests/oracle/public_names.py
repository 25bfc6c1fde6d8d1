"""Writes tests/golden/public_names.json: every public name of gluon.block, gluon.parameter, Symbol, Executor, viz, name
and attribute in MXNet, with the signatures of what can be called and what a small program that uses the name gives.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.public_names
"""

import importlib
import inspect
import warnings

from tests.oracle.public_names_common import shown
from tests.oracle.public_names_gluon import BLOCK, PARAMETER
from tests.oracle.public_names_symbol import REST, SYMBOL
from tests.oracle.scenario import attempt, write

# module: what its own names are listed under
MODULES = {
    "gluon.block": "gluon.block",
    "gluon.parameter": "gluon.parameter",
    "symbol.symbol": "symbol",
    "executor": "executor",
    "visualization": "viz",
    "name": "name",
    "attribute": "attribute",
}


def signature(function):
    """[[name, kind, default or None]] of the parameters, the object itself left out; None where it cannot be read."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    rows = []
    for p in parameters:
        default = None if p.default is p.empty else written(p.default)
        rows.append([p.name, p.kind.name, default])
    return rows[1:] if rows and rows[0][0] in ("self", "cls") else rows


def written(default):
    """A default value as text; of an object that has only an address, its class; of a class or a module its name."""
    text = repr(default)
    if inspect.isclass(default):
        return default.__name__
    if inspect.ismodule(default):
        return "<%s>" % default.__name__
    return "<%s>" % type(default).__name__ if " object at " in text else text


def described(value):
    if isinstance(value, property):
        return {"kind": "property", "settable": value.fset is not None}
    if isinstance(value, (staticmethod, classmethod)):
        return {"kind": type(value).__name__, "signature": signature(value.__func__)}
    if inspect.isclass(value):
        return {"kind": "class", "signature": signature(value)}
    if callable(value):
        return {"kind": "callable", "signature": signature(value)}
    return {"kind": "value"}


def members(cls):
    """{name: own public members and operators}; what ``object`` has too only where the class has its own."""
    plumbing = {
        "__module__", "__doc__", "__slots__", "__dict__", "__weakref__", "__init__", "__new__", "__annotations__",
        "__del__", "__static_attributes__", "__firstlineno__",
        "__getstate__", "__setstate__",  # pickling is one thing, __reduce__ stands for it
    }  # fmt: skip
    dunder = {n for n in vars(cls) if n.startswith("__") and n.endswith("__")} - plumbing
    return {n: v for n, v in vars(cls).items() if n in dunder or not n.startswith("_")}


def instances(mx):
    """{class: one of its objects}: for the attributes that only objects have."""
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc")
    return {
        "Block": mx.gluon.nn.Sequential(),
        "HybridBlock": mx.gluon.nn.HybridSequential(),
        "SymbolBlock": mx.gluon.SymbolBlock(net, mx.sym.Variable("data")),
        "Parameter": mx.gluon.Parameter("weight", shape=(2, 3)),
        "Constant": mx.gluon.Constant("constant", mx.nd.ones(2)),
        "ParameterDict": mx.gluon.ParameterDict("net_"),
        "Symbol": net,
        "Executor": net.simple_bind(mx.cpu(), data=(2, 3)),
        "NameManager": mx.name.NameManager(),
        "Prefix": mx.name.Prefix("net_"),
        "AttrScope": mx.AttrScope(),
    }


def names(mx):
    """{owner.name: what it is}; the owner is a class, or a module for its classes, functions and values."""
    found = {}
    objects = instances(mx)
    for path, owner in MODULES.items():
        module = importlib.import_module("%s.%s" % (mx.__name__, path))
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == module.__name__ or name == "tensor_types"
            if name.startswith("_") or not own:
                continue
            found["%s.%s" % (owner, name)] = described(value)
            if not inspect.isclass(value):
                continue
            # classes that MXNet's own build on and no page shows are a part of them
            for cls in reversed(value.__mro__):
                if cls is value or cls.__module__.startswith(mx.__name__ + "._"):
                    found.update(("%s.%s" % (name, n), described(m)) for n, m in members(cls).items())
            for inner in vars(objects[name]) if hasattr(objects.get(name), "__dict__") else ():
                if not inner.startswith("_") and "%s.%s" % (name, inner) not in found:
                    found["%s.%s" % (name, inner)] = {"kind": "attribute"}
    return found


PROGRAMS = dict(BLOCK, **PARAMETER, **SYMBOL, **REST)


def tried(mx):
    """{name: what its program gave}."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, program in PROGRAMS.items():
            with mx.name.NameManager():
                found[name] = attempt(lambda program=program: shown(program(mx)))
    return found


def results(mx):
    found = names(mx)
    done = tried(mx)
    assert set(done) == set(found), set(done) ^ set(found)
    for name, value in done.items():
        found[name]["tried"] = value
    return found


if __name__ == "__main__":
    import mxnet

    write("public_names", results(mxnet))
