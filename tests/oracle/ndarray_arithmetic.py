"""Writes tests/golden/ndarray_arithmetic.json: Python's operators and nd's arithmetic functions, dtype rules, refusals.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.ndarray_arithmetic
"""

import os
import warnings

import numpy as np

from tests.oracle.ndarray_methods import entries
from tests.oracle.scenario import plain, write

DTYPES = ("float32", "float64", "float16", "int8", "int32", "int64", "uint8", "bool")
BINARY = ("+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=")
SCALARS = (
    "2",
    "-3",
    "2.5",
    "0",
    "True",
    "np.float32(2.5)",
    "np.float64(2.5)",
    "np.int64(3)",
    "np.int8(3)",
    "np.bool_(True)",
)
REFUSED = (
    "np.ones(4)",
    "np.ones((2, 2))",
    "[1, 2, 3, 4]",
    "(1, 2, 3, 4)",
    "'a'",
    "None",
    "object()",
    "{}",
    "1j",
    "np.array(2)",
)
FUNCTIONS = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "modulo",
    "power",
    "maximum",
    "minimum",
    "equal",
    "not_equal",
    "greater",
    "greater_equal",
    "lesser",
    "lesser_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
)

EXPRESSIONS = """
nd.ones((2, 3)) + nd.ones((3, 2)) ; nd.ones((2, 3)) + nd.ones((2,)) ; nd.ones((2, 3)) * nd.ones((1, 1, 3))
nd.ones((4, 1)) == nd.ones((1, 2)) ; x == None ; x != None ; None == x ; x == 'a' ; x is None ; x in [x]
x.__div__(2) ; x.__rdiv__(2) ; x.__idiv__(2) ; divmod(x, 2) ; x // 2 ; 2 // x ; x @ y ; x & y ; x | y ; x << 1 ; not x
float(nd.array([2.5])) ; int(nd.array([2.5])) ; float(x) ; int(x) ; complex(x) ; round(x) ; bool(nd.array([0]))
bool(nd.array([2])) ; bool(nd.array([[0.5]])) ; bool(x) ; bool(nd.zeros((0, 2)))
range(5)[nd.array([2], dtype='int32')] ; [1, 2, 3][nd.array([2])] ; len(x) ; len(column) ; sum([x, x]) ; sum(x).shape
max([nd.array([1]), nd.array([3])]) ; sorted(nd.array([3, 1, 2]))[0] ; hash(x) == hash(x) ; x in {x: 1}
len({x, x, y}) ; nd.ones(1) and 3 ; list(nd.array([1, 2]))[1] ; tuple(column)[2]
np.mean([float(v.asscalar()) for v in x]) ; np.array(x).dtype.name ; np.asarray(x) + 1 ; np.sum(x.asnumpy())
np.exp(x) ; np.float32(2) * x ; x * np.float32(2) ; np.float64(2) - x ; np.int64(2) ** x ; np.float32(2) < x
x.__array_priority__ ; '%d' % nd.array([3]).asscalar() ; '{}'.format(nd.array([3])) ; f'{nd.array([3])}'
x.asscalar() ; nd.array([[2.5]]).asscalar() ; type(nd.array([2], dtype='int8').asscalar()).__name__
nd.array([1e38]) * 10 ; nd.array([0.]) / 0 ; nd.array([-1.]) ** 0.5 ; nd.array([5.5]) % 0 ; nd.array([-5]) % 3
5 % nd.array([-3.]) ; nd.array([5], dtype='int32') / 2 ; nd.array([5], dtype='int32') * 0.5 ; x.__bool__
nd.array([200], dtype='uint8') + 100 ; nd.array([100], dtype='int8') * 2 ; 3 - nd.array([5], dtype='uint8')
nd.array([5], dtype='int32') + 2.9 ; nd.array([5], dtype='int32') > 4.5 ; nd.array([5], dtype='int32') == 5.5
nd.array([7], dtype='int32') ** -1 ; nd.array([16777217], dtype='int32') + 1
nd.array([2 ** 53 + 1], dtype='int64') + 1 ; nd.array([2 ** 31 - 1], dtype='int32') * 2
nd.array([7, -7], dtype='int32') % 3 ; nd.array([7, -7]) % -3
"""


def outcome(function):
    """What the call gives, or the class of its error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain(function())
    except Exception as error:
        return {"raises": type(error).__name__}


def results(mx):
    nd = mx.nd
    found = {}
    values, other = [1, 4, 5, 7], [2, 3, 1, 7]

    def scope(dtype, second=None):
        return {
            "mx": mx,
            "nd": nd,
            "np": np,
            "x": nd.array(values, dtype=dtype),
            "y": nd.array(other, dtype=second or dtype),
            "row": nd.array([[1, 2, 3, 4]], dtype=dtype),
            "column": nd.array([[1], [2], [3]], dtype=dtype),
        }

    def run(text, dtype, second=None):
        names = scope(dtype, second)
        found["%s (%s%s)" % (text, dtype, ", " + second if second else "")] = outcome(lambda: eval(text, names))

    def statement(text, dtype, second=None):
        names = scope(dtype, second)

        def execute():
            x = names["x"]
            exec(text, names)
            return [names["x"], names["x"] is x]

        found["%s (%s%s)" % (text, dtype, ", " + second if second else "")] = outcome(execute)

    for dtype in DTYPES:
        for sign in BINARY:
            run("x %s y" % sign, dtype)
            for number in SCALARS:
                if sign in "/%" and number == "0" and "float" not in dtype:
                    continue  # the division by zero ends MXNet's process
                run("x %s %s" % (sign, number), dtype)
                run("%s %s x" % (number, sign), dtype)
        for text in (
            "-x",
            "abs(x)",
            "abs(-x)",
            "x + row",
            "column * row",
            "row - column",
            "x == row",
            "column < x",
            "~x",
            "+x",
        ):
            run(text, dtype)
        for sign in ("+=", "-=", "*=", "/=", "%="):
            statement("x %s y" % sign, dtype)
            statement("x %s 2" % sign, dtype)
            statement("x %s 2.5" % sign, dtype)
            statement("x %s row" % sign, dtype)
    for second in DTYPES[1:]:
        for sign in ("+", "==", "/"):
            run("x %s y" % sign, "float32", second)
            run("y %s x" % sign, "float32", second)
        statement("x += y", "float32", second)
    for sign in BINARY:
        for wrong in REFUSED:
            run("x %s %s" % (sign, wrong), "float32")
            if "np." not in wrong:  # numpy's own operators come first: see the tests
                run("%s %s x" % (wrong, sign), "float32")
    for sign in ("+=", "-=", "*=", "/=", "%=", "**=", "//="):
        for wrong in ("[1, 2, 3, 4]", "np.ones(4)", "None"):
            statement("x %s %s" % (sign, wrong), "float32")
    statement("x **= 2", "float32")
    statement("row += x", "float32")
    for name in FUNCTIONS:
        for arguments in (
            "x, y",
            "x, 2",
            "2, x",
            "x, 2.5",
            "2.5, x",
            "3, 2",
            "2, 3",
            "2.5, 2",
            "column, row",
            "x, 'a'",
            "[1], x",
            "x, np.ones(4)",
            "x, np.float32(2)",
            "x",
            "x, row",
            "column, x, 3",
        ):
            run("nd.%s(%s)" % (name, arguments), "float32")
        run("nd.%s(x, 2)" % name, "int32")
        run("nd.%s(x, y)" % name, "int32")
        run("nd.%s(x, 2.5)" % name, "int32")
    for text in entries(EXPRESSIONS):
        run(text, "float32")
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("ndarray_arithmetic", results(mxnet))
