"""Writes tests/golden/io_arrays.json: what NDArrayIter, ResizeIter and PrefetchingIter of real MXNet give.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.io_arrays
"""

import numpy as np

from tests.oracle.image_common import kind
from tests.oracle.scenario import attempt, plain, write

SEVEN = np.arange(7)


def values(arrays):
    return [[a.dtype.__name__, a.stype, list(a.shape), a.asnumpy().ravel().tolist()] for a in arrays]


def batch_of(batch):
    return [values(batch.data), values(batch.label), batch.pad, batch.index]


def epochs(mx, count, reset, *args, **kwargs):
    np.random.seed(3)
    made = mx.io.NDArrayIter(*args, **kwargs)
    seen = [str(made.provide_data), str(made.provide_label), made.batch_size, made.num_data, made.num_source]
    for _ in range(count):
        seen.append([batch_of(b) for b in made] + [made.cursor])
        getattr(made, reset)()
        seen.append(made.cursor)
    return seen


def arrays(mx, found):
    for handle in ("pad", "discard", "roll_over", "other"):
        for size in (1, 3, 7, 10, 20):
            for shuffle in (False, True):
                for reset in ("reset", "hard_reset"):
                    name = "%s %d %s %s" % (handle, size, shuffle, reset)
                    found[name] = attempt(epochs, mx, 3, reset, SEVEN, SEVEN * 10, size, shuffle, handle)
    two = {"b": SEVEN, "a": SEVEN.reshape(7, 1) * 2}
    csr = mx.nd.array(np.diag(np.arange(1, 6))).tostype("csr")
    cases = {
        "none": {"data": None}, "empty list": {"data": []}, "list": {"data": [SEVEN, SEVEN + 1]},
        "dict": {"data": two, "label": {"l": SEVEN}}, "no labels": {"data": SEVEN, "label": {}}, "number": {"data": 3},
        "text": {"data": "x"}, "dict of text": {"data": {"x": "y"}}, "nested lists": {"data": [[1, 2], [3, 4]]},
        "tuple": {"data": (SEVEN, SEVEN)}, "labels": {"data": SEVEN, "label": [SEVEN, SEVEN]},
        "names": {"data": SEVEN, "label": SEVEN, "data_name": "d", "label_name": "l"},
        "int8": {"data": SEVEN.astype("int8")}, "float64": {"data": SEVEN.astype("float64")},
        "float16 array": {"data": mx.nd.array(SEVEN, dtype="float16")},
        "int64 array": {"data": mx.nd.array(SEVEN, dtype="int64")}, "longer labels": {"data": SEVEN,
        "label": np.arange(9)},
        "layout": {"data": SEVEN.reshape(7, 1), "layout": "NC"}, "nothing in it": {"data": np.zeros((0, 2))},
        "csr": {"data": csr, "label": np.arange(5), "last_batch_handle": "discard"},
        "csr padded": {"data": csr}, "csr rolled": {"data": csr, "last_batch_handle": "roll_over"},
        "csr label": {"data": np.arange(5), "label": csr},
    }  # fmt: skip
    for name, options in cases.items():
        found["data %s" % name] = kind(attempt(epochs, mx, 2, "reset", batch_size=2, **options))
        if "csr" not in name:  # MXNet needs SciPy to shuffle these
            found["data %s shuffled" % name] = kind(
                attempt(epochs, mx, 2, "reset", batch_size=2, shuffle=True, last_batch_handle="roll_over", **options)
            )
    middle = mx.io.NDArrayIter(SEVEN, SEVEN, 3)
    seen = [batch_of(middle.next())]
    middle.reset()
    seen += [[batch_of(b) for b in middle], attempt(middle.next), attempt(middle.next), middle.cursor]
    seen += [attempt(middle.getdata), attempt(middle.iter_next)]
    middle.reset()
    seen += [
        middle.iter_next(),
        values(middle.getdata()),
        values(middle.getlabel()),
        middle.getpad(),
        middle.getindex(),
    ]
    found["one by one"] = seen
    own = mx.nd.array(SEVEN)
    made = [mx.io.NDArrayIter(own, None, 3), mx.io.NDArrayIter(own, None, 3, shuffle=True)]
    own[:] = 9
    found["the arrays are the caller's"] = [values(m.next().data) for m in made] + [m.data[0][1] is own for m in made]
    found["attributes"] = [
        middle.data[0][0], middle.label[0][0], len(middle.data_list), middle.idx, middle.shuffle,
        middle.last_batch_handle, middle.layout, str(middle.next()),
    ]  # fmt: skip
    utils = mx.io.utils
    found["utils"] = [
        [name for name, _ in utils._init_data(two, True, "x")], [n for n, _ in utils._init_data([SEVEN] * 2, True,
        "x")],
        utils._init_data(None, True, "x"), kind(attempt(utils._init_data, [], False, "x")),
        utils._has_instance([("a", csr)], utils.CSRNDArray), utils._has_instance([("a", own)], utils.CSRNDArray),
        values([v for _, v in utils._getdata_by_idx([("a", mx.nd.array([5, 6, 7]))], np.array([2, 0]))]),
        values([utils._slice_along_batch_axis(mx.nd.array([[1, 2, 3]]), slice(1, 3), 1)]),
    ]  # fmt: skip


def resized(mx, found):
    def made(*args):
        return mx.io.ResizeIter(mx.io.NDArrayIter(SEVEN, SEVEN, 3), *args)

    for size in (0, 1, 2, 3, 5, 8):
        for inner in (True, False):
            r = made(size, inner)
            seen = [str(r.provide_data), str(r.provide_label), r.batch_size, r.size, r.reset_internal, r.cur]
            for _ in range(3):
                seen.append([batch_of(b) for b in r] + [r.cur])
                r.reset()
            found["ResizeIter %d %s" % (size, inner)] = seen
    r = made(2)
    found["ResizeIter before"] = [
        attempt(r.getdata),
        attempt(r.getpad),
        r.current_batch,
        hasattr(r, "default_bucket_key"),
    ]
    r.next()
    found["ResizeIter one by one"] = [values(r.getdata()), values(r.getlabel()), r.getpad(), r.getindex()]


def prefetched(mx, found):
    def one(size=3, data=SEVEN, **options):
        return mx.io.NDArrayIter(data, data * 10, size, **options)

    def seen(count, *args, **kwargs):
        p = mx.io.PrefetchingIter(*args, **kwargs)
        result = [str(p.provide_data), str(p.provide_label), p.batch_size, p.n_iter]
        for _ in range(count):
            result.append([batch_of(b) + [str(b.provide_data), str(b.provide_label)] for b in p])
            result.append(attempt(p.next))
            p.reset()
        return result

    renaming = {"rename_data": [{"data": "x"}, {"data": "y"}], "rename_label": [{"softmax_label": "l"}] * 2}
    found["PrefetchingIter one"] = attempt(seen, 3, one())
    found["PrefetchingIter two"] = attempt(seen, 2, [one(), one(data=SEVEN + 1)], **renaming)
    found["PrefetchingIter two, same names"] = attempt(seen, 1, [one(), one()])
    for name, iters in {
        "sizes": [one(3), one(2)], "lengths": [one(), one(data=np.arange(3))],
        "lengths, the other": [one(data=np.arange(3)), one()],
        "pads": [one(), one(data=np.arange(8))],
    }.items():  # fmt: skip
        found["PrefetchingIter of other %s" % name] = attempt(seen, 1, iters)
    p = mx.io.PrefetchingIter(one())
    found["PrefetchingIter one by one"] = [
        p.iter_next(), values(p.getdata()), values(p.getlabel()), p.getpad(), p.getindex(), p.rename_data,
        p.current_batch.pad,
    ]  # fmt: skip
    p.next()
    p.reset()
    found["PrefetchingIter reset"] = [batch_of(b) for b in p]


def results(mx):
    found = {}
    arrays(mx, found)
    resized(mx, found)
    prefetched(mx, found)
    return {name: plain(value) for name, value in found.items()}


if __name__ == "__main__":
    import mxnet

    write("io_arrays", results(mxnet))
