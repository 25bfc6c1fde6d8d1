"""Writes tests/golden/module.json: what Module says, refuses, and computes in real MXNet 1.9.1.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.module
"""

import os

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.module_common import batch, bound, iterator, net, params, ready, shown, watch
from tests.oracle.scenario import write


def made(mx, put):
    make = mx.mod.Module
    for name, kwargs in [
        ("data", {"data_names": ["x"]}), ("label", {"label_names": ["y"]}), ("fixed", {"fixed_param_names": ["q"]}),
        ("state", {"state_names": ["q"]}), ("text", {"data_names": "data"}), ("none", {"label_names": None}),
        ("work load", {"context": [mx.cpu(0), mx.cpu(1)], "work_load_list": [1]}),
    ]:  # fmt: skip
        put(name, warned(lambda k=kwargs: type(make(net(mx), **k)).__name__))
    module = make(net(mx))
    put("names", [module.data_names, module.label_names, module.output_names, module.symbol.list_arguments()])


CALLS = {
    "get_params": (), "update": (), "get_outputs": (), "get_input_grads": (), "get_states": (), "init_optimizer": (),
    "backward": (),
}  # fmt: skip


def orders(mx, put):
    one, metric = batch(mx, 2), mx.metric.create("acc")
    module = mx.mod.Module(net(mx))
    for name in ("data_shapes", "label_shapes", "output_shapes"):
        put("new: " + name, attempt(lambda n=name: getattr(module, n)))
    for name, args in {
        **CALLS, "init_params": (), "forward": (one,), "forward_backward": (one,), "set_params": ({}, {}),
        "install_monitor": (mx.mon.Monitor(1),), "reshape": ([("data", (2, 5))],), "save_params": ("x",),
        "save_optimizer_states": ("x",), "load_optimizer_states": ("x",), "borrow_optimizer": (module,),
        "prepare": (one,), "score": (iterator(mx), metric), "predict": (iterator(mx),), "set_states": (None, 0),
    }.items():  # fmt: skip
        put("new: " + name, attempt(getattr(module, name), *args))
    module = bound(mx, 2)
    put("bound: shapes", [shown(module.data_shapes), shown(module.label_shapes), module.output_shapes])
    for name, args in {**CALLS, "forward": (one,)}.items():
        put("bound: " + name, attempt(getattr(module, name), *args))
    put("bound: init_params, nothing given", kind(module.init_params, initializer=None))
    put("bound: set_params, nothing given", kind(module.set_params, None, None))
    put("bound: init_params, some", attempt(module.init_params, arg_params={"fc1_weight": mx.nd.ones((4, 5))}))
    some = {"fc1_weight": mx.nd.ones((4, 5))}
    put("bound: init_params, missing", watch(module.init_params, arg_params=some, allow_missing=True))
    put("again: init_params", watch(module.init_params))
    put("set_params: missing", attempt(module.set_params, some, {}))
    for name, kwargs in {"": {}, "extra": {"allow_extra": True}, "not forced": {"force_init": False}}.items():
        put("set_params: unknown, " + name, watch(module.set_params, {"zz": some["fc1_weight"]}, {}, True, **kwargs))
    put("set_params: another shape", kind(module.set_params, {"fc1_weight": mx.nd.ones((4, 6))}, {}, True))
    put("init_optimizer", watch(module.init_optimizer, optimizer_params={"learning_rate": 0.1}))
    put("again: init_optimizer", watch(module.init_optimizer))
    put("optimizer", [module._optimizer.rescale_grad, module._optimizer.idx2name, module._optimizer.wd_mult])
    put("init_optimizer: made", watch(module.init_optimizer, optimizer=mx.optimizer.SGD(), force_init=True))
    put("init_optimizer: no optimizer", attempt(module.init_optimizer, optimizer=3, force_init=True))
    put("init_optimizer: no kvstore", attempt(module.init_optimizer, kvstore=3, force_init=True))
    put("init_optimizer: unknown", attempt(module.init_optimizer, optimizer="nope", force_init=True))
    put("get_input_grads", attempt(module.get_input_grads))
    put("get_states", attempt(module.get_states))
    put("get_states: lists", attempt(module.get_states, False))
    put("set_states", attempt(module.set_states))
    put("set_states: both", attempt(module.set_states, [], 1))
    put("predict: no data", attempt(module.predict, 3))
    put("fit: no epochs", attempt(module.fit, iterator(mx)))


def bind(mx, put):
    make = lambda **kwargs: mx.mod.Module(net(mx), **kwargs)  # noqa: E731
    label = [("softmax_label", (8,))]
    put("unknown data", attempt(make().bind, [("x", (2, 5))]))
    put("no data", attempt(make().bind, []))
    put("unknown label", kind(make().bind, [("data", (2, 5))], [("lab", (2,))]))
    data = [("data", (4, 5))]
    put("labels of another batch size", attempt(make().bind, data, [("softmax_label", (3,))]))
    put("labels along another axis", attempt(make().bind, [mx.io.DataDesc("data", (4, 5), layout="TN")], label))
    put("empty list of labels", attempt(make().bind, data, [])["raises"])
    put("no label", watch(make().bind, [("data", (8, 5))]))
    put("inputs without training", kind(make().bind, [("data", (8, 5))], None, False, True))
    module = bound(mx)
    put("again", watch(module.bind, [("data", (8, 5))], label))
    for name, kwargs in {
        "add": {"grad_req": "add"}, "add, inputs": {"grad_req": "add", "inputs_need_grad": True},
        "dict": {"grad_req": {"fc2_weight": "add"}, "inputs_need_grad": True}, "list": {"grad_req": ["write"] * 8},
        "predict": {"for_training": False},
    }.items():  # fmt: skip
        module = make(fixed_param_names=["fc1_weight"])
        module.bind([("data", (8, 5))], label, **kwargs)
        put("grad_req: " + name, module._exec_group.grad_req)
    put("grad_req: short", kind(make().bind, [("data", (8, 5))], label, grad_req=["write"]))
    put("grad_req: number", attempt(make().bind, [("data", (8, 5))], label, grad_req=3))
    put("grad_req: unknown", kind(make().bind, [("data", (8, 5))], label, grad_req="foo"))
    for contexts, size, loads in [
        (2, 8, None), (2, 8, [1, 3]), (2, 7, None), (2, 5, None), (3, 8, None), (4, 6, None), (2, 1, None),
    ]:  # fmt: skip
        module = make(context=[mx.cpu(i) for i in range(contexts)], work_load_list=loads)
        found = attempt(module.bind, [("data", (size, 5))], [("softmax_label", (size,))])
        slices = [[s.start, s.stop] for s in module._exec_group.slices] if found is None else found
        put("slices: %s of %s, %s" % (contexts, size, loads), slices)
    two = mx.sym.Group([mx.sym.var("data") * 2, mx.sym.var("other", attr={"__layout__": "TN"}) * 1])
    module = mx.mod.Module(two, ["data", "other"], None)
    put("two batch sizes", attempt(module.bind, [("data", (4, 5)), ("other", (3, 5))]))
    descs = [mx.io.DataDesc("data", (4, 5), layout="NC"), mx.io.DataDesc("other", (3, 4), layout="TN")]
    put("layouts", [attempt(module.bind, descs), shown(module.data_shapes), module.output_shapes])


def step(mx, put):
    for name, contexts in {"one": [mx.cpu()], "two": [mx.cpu(0), mx.cpu(1)]}.items():
        for loads in [None] if name == "one" else [None, [1, 3]]:
            module = mx.mod.Module(net(mx), context=contexts, work_load_list=loads)
            module.bind([("data", (8, 5))], [("softmax_label", (8,))], inputs_need_grad=True)
            mx.random.seed(3)
            module.init_params(mx.init.Xavier())
            module.init_optimizer(optimizer_params={"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01})
            store = module._kvstore is not None
            put("%s, %s: set up" % (name, loads), [store, module._update_on_kvstore, module._optimizer.idx2name])
            for _ in range(2):
                module.forward_backward(batch(mx))
                module.update()
            put("%s, %s: outputs" % (name, loads), module.get_outputs())
            put("%s, %s: shares" % (name, loads), [[o.shape for o in os_] for os_ in module.get_outputs(False)])
            put("%s, %s: input gradients" % (name, loads), module.get_input_grads())
            put("%s, %s: parameters" % (name, loads), params(module))
            metric = mx.metric.create(["acc", "ce"])
            module.update_metric(metric, batch(mx).label)
            put("%s, %s: metric" % (name, loads), metric.get())


def shapes(mx, put):
    module = ready(mx)
    module.init_optimizer(optimizer_params={"learning_rate": 0.5})
    for size in (3, 8, 12, 5):
        module.forward_backward(batch(mx, size))
        module.update()
        found = [shown(module.data_shapes), shown(module.label_shapes), module.output_shapes]
        put("batch of %d" % size, [found, module.get_outputs()])
    put("parameters", params(module))
    put("no label", attempt(module.forward, mx.io.DataBatch([mx.nd.ones((5, 5))]), False))
    put("other width", kind(module.forward, mx.io.DataBatch([mx.nd.ones((3, 7))], [mx.nd.zeros((3,))])))
    out = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    module = mx.mod.Module(out, label_names=None)
    module.bind([("data", (2, 5))], inputs_need_grad=True)
    module.init_params(mx.init.One())
    module.forward(mx.io.DataBatch([mx.nd.ones((2, 5))]))
    put("no loss", kind(module.backward))
    module.backward([mx.nd.ones((2, 2)) * 2])
    put("gradients given", module.get_input_grads())
    put("an array", module.predict(mx.nd.ones((4, 5))))
    module.reshape([("data", (7, 5))])
    put("reshaped", [shown(module.data_shapes), module.output_shapes])


def files(mx, put):
    module = ready(mx)
    module.init_optimizer(optimizer_params={"learning_rate": 0.5, "momentum": 0.9})
    module.forward_backward(batch(mx))
    module.update()
    put("save_checkpoint", watch(module.save_checkpoint, "cp", 3, True))
    put("names", sorted(f for f in os.listdir(".")))
    put("arrays", sorted(mx.nd.load("cp-0003.params")))
    module.forward_backward(batch(mx))
    module.update()
    wanted = params(module)
    put("parameters", wanted)
    again = mx.mod.Module.load("cp", 3, load_optimizer_states=True)
    put("loaded", [again.params_initialized, again.binded])
    again.bind([("data", (8, 5))], [("softmax_label", (8,))])
    again.init_optimizer(optimizer_params={"learning_rate": 0.5, "momentum": 0.9})
    again.forward_backward(batch(mx))
    again.update()
    put("gone on", params(again))
    again.save_params("p.params")
    module.init_params(mx.init.One(), force_init=True)
    module.load_params("p.params")
    put("load_params", params(module))
    mx.nd.save("bad.params", {"q": mx.nd.ones((1,))})
    put("load_params: something else", kind(module.load_params, "bad.params"))


def others(mx, put):
    first = ready(mx)
    first.init_optimizer(optimizer_params={"learning_rate": 0.5})
    second = mx.mod.Module(net(mx))
    second.bind([("data", (4, 5))], [("softmax_label", (4,))], shared_module=first)
    put("shared", [second.params_initialized, second.optimizer_initialized])
    second.forward_backward(batch(mx, 4))
    second.update()
    first._params_dirty = True
    put("seen by the first", params(first))
    put("not a module", kind(mx.mod.Module(net(mx)).bind, [("data", (4, 5))], shared_module=3))
    module = mx.mod.Module(net(mx), fixed_param_names=["fc1_weight"])
    module.fit(iterator(mx), num_epoch=1, initializer=mx.init.One())
    put("fixed", module.get_params()[0]["fc1_weight"])
    state = mx.sym.var("s") + mx.sym.var("data")
    module = mx.mod.Module(state, label_names=None, state_names=["s"])
    module.bind([("data", (2, 3))], for_training=False)
    module.init_params()
    module.set_states(value=2)
    module.forward(mx.io.DataBatch([mx.nd.ones((2, 3))]))
    put("state of a value", [module.get_outputs(), module.get_states(False)])
    module.set_states(states=[[mx.nd.ones((2, 3)) * 5]])
    module.forward(mx.io.DataBatch([mx.nd.ones((2, 3))]))
    put("state of an array", module.get_outputs())
    base = mx.mod.BaseModule()
    for name in ("data_names", "output_names", "data_shapes", "label_shapes", "output_shapes", "symbol"):
        put("base: " + name, kind(lambda n=name: getattr(base, n)))
    for name, args in {**CALLS, "bind": ([],), "prepare": (0,), "forward": (0,), "install_monitor": (0,)}.items():
        put("base: " + name, kind(getattr(base, name), *args))


def group(mx, put):
    x = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    module = mx.mod.Module(x, label_names=None, group2ctxs={"a": [mx.cpu(0)]})
    module.bind([("data", (2, 3))])
    module.init_params(mx.init.One())
    module.forward(mx.io.DataBatch([mx.nd.ones((2, 3))]))
    put("outputs", module.get_outputs())


PARTS = [made, orders, bind, step, shapes, files, others, group]


def results(mx):
    np.random.seed(5)
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("module", check_complete(results(mxnet)))
