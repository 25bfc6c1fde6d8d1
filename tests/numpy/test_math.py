"""Arithmetic, reductions and products of mx.np over dtypes and shapes, gradients and graphs: against real MXNet."""

from __future__ import annotations

import warnings

import pytest

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_math as scenario
from tests.oracle.scenario import read

COMPARISONS = {
    "equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=",
}  # fmt: skip
ARITHMETIC = {"subtract": "-", "mod": "%", "remainder": "%", "true_divide": "/", "divide": "/"}
MIXED = ("f2,f4", "f4,f8", "i4,f4", "f4,i8", "f2,i8", "i4,i8", "i1,u1", "b,i4")
DTYPES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool")


def _both(function: str, operator: str, pairs: tuple[str, ...]) -> list[str]:
    return [f"np.{function}({pair})" for pair in pairs] + [pair.replace(",", operator) for pair in pairs]


def _differences() -> dict[str, str]:
    found = {}

    def differ(reason: str, *names: str) -> None:
        found.update(dict.fromkeys((name.replace("[", "[[]") for name in names), reason))

    for function, operator in COMPARISONS.items():
        differ("two dtypes are compared in the one that holds both", *_both(function, operator, MIXED))
    for function, operator in ARITHMETIC.items():
        pairs = ("f2,f4", "f4,f8", "i4,i8") if operator == "/" else ("i4,i8",)
        differ("two dtypes count in the one that holds both", *_both(function, operator, pairs))
    differ("two dtypes are compared in the one that holds both", "hybridized: x==i")
    for name in ("deg2rad", "rad2deg"):
        differ("MXNet's function reads an attribute that is not there", f"np.{name}(*)", f"gradients: np.{name}(x)")
    for name in ("sum", "prod", "mean", "std", "var", "cumsum"):
        for a in ("f2", "f4", "i1", "i4", "b", "u1"):
            differ("every dtype can be asked for", f"np.{name}({a},dtype='uint8')")
            if name in ("std", "var"):
                differ("every dtype can be asked for", f"np.{name}({a},dtype='bool')")
    for name in scenario.REDUCTIONS:
        if name in ("max", "min", "amax", "amin", "all", "any", "sometrue", "prod", "product", "cumsum", "sum"):
            differ("an unknown keyword is Python's TypeError", f"np.{name}(f4,where=b)")
            if name != "sum":
                differ("an unknown keyword is Python's TypeError", f"np.{name}(f4,initial=2)")
    for name in ("prod", "product", "mean"):
        reason = "the product of nothing is 1, its mean NaN, as NumPy's"
        differ(reason, *(f"np.{name}({a})" for a in ("ef4", "ei4", "ef4,axis=0", "ei4,axis=0")))
        differ(reason, f"np.{name}(ef4,axis=0,keepdims=True)")
    differ("the product of nothing is 1, its mean NaN, as NumPy's", "ef4.mean()", "ef4.prod()")
    for name in ("std", "var"):
        reason = "MXNet's mean of uint8 wraps around"
        differ(reason, f"np.{name}(u1)", f"np.{name}(u1,axis=1)", f"u1.{name}()")
        differ(reason, *(f"np.{name}(u1,dtype='{d}')" for d in DTYPES if d not in ("bool", "uint8")))
    differ("MXNet adds up in the small dtype", "np.mean(u1,dtype='int8')",
           "np.mean(np.full((70000,),3,dtype='float16'))")  # fmt: skip
    for dtype in ("gradients: ", "gradients, float64: "):
        reason = "MXNet's gradients are 0"
        differ(reason, f"{dtype}np.std(x)", f"{dtype}np.std(x,axis=1,ddof=1)", f"{dtype}np.var(x)",
               f"{dtype}np.var(x,axis=0,keepdims=True)", f"{dtype}np.var(x,axis=1,ddof=1)")  # fmt: skip
        differ("heads of backward are of floating dtypes", f"{dtype}np.argmax(x)", f"{dtype}np.argmin(x,axis=1)")
    differ("MXNet's gradients are 0", "gradients: x.std()", "hybridized: np.std(x)",
           "hybridized: np.var(x,axis=1,ddof=1)", "hybridized: np.polyval(r,x)",
           "gradients: np.bincount(x.astype('int32')[0],weights=r)")  # fmt: skip
    differ("heads of backward are of floating dtypes", "gradients: x.astype('int32')*2")
    differ("MXNet's gradient is wrong", "gradients: np.arctan2(2,x)", "hybridized: np.where(b,x,1)")
    differ("MXNet's gradient is NaN", "gradients: 0**x")
    differ("there is a gradient", "gradients: np.copysign(2,x)", "gradients: np.copysign(x,2)",
           "gradients: np.copysign(x,-2)")  # fmt: skip
    differ("products are of every dtype", "np.dot(f2,f2)", "np.dot(i4,i4)", "np.dot(u1,u1)", "np.matmul(f2,f2)",
           "np.matmul(i4,i4)", "np.inner(i4,i4)", "np.outer(i4,i4)", "np.vdot(i4,i4)", "np.tensordot(f2,f2)",
           "np.tensordot(i4,i4)", "np.around(f2)", "np.round(f2)", "np.round_(f2)")  # fmt: skip
    differ("it does what NumPy does", "np.cumsum(c4,axis=-1)", "np.cumsum(c4,axis=-3)",
           "np.tensordot(c4,f4,axes=([2],0))", "np.einsum('ij,jk,kl->il',f4,f4,f4,optimize='greedy')",
           "[1,2,3][zi4]", "[1,2,3][np.array(1,dtype='uint8')]", "list(range(zi4))", "hash(zf4)==hash(zf4)",
           "hybridized: abs(x)", "hybridized: np.histogram(x,bins=3,range=(0,3))", "np.clip(f4,2,0)",
           "onp.ones(2,'float32')//f4", "np.unique(nan)")  # fmt: skip
    differ("powers wrap around", "np.power(u1,u1)", "u1**u1")
    differ("MXNet ignores the argument", "np.diff(f4,prepend=0)", "np.diff(f4,append=f4)",
           "np.einsum('ij,jk->ik',f4,f4,bad=1)", "np.nan_to_num(*,out=*)")  # fmt: skip
    differ("another error", "np.ediff1d(f4,to_end=[1,2])", "np.einsum(1,f4)", "np.einsum(f4,[0,1],f4,[1,2])",
           "np.inner(f4,2)", "np.outer(row,2)", "np.tensordot(f4,2,0)", "onp.ones(2,'float32')/f4")  # fmt: skip
    differ("MXNet writes into what it still reads", "written: f4@=f4", "written: row@=f4")
    differ("floating numbers have no bits", "np.bitwise_not(ef4)", "np.invert(ef4)")
    differ("numbers to count are in one dimension", "np.bincount(zi4)")
    differ("edges that the dtype cannot hold wrap around", "np.histogram(u1,bins=3,range=(0,256))")
    return found


@pytest.fixture(scope="module")
def found():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)  # of numpy, about plain numbers
        warnings.filterwarnings("ignore", message=".*not used by any computation")
        return scenario.results(mx)


def test_as_mxnet(found):
    lines = disagreements(found, read("numpy_math"), _differences(), rtol=1e-5)
    assert not lines, "\n".join(lines)
