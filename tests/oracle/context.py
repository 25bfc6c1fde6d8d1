"""Writes tests/golden/context.json: contexts, and arrays on several of them.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.context
"""

import os
import pickle
import threading
import warnings

from tests.oracle.ndarray_methods import entries
from tests.oracle.scenario import attempt, plain, write

CALLS = """
str(mx.cpu()) ; repr(mx.cpu(3)) ; str(mx.gpu()) ; str(mx.gpu(2)) ; str(mx.cpu_pinned()) ; str(mx.cpu_pinned(1))
str(mx.Context('cpu_shared', 1)) ; str(mx.Context('gpu', 1)) ; str(mx.Context(mx.gpu(4)))
mx.cpu() == mx.cpu(0) ; mx.cpu() == mx.cpu(1) ; mx.cpu() != mx.cpu(1) ; mx.cpu() == mx.gpu() ; mx.cpu() == 'cpu(0)'
mx.cpu() == None ; hash(mx.cpu()) == hash(mx.cpu(0)) ; len({mx.cpu(), mx.cpu(0), mx.cpu(1), mx.gpu()})
mx.cpu() == mx.cpu_pinned()
mx.cpu(1).device_type ; mx.gpu(3).device_id ; mx.cpu().device_typeid ; mx.gpu().device_typeid
mx.cpu_pinned().device_typeid ; mx.Context('cpu_shared').device_typeid ; mx.Context.devtype2str[2]
mx.Context.devstr2type['gpu'] ; sorted(mx.Context.devstr2type)
mx.Context('foo') ; mx.Context('cpu(0)') ; mx.Context(3) ; mx.Context() ; mx.cpu(-1).device_id
mx.cpu(device_id=2).device_id ; mx.Context('cpu', device_id=2).device_id ; mx.gpu('a').device_id
str(mx.current_context()) ; str(mx.context.current_context()) ; mx.context.num_gpus() ; mx.context.gpu_memory_info()
mx.context.gpu_memory_info(1)
pickle.loads(pickle.dumps(mx.gpu(1))) == mx.gpu(1) ; str(nd.ones(1).ctx) ; str(nd.ones(1, ctx=mx.cpu(2)).context)
nd.ones(1, ctx=mx.gpu()) ; nd.array([1], ctx=mx.gpu(0)) ; nd.zeros(1, ctx=mx.gpu(7))
nd.random.uniform(shape=2, ctx=mx.gpu()) ; nd.empty(1, mx.gpu()) ; nd.full(1, 2, mx.gpu())
nd.arange(3, ctx=mx.gpu()) ; nd.eye(2, ctx=mx.gpu()) ; nd.linspace(0, 1, 2, ctx=mx.gpu()) ; nd.zeros(2, ctx='gpu(0)')
nd.zeros(2, ctx='cpu(1)').context.device_id ; nd.zeros(2, ctx='foo')
(a + a).context.device_id ; (b + b).context.device_id ; (b * 2).context.device_id ; b.sum().context.device_id
b[0].context.device_id ; b.reshape((1, 2)).context.device_id ; b.copy().context.device_id
b.astype('int32').context.device_id ; nd.zeros_like(b).context.device_id ; nd.exp(b).context.device_id
b.as_in_context(mx.cpu(0)).context.device_id ; b.copyto(a).context.device_id ; nd.array(b).context.device_id
nd.array(b, ctx=mx.cpu(2)).context.device_id ; nd.concat(b, b, dim=0).context.device_id
nd.split(b, 2, axis=0)[1].context.device_id ; (b > 1).context.device_id ; (2 - b).context.device_id
a + b ; b + a ; nd.elemwise_add(a, b) ; nd.concat(a, b, dim=0) ; nd.dot(a, b) ; nd.stack(a, b) ; a == b
nd.where(a, a, b) ; nd.add_n(a, b)
nd.FullyConnected(a.reshape((1, 2)), b.reshape((1, 2)), num_hidden=1, no_bias=True) ; nd.broadcast_maximum(a, b)
nd.exp(a, out=b).context.device_id
nd.random.uniform(shape=2, ctx=mx.cpu(1)).context.device_id
nd.random.normal(shape=2, ctx='cpu(1)').context.device_id ; nd.random.uniform(b, b).context.device_id
nd.random.uniform_like(b).context.device_id ; mx.nd.random.shuffle(b).context.device_id
"""


def blocks(mx):
    """Default contexts inside of ``with`` blocks, in other threads, after exceptions."""
    seen = []

    def now():
        seen.append(
            [str(mx.current_context()), str(mx.nd.zeros(1).context), str(mx.nd.random.uniform(shape=1).context)]
        )

    now()
    with mx.cpu(1):
        now()
        with mx.Context("cpu", 2) as inner:
            seen.append(str(inner))
            now()
            seen.append(str(mx.nd.zeros(1, ctx=mx.cpu(3)).context))
        now()
        thread = threading.Thread(target=now)
        thread.start()
        thread.join()
        seen.append(str((mx.nd.zeros(1, mx.cpu(0)) + 1).context))
    try:
        with mx.cpu(4):
            raise KeyError("inside")
    except KeyError:
        now()
    with mx.cpu(5):
        with mx.cpu(5):
            now()
        now()
    now()
    return plain(seen)


def default(mx):
    """The deprecated property of the class, which is the current context of a thread, and can be set."""
    seen = []

    def now():
        seen.append([str(mx.Context.default_ctx), str(mx.Context._default_ctx.value), str(mx.current_context())])

    def elsewhere():
        mx.test_utils.set_default_context(mx.cpu(11))
        now()
        mx.Context._default_ctx.value = mx.cpu(12)
        now()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        now()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        now()
        mx.Context.default_ctx = mx.cpu(2)
        now()
        with mx.cpu(3):
            now()
            mx.Context.default_ctx = mx.cpu(4)
            now()
        now()
        mx.Context.default_ctx = mx.cpu(0)
    return plain([seen, [w.category.__name__ for w in caught]])


def results(mx):
    nd = mx.nd
    found = {"blocks": blocks(mx), "default": default(mx)}
    for text in entries(CALLS):
        names = {"mx": mx, "nd": nd, "pickle": pickle, "a": nd.array([1, 2]), "b": nd.array([3, 4], ctx=mx.cpu(1))}
        found[text] = attempt(lambda: eval(text, names))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("context", results(mxnet))
