"""One small program per public name of gluon.block and gluon.parameter, which uses it in the plainest way."""

import contextlib
import io
import os

import numpy as np

from tests.oracle.public_names_common import after, data, fc, graph, in_directory
from tests.oracle.scenario import attempt


def dense(mx, **kwargs):
    net = mx.gluon.nn.Dense(2, in_units=3, prefix="net_", **kwargs)
    net.initialize(mx.init.One())
    return net


def sequential(mx, hybrid=True):
    net = (mx.gluon.nn.HybridSequential if hybrid else mx.gluon.nn.Sequential)(prefix="net_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(4, in_units=3), mx.gluon.nn.Dense(2, in_units=4))
    net.initialize(mx.init.One())
    return net


def parameter(mx, **kwargs):
    weight = mx.gluon.Parameter("weight", **dict({"shape": (2, 3)}, **kwargs))
    weight.initialize(mx.init.One())
    return weight


def trained(mx):
    weight = parameter(mx)
    with mx.autograd.record():
        loss = (weight.data() * 3).sum()
    loss.backward()
    return weight


def parameters(mx):
    found = mx.gluon.ParameterDict("net_")
    found.get("weight", shape=(2, 3))
    found.get("bias", shape=(2,), init="zeros")
    return found


def exported(mx, directory):
    net = sequential(mx)
    net.hybridize()
    net(data(mx))
    net.export(os.path.join(directory, "net"), 3)
    return net


@in_directory
def save_parameters(mx, directory):
    path = os.path.join(directory, "net.params")
    sequential(mx).save_parameters(path)
    return sorted(mx.nd.load(path))


@in_directory
def save_params(mx, directory):
    path = os.path.join(directory, "net.params")
    sequential(mx).save_params(path)
    return sorted(mx.nd.load(path))


def loading(method, saving):
    @in_directory
    def run(mx, directory):
        path = os.path.join(directory, "net.params")
        getattr(sequential(mx), saving)(path)
        net = sequential(mx)
        net.initialize(mx.init.Zero(), force_reinit=True)
        getattr(net, method)(path)
        return net(data(mx))

    return run


@in_directory
def export(mx, directory):
    net = exported(mx, directory)
    return [
        sorted(os.listdir(directory)),
        sorted(mx.nd.load(os.path.join(directory, "net-0003.params"))),
        net(data(mx)),
    ]


@in_directory
def imports(mx, directory):
    exported(mx, directory)
    files = [os.path.join(directory, f) for f in ("net-symbol.json", "net-0003.params")]
    net = mx.gluon.SymbolBlock.imports(files[0], ["data"], files[1])
    return [sorted(net.collect_params().keys()), net(data(mx))]


@in_directory
def block_save(mx, directory):
    sequential(mx, hybrid=False).save(os.path.join(directory, "net"))
    return sorted(os.listdir(directory))


@in_directory
def block_load(mx, directory):
    sequential(mx, hybrid=False).save(os.path.join(directory, "net"))
    net = sequential(mx, hybrid=False)
    net.initialize(mx.init.Zero(), force_reinit=True)
    net.load(os.path.join(directory, "net"))
    return net(data(mx))


def dict_files(see):
    @in_directory
    def run(mx, directory):
        path = os.path.join(directory, "dict.params")
        found = parameters(mx)
        found.initialize(mx.init.One())
        found.save(path, strip_prefix="net_")
        return see(mx, path)

    return run


def dict_load(mx, path):
    found = parameters(mx)
    found.load(path, restore_prefix="net_")
    return found.get("weight").data()


def dict_load_dict(mx):
    found = parameters(mx)
    found.load_dict({"net_weight": mx.nd.ones((2, 3)), "net_bias": mx.nd.ones(2)}, mx.cpu())
    return found.get("weight").data()


def dict_update(mx):
    found = mx.gluon.ParameterDict("other_")
    found.update(parameters(mx))
    return list(found.keys())


def dict_grads(mx):
    net = dense(mx)
    with mx.autograd.record():
        net(data(mx)).backward()
    net.collect_params().zero_grad()
    return net.weight.grad()


def hook(method, arguments):
    def run(mx):
        seen = []
        net = sequential(mx)
        handle = getattr(net[0], method)(lambda *args: seen.append(len(args)))
        net(data(mx))
        handle.detach()
        net(data(mx))
        return seen == [arguments]

    return run


def op_hook(net):
    def run(mx):
        seen = []
        block = net(mx)
        block.register_op_hook(
            lambda node, operator, array: seen.append([kind(node), kind(operator), kind(array)]), False
        )
        block(data(mx))
        return seen

    return run


def kind(value):
    return [type(value).__name__, value if isinstance(value, str) else value.decode()] if isinstance(
        value, (str, bytes)
    ) else type(value).__name__  # fmt: skip


def summary(mx):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        sequential(mx, hybrid=False).summary(data(mx))
    return out.getvalue().split("\n")


def twice(block):
    with block.name_scope():
        return [block.prefix, block.params.prefix]


def refused(function, *args):
    """The error's class; the texts have the full names of classes in them."""
    return attempt(function, *args)["raises"]


def plain_child(mx):
    return mx.gluon.nn.Sequential()


def child(block, mx):
    block.register_child(mx.gluon.nn.Dense(1, prefix="extra_"), "last")
    return list(block.collect_params().keys())


class Doubling:
    """A HybridBlock of one's own."""

    def __new__(cls, mx):
        class Double(mx.gluon.HybridBlock):
            def hybrid_forward(self, F, x):
                return F.relu(x) * 2

        return Double(prefix="double_")


def symbol_block(mx):
    net = mx.gluon.SymbolBlock(fc(mx), mx.sym.Variable("data"))
    net.initialize(mx.init.One())
    return net


def optimize(mx):
    net = sequential(mx)
    return net.optimize_for(data(mx), backend="no_such_backend")


BLOCK = {
    "Block.__call__": lambda mx: dense(mx)(data(mx)),
    "Block.__repr__": lambda mx: repr(sequential(mx, hybrid=False)),
    "Block.__setattr__": lambda mx: refused(setattr, dense(mx), "weight", 3),
    "Block.apply": lambda mx: after(
        sequential(mx, hybrid=False), lambda n: n.apply(lambda b: b.cast("float64")), lambda n: n[1].weight.dtype
    ),
    "Block.cast": lambda mx: after(
        sequential(mx, hybrid=False), lambda n: n.cast("float16"), lambda n: n[1].weight.data()
    ),
    "Block.collect_params": lambda mx: list(sequential(mx, hybrid=False).collect_params(".*weight").keys()),
    "Block.forward": lambda mx: refused(mx.gluon.Block(), data(mx)),
    "Block.hybridize": lambda mx: sequential(mx, hybrid=False).hybridize(),
    "Block.initialize": lambda mx: after(
        dense(mx), lambda n: n.initialize(mx.init.Zero(), force_reinit=True), lambda n: n(data(mx))
    ),
    "Block.load": block_load,
    "Block.load_parameters": loading("load_parameters", "save_parameters"),
    "Block.load_params": loading("load_params", "save_parameters"),
    "Block.name": lambda mx: [dense(mx).name, mx.gluon.Block(prefix="").name],
    "Block.name_scope": lambda mx: twice(sequential(mx, hybrid=False)),
    "Block.params": lambda mx: list(dense(mx).params.keys()),
    "Block.prefix": lambda mx: dense(mx).prefix,
    "Block.register_child": lambda mx: child(sequential(mx, hybrid=False), mx),
    "Block.register_forward_hook": hook("register_forward_hook", 3),
    "Block.register_forward_pre_hook": hook("register_forward_pre_hook", 2),
    "Block.register_op_hook": op_hook(lambda mx: sequential(mx, hybrid=False)),
    "Block.save": block_save,
    "Block.save_parameters": save_parameters,
    "Block.save_params": save_params,
    "Block.summary": summary,
    "HybridBlock.__setattr__": lambda mx: refused(setattr, sequential(mx), "inner", plain_child(mx)),
    "HybridBlock.cast": lambda mx: after(
        sequential(mx), lambda n: n.cast("float64"), lambda n: n(data(mx).astype("float64"))
    ),
    "HybridBlock.export": export,
    "HybridBlock.forward": lambda mx: graph(Doubling(mx).forward(mx.sym.Variable("data"))),
    "HybridBlock.hybrid_forward": lambda mx: Doubling(mx)(data(mx)),
    "HybridBlock.hybridize": lambda mx: after(
        sequential(mx), lambda n: n.hybridize(static_alloc=True), lambda n: n(data(mx))
    ),
    "HybridBlock.infer_shape": lambda mx: after(
        mx.gluon.nn.Dense(2), lambda n: n.infer_shape(data(mx)), lambda n: n.weight.shape
    ),
    "HybridBlock.infer_type": lambda mx: [
        attempt(
            lambda t=t: after(
                dense(mx), lambda n: n.infer_type(data(mx).astype(t)), lambda n: np.dtype(n.weight.dtype).name
            )
        )
        for t in ("float32", "float64")
    ],
    "HybridBlock.optimize_for": optimize,
    "HybridBlock.register_child": lambda mx: refused(sequential(mx).register_child, plain_child(mx)),
    "HybridBlock.register_op_hook": op_hook(lambda mx: after(sequential(mx), lambda n: n.hybridize(), lambda n: n)),
    "SymbolBlock.__repr__": lambda mx: repr(symbol_block(mx)),
    "SymbolBlock.cast": lambda mx: after(
        symbol_block(mx), lambda n: n.cast("float64"), lambda n: n.collect_params()["fc_bias"].dtype
    ),
    "SymbolBlock.forward": lambda mx: symbol_block(mx)(mx.sym.Variable("other")),
    "SymbolBlock.hybrid_forward": lambda mx: refused(symbol_block(mx).hybrid_forward, mx.nd, data(mx)),
    "SymbolBlock.imports": imports,
    "SymbolBlock.reset_ctx": lambda mx: after(
        symbol_block(mx), lambda n: n.reset_ctx([mx.cpu(1)]), lambda n: n.collect_params().list_ctx()
    ),
    "gluon.block.Block": lambda mx: mx.gluon.Block(prefix="p_", params=mx.gluon.ParameterDict("q_")).params.prefix,
    "gluon.block.HybridBlock": lambda mx: [c.__name__ for c in mx.gluon.HybridBlock.__mro__[:2]],
    "gluon.block.SymbolBlock": lambda mx: symbol_block(mx)(data(mx)),
}

PARAMETER = {
    "Constant.__repr__": lambda mx: repr(mx.gluon.Constant("c", [[1, 2]])),
    "Constant.grad_req": lambda mx: mx.gluon.Constant("c", [[1, 2]]).grad_req,
    "Constant.init": lambda mx: type(mx.gluon.Constant("c", [1]).init).__name__,
    "Constant.value": lambda mx: mx.gluon.Constant("c", [[1, 2]]).value,
    "Constant.lr_mult": lambda mx: mx.gluon.Constant("c", [1]).lr_mult,
    "Constant.wd_mult": lambda mx: mx.gluon.Constant("c", [1]).wd_mult,
    "Constant.name": lambda mx: mx.gluon.Constant("c", [1]).name,
    "Parameter.__repr__": lambda mx: repr(parameter(mx)),
    "Parameter.cast": lambda mx: after(parameter(mx), lambda p: p.cast("float64"), lambda p: p.data()),
    "Parameter.data": lambda mx: parameter(mx).data(),
    "Parameter.dtype": lambda mx: [np.dtype(parameter(mx, dtype=d).dtype).name for d in ("float16", np.float64)],
    "Parameter.grad": lambda mx: trained(mx).grad(),
    "Parameter.grad_req": lambda mx: after(parameter(mx), lambda p: setattr(p, "grad_req", "null"), lambda p: p.grad()),
    "Parameter.init": lambda mx: parameter(mx, init="zeros").init,
    "Parameter.initialize": lambda mx: after(
        parameter(mx), lambda p: p.initialize(mx.init.Zero(), force_reinit=True), lambda p: p.data()
    ),
    "Parameter.list_ctx": lambda mx: parameter(mx).list_ctx(),
    "Parameter.list_data": lambda mx: parameter(mx).list_data(),
    "Parameter.list_grad": lambda mx: trained(mx).list_grad(),
    "Parameter.list_row_sparse_data": lambda mx: parameter(mx).list_row_sparse_data(mx.nd.array([0])),
    "Parameter.lr_mult": lambda mx: parameter(mx, lr_mult=0.5).lr_mult,
    "Parameter.name": lambda mx: parameter(mx).name,
    "Parameter.reset_ctx": lambda mx: after(
        parameter(mx), lambda p: p.reset_ctx([mx.cpu(1), mx.cpu(2)]), lambda p: p.list_ctx()
    ),
    "Parameter.row_sparse_data": lambda mx: parameter(mx).row_sparse_data(mx.nd.array([0])),
    "Parameter.set_data": lambda mx: after(
        parameter(mx), lambda p: p.set_data(mx.nd.zeros((2, 3))), lambda p: p.data()
    ),
    "Parameter.shape": lambda mx: after(
        mx.gluon.Parameter("w", shape=(2, 0), allow_deferred_init=True),
        lambda p: setattr(p, "shape", (2, 4)),
        lambda p: p.shape,
    ),
    "Parameter.var": lambda mx: parameter(mx).var(),
    "Parameter.wd_mult": lambda mx: parameter(mx, wd_mult=0.5).wd_mult,
    "Parameter.zero_grad": lambda mx: after(trained(mx), lambda p: p.zero_grad(), lambda p: p.grad()),
    "ParameterDict.__getitem__": lambda mx: [repr(parameters(mx)["net_bias"]), parameters(mx)["bias"]],
    "ParameterDict.__iter__": lambda mx: list(parameters(mx)),
    "ParameterDict.__repr__": lambda mx: repr(parameters(mx)),
    "ParameterDict.get": lambda mx: [
        repr(parameters(mx).get("bias", shape=(2,))),
        parameters(mx).get("bias", shape=(3,)),
    ],
    "ParameterDict.get_constant": lambda mx: repr(parameters(mx).get_constant("c", [1, 2])),
    "ParameterDict.initialize": lambda mx: after(
        parameters(mx), lambda d: d.initialize(mx.init.One()), lambda d: d.get("weight").data()
    ),
    "ParameterDict.items": lambda mx: [[k, repr(v)] for k, v in parameters(mx).items()],
    "ParameterDict.keys": lambda mx: list(parameters(mx).keys()),
    "ParameterDict.list_ctx": lambda mx: after(
        parameters(mx), lambda d: d.initialize(ctx=[mx.cpu(1)]), lambda d: d.list_ctx()
    ),
    "ParameterDict.load": dict_files(dict_load),
    "ParameterDict.load_dict": dict_load_dict,
    "ParameterDict.prefix": lambda mx: parameters(mx).prefix,
    "ParameterDict.reset_ctx": lambda mx: after(
        dense(mx), lambda n: n.collect_params().reset_ctx(mx.cpu(1)), lambda n: n.weight.list_ctx()
    ),
    "ParameterDict.save": dict_files(lambda mx, path: sorted(mx.nd.load(path))),
    "ParameterDict.setattr": lambda mx: after(
        parameters(mx), lambda d: d.setattr("grad_req", "null"), lambda d: d.get("bias").grad_req
    ),
    "ParameterDict.update": dict_update,
    "ParameterDict.values": lambda mx: [repr(v) for v in parameters(mx).values()],
    "ParameterDict.zero_grad": dict_grads,
    "gluon.parameter.Constant": lambda mx: after(
        mx.gluon.Constant("c", [1, 2]), lambda p: p.initialize(), lambda p: p.data()
    ),
    "gluon.parameter.DeferredInitializationError": lambda mx: [
        c.__name__ for c in mx.gluon.parameter.DeferredInitializationError.__mro__
    ],
    "gluon.parameter.Parameter": lambda mx: repr(
        mx.gluon.Parameter("w", "add", (2,), np.float64, 2.0, 3.0, "ones", True)
    ),
    "gluon.parameter.ParameterDict": lambda mx: list(mx.gluon.ParameterDict("n_", parameters(mx)).keys()),
    "gluon.parameter.tensor_types": lambda mx: [t.__name__ for t in mx.gluon.parameter.tensor_types],
}
