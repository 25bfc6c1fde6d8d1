"""Writes tests/golden/random_threads.json: which streams threads and CustomOps draw from, in MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.random_threads
"""

import threading

from tests.oracle.gluon_common import check_complete, collect
from tests.oracle.scenario import write


def drawn(mx):
    return mx.nd.random.uniform(shape=(4,)).asnumpy()


def in_a_thread(function, *args):
    """What the function returns in a thread of its own."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*args)))
    thread.start()
    thread.join()
    return found[0]


def seeded(mx, seed):
    mx.random.seed(seed)
    return drawn(mx)


def streams(mx, put):
    for seed in (0, 5):
        mx.random.seed(seed)
        put("after seed %d" % seed, [drawn(mx) for _ in range(4)])
    put("seeded in the thread itself", in_a_thread(seeded, mx, 5))
    mx.random.seed(5)
    put("a thread after a seed elsewhere", in_a_thread(drawn, mx))
    put("the one that gave the seed, after it", drawn(mx))
    put("another thread", in_a_thread(drawn, mx))
    mx.random.seed(0)
    in_a_thread(mx.random.seed, 5)
    put("after a seed in a thread", drawn(mx))


def custom(mx, put):
    class Drawing(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], mx.nd.random.uniform(shape=(4,)))

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], 0)

    class DrawingProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Drawing()

    mx.operator.register("random_threads_drawing")(DrawingProp)
    mx.random.seed(5)
    put("CustomOp", mx.nd.Custom(mx.nd.zeros(4), op_type="random_threads_drawing"))
    put("after it", drawn(mx))


PARTS = [streams, custom]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("random_threads", check_complete(results(mxnet)))
