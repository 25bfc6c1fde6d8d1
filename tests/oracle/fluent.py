"""Writes tests/golden/fluent.json: every method of NDArray and Symbol that is an operator, with its value and gradient.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.fluent
"""

import json

import numpy as np

from tests.oracle.scenario import attempt, plain, write

# x is (2, 3, 4), with values where the functions below are defined; other arrays are named after what they are for.
ARRAYS = {
    "x": (np.arange(24).reshape(2, 3, 4) * 7 % 24 / 26.0 + 0.03),
    "above": (np.arange(24).reshape(2, 3, 4) * 5 % 24 / 8.0 + 1.1),
    "signed": (np.arange(24).reshape(2, 3, 4) * 5 % 24 - 11.4) / 3.0,
    "image": (np.arange(32).reshape(1, 8, 2, 2) * 3 % 32 - 15.0),
    "wide": (np.arange(16).reshape(1, 1, 4, 4) * 3 % 16 - 5.0),
    "ones": np.ones((1, 3, 1)) * 2.5,
    "holes": np.array([[1.0, np.nan, 2.0], [np.nan, 3.0, -4.0]]),
    "index": np.array([[1.0, 0.0], [2.0, 1.0]]),
    "places": np.array([[1.0, 0.0, 2.0, 1.0], [0.0, 2.0, 1.0, 2.0]]),
    "rows": np.array([[1.0, 0.0, 3.0], [2.0, 1.0, 0.0]]),
    "like": np.ones((2, 3, 2)),
    "flat": np.ones((6, 4)),
}

# array.method(arguments): the plainest call, positions, keywords.
CALLS = """
signed.abs() ; x.arccos() ; above.arccosh() ; x.arcsin() ; signed.arcsinh() ; signed.arctan() ; x.arctanh()
x.cbrt() ; signed.ceil() ; signed.cos() ; signed.cosh() ; signed.degrees() ; signed.exp() ; signed.expm1()
signed.fix() ; signed.floor() ; x.log() ; x.log10() ; x.log1p() ; x.log2() ; signed.radians() ; x.rcbrt()
signed.reciprocal() ; signed.relu() ; signed.rint() ; signed.round() ; x.rsqrt() ; signed.sigmoid() ; signed.sign()
signed.sin() ; signed.sinh() ; x.sqrt() ; signed.square() ; signed.tan() ; signed.tanh() ; signed.trunc()
signed.ones_like() ; signed.zeros_like() ; x.shape_array() ; x.size_array() ; x.flatten() ; x.astype('float64')
x.astype(dtype='int32') ; signed.argmax() ; signed.argmax(1) ; signed.argmax(axis=-1, keepdims=True)
signed.argmin() ; signed.argmin(2) ; signed.argmin(axis=0, keepdims=True) ; flat.argmax_channel()
signed.argsort() ; signed.argsort(1) ; signed.argsort(axis=0, is_ascend=False, dtype='int32')
signed.sort(-1) ; signed.sort(1, False) ; signed.sort(axis=0, is_ascend=False)
signed.topk() ; signed.topk(1, 2) ; signed.topk(axis=1, k=2, ret_typ='both', is_ascend=True)
signed.topk(k=2, ret_typ='mask') ; signed.topk(k=1, ret_typ='value') ; signed.topk(k=3, dtype='int64')
ones.broadcast_axes((0, 2), (2, 3)) ; ones.broadcast_axes(axis=0, size=2) ; ones.broadcast_to((2, 3, 4))
ones.broadcast_to(shape=(4, 3, 1)) ; ones.broadcast_like(x) ; signed.clip(-1, 1.5) ; signed.clip(a_min=0, a_max=2)
image.depth_to_space(2) ; image.depth_to_space(block_size=2) ; wide.space_to_depth(2)
wide.space_to_depth(block_size=4)
flat.diag() ; flat.diag(1) ; flat.diag(k=-2) ; x.diag(k=1, axis1=0, axis2=2) ; x.expand_dims(1) ; x.expand_dims(axis=-1)
x.flip(1) ; x.flip(axis=(0, 2)) ; signed.log_softmax() ; signed.log_softmax(axis=1) ; signed.softmax()
signed.softmax(axis=1, temperature=2.0) ; signed.softmin() ; signed.softmin(axis=0) ; signed.max() ; signed.max(1)
signed.max(axis=(0, 2), keepdims=True) ; signed.max(axis=1, exclude=True) ; signed.min() ; signed.min(2, True)
signed.min(axis=(0, -1)) ; signed.mean() ; signed.mean(0) ; signed.mean(axis=1, exclude=True, keepdims=True)
signed.sum() ; signed.sum(1) ; signed.sum((0, 1), True) ; signed.sum(axis=2, exclude=True) ; signed.prod()
signed.prod(2)
signed.prod(axis=(0, 1), keepdims=True) ; holes.nansum() ; holes.nansum(1) ; holes.nansum(axis=0, keepdims=True)
holes.nanprod() ; holes.nanprod(1) ; holes.nanprod(axis=0, keepdims=True) ; signed.norm() ; signed.norm(1)
signed.norm(ord=1, axis=2, keepdims=True) ; signed.norm(2, (0, 1)) ; index.one_hot(3) ; index.one_hot(4, 2.0, -1.0)
index.one_hot(depth=3, on_value=5, off_value=1, dtype='int32')
wide.pad('constant', (0, 0, 0, 0, 1, 0, 2, 1), 7) ; wide.pad(mode='edge', pad_width=(0, 0, 0, 0, 1, 1, 0, 2))
wide.pad(mode='reflect', pad_width=(0, 0, 0, 0, 1, 1, 2, 1)) ; x.pick(rows) ; x.pick(places, 1)
x.pick(index=places, axis=1, keepdims=True) ; x.pick(places, axis=1, mode='wrap') ; x.repeat(2) ; x.repeat(2, 1)
x.repeat(repeats=3, axis=-1) ; x.reshape((4, -1)) ; x.reshape(shape=(0, -3)) ; x.reshape(6, 4) ; x.reshape(-1)
x.reshape((-1, 0), reverse=True) ; x.reshape_like(flat) ; x.reshape_like(rhs=flat)
x.reshape_like(flat, lhs_begin=0, lhs_end=2, rhs_begin=0, rhs_end=1)
x.slice((0, 1), (1, 3)) ; x.slice(begin=(None, -1, 3), end=(None, None, 0), step=(1, -1, -2)) ; x.slice_axis(1, 0, 2)
x.slice_axis(axis=-1, begin=1, end=None) ; x.slice_like(like) ; x.slice_like(like, (2,))
x.slice_like(like, axes=(1, -1))
x.split(2, 0) ; x.split(3) ; x.split(num_outputs=2, axis=2, squeeze_axis=False) ; x.split(3, 1, True)
x.split_v2(2) ; x.split_v2((1, 3), 2) ; x.split_v2(indices_or_sections=3, axis=1, squeeze_axis=True) ; ones.squeeze()
ones.squeeze(0) ; ones.squeeze(axis=(0, 2)) ; x.swapaxes(0, 2) ; x.swapaxes(dim1=1, dim2=2) ; flat.take(index)
x.take(index, 1) ; x.take(indices=places, axis=2, mode='wrap') ; x.tile((2,)) ; x.tile(reps=(2, 1, 3)) ; x.transpose()
x.transpose((1, 0, 2)) ; x.transpose(axes=(2, 0, 1))
"""


def calls():
    """[(array, method, the text of the arguments)]."""
    texts = [text.strip() for line in CALLS.strip().splitlines() for text in line.split(" ; ")]
    heads = [text.partition("(") for text in texts]
    return [tuple(head.split(".")) + (arguments[:-1],) for head, _, arguments in heads]


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def of_arrays(mx, array, call):
    """Values and the gradient of the sum of their squares and of the array itself, so that there always is one."""
    arrays = {name: mx.nd.array(values, dtype="float32") for name, values in ARRAYS.items()}
    x = arrays[array]
    x.attach_grad()
    with mx.autograd.record():
        made = call(x, arrays)
        outputs = as_list(made)
        total = sum(((o.astype("float32") ** 2).sum() for o in outputs), x.sum())
    total.backward()
    return [type(made).__name__, [plain(o) for o in outputs], plain(x.grad)]


def of_symbols(mx, array, call):
    """The node's operator and attributes; its values when it is run."""
    symbols = {name: mx.sym.Variable(name) for name in ARRAYS}
    made = call(symbols[array], symbols)
    node = [n for n in json.loads(made.tojson())["nodes"] if n["op"] != "null"][-1]
    arrays = {name: mx.nd.array(ARRAYS[name], dtype="float32") for name in made.list_arguments()}
    return [node["op"], node.get("attrs", {}), made.name, [plain(o) for o in made.eval(mx.cpu(), **arrays)]]


FACES = {"NDArray": of_arrays, "Symbol": of_symbols}


def method_call(method, arguments):
    return lambda it, names: eval("it.%s(%s)" % (method, arguments), dict(names, it=it))


def results(mx):
    """{"Face: array.method(arguments)": what it gives}; automatic names start anew for each."""
    found = {}
    for face, run in FACES.items():
        for array, method, arguments in calls():
            with mx.name.NameManager():
                key = "%s: %s.%s(%s)" % (face, array, method, arguments)
                found[key] = attempt(run, mx, array, method_call(method, arguments))
    return found


if __name__ == "__main__":
    import mxnet

    write("fluent", results(mxnet))
