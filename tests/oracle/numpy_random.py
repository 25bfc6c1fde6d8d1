"""Writes tests/golden/numpy_random.json: what the operators of mx.np.random draw after a seed, one after the other.

Run from the repository's root with an interpreter that has mxnet==1.9.1: PYTHON -m tests.oracle.numpy_random
"""

import numpy

from tests.oracle.scenario import plain, write

FLOATS = ("float16", "float32", "float64")
PLACES = 40
LOC, SCALE = [[0.5, -2.0, 10.0]], [[0.25], [3.0]]
SHAPES = ((), (1,), (2, 3), (7,), (64,), (65,), (0, 3), (70, 20))
NUMBERS = {
    "_npi_uniform": ("low", -1.5, "high", 2.3),
    "_npi_uniform_n": ("low", -1.5, "high", 2.3),
    "_npi_normal": ("loc", -1.5, "scale", 2.3),
    "_npi_normal_n": ("loc", -1.5, "scale", 2.3),
    "_npi_gumbel": ("loc", -1.5, "scale", 2.3),
    "_npi_logistic": ("loc", -1.5, "scale", 2.3),
    "_npi_exponential": ("scale", 0.3),
    "_npi_rayleigh": ("scale", 0.3),
    "_npi_pareto": ("a", 2.7),
    "_npi_powerd": ("a", 2.7),
    "_npi_weibull": ("a", 2.7),
    "_npi_gamma": ("shape", 0.3, "scale", 2.3),
}
OF_TWO = [op for op in NUMBERS if len(NUMBERS[op]) == 4]
WITH_DTYPE = ("_npi_uniform", "_npi_uniform_n", "_npi_normal", "_npi_normal_n", "_npi_gamma")
CHANCES, WEIGHTS = [0.1, 0.55, 0.9], [0.1, 0.2, 0.05, 0.3, 0.35]


def parameters(op):
    """{attribute: number}"""
    row = NUMBERS[op]
    return dict(zip(row[::2], row[1::2]))


def tensors(op, dtype):
    """Parameters of the shapes (1, 3) and (2, 1), which are valid ones of the operator."""
    first = [[0.5, 2.0, 7.5]] if op == "_npi_gamma" else [[1.5, 2.0, 7.5]] if len(NUMBERS[op]) == 2 else LOC
    second = [[20.5], [30.0]] if op.startswith("_npi_uniform") else SCALE
    return [[first, dtype], [second, dtype]]


def sequences():
    """{name: [[operator, attributes, [[values, dtype] of each input]], ...]}; mx.random.seed comes before each."""
    made = {}
    for op in NUMBERS:
        numbers, none = parameters(op), dict.fromkeys(parameters(op))
        made[op + " sizes"] = [[op, dict(numbers, size=s), []] for s in SHAPES] + [[op, numbers, []]]
        made[op + " size None"] = [[op, dict(numbers, size=None), []]]
        made[op + " size 3"] = [[op, dict(numbers, size=3), []]]
        if op in WITH_DTYPE:
            made[op + " dtypes"] = [[op, dict(numbers, size=(50,), dtype=d), []] for d in FLOATS]
        kinds = FLOATS if op == "_npi_gamma" else FLOATS + ("int32",)
        for dtype in kinds[: 3 if op in ("_npi_weibull", "_npi_powerd") else 4]:
            both = tensors(op, dtype)[: len(none)]
            size = (2,) if op.endswith("_n") else (5, 2, 3)
            outs = ("float32", "float64", "float16") if op in WITH_DTYPE else (None,)
            for out in outs:
                extra = {} if out is None else {"dtype": out}
                steps = [[op, dict(none, **extra), both], [op, dict(none, size=size, **extra), both]]
                made["%s of %s to %s" % (op, dtype, out)] = steps
        if op in OF_TWO:
            (first, a), (second, b) = numbers.items()
            left, right = tensors(op, "float32")
            if op.startswith("_npi_uniform"):
                b = 40.0
            made[op + " first"] = [
                [op, {first: None, second: b}, [left]],
                [op, {first: None, second: b}, [[3.0, "float32"]]],
            ]
            made[op + " second"] = [[op, {first: abs(a), second: None}, [right]]]
            made[op + " empty"] = [[op, {first: None, second: b}, [[[[], []], "float32"]]]]
    for dtype in ("bool", "uint8", "int32") + FLOATS:
        given = {"size": (4, 5), "dtype": dtype}
        made["_npi_bernoulli to " + dtype] = [
            ["_npi_bernoulli", dict(given, prob=0.3, logit=None, is_logit=False), []],
            ["_npi_bernoulli", dict(given, prob=None, logit=-0.3, is_logit=True), []],
        ]
    for dtype in FLOATS:
        for logit in (False, True):
            none = {"prob": None, "logit": None, "is_logit": logit}
            made["_npi_bernoulli of %s %s" % (dtype, logit)] = [
                ["_npi_bernoulli", none, [[CHANCES, dtype]]],
                ["_npi_bernoulli", dict(none, size=(50, 3)), [[CHANCES, dtype]]],
            ]
    made["_npi_choice of a number"] = [
        ["_npi_choice", {"a": a, "size": s, "replace": replace}, []]
        for replace in (True, False)
        for a, s in (
            (5, 3),
            (5, 2),
            (5, None),
            (5, ()),
            (5, (2, 2)),
            (10, 5),
            (6, 6),
            (1, 1),
            (100, 7),
            (100, (9, 10)),
            (5, 0),
        )
    ]
    made["_npi_choice of an array"] = [
        ["_npi_choice", {"a": None, "size": s, "replace": replace}, [[[9.0, 8.0, 7.0, 6.0], "float32"]]]
        for replace in (True, False)
        for s in (3, None, (2, 2))
    ]
    for dtype in FLOATS:
        made["_npi_choice by weights " + dtype] = [
            ["_npi_choice", {"a": a, "size": s, "replace": replace, "weighted": True}, inputs + [[WEIGHTS, dtype]]]
            for replace in (True, False)
            for a, inputs in ((5, []), (None, [[[5, 6, 7, 8, 9], dtype]]))
            for s in (3, None, (2, 2), 5)
        ]
    for dtype in (None, "float32", "float64"):
        given = {"pvals": (0.2, 0.3, 0.5)} if dtype is None else {}
        inputs = [] if dtype is None else [[[0.2, 0.3, 0.5], dtype]]
        made["_npi_multinomial of %s" % dtype] = [
            ["_npi_multinomial", dict(given, n=n, size=size), inputs]
            for n, size in ((5, None), (5, ()), (40, (2,)), (7, (2, 2)), (0, None), (1, (3,)), (3, (0,)))
        ]
    made["_npi_multinomial of odd ones"] = [
        ["_npi_multinomial", {"n": 9, "pvals": p}, []] for p in ((0.2, 0.3), (1.0,), (0.5, 0.0, 0.5), ())
    ]
    made["mixed"] = [
        ["_npi_normal", {"loc": 0.0, "scale": 1.0, "size": (3,)}, []],
        ["nd.random.uniform", {"shape": (3,)}, []],
        ["_npi_uniform", {"low": 0.0, "high": 1.0, "size": (70, 20)}, []],
        ["nd.random.normal", {"shape": (100,)}, []],
        ["_npi_gamma", {"shape": 2.0, "scale": 1.0, "size": (65,)}, []],
        ["nd.random.randint", {"low": 0, "high": 100, "shape": (5,)}, []],
        ["_npi_choice", {"a": 50, "size": 4, "replace": False}, []],
        ["nd.shuffle", {}, [[list(range(10)), "float32"]]],
        ["_npi_logistic", {"loc": 0.0, "scale": 1.0, "size": (3,)}, []],
        ["nd.random.multinomial", {"shape": 6}, [[[0.2, 0.8], "float32"]]],
        ["_npi_multinomial", {"n": 4, "pvals": (0.5, 0.5), "size": (3,)}, []],
        ["nd.random.gamma", {"alpha": 2.0, "shape": (3,)}, []],
        ["_npi_exponential", {"scale": 2.0, "size": (3,)}, []],
        ["nd.random.uniform", {"shape": (3,)}, []],
    ]
    return made


REFUSED = (
    ["_npi_normal", {"loc": 0.0, "scale": -1.0, "size": 2}, []],
    ["_npi_normal", {"loc": None, "scale": None}, [[[1.0, 2.0], "float32"], [[1.0, -2.0], "float32"]]],
    ["_npi_normal_n", {"loc": None, "scale": None, "size": (2,)}, [[[1.0, 2.0], "float32"], [[1.0, -2.0], "float32"]]],
    ["_npi_gumbel", {"loc": 0.0, "scale": -1.0, "size": 2}, []],
    ["_npi_gumbel", {"loc": 0.0, "scale": None}, [[[1.0, -2.0], "float32"]]],
    ["_npi_logistic", {"loc": 0.0, "scale": -1.0, "size": 2}, []],
    ["_npi_logistic", {"loc": 0.0, "scale": None}, [[[1.0, -2.0], "float32"]]],
    ["_npi_exponential", {"scale": -1.0, "size": 2}, []],
    ["_npi_exponential", {"scale": None}, [[[1.0, -2.0], "float32"]]],
    ["_npi_rayleigh", {"scale": -1.0, "size": 2}, []],
    ["_npi_rayleigh", {"scale": None}, [[[1.0, -2.0], "float32"]]],
    ["_npi_pareto", {"a": 0.0, "size": 2}, []],
    ["_npi_pareto", {"a": None}, [[[1.0, 0.0], "float32"]]],
    ["_npi_pareto", {}, []],
    ["_npi_powerd", {"a": 0.0, "size": 2}, []],
    ["_npi_powerd", {"a": None}, [[[1.0, 0.0], "float32"]]],
    ["_npi_powerd", {}, []],
    ["_npi_weibull", {"a": 0.0, "size": 2}, []],
    ["_npi_weibull", {"a": None}, [[[1.0, -2.0], "float32"]]],
    ["_npi_gamma", {"shape": 0.0, "scale": 1.0, "size": 2}, []],
    ["_npi_gamma", {"shape": 1.0, "scale": -1.0, "size": 2}, []],
    ["_npi_gamma", {"shape": None, "scale": 1.0}, [[[1.0, -2.0], "float32"]]],
    ["_npi_gamma", {"shape": None, "scale": 1.0}, [[[1, 2], "int32"]]],
    ["_npi_bernoulli", {"prob": 1.3, "logit": None, "is_logit": False, "size": 2}, []],
    ["_npi_bernoulli", {"prob": None, "logit": None, "is_logit": False}, [[[0.5, 1.5], "float32"]]],
    ["_npi_bernoulli", {"prob": 0.3, "logit": None, "is_logit": False, "dtype": "int64"}, []],
    ["_npi_uniform", {"low": 0.0, "high": 1.0, "dtype": "int32"}, []],
    ["_npi_uniform", {"low": 0.0}, []],
    ["_npi_uniform", {"low": None, "high": 1.0}, []],
    ["_npi_uniform", {"low": 0.0, "high": 1.0}, [[[1.0], "float32"]]],
    ["_npi_uniform", {"low": None, "high": 1.0, "size": (2, 4)}, [[[1.0, 2.0, 3.0], "float32"]]],
    ["_npi_uniform", {"low": None, "high": None}, [[[1.0], "float32"], [[2.0], "float64"]]],
    ["_npi_choice", {"a": 5, "size": 3, "weighted": True}, []],
    ["_npi_multinomial", {"n": 5, "pvals": (0.2, 0.9, 0.5)}, []],
    ["_npi_multinomial", {"n": 5}, [[[0.2, 0.9, 0.5], "float32"]]],
    ["_npi_multinomial", {"n": 5}, [[[[0.2, 0.3, 0.5]], "float32"]]],
    ["_npi_multinomial", {"n": 5}, []],
)


def arrays(mx, inputs):
    return [mx.nd.array(numpy.array(values), dtype=dtype) for values, dtype in inputs]


def some(array):
    """Dtype, shape, and values: those at some places where there are many."""
    array = array.asnumpy()
    flat = array.reshape(-1)
    if flat.size > 150:
        flat = flat[numpy.unique(numpy.linspace(0, flat.size - 1, PLACES).astype(numpy.int64))]
    return {"dtype": array.dtype.name, "shape": list(array.shape), "values": plain(flat.tolist())}


def drawn(mx, steps, call):
    """What each step draws; ``call(operator, inputs, attributes)`` runs one of mx.np."""
    mx.random.seed(7)
    found = []
    for op, attributes, inputs in steps:
        if op.startswith("nd."):
            function = mx
            for part in op.split("."):
                function = getattr(function, part)
            found.append(some(function(*arrays(mx, inputs), **attributes)))
        else:
            found.append(some(call(op, arrays(mx, inputs), attributes)))
    return found


def graph(mx, text, inputs):
    """The output and the gradients of the inputs, the gradient of the output being 1, 2, 3..."""
    symbol = mx.sym.load_json(text)
    given = dict(zip(symbol.list_arguments(), arrays(mx, inputs)))
    grads = {n: mx.nd.zeros(a.shape, dtype=a.dtype) for n, a in given.items()}
    differentiable = bool(inputs) and all(dtype == "float32" for _, dtype in inputs)
    executor = symbol.bind(mx.cpu(), given, grads if differentiable else None, "write" if differentiable else "null")
    mx.random.seed(7)
    (output,) = executor.forward(is_train=differentiable)
    found = {"output": some(output), "gradients": None}
    if differentiable and output.dtype == numpy.float32 and output.size:
        executor.backward([mx.nd.array(numpy.arange(1, output.size + 1).reshape(output.shape))])
        found["gradients"] = plain([grads[n] for n in symbol.list_arguments()])
    return found


def main():
    import mxnet as mx

    def call(op, inputs, attributes):
        return getattr(mx.nd.numpy._internal, op[5:])(*[x.as_np_ndarray() for x in inputs], **attributes)

    results = {"drawn": {}, "graphs": {}, "refused": []}
    with mx.util.np_shape(True):
        for name, steps in sequences().items():
            results["drawn"][name] = drawn(mx, steps, call)
            op, attributes, inputs = steps[0]
            if op == "_npi_multinomial" and inputs:
                continue  # MXNet composes no symbol of it: the operator has two names for its input
            with mx.name.NameManager():
                variables = [mx.sym.var("x%d" % i).as_np_ndarray() for i in range(len(inputs))]
                text = getattr(mx.sym.numpy._internal, op[5:])(*variables, **attributes).tojson()
            found = graph(mx, text, inputs)
            assert found["output"] == results["drawn"][name][0], name
            results["graphs"][name] = {"json": text, "inputs": inputs, **found}
        for op, attributes, inputs in REFUSED:
            try:
                call(op, arrays(mx, inputs), attributes).asnumpy()
            except Exception as error:
                results["refused"].append([op, attributes, inputs, type(error).__name__])
            else:
                print("NOT REFUSED", op, attributes)
    write("numpy_random", results)


if __name__ == "__main__":
    main()
