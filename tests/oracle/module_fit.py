"""Writes tests/golden/module_fit.json: training loops of modules and FeedForward, their lines and callbacks.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.module_fit
"""

import importlib

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.module_common import batch, data, iterator, net, params, ready, shown, watch
from tests.oracle.scenario import write


def noted(events, tag):
    def callback(*args):
        first = args[0]
        if hasattr(first, "nbatch"):
            events.append([tag, first.epoch, first.nbatch, first.eval_metric.get()])
        else:
            events.append([tag, first, [type(a).__name__ for a in args]])

    return callback


class Spy:
    """An iterator that notes what it is asked for."""

    def __init__(self, inner, events):
        self.inner, self.events = inner, events
        self.provide_data, self.provide_label, self.batch_size = inner.provide_data, inner.provide_label, 8

    def reset(self):
        self.events.append("reset")
        self.inner.reset()

    def __iter__(self):
        return self

    def __next__(self):
        self.events.append("next")
        return next(self.inner)


def fit(mx, put):
    for name, kwargs in {
        "plain": {}, "no kvstore": {"kvstore": None},
        "adam": {"optimizer": "adam", "optimizer_params": {"epsilon": 0.01}},
        "evaluated": {"eval_data": iterator(mx)}, "from 2": {"begin_epoch": 2, "num_epoch": 3},
        "two metrics": {"eval_metric": ["acc", "ce"], "validation_metric": "ce", "eval_data": iterator(mx, 16)},
    }.items():  # fmt: skip
        module = mx.mod.Module(net(mx), context=kwargs.pop("context", mx.cpu()))
        mx.random.seed(2)
        kwargs.setdefault("num_epoch", 2)
        put(name, [watch(module.fit, iterator(mx), initializer=mx.init.Uniform(0.5), **kwargs), params(module)])
    module = mx.mod.Module(net(mx), context=[mx.cpu(0), mx.cpu(1)])
    put("two contexts", [watch(module.fit, iterator(mx), num_epoch=2), params(module)])
    put("again", watch(module.fit, iterator(mx), num_epoch=1))
    put("rebound", watch(module.fit, iterator(mx), num_epoch=1, force_rebind=True, force_init=True))


def callbacks(mx, put):
    events = []
    module = mx.mod.Module(net(mx))
    module.fit(
        Spy(iterator(mx), events), eval_data=iterator(mx), num_epoch=2, epoch_end_callback=[noted(events, "epoch")],
        batch_end_callback=noted(events, "batch"), eval_end_callback=noted(events, "eval_end"),
        eval_batch_end_callback=[noted(events, "eval_batch")], initializer=mx.init.Xavier(),
        monitor=mx.mon.Monitor(100),
    )  # fmt: skip
    put("events", events)
    put("lines", watch(
        module.fit, iterator(mx, 64), num_epoch=1,
        batch_end_callback=[mx.callback.log_train_metric(3), mx.callback.ProgressBar(8, 10)],
        epoch_end_callback=mx.callback.do_checkpoint("do"),
    ))  # fmt: skip
    put("module_checkpoint", watch(
        module.fit, iterator(mx), num_epoch=1, epoch_end_callback=mx.callback.module_checkpoint(module, "mc", 1, True),
    ))  # fmt: skip


def evaluate(mx, put):
    module = ready(mx)
    put("score", module.score(iterator(mx), ["acc", "ce"]))
    put("score, 2 batches", module.score(iterator(mx), ["acc", "ce"], num_batch=2))
    events = []
    module.score(
        iterator(mx), "acc", batch_end_callback=noted(events, "b"), score_end_callback=noted(events, "s"), epoch=5
    )
    put("events", events)
    put("predict", module.predict(iterator(mx)))
    put("predict, a list", [o.shape for o in module.predict(iterator(mx), always_output_list=True)])
    put("predict, batches", [[o.shape for o in b] for b in module.predict(iterator(mx), merge_batches=False)])
    put("predict, values of batches", module.predict(iterator(mx), merge_batches=False))
    put("predict, 1 batch", module.predict(iterator(mx), num_batch=1))
    put("predict, none", module.predict(iterator(mx), num_batch=0))
    found = module.iter_predict(iterator(mx))
    put("iter_predict", [[[o.shape for o in outs], i, type(b).__name__] for outs, i, b in found])
    data_iter = iterator(mx)
    data_iter.next()
    put("predict, no reset", module.predict(data_iter, reset=False).shape)


def generate(mx, key, name="softmax"):
    x = mx.sym.Embedding(mx.sym.var("data"), input_dim=10, output_dim=4, name="emb")
    x = mx.sym.FullyConnected(mx.sym.sum(x, axis=1), num_hidden=3, name="fc")
    return mx.sym.SoftmaxOutput(x, name=name), ("data",), (name + "_label",)


def sentence(mx, key, size=4):
    return mx.io.DataBatch(
        [mx.nd.array(np.arange(size * key).reshape(size, key) % 10)], [mx.nd.array(np.arange(size) % 3)], pad=0,
        bucket_key=key, provide_data=[mx.io.DataDesc("data", (size, key))],
        provide_label=[mx.io.DataDesc("softmax_label", (size,))],
    )  # fmt: skip


def bucketing(mx, put):
    make = lambda *args, **kwargs: mx.mod.BucketingModule(lambda k: generate(mx, k), *args, **kwargs)  # noqa: E731
    put("no default", kind(make))
    put("fixed", attempt(make, 5, fixed_param_names=["zz"]))
    module = make(5)
    put("names", [module.data_names, module.output_names])
    for name, args in {
        "get_params": (), "init_params": (), "forward": (sentence(mx, 5),), "backward": (), "get_outputs": (),
        "get_input_grads": (), "update": (), "init_optimizer": (), "prepare": (sentence(mx, 5),), "get_states": (),
        "set_states": (None, 1), "switch_bucket": (3, [("data", (4, 3))]), "save_checkpoint": ("bm", 1),
        "update_metric": (mx.metric.create("acc"), []), "install_monitor": (0,),
    }.items():  # fmt: skip
        put("new: " + name, attempt(getattr(module, name), *args))
    for name in ("data_shapes", "label_shapes", "output_shapes", "symbol"):
        put("new: " + name, attempt(lambda n=name: getattr(module, n)))
    bound_ = [[("data", (4, 5))], [("softmax_label", (4,))]]
    module.bind(*bound_)
    mx.random.seed(4)
    module.init_params(mx.init.Uniform(0.5))
    module.init_optimizer(optimizer_params={"learning_rate": 0.5, "momentum": 0.9})
    put("again", [watch(module.bind, *bound_), watch(module.init_optimizer), watch(module.init_params)])
    for key in (5, 3, 7, 3, 5):
        module.forward_backward(sentence(mx, key))
        module.update()
        found = [shown(module.data_shapes), shown(module.label_shapes), module._curr_bucket_key, module.get_outputs()]
        put("step %s, %d" % (len(module._buckets), key), [found, sorted(module._buckets)]) if key != 5 else None
    put("parameters", params(module))
    module.prepare(sentence(mx, 3))
    put("prepared", module._curr_bucket_key)
    put("set_params: unknown", attempt(module.set_params, {"q": mx.nd.ones((1,))}, {}, True))
    put("set_params: missing", attempt(module.set_params, {"fc_weight": mx.nd.ones((3, 4))}, {}))
    put("set_params: not forced", watch(module.set_params, {}, {}, False, False))
    put("save_checkpoint", watch(module.save_checkpoint, "bm", 2))
    load = mx.mod.BucketingModule.load
    put("load: no sym_gen", attempt(load, "bm", 2))
    put("load: no default", attempt(load, "bm", 2, lambda k: generate(mx, k)))
    again = load("bm", 2, lambda k: generate(mx, k), 5)
    put("loaded", [again.params_initialized, again.binded])
    again.bind(*bound_)
    put("loaded parameters", params(again))
    again.forward(sentence(mx, 3), is_train=False)
    put("loaded outputs", again.get_outputs())
    put("load_dict: nothing", attempt(mx.mod.BucketingModule.load_dict))
    put("load_dict: no sym_gen", kind(mx.mod.BucketingModule.load_dict, {5: generate(mx, 5)[0]}, None, 5, {}, {}))


def chain(mx):
    first = mx.sym.Activation(
        mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=4, name="fc1"), act_type="relu", name="a"
    )
    second = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="fc2"), name="softmax")
    return mx.mod.Module(first, label_names=None), mx.mod.Module(second)


def sequential(mx, put):
    module = mx.mod.SequentialModule()
    put("new", [module.data_names, module.output_names])
    put("empty", attempt(mx.mod.SequentialModule().bind, [("data", (8, 5))]))
    first, second = chain(mx)
    put("unknown", attempt(mx.mod.SequentialModule().add, first, foo=1))
    put("chained", module.add(first).add(second, take_labels=True, auto_wiring=True) is module)
    put("names", [module.data_names, module.output_names])
    for name, args in {
        "get_params": (), "init_params": (), "forward": (batch(mx),), "backward": (), "get_outputs": (), "update": (),
        "get_input_grads": (), "init_optimizer": (), "install_monitor": (0,),
    }.items():  # fmt: skip
        put("new: " + name, attempt(getattr(module, name), *args))
    shapes = [[("data", (8, 5))], [("softmax_label", (8,))]]
    other = mx.mod.SequentialModule().add(chain(mx)[0])
    put("shared", attempt(other.bind, *shapes, shared_module=module))
    module.bind(*shapes, inputs_need_grad=True)
    put("bound", [shown(module.data_shapes), module.label_shapes, module.output_shapes, module.symbol])
    put("again", watch(module.bind, *shapes))
    mx.random.seed(6)
    module.init_params(mx.init.Xavier())
    put("init_params again", watch(module.init_params))
    put(
        "optimizer",
        [watch(module.init_optimizer, optimizer_params={"learning_rate": 0.5}), watch(module.init_optimizer)],
    )
    module.forward_backward(batch(mx))
    module.update()
    put("outputs", [module.get_outputs(), params(module)])
    first = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=4, name="fc1")
    twice = mx.mod.SequentialModule()
    for _ in range(2):
        twice.add(mx.mod.Module(first, label_names=None), auto_wiring=True)
    twice.bind([("data", (8, 4))])
    put("one name twice", attempt(twice.init_params))
    wrong = mx.mod.SequentialModule().add(chain(mx)[0]).add(chain(mx)[1], take_labels=True)
    put("not wired", attempt(wrong.bind, *shapes))
    whole = mx.mod.SequentialModule().add(chain(mx)[0]).add(chain(mx)[1], take_labels=True, auto_wiring=True)
    put("fit", [watch(whole.fit, iterator(mx, 16), num_epoch=2, initializer=mx.init.One()), params(whole)])


def python(mx, put):
    module = mx.mod.PythonModule(["data"], ["softmax_label"], ["out"])
    put(
        "module", [module.data_names, module.output_names, module.data_shapes, module.label_shapes, module.get_params()]
    )
    for name, args in {"bind": ([("data", (8, 5))],), "init_params": (), "forward": (0,), "update": ()}.items():
        put("module: " + name, kind(getattr(module, name), *args))
    make = mx.mod.PythonLossModule
    put("two names", [kind(make, data_names=["a", "b"]), kind(make, label_names=["a", "b"]), kind(make, grad_func=3)])
    shapes = [[("data", (8, 3))], [("softmax_label", (8,))]]
    put("wrong names", [kind(make().bind, [("x", (8, 3))]), kind(make().bind, shapes[0], [("lab", (8,))])])
    put("grad_req", attempt(make().bind, *shapes, grad_req="add"))
    loss = make()
    loss.bind(*shapes)
    put("bound", [loss.output_shapes, loss.data_shapes, loss.label_shapes, loss.output_names])
    one = mx.io.DataBatch([mx.nd.ones((8, 3))], [mx.nd.zeros((8,))])
    loss.forward(one)
    put("outputs", loss.get_outputs())
    put("backward", [kind(loss.backward), attempt(loss.backward, [1])])
    put("not merged", [kind(loss.get_outputs, False), kind(loss.get_input_grads, False)])
    put("install_monitor", kind(loss.install_monitor, 0))

    def gradient(scores, labels):
        return scores.asnumpy() - np.eye(3, dtype="float32")[labels.asnumpy().astype(int)]

    scores = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="fc")
    whole = mx.mod.SequentialModule().add(mx.mod.Module(scores, label_names=None))
    whole.add(make(grad_func=gradient), take_labels=True, auto_wiring=True)
    put("fit", [watch(whole.fit, iterator(mx, 16), num_epoch=2, initializer=mx.init.One()), params(whole)])


def feed_forward(mx, put):
    for name, kwargs in {"one": {}, "two": {"ctx": [mx.cpu(0), mx.cpu(1)]}}.items():
        with np.errstate(all="ignore"):
            examples, labels = data(16)
            np.random.seed(7)
            mx.random.seed(7)
            model = mx.model.FeedForward(net(mx), num_epoch=2, learning_rate=0.5, momentum=0.9, **kwargs)
            put(name, watch(model.fit, iterator(mx, 16), eval_data=iterator(mx, 16), eval_metric=["acc", "ce"]))
            put(name + ": parameters", [model.arg_params, model.aux_params])
            put(name + ": predict", model.predict(examples))
            put(name + ": score", model.score(iterator(mx, 16)))
    put("return_data", [a.shape for a in model.predict(iterator(mx), return_data=True)])
    put("num_batch", model.predict(iterator(mx), num_batch=1).shape)
    put("save", [watch(model.save, "ff"), watch(model.save, "ff", 7)])
    again = mx.model.FeedForward.load("ff", 7)
    put("load", [again.begin_epoch, again.num_epoch, again.predict(examples)])
    make = lambda: mx.model.FeedForward(net(mx), num_epoch=1)  # noqa: E731
    for name, args in {
        "no y": (examples,), "short y": (examples, labels[:5]), "wide y": (examples, np.zeros((16, 2, 2))),
        "list": (examples.tolist(), labels), "no eval label": (examples, labels, (examples,)),
    }.items():  # fmt: skip
        put("fit: " + name, attempt(make().fit, *args))
    put("fit: epoch_size", watch(mx.model.FeedForward(net(mx), epoch_size=2, num_epoch=2).fit, iterator(mx, 24)))
    events = []
    made = mx.model.FeedForward.create(
        net(mx), iterator(mx, 16), num_epoch=1, eval_data=iterator(mx, 16),
        optimizer=mx.optimizer.SGD(learning_rate=0.5),
        batch_end_callback=noted(events, "b"), epoch_end_callback=noted(events, "e"),
        eval_batch_end_callback=noted(events, "v"), initializer=mx.init.One(),
    )  # fmt: skip
    put("create", [events, made.arg_params])
    twice = mx.sym.FullyConnected(
        mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="a"), num_hidden=3, name="a"
    )
    put("one name twice", attempt(mx.model.FeedForward, twice))


def shown_kwargs(model):
    return {k: type(v).__name__ if k == "sym" else v for k, v in model.kwargs.items()}


def feed_forward_use(mx, put):
    model = mx.model.FeedForward(net(mx), num_epoch=1, momentum=0.9)
    model.fit(iterator(mx, 16))
    put("kwargs", shown_kwargs(model))
    model.fit(iterator(mx, 16))
    put("kwargs after the second", shown_kwargs(model))
    given = mx.model.FeedForward(net(mx), num_epoch=1, optimizer=mx.optimizer.SGD(rescale_grad=0.1))
    given.fit(iterator(mx, 16))
    put("kwargs beside an optimizer", shown_kwargs(given))
    put("rescale_grad", kind(mx.model.FeedForward(net(mx), num_epoch=1, rescale_grad=0.5).fit, iterator(mx, 16)))
    found = iterator(mx, 40)
    for count in (0, 1, 2, 9):
        put("predict %d" % count, model.predict(found, num_batch=count).shape)
        if count in (1, 2):
            put("predict after %d" % count, model.predict(found, reset=False).shape)
        put("return_data %d" % count, [a.shape for a in model.predict(found, num_batch=count, return_data=True)])
        seen = []
        put("score %d" % count, [model.score(found, num_batch=count, batch_end_callback=noted(seen, "b")), len(seen)])
    model.score(found, num_batch=1)
    put("predict after a part was scored", model.predict(found, reset=False).shape)
    put("metrics", model.score(found, ["acc", "ce"]))
    put("another size", [model.predict(data(n)[0]).shape for n in (7, 9, 7)])
    put("dtype", str(model.predict(data(8)[0].astype("float64")).dtype))
    put("no such data", kind(model.predict, mx.io.NDArrayIter({"b": data(8)[0]}, batch_size=8)))
    more = dict(model.arg_params, zz=mx.nd.ones((1,)))
    states = dict(model.aux_params, zz=mx.nd.ones((1,)))

    def extra(allow, args, aux):
        made = mx.model.FeedForward(net(mx), arg_params=args, aux_params=aux, allow_extra_params=allow)
        return made.predict(data(8)[0]).shape

    for allow in (False, True):
        put("extra parameters, %s" % allow, attempt(extra, allow, more, model.aux_params))
        put("extra states, %s" % allow, attempt(extra, allow, model.arg_params, states))
    put("contexts", [str(mx.model.FeedForward(net(mx), ctx=c).ctx) for c in (None, mx.cpu(1), [mx.cpu(0), mx.cpu(1)])])


def sentences(mx, lengths):
    """An iterator over sentences of these lengths, the longest the usual one."""

    class Sentences(mx.io.DataIter):
        def __init__(self):
            super(Sentences, self).__init__()
            self.batch_size, self.default_bucket_key = 4, max(lengths)
            first = sentence(mx, self.default_bucket_key)
            self.provide_data, self.provide_label = first.provide_data, first.provide_label
            self.reset()

        def reset(self):
            self.left = list(lengths)

        def next(self):
            if not self.left:
                raise StopIteration
            return sentence(mx, self.left.pop(0))

    return Sentences()


def feed_forward_buckets(mx, put):
    graph = lambda key: generate(mx, key)[0]  # noqa: E731
    mx.random.seed(3)
    model = mx.model.FeedForward(graph, num_epoch=2, learning_rate=0.5, initializer=mx.init.Uniform(0.5))
    put("new", [model.symbol is None, model.sym_gen is graph, model.argument_checked])
    put("fit", watch(model.fit, sentences(mx, (5, 5)), eval_data=sentences(mx, (5,))))
    put("after", [type(model.symbol).__name__, sorted(model.kwargs), model.argument_checked, model.arg_params])
    put("predict", model.predict(sentences(mx, (5,))))
    put("score", model.score(sentences(mx, (5,)), "ce"))
    put(
        "monitor", attempt(mx.model.FeedForward(graph, num_epoch=1).fit, sentences(mx, (5,)), monitor=mx.mon.Monitor(1))
    )
    put("save", watch(model.save, "ffb"))


def converted(mx, put):
    importlib.import_module(mx.__name__ + ".contrib.amp.amp")
    convert = mx.contrib.amp.amp.convert_bucketing_module
    module = mx.mod.BucketingModule(lambda k: generate(mx, k), 5)
    put("empty", [attempt(convert, module), attempt(convert, 3)])
    shapes = [[("data", (4, 5))], [("softmax_label", (4,))]]
    module.bind(*shapes)
    module.init_params(mx.init.One())
    module.forward(sentence(mx, 3))
    for cast in (False, True):
        made = convert(module, cast_optional_params=cast)
        put("%s: state" % cast, [made.binded, made.params_initialized])
        made.bind(*shapes)
        put("%s: casts" % cast, made.symbol.tojson(remove_amp_cast=False).count("amp_cast"))
        put("%s: dtypes" % cast, {k: np.dtype(v.dtype).name for k, v in sorted(made.get_params()[0].items())})


PARTS = [
    fit,
    callbacks,
    evaluate,
    bucketing,
    sequential,
    python,
    feed_forward,
    feed_forward_use,
    feed_forward_buckets,
    converted,
]


def results(mx):
    np.random.seed(5)
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("module_fit", check_complete(results(mxnet)))
