"""One small program per public name of Symbol, Executor, viz, name and attribute, which uses it in the plainest way."""

import copy
import json
import os
import pickle
import warnings

import numpy as np

from tests.oracle.public_names_common import after, bound, data, fc, graph, in_directory
from tests.oracle.scenario import attempt
from tests.oracle.visualization import graphviz, printed


def after_backward(mx):
    executor = bound(mx)
    executor.forward(is_train=True)
    executor.backward(mx.nd.ones((2, 2)))
    return executor


def monitored(mx):
    seen = []
    executor = bound(mx)
    executor.set_monitor_callback(lambda name, array: seen.append(name))
    executor.forward()
    return seen


# Methods that are one operator: {name: arguments}.
ALONE = """
    abs arccos arccosh arcsin arcsinh arctan arctanh argmax_channel cbrt ceil cos cosh degrees exp expm1 fix
    flatten floor log log10 log1p log2 log_softmax max mean min nanprod nansum norm ones_like prod radians
    rcbrt reciprocal relu rint round rsqrt shape_array sigmoid sign sin sinh size_array softmax softmin sort
    sqrt square squeeze sum tan tanh topk transpose trunc zeros_like argmax argmin argsort diag
"""
FLUENT = {name: () for name in ALONE.split()}
FLUENT.update(
    astype=("float16",), broadcast_to=((2, 3),), clip=(0, 1), depth_to_space=(2,), expand_dims=(1,), flip=(0,),
    one_hot=(3,), repeat=(2,), reshape=((-1, 2),), slice=((0, 1), (1, 2)), slice_axis=(0, 1, 2), space_to_depth=(2,),
    split=(2,), split_v2=(2,), swapaxes=(0, 1), tile=((2, 1),),
)  # fmt: skip
WITH_KEYWORDS = {
    "broadcast_axes": {"axis": 0, "size": 2},
    "pad": {"mode": "constant", "pad_width": (0, 0, 0, 0, 1, 1, 1, 1), "constant_value": 3},
    "argmax": {"axis": 1}, "sum": {"axis": 0, "keepdims": True}, "topk": {"k": 2, "ret_typ": "both"},
    "split": {"num_outputs": 3, "axis": 1, "squeeze_axis": True}, "reshape": {"shape": (2, -1)},
    "transpose": {"axes": (1, 0)}, "mean": {"axis": (0, 1), "exclude": True},
}  # fmt: skip
WITH_SYMBOL = ("broadcast_like", "pick", "reshape_like", "slice_like", "take")
OPERATORS = {
    "__add__": lambda a, b: a + b, "__sub__": lambda a, b: a - b, "__mul__": lambda a, b: a * b,
    "__truediv__": lambda a, b: a / b, "__mod__": lambda a, b: a % b, "__pow__": lambda a, b: a**b,
    "__eq__": lambda a, b: a == b, "__ne__": lambda a, b: a != b, "__gt__": lambda a, b: a > b,
    "__ge__": lambda a, b: a >= b, "__lt__": lambda a, b: a < b, "__le__": lambda a, b: a <= b,
}  # fmt: skip
REFLECTED = {
    "__radd__": lambda a: 3 + a, "__rsub__": lambda a: 3 - a, "__rmul__": lambda a: 3 * a,
    "__rtruediv__": lambda a: 3 / a, "__rmod__": lambda a: 3 % a, "__rpow__": lambda a: 3**a,
}  # fmt: skip


def fluent(name):
    def run(mx):
        x, y = mx.sym.Variable("x"), mx.sym.Variable("y")
        found = []
        if name in FLUENT:
            found.append(attempt(lambda: graph(getattr(x, name)(*FLUENT[name]))))
            found.append(attempt(lambda: graph(getattr(x, name)(*FLUENT[name], name="named"))))
        if name in WITH_KEYWORDS:
            found.append(attempt(lambda: graph(getattr(x, name)(**WITH_KEYWORDS[name]))))
        if name in WITH_SYMBOL:
            found.append(attempt(lambda: graph(getattr(x, name)(y))))
        return found

    return run


def binary(name):
    def run(mx):
        x, y = mx.sym.Variable("x"), mx.sym.Variable("y")
        return [attempt(lambda o=o: graph(OPERATORS[name](x, o))) for o in (y, 2, 2.5, True, "text", None)]

    return run


def method(name, *args, **kwargs):
    return lambda mx: getattr(fc(mx), name)(*args, **kwargs)


@in_directory
def symbol_file(mx, directory):
    path = os.path.join(directory, "net-symbol.json")
    fc(mx).save(path)
    return mx.sym.load(path)


SYMBOL = {
    "Symbol.__abs__": lambda mx: abs(mx.sym.Variable("x")),
    "Symbol.__array_priority__": lambda mx: np.float32(2) * mx.sym.Variable("x"),
    "Symbol.__bool__": lambda mx: bool(fc(mx)),
    "Symbol.__call__": lambda mx: fc(mx)(data=mx.sym.Variable("other")),
    "Symbol.__copy__": lambda mx: copy.copy(fc(mx)),
    "Symbol.__deepcopy__": lambda mx: copy.deepcopy(fc(mx)),
    "Symbol.__div__": lambda mx: mx.sym.Variable("x").__div__(2),
    "Symbol.__rdiv__": lambda mx: mx.sym.Variable("x").__rdiv__(2),
    "Symbol.__getitem__": lambda mx: [fc(mx)[0], fc(mx)["fc_output"], fc(mx).get_internals()[1]],
    "Symbol.__reduce__": lambda mx: pickle.loads(pickle.dumps(fc(mx), 2)),
    "Symbol.__hash__": lambda mx: hash(fc(mx)) is not None,
    "Symbol.__iter__": lambda mx: [s.name for s in fc(mx).get_internals()],
    "Symbol.__len__": lambda mx: len(fc(mx).get_internals()),
    "Symbol.__neg__": lambda mx: -mx.sym.Variable("x"),
    "Symbol.__nonzero__": lambda mx: fc(mx).__nonzero__(),
    "Symbol.__repr__": lambda mx: [repr(fc(mx)), repr(fc(mx).get_internals())],
    "Symbol.as_in_context": lambda mx: fc(mx).as_in_context(),
    "Symbol.as_nd_ndarray": method("as_nd_ndarray"),
    "Symbol.as_np_ndarray": lambda mx: type(fc(mx).as_np_ndarray()).__name__,
    "Symbol.asnumpy": method("asnumpy"),
    "Symbol.asscalar": method("asscalar"),
    "Symbol.attr": method("attr", "num_hidden"),
    "Symbol.attr_dict": method("attr_dict"),
    "Symbol.backward": method("backward"),
    "Symbol.bind": lambda mx: fc(mx).bind(
        mx.cpu(), {"data": data(mx), "fc_weight": mx.nd.ones((2, 3)), "fc_bias": mx.nd.ones(2)}
    ).forward(),
    "Symbol.copy": method("copy"),
    "Symbol.debug_str": method("debug_str"),
    "Symbol.detach": method("detach"),
    "Symbol.eval": lambda mx: fc(mx).eval(data=data(mx), fc_weight=mx.nd.ones((2, 3)), fc_bias=mx.nd.ones(2)),
    "Symbol.get_backend_symbol": method("get_backend_symbol", "no_such_backend"),
    "Symbol.get_children": method("get_children"),
    "Symbol.get_internals": lambda mx: fc(mx).get_internals().list_outputs(),
    "Symbol.gradient": method("gradient", ["data"]),
    "Symbol.handle": lambda mx: fc(mx).handle is not None,
    "Symbol.infer_shape": method("infer_shape", data=(2, 3)),
    "Symbol.infer_shape_partial": method("infer_shape_partial"),
    "Symbol.infer_type": method("infer_type", data=np.float16),
    "Symbol.infer_type_partial": method("infer_type_partial"),
    "Symbol.list_arguments": method("list_arguments"),
    "Symbol.list_attr": method("list_attr"),
    "Symbol.list_auxiliary_states": lambda mx: mx.sym.BatchNorm(fc(mx), name="bn").list_auxiliary_states(),
    "Symbol.list_inputs": method("list_inputs"),
    "Symbol.list_outputs": method("list_outputs"),
    "Symbol.name": lambda mx: [fc(mx).name, fc(mx).get_internals().name],
    "Symbol.optimize_for": method("optimize_for", "no_such_backend"),
    "Symbol.save": symbol_file,
    "Symbol.simple_bind": lambda mx: bound(mx).forward(),
    "Symbol.tojson": lambda mx: json.loads(fc(mx).tojson()),
    "Symbol.wait_to_read": method("wait_to_read"),
    "symbol.Group": lambda mx: mx.sym.Group([fc(mx), mx.sym.Variable("b")]).list_outputs(),
    "symbol.Symbol": lambda mx: isinstance(fc(mx), mx.sym.Symbol),
    "symbol.Variable": lambda mx: mx.sym.Variable("v", {"a": "b"}, (2, 3), 0.5, 2.0, np.float16, mx.init.One()),
    "symbol.var": lambda mx: mx.sym.var("v", shape=(2, 0), extra="no"),
    "symbol.arange": lambda mx: mx.sym.arange(1, 5, 2, name="r").eval(),
    "symbol.eye": lambda mx: mx.sym.eye(2, 3, 1, name="e").eval(),
    "symbol.full": lambda mx: mx.sym.full((2, 2), 3, name="f").eval(),
    "symbol.histogram": lambda mx: mx.sym.histogram(mx.sym.Variable("x"), 3, (0, 3), name="h"),
    "symbol.hypot": lambda mx: [mx.sym.hypot(a, b) for a, b in pairs(mx)],
    "symbol.linspace": lambda mx: mx.sym.linspace(0, 1, 3, name="l").eval(),
    "symbol.load": lambda mx: mx.sym.load("/no/such/file"),
    "symbol.load_json": lambda mx: mx.sym.load_json(fc(mx).tojson()),
    "symbol.maximum": lambda mx: [mx.sym.maximum(a, b) for a, b in pairs(mx)],
    "symbol.minimum": lambda mx: [mx.sym.minimum(a, b) for a, b in pairs(mx)],
    "symbol.ones": lambda mx: mx.sym.ones((2, 2), "float16", name="o"),
    "symbol.pow": lambda mx: [mx.sym.pow(a, b) for a, b in pairs(mx)],
    "symbol.power": lambda mx: [mx.sym.power(a, b) for a, b in pairs(mx)],
    "symbol.split_v2": lambda mx: mx.sym.split_v2(mx.sym.Variable("x"), 2, axis=1),
    "symbol.zeros": lambda mx: mx.sym.zeros((2, 2), "int32", name="z"),
}  # fmt: skip
SYMBOL.update(("Symbol." + n, fluent(n)) for n in sorted({*FLUENT, *WITH_KEYWORDS, *WITH_SYMBOL}))
SYMBOL.update(("Symbol." + n, binary(n)) for n in OPERATORS)
SYMBOL.update(("Symbol." + n, lambda mx, f=f: f(mx.sym.Variable("x"))) for n, f in REFLECTED.items())
SYMBOL.update(
    ("Symbol.__%s__" % n, lambda mx, n=n: getattr(mx.sym.Variable("x"), "__%s__" % n)(2))
    for n in ("isub", "imul", "idiv", "itruediv")
)
# MXNet's text lists the argument twice
SYMBOL["Symbol.__iadd__"] = lambda mx: attempt(lambda: mx.sym.Variable("x").__iadd__(2))["raises"]


def pairs(mx):
    a, b = mx.sym.Variable("a"), mx.sym.Variable("b")
    return [(a, b), (a, 2), (2, b)]


def scoped(mx, scope):
    with scope:
        return fc(mx).name, graph(mx.sym.relu(mx.sym.Variable("x")))


def current(cls):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return [type(cls.current).__name__, [w.category.__name__ for w in caught]]


def drawing(mx):
    with graphviz():
        return mx.viz.plot_network(fc(mx)).calls


REST = {
    "AttrScope.__enter__": lambda mx: scoped(mx, mx.AttrScope(ctx_group="stage")),
    "AttrScope.__exit__": lambda mx: [scoped(mx, mx.AttrScope(ctx_group="b")), graph(mx.sym.Variable("after"))],
    "AttrScope.current": lambda mx: current(mx.AttrScope),
    "AttrScope.get": lambda mx: mx.AttrScope(a="b", c="d").get({"a": "mine"}),
    "attribute.AttrScope": lambda mx: mx.AttrScope(a=3),
    "NameManager.__enter__": lambda mx: scoped(mx, mx.name.NameManager()),
    "NameManager.__exit__": lambda mx: [scoped(mx, mx.name.NameManager()), graph(mx.sym.relu(mx.sym.Variable("x")))],
    "NameManager.current": lambda mx: current(mx.name.NameManager),
    "NameManager.get": lambda mx: [m.get(n, "conv") for m in [mx.name.NameManager()] for n in (None, None, "mine")],
    "name.NameManager": lambda mx: scoped(mx, mx.name.NameManager()),
    "Prefix.get": lambda mx: [m.get(n, "conv") for m in [mx.name.Prefix("p_")] for n in (None, None, "mine")],
    "name.Prefix": lambda mx: scoped(mx, mx.name.Prefix("p_")),
    "Executor.arg_arrays": lambda mx: bound(mx).arg_arrays,
    "Executor.arg_dict": lambda mx: bound(mx).arg_dict,
    "Executor.aux_arrays": lambda mx: bound(mx).aux_arrays,
    "Executor.aux_dict": lambda mx: bound(mx).aux_dict,
    "Executor.backward": lambda mx: after_backward(mx).grad_arrays,
    "Executor.copy_params_from": lambda mx: after(
        bound(mx), lambda e: e.copy_params_from({"fc_bias": mx.nd.array([5, 6])}), lambda e: e.arg_dict["fc_bias"]
    ),
    "Executor.debug_str": lambda mx: bound(mx).debug_str().split("\n")[:4],
    "Executor.forward": lambda mx: bound(mx).forward(data=mx.nd.ones((2, 3))),
    "Executor.get_optimized_symbol": lambda mx: bound(mx).get_optimized_symbol().list_outputs(),
    "Executor.grad_arrays": lambda mx: after_backward(mx).grad_arrays,
    "Executor.grad_dict": lambda mx: after_backward(mx).grad_dict,
    "Executor.handle": lambda mx: bound(mx).handle is not None,
    "Executor.output_dict": lambda mx: after(bound(mx), lambda e: e.forward(), lambda e: e.output_dict),
    "Executor.outputs": lambda mx: after(bound(mx), lambda e: e.forward(), lambda e: e.outputs),
    "Executor.reshape": lambda mx: bound(mx).reshape(data=(1, 3), partial_shaping=True).arg_dict["data"].shape,
    "Executor.set_monitor_callback": monitored,
    "executor.Executor": lambda mx: type(bound(mx)).__name__,
    "viz.plot_network": drawing,
    "viz.print_summary": lambda mx: printed(mx.viz.print_summary, fc(mx), {"data": (2, 3)}, 60),
}
