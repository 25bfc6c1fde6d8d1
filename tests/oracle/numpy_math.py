"""Writes tests/golden/numpy_math.json: arithmetic, reductions and products of mx.np over dtypes and kinds of shapes.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_math
"""

import numpy as onp

from tests.oracle.numpy_common import evaluated, settled, tried
from tests.oracle.scenario import plain, write

UNARY = (
    "absolute", "abs", "fabs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "cos",
    "cosh", "degrees", "deg2rad", "rad2deg", "exp", "expm1", "fix", "floor", "isfinite", "isinf", "isnan",
    "isneginf", "isposinf", "log", "log10", "log1p", "log2", "logical_not", "negative", "radians", "reciprocal",
    "rint", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "bitwise_not", "invert", "around",
    "round", "round_", "nan_to_num",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "true_divide", "divide", "mod", "remainder", "power", "arctan2", "copysign",
    "hypot", "maximum", "minimum", "lcm", "ldexp", "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "not_equal",
    "greater", "greater_equal", "less", "less_equal",
)  # fmt: skip
OPERATORS = (
    "+", "-", "*", "/", "%", "**", "==", "!=", ">", ">=", "<", "<=", "&", "|", "^", "//",
)  # fmt: skip
REDUCTIONS = (
    "sum", "prod", "product", "mean", "std", "var", "max", "min", "amax", "amin", "all", "any", "sometrue",
    "argmax", "argmin", "cumsum", "average",
)  # fmt: skip
METHODS = (
    "sum", "prod", "mean", "std", "var", "max", "min", "all", "any", "argmax", "argmin", "cumsum",
)  # fmt: skip

# Names of ``names``: the letter and the number of bytes of the dtype; z: without axes, e: (0, 2), c: (2, 3, 2).
ALL = ["f2", "f4", "f8", "i1", "i4", "i8", "u1", "b"]
LONE = ["f2", "f8", "i1", "i8", "u1", "b", "zf4", "zi4", "ef4", "ei4"]
PAIRS = (
    ("f2", "f2"), ("f8", "f8"), ("f2", "f4"), ("f4", "f8"), ("i4", "f4"), ("f4", "i8"), ("f2", "i8"), ("i4", "i8"),
    ("i1", "u1"), ("u1", "u1"), ("i8", "i8"), ("b", "i4"), ("b", "b"), ("b", "f4"), ("f4", "row"), ("zf4", "f4"),
    ("zi4", "zi4"), ("i4", "zi4"), ("ef4", "row"), ("f4", "ef4"), ("ei4", "ei4"), ("f2", "2"), ("i1", "3"),
    ("i4", "2.5"), ("u1", "3"), ("u1", "1.5"), ("b", "2"), ("b", "1.5"), ("b", "True"), ("f4", "onp.float64(2)"),
    ("f4", "onp.int8(2)"), ("i4", "onp.float32(2)"), ("2", "i4"), ("2.5", "i8"), ("True", "b"), ("2", "b"),
    ("2.5", "f2"), ("0", "f4"), ("f4", "0"), ("zf4", "2"), ("2", "zi4"), ("ef4", "2"), ("f4", "None"),
    ("None", "f4"), ("f4", "'a'"), ("f4", "onp.ones(2)"), ("onp.ones(2,'float32')", "f4"), ("f4", "[1,2]"),
    ("f4", "1j"), ("f4", "c4"),
)  # fmt: skip


def elementwise():
    for f in UNARY:
        for a in LONE:
            yield "np.%s(%s)" % (f, a)
        yield "np.%s(-2)" % f
        yield "np.%s(True)" % f
        yield "np.%s(f4,out=np.zeros((2,2)))" % f
        yield "np.%s(i4,out=np.zeros((2,2),dtype='int32'))" % f
        yield "np.%s(f4,out=np.zeros(2))" % f
    for f in BINARY:
        for a, b in PAIRS:
            yield "np.%s(%s,%s)" % (f, a, b)
        yield "np.%s(2,3)" % f
        yield "np.%s(f4,f4,out=np.zeros((2,2)))" % f
        yield "np.%s(f4,2,out=np.zeros((2,2)))" % f
        yield "np.%s(f4,f4,np.zeros((2,2),dtype=bool))" % f
    for f in OPERATORS:
        for a, b in PAIRS:
            yield "%s%s%s" % (a, f, b)


AXES = (
    "c4,0", "c4,axis=-1", "c4,axis=3", "c4,axis=(0,2)", "c4,axis=(0,-1)", "c4,axis=()", "c4,axis=(0,0)",
    "c4,axis=[0,1]", "c4,axis=1.5", "zf4,axis=0", "zf4,axis=()", "ef4,axis=0", "ei4,axis=0",
)  # fmt: skip
# What ends MXNet's process.
FATAL = frozenset(
    "np.%s(ei4%s)" % (f, axis)
    for f, axes in (("std", ("", ",axis=0")), ("var", ("", ",axis=0")), ("average", ("", ",axis=0", ",axis=1")))
    for axis in axes
) | {"np.average(ef4,axis=1)"}


def reductions():
    return [line for line in _reductions() if line not in FATAL]


def _reductions():
    for f in REDUCTIONS:
        for a in LONE:
            yield "np.%s(%s)" % (f, a)
            if not a.startswith("z"):
                yield "np.%s(%s,axis=1)" % (f, a)
        for args in AXES:
            yield "np.%s(%s)" % (f, args)
        if f not in ("argmax", "argmin", "cumsum", "average"):
            yield "np.%s(c4,axis=1,keepdims=True)" % f
            yield "np.%s(c4,keepdims=True)" % f
            yield "np.%s(zf4,keepdims=True)" % f
            yield "np.%s(ef4,axis=0,keepdims=True)" % f
        yield "np.%s(f4,axis=0,out=np.zeros(2))" % f
        yield "np.%s(f4,axis=0,out=np.zeros(3))" % f
        yield "np.%s(f4,axis=0,out=np.zeros(2,dtype='int64'))" % f
        yield "np.%s(nan)" % f
        yield "np.%s(nan,axis=0)" % f
        yield "np.%s([1,2])" % f
        yield "np.%s(onp.ones(2))" % f
        yield "np.%s(f4,initial=2)" % f
        yield "np.%s(f4,where=b)" % f
    for f in ("sum", "prod", "mean", "std", "var", "cumsum"):
        for a in ["f2", "f4", "i1", "i4", "b", "u1"]:
            for dtype in ["float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"]:
                yield "np.%s(%s,dtype='%s')" % (f, a, dtype)
        yield "np.%s(f4,dtype=np.float64)" % f
        yield "np.%s(f4,dtype=float)" % f
        yield "np.%s(f4,dtype=int)" % f
        yield "np.%s(f4,dtype='bad')" % f
    for f in METHODS:
        for a in ["f4", "i4", "b", "zf4", "ef4", "i8", "u1"]:
            yield "%s.%s()" % (a, f)
        yield "c4.%s(1)" % f
        yield "c4.%s(axis=1)" % f
        yield "c4.%s(axis=(0,1))" % f
        yield "c4.%s(axis=5)" % f
        yield "c4.%s(axis=1,out=np.zeros((2,2)))" % f
        yield "c4.%s(axis=1,keepdims=True)" % f
        yield "f4.%s(dtype='float64')" % f
        yield "f4.%s(bad=1)" % f


CALLS = """
np.std(f4,ddof=1)
np.var(f4,axis=1,ddof=1)
np.var(f4,ddof=4)
np.std(f8,axis=0,ddof=1,keepdims=True)
np.std(c4,axis=(0,2),ddof=2)
f4.std(ddof=1)
f4.var(axis=0,ddof=1,keepdims=True)
np.sum(i1*100)
np.sum(u1)
np.sum(np.ones(70000,dtype='float16'))
np.mean(np.full((70000,),3,dtype='float16'))
np.mean(np.full((300,),200,dtype='uint8'))
np.sum(f4,axis=True)
np.mean(c4,(0,1))
np.mean(f4,0,'float64')
np.mean(f4,axis=0,out=np.zeros(2))
np.max(f4,0,True)
np.max(f4,0,np.zeros(2))
np.average(f4,weights=f4)
np.average(f4,weights=row)
np.average(f4,axis=0,weights=row)
np.average(f4,axis=1,weights=row)
np.average(f4,axis=1,weights=row,returned=True)
np.average(f4,returned=True)
np.average(f4,axis=0,returned=True)
np.average(i4)
np.average(i4,weights=i4,returned=True)
np.average(f2,axis=1,weights=f2)
np.average(f4,axis=1,weights=f8)
np.average(f8,axis=1,weights=f8[0])
np.average(c4,axis=(0,2))
np.average(c4,axis=(0,2),returned=True)
np.average(c4,axis=1,weights=np.array([1,2,3]))
np.average(c4,axis=(0,1),weights=np.ones((2,3)))
np.average(f4,axis=1,weights=np.zeros(2))
np.average(f4,weights=[1,2])
np.average(b)
np.average(zf4)
np.average(ef4)
np.cumsum(c4,axis=1)
np.cumsum(c4,axis=-3)
np.cumsum(c4,2,'float64')
np.cumsum(i1*60,axis=1)
np.cumsum(i1*60,axis=1,dtype='int64')
c4.cumsum(axis=1,dtype='int32')
np.diff(f4)
np.diff(f4,axis=0)
np.diff(c4,n=2,axis=1)
np.diff(c4,n=0)
np.diff(c4,n=3,axis=1)
np.diff(c4,n=5,axis=1)
np.diff(f4,n=-1)
np.diff(f4,axis=2)
np.diff(i4)
np.diff(u1)
np.diff(b)
np.diff(f2)
np.diff(i1)
np.diff(zf4)
np.diff(ef4)
np.diff(ef4,axis=0)
np.diff(f4,prepend=0)
np.diff(f4,append=f4)
np.ediff1d(f2)
np.ediff1d(f8,to_end=1)
np.ediff1d(i1)
np.ediff1d(u1)
np.ediff1d(i8,to_begin=1,to_end=2)
np.ediff1d(b)
np.ediff1d(c4,to_end=row,to_begin=row)
np.ediff1d(c4,to_end=f4)
np.ediff1d(ef4)
np.ediff1d(ef4,to_end=1)
np.ediff1d(f4,to_end=i4)
np.ediff1d(f4,to_end=[1,2])
np.histogram(f4,bins=4,range=(-2,4))
np.histogram(f4,4,(-2,4))
np.histogram(f4,bins=np.array([-2.,0.,2.,4.]))
np.histogram(i4,bins=3,range=(0,6))
np.histogram(f8,bins=3,range=(0,6))
np.histogram(f2,bins=3,range=(0,6))
np.histogram(u1,bins=3,range=(0,256))
np.histogram(f4,bins=4)
np.histogram(f4)
np.histogram(f4,bins=[0,1,2])
np.histogram(f4,bins='auto')
np.histogram(f4,bins=3,range=(0,1),density=True)
np.histogram(f4,bins=3,range=(0,1),normed=True)
np.histogram(f4,bins=3,range=(0,1),weights=f4)
np.histogram(f4,bins=3,range=(0,1),density=False)
np.histogram(f4,bins=2,range=(4,0))
np.histogram(nan,bins=2,range=(0,4))
np.histogram(ef4,bins=2,range=(0,4))
np.bincount(i4)
np.bincount(i4[1])
np.bincount(i8[1],minlength=8)
np.bincount(u1[0])
np.bincount(i1[1])
np.bincount(i4[1],weights=f2[0])
np.bincount(i4[1],weights=f4[0],minlength=7)
np.bincount(i4[1],weights=i8[0])
np.bincount(i4[1],f4)
np.bincount(i4[1],weights=c4[0,:,0])
np.bincount(ei4[:,0])
np.bincount(b[0])
np.bincount(zi4)
np.unique(i1)
np.unique(u1,return_counts=True)
np.unique(f2,return_index=True)
np.unique(f8,return_inverse=True)
np.unique(nan)
np.unique(c4,axis=1,return_index=True)
np.unique(c4,axis=-1,return_inverse=True,return_counts=True)
np.unique(c4,axis=3)
np.unique(np.array([[2,1],[1,1],[2,1]]),axis=0,return_index=True,return_inverse=True,return_counts=True)
np.unique([1,2])
np.percentile(f8,50)
np.percentile(f2,[10,20])
np.percentile(f4,np.array([10,20,90]),axis=0)
np.percentile(f4,np.array([10,20,90],dtype='float64'),axis=1,keepdims=True)
np.percentile(f4,np.array([10,20],dtype='int32'))
np.percentile(f8,np.array([10,20]))
np.percentile(u1,25)
np.percentile(b,25)
np.percentile(i8,25,interpolation='midpoint')
np.percentile(i8,25,interpolation='higher')
np.percentile(i8,25,interpolation='lower')
np.percentile(i8,50,interpolation='nearest')
np.percentile(c4,37.5,axis=(0,2))
np.percentile(c4,0)
np.percentile(c4,100)
np.percentile(c4,-1)
np.percentile(zf4,30)
np.percentile(zf4,np.array([30,40]))
np.percentile(nan,30)
np.percentile(f4,50,out=np.zeros(()))
np.percentile(f4,50,axis=0,out=np.zeros(2))
np.percentile(f4,50,overwrite_input=True)
np.percentile(f4,np.array(50.))
np.percentile(f4,None)
np.quantile(f4,0.5)
np.quantile(f4,np.array([0.1,0.9]))
np.quantile(f4,np.array([0.1,0.9]),axis=1)
np.quantile(f4,[0.1,0.9])
np.quantile(f4,1.5)
np.quantile(i4,0.3,interpolation='lower')
np.quantile(f4,0.5,overwrite_input=True)
np.quantile(f8,0.25,axis=0,keepdims=True)
np.quantile(f4,0.5,out=np.zeros(()))
np.dot(f4,f4)
np.dot(f2,f2)
np.dot(f8,f8)
np.dot(f4,f8)
np.dot(i4,i4)
np.dot(f4,row)
np.dot(row,f4)
np.dot(row,row)
np.dot(c4,row)
np.dot(c4,f4)
np.dot(row,c4.transpose(0,2,1))
np.dot(c4,c4)
np.dot(zf4,f4)
np.dot(f4,zf4)
np.dot(zf4,zf4)
np.dot(zf4,2)
np.dot(f4,2)
np.dot(2,3)
np.dot(ef4,f4)
np.dot(f4,ef4)
np.dot(f4,ef4.T)
np.dot(ef4.T,ef4)
np.dot(f4,np.ones(3))
np.dot(f4,f4,out=np.zeros((2,2)))
np.dot(f4,f4,out=np.zeros((2,3)))
np.dot(f4,[1,2])
np.dot(f4,onp.ones(2))
np.dot(b,b)
np.dot(u1,u1)
f4.dot(f4)
f4.dot(row)
row.dot(row)
f4.dot(f4,out=np.zeros((2,2)))
f4.dot(2)
np.matmul(f4,f4)
np.matmul(f2,f2)
np.matmul(f8,f8)
np.matmul(i4,i4)
np.matmul(f4,i4)
np.matmul(f4,f8)
np.matmul(f4,row)
np.matmul(row,f4)
np.matmul(row,row)
np.matmul(c4,f4)
np.matmul(f4,c4.transpose(0,2,1))
np.matmul(c4,c4.transpose(0,2,1))
np.matmul(c4,row)
np.matmul(np.ones(3),c4)
np.matmul(c4[None],np.ones((4,1,2,3)))
np.matmul(c4,c4)
np.matmul(zf4,f4)
np.matmul(f4,2)
np.matmul(ef4,f4)
np.matmul(ef4.T,ef4)
np.matmul(np.zeros((0,2,2)),f4)
np.matmul(f4,f4,out=np.zeros((2,2)))
np.matmul(f4,[1,2])
np.matmul(f4,f4,order='C')
c4@f4
f4@row
row@f4
row@row
row@2
2@row
f4@i4
f4@zf4
f4@None
f4@onp.ones((2,2),'float32')
np.tensordot(c4,c4)
np.tensordot(c4,c4,axes=3)
np.tensordot(c4,c4,2)
np.tensordot(c4,f4,1)
np.tensordot(f4,f4,0)
np.tensordot(f4,f4,axes=0)
np.tensordot(c4,c4,([0,1],[0,1]))
np.tensordot(c4,c4,axes=((0,2),(0,2)))
np.tensordot(c4,f4,axes=(0,1))
np.tensordot(c4,f4,axes=(2,-1))
np.tensordot(c4,f4,axes=[[2],[0]])
np.tensordot(c4,f4,axes=([2],0))
np.tensordot(c4,f4,axes=([2,1],[0]))
np.tensordot(c4,f4,axes=([1],[0]))
np.tensordot(c4,f4,axes=(1,2,3))
np.tensordot(c4,f4,axes=-1)
np.tensordot(f4,f4,axes=([],[]))
np.tensordot(f8,f8)
np.tensordot(f2,f2)
np.tensordot(i4,i4)
np.tensordot(f4,f8)
np.tensordot(zf4,zf4,0)
np.tensordot(ef4,ef4)
np.tensordot(ef4,f4,1)
np.tensordot(ef4.T,ef4,1)
np.tensordot(row,row,1)
np.tensordot(f4,2,0)
np.inner(row,row)
np.inner(f4,row)
np.inner(c4,f4)
np.inner(f4,c4)
np.inner(f4,np.ones(3))
np.inner(f4,2)
np.inner(f8,f8)
np.inner(i4,i4)
np.inner(ef4,f4)
np.outer(row,row)
np.outer(f4,row)
np.outer(c4,row)
np.outer(row,i4)
np.outer(i4,i4)
np.outer(f8,f8)
np.outer(zf4,row)
np.outer(ef4,row)
np.outer(row,2)
np.vdot(f4,f4)
np.vdot(row,row)
np.vdot(f4,row)
np.vdot(c4,c4)
np.vdot(f8,f8)
np.vdot(i4,i4)
np.vdot(zf4,zf4)
np.vdot(ef4,ef4)
np.kron(f4,row)
np.kron(f4,f4)
np.kron(c4,f4)
np.kron(i4,i4)
np.cross(np.array([1.,2.,3.]),np.array([4.,5.,6.]))
np.cross(f4,f4)
np.trace(f4)
np.trace(c4)
np.trace(c4,offset=1,axis1=1,axis2=2)
np.trace(i4)
np.trace(f2)
np.trace(row)
np.trace(f4,1)
np.trace(f4,-1)
np.trace(f4,5)
np.trace(c4,axis1=0,axis2=0)
np.trace(f4,out=np.zeros(()))
np.einsum('ij,jk->ik',f4,f4)
np.einsum('ij,jk',f4,f4)
np.einsum('ij->ji',f4)
np.einsum('ji',f4)
np.einsum('ii',f4)
np.einsum('ii->i',f4)
np.einsum('ij->',f4)
np.einsum('i,i',row,row)
np.einsum('i,j->ij',row,row)
np.einsum('i,j->ji',row,row)
np.einsum('ijk,kl->ijl',c4,f4)
np.einsum('...k,kl->...l',c4,f4)
np.einsum('...j,...k->...jk',f4,row)
np.einsum('ij,jk,kl->il',f4,f4,f4)
np.einsum('ij,jk,kl->il',f4,f4,f4,optimize=True)
np.einsum('ij,jk,kl->il',f4,f4,f4,optimize='greedy')
np.einsum('ij,jk->ik',f8,f8)
np.einsum('ij,jk->ik',i4,i4)
np.einsum('ij,jk->ik',f2,f2)
np.einsum('ij,jk->ik',f4,f8)
np.einsum('ij,jk->ik',f4,c4)
np.einsum('ij,jk->ik',f4)
np.einsum('ij,jk->il',f4,f4)
np.einsum('ij,jk->ik',f4,f4,out=np.zeros((2,2)))
np.einsum('ij , jk -> ik',f4,f4)
np.einsum('IJ,JK->IK',f4,f4)
np.einsum('Ba',f4)
np.einsum('...',f4)
np.einsum('',zf4)
np.einsum(',ij',zf4,f4)
np.einsum(',ij->ij',zf4,f4)
np.einsum('ij,ij->i',f4,f4)
np.einsum('ij,j->ij',f4,row)
np.einsum('i...->...',c4)
np.einsum('...i->...',c4)
np.einsum('ij->i',ef4)
np.einsum('ij->j',ef4)
np.einsum('ii->',c4)
np.einsum('i.j',f4)
np.einsum('ij->ijj',f4)
np.einsum(f4,[0,1],f4,[1,2])
np.einsum('ij,jk->ik',f4,f4,bad=1)
np.einsum('ij,jk->ik',f4,2)
np.einsum(1,f4)
np.polyval(row,f4)
np.polyval(f4,row)
np.polyval(row,zf4)
np.polyval(zf4,row)
np.polyval(row,2)
np.polyval([1,2],row)
np.polyval(f8[0],f8)
np.polyval(i4[0],i4)
np.polyval(ef4[:,0],row)
np.polyval(row,ef4)
np.around(f4,1)
np.around(f8*1.234,2)
np.around(f4*100,-2)
np.round(f4,decimals=1)
np.around(np.array([0.5,1.5,2.5,-0.5,-1.5]))
np.rint(np.array([0.5,1.5,2.5,-0.5,-1.5]))
np.around(i4,1)
np.around(i4*37,-1)
np.around(f4,1,np.zeros((2,2)))
f4.round()
f4.round(1)
f4.round(decimals=1)
np.nan_to_num(nan)
np.nan_to_num(nan,nan=5)
np.nan_to_num(nan,posinf=7,neginf=-7)
np.nan_to_num(nan.astype('float16'))
np.nan_to_num(nan.astype('float64'))
np.nan_to_num(i4)
np.nan_to_num(nan,copy=False)
np.nan_to_num(2)
np.nan_to_num(onp.nan)
np.clip(f4,0,2)
np.clip(f4,None,2)
np.clip(f4,0,None)
np.clip(f4,None,None)
np.clip(i4,0,2)
np.clip(i4,0.5,2.5)
np.clip(f2,0,2)
np.clip(f8,0,2)
np.clip(u1,10,200)
np.clip(b,0,1)
np.clip(zf4,0,2)
np.clip(ef4,0,2)
np.clip(nan,0,2)
np.clip(f4,2,0)
np.clip(f4,row,2)
np.clip(f4,0,2,out=np.zeros((2,2)))
f4.clip(0,2)
f4.clip(min=0)
f4.clip(max=1)
f4.clip()
-f4
-i4
-u1
-b
-f2
-zi4
-ef4
+f4
abs(i4)
abs(f4)
abs(b)
abs(u1)
~i4
~b
~f4
~u1
~zi4
round(f4)
round(f4,1)
round(zf4)
import_math.floor(zf4)
import_math.ceil(zf4)
import_math.trunc(zf4)
import_math.floor(f4)
import_math.ceil(f4)
import_math.trunc(f4)
import_math.sqrt(zf4)
bool(zf4)
bool(f4)
bool(ef4)
bool(np.zeros(1))
float(zf4)
float(f4)
float(i4[0,0])
int(zf4)
int(f4)
int(np.ones((1,1))*2.7)
complex(zf4)
hash(zf4)==hash(zf4)
[1,2,3][zi4]
[1,2,3][np.array(1,dtype='uint8')]
[1,2,3][zf4]
[1,2,3][np.array([1],dtype='int32')]
list(range(zi4))
divmod(f4,2)
divmod(7,f4)
pow(f4,2)
pow(f4,2,3)
f4<f4<f4
zf4<zf4
f4 and f4
not zf4
2 if zf4 else 3
f4 in [1,2]
2.5 in f4
sum(row)
max(row)
min(f4[0])
sorted(row)
any(row)
all(row)
np.add(f4,f4,where=True)
np.add(f4,f4,where=b)
np.add(f4,f4,casting='same_kind')
np.add(f4,f4,casting='safe')
np.add(f4,f4,order='K')
np.add(f4,f4,order='F')
np.add(f4,f4,dtype='float64')
np.add(f4,f4,dtype=None)
np.add(f4,f4,subok=True)
np.add(f4,f4,subok=False)
np.add(f4,f4,bad=1)
np.add(f4)
np.add()
np.add(x1=f4,x2=f4)
np.exp(f4,where=True)
np.exp(f4,where=b)
np.exp(f4,order='F')
np.exp(f4,casting='safe')
np.exp(f4,dtype='float64')
np.exp(f4,subok=False)
np.exp(f4,bad=1)
np.exp()
np.exp(x=f4)
np.exp(f4,f4*0)
np.exp([1,2])
np.exp(onp.ones(2))
np.exp('a')
np.exp(None)
np.exp(1j)
np.exp(f4,out=(f4*0,))
np.exp(f4,out=onp.zeros((2,2)))
np.equal(f4,f4,where=True)
np.true_divide(f4,f4,where=True)
np.true_divide(f4,2,out=np.zeros((2,2)))
np.absolute(f4,out=f4)
np.add(f4,1,out=f4)
np.add(f4,f4,out=f4)
np.subtract(row,f4,out=np.zeros((2,2)))
np.exp(mx.nd.ones(2))
np.add(f4,mx.nd.ones(2))
np.add(mx.nd.ones(2),f4)
mx.nd.exp(f4)
mx.nd.add(f4,f4)
f4+mx.nd.ones(2)
mx.nd.ones(2)+f4
np.sum(mx.nd.ones(2))
np.dot(f4,mx.nd.ones((2,2)))
"""

# Numbers of NumPy beside arrays, NaN, infinities and bounds of dtypes, arguments by place, what NumPy computes.
MORE = """
2*mx.sym.var('s').as_np_ndarray()
2+mx.sym.var('s').as_np_ndarray()
2.5*mx.sym.var('s').as_np_ndarray()
True*mx.sym.var('s').as_np_ndarray()
mx.sym.var('s').as_np_ndarray()*2
onp.float32(2)*mx.sym.var('s').as_np_ndarray()
onp.float32(2)*f4
onp.float64(2)*f4
onp.sqrt(2)*f4
onp.float64(2)+f4
onp.float64(2)-f4
onp.float64(2)**f4
onp.float64(2)%f4
onp.float64(2)>f4
onp.float64(2)==f4
onp.int64(2)*i4
onp.int64(2)-f4
onp.float32(2.5)*i4
onp.bool_(True)*f4
f4*onp.float64(2)
f4*onp.bool_(True)
f4+onp.array(2.)
onp.array(2.)+f4
f4==onp.float64(0)
f4>onp.float32(0)
f4**onp.int64(2)
f2*onp.float64(2)
onp.float64(2)*f2
i4*onp.float64(2.5)
f4**-1
f4**0.5
i4**0
2**f4
0**f4
f4%0
i4%0
i4/0
f4//1
-3%i4
i4%-3
f4%-2
f4*True
True*f4
f4+1e40
u1+100
u1*2
u1-2
2-u1
i4+True
b+1
b*2.5
b-b
b/b
b*b
b==True
b==1
b>0
b.sum()
b.mean()
b.astype('int32')+1
np.max(nan)
np.min(nan)
np.max(nan,axis=0)
np.argmax(nan)
np.argmin(nan)
np.argmax(nan,axis=1)
np.sum(nan,axis=1)
np.mean(nan)
np.maximum(nan,1)
np.minimum(1,nan)
np.sort(nan)
np.clip(nan,0,1)
np.sign(nan)
np.rint(nan)
np.floor(nan)
np.trunc(np.array([-1.7,1.7,-0.2]))
np.fix(np.array([-1.7,1.7,-0.2]))
np.sign(np.array([-0.0,0.0]))
np.log(np.array([0.,-1.]))
np.sqrt(np.array([-1.]))
np.cbrt(np.array([-8.,27.]))
np.exp(np.array([1000.,-1000.]))
np.expm1(np.array([1e-8]))
np.log1p(np.array([1e-8]))
np.arctan2(np.array([0.,0.]),np.array([-1.,1.]))
np.hypot(np.array([3e20]),np.array([4e20]))
np.power(np.array([-8.]),1/3)
np.power(np.array([0.]),0)
np.power(np.array([0.]),-1)
np.power(-2,np.array([3.,0.5]))
np.ldexp(np.array([1.5]),np.array([3.]))
np.ldexp(np.array([1.5]),3)
np.lcm(np.array([4,6],dtype='int32'),6)
np.lcm(np.array([4,0],dtype='int64'),np.array([6,3],dtype='int64'))
np.bitwise_and(i4,6)
np.bitwise_or(i4,i4)
np.bitwise_xor(np.array([1,2],dtype='int8'),3)
np.bitwise_and(u1,15)
np.bitwise_and(b,True)
np.bitwise_and(f4,1)
np.logical_not(b)
np.float_power(f4,2)
np.heaviside(f4,0.5)
np.signbit(f4)
np.i0(f4)
np.positive(f4)
np.real(f4)
np.isclose(f4,f4)
np.allclose(f4,f4+1e-9)
np.array_equal(f4,f4)
np.nanmax(nan)
np.nanprod(nan)
np.ptp(f4)
np.ptp(f4,axis=0)
np.count_nonzero(f4)
np.count_nonzero(f4,axis=0)
np.cov(f4)
np.corrcoef(f4)
np.correlate(row,row)
np.interp(row,row,row)
np.digitize(row,row)
np.trapz(row)
np.nancumsum(nan)
np.linalg.multi_dot([f4,f4])
np.linalg.matrix_power(f4,2)
np.linalg.matrix_rank(f4)
np.linalg.cond(f4)
np.linalg.qr(f4)
np.searchsorted(row,1)
np.partition(f4,1)
np.argwhere(f4)
np.extract(b,f4)
np.vander(row)
np.roots(row)
np.poly(row)
np.polyfit(row,row,1)
np.select([b],[f4])
np.modf(f4)
np.frexp(f4)
np.divmod(f4,2)
np.apply_along_axis(onp.sum,0,f4)
np.unwrap(row)
np.spacing(f4)
np.shape(f4)
np.ndim(f4)
np.size(f4)
f4.sum(0)
f4.sum(0,'float64')
f4.sum(axis=0,keepdims=True)
f4.mean(0,None,None,True)
f4.std(0,None,None,1)
f4.max(0)
f4.max(0,None,True)
f4.argmax(0)
f4.cumsum(0)
f4.prod(0)
f4.dot(f4).sum().item()
f4.any()
f4.all(0)
f4.nonzero()
f4.clip(0)
f4.clip(0,None)
f4.clip(a_min=0,a_max=1)
f4.var(ddof=1)
f4.mean(axis=(0,1))
f4.mean(axis=-1)
sum(f4)
np.sum(a=f4)
np.sum(f4,None,None,True)
np.sum(f4,0,None,True,None,None)
np.mean(f4,dtype=np.float64)
np.mean(f4,dtype='float16')
np.average(f4,0,row)
np.average(f4,weights=f4,axis=1)
np.max([f4,f4])
np.sum([1,2,3])
np.prod((1,2))
np.einsum('ijk,ikl->ijl',c4,c4.transpose(0,2,1))
np.einsum('bij,bjk->bik',c4,c4.transpose(0,2,1))
np.einsum('ij->j',f4)
np.einsum('i->',row)
np.einsum('i,i->i',row,row)
np.einsum('iji->j',np.ones((2,3,2)))
np.einsum('ijj->i',np.ones((2,3,3)))
np.einsum('...ij->...ji',c4)
np.einsum('i...,i...->...',c4,c4)
np.einsum('ij,...j->...i',f4,c4)
np.einsum('ij,ij->',f4,f4)
np.einsum('ij,kl->ijkl',f4,f4)
np.einsum('ij,kl->',f4,f4)
np.einsum('ab,bc,cd,de->ae',f4,f4,f4,f4,optimize=True)
np.einsum('ij,jk->',f4,f4)
np.einsum('ii->i',np.ones((2,3)))
np.einsum('ij,jk->ik',f4,np.ones((3,2)))
np.einsum('ij,ij->ij',f4,np.ones((1,2)))
np.einsum('i,->i',row,zf4)
np.einsum('ij,j',f4,row)
np.einsum('ji,j',f4,row)
np.einsum('ij->ik',f4)
np.einsum('ijk->ij',f4)
np.einsum('i->ij',row)
"""

WRITES = """
f4+=1
f4+=f4
f4-=row
f4*=2.5
f4/=2
f4%=2
f4**=2
f4//=2
f4@=f4
row@=f4
row+=f4
i4+=1
i4+=1.5
i4-=1
i4*=2
i4*=2.5
i4/=2
i4+=i8
i4+=f4
i8+=i4
i4%=2
i4&=3
i4|=4
i4^=i4
i4&=i8
b&=b
b|=True
b^=b
b+=1
b+=b
f2+=1
f2+=f4
f4+=f2
f4+=f8
f8+=f4
f4+=i4
u1+=1
u1-=1
u1*=2
zf4+=1
zf4+=row
zi4-=1
ef4+=1
f4+=None
f4+=[1,2]
f4+=onp.ones(2)
f4[0]+=1
f4[:,1]*=f4[:,0]
f4[f4>0]-=1
f4<<=1
"""

GRADIENTS = """
np.sum(x)
np.sum(x,axis=0)
np.sum(x,axis=(0,1),keepdims=True)
np.sum(x,dtype='float64')
np.sum(x,axis=())
np.mean(x)
np.mean(x,axis=1)
np.mean(x,dtype='float64')
np.prod(x)
np.prod(x,axis=0)
np.std(x)
np.std(x,axis=1,ddof=1)
np.var(x)
np.var(x,axis=0,keepdims=True)
np.var(x,axis=1,ddof=1)
np.max(x)
np.max(x,axis=0)
np.min(x,axis=1)
np.max(t)
np.max(t,axis=0)
np.min(t)
np.max(t,axis=1,keepdims=True)
np.cumsum(x)
np.cumsum(x,axis=0)
np.average(x)
np.average(x,weights=y)
np.average(x,axis=1,weights=r)
np.average(x,axis=1,weights=r,returned=True)
np.diff(x)
np.diff(x,n=1,axis=0)
np.ediff1d(x,to_begin=r)
np.argmax(x)
np.argmin(x,axis=1)
np.all(x)
np.any(x)
np.dot(x,y)
np.dot(x,r)
np.dot(r,x)
np.dot(r,r)
np.dot(x,s)
np.dot(s,x)
np.matmul(x,y)
np.matmul(x,r)
np.matmul(r,x)
np.matmul(x[None],y)
x@y
x@x
np.tensordot(x,y,0)
np.tensordot(x,y,1)
np.tensordot(x,y)
np.tensordot(x,y,axes=(0,1))
np.inner(x,r)
np.inner(x,y)
np.outer(x,r)
np.vdot(x,y)
np.kron(x,r)
np.cross(r,r)
np.trace(x)
np.trace(x,1)
np.einsum('ij,jk->ik',x,y)
np.einsum('ij,j->i',x,r)
np.einsum('ii->i',x)
np.einsum('ij->',x)
np.einsum('i,j->ij',r,r)
np.einsum('...j,...k->...jk',x,r)
np.polyval(r,x)
np.around(x,1)
np.nan_to_num(x/0)
np.nan_to_num(x)
np.clip(x,0,1)
np.clip(x,0.5,0.5)
np.clip(x,None,1)
-x
abs(x)
abs(x-x)
x+y
x+1
1-x
x*y
x*x
x*s
s*x
x/y
x/2
2/x
x%y
x%2
2%x
x**2
x**y
x**0
x**0.5
2**x
0**x
x+r
r*x
x==y
x>y
(x>0)*x
x>0
x.astype('float64')*2
x*y.astype('float64')
x*y.astype('float16')
x.astype('int32')*2
x.T*y
x.sum()*x
x.mean(axis=0)/x
x.max()*y
x.std()
x.dot(y)
x.cumsum()
x.prod(axis=1)
x.clip(0,1)
x.round()
np.maximum(x,y)
np.minimum(x,y)
np.maximum(x,x)
np.minimum(x,1)
np.maximum(x,1.2)
np.maximum(1.2,x)
np.hypot(x,y)
np.hypot(x,2)
np.hypot(x*0,y*0)
np.arctan2(x,y)
np.arctan2(x,2)
np.arctan2(2,x)
np.copysign(x,y)
np.copysign(x,-y)
np.copysign(2,x)
np.copysign(x,-2)
np.ldexp(x,y)
np.ldexp(x,2)
np.ldexp(2,x)
np.mod(x,y)
np.power(x,y)
np.power(x-1,y)
np.power(0*x,2)
np.true_divide(x,0)
np.where(x>1,x,y)
np.absolute(x*0)
np.sqrt(x*0)
np.sign(x)
np.floor(x)
np.rint(x)
np.logical_not(x)
np.isnan(x)
np.square(x,out=y*0)
np.exp(x)+np.log(y)
np.percentile(x,50,axis=0)
np.bincount(x.astype('int32')[0],weights=r)
np.linalg.norm(x,axis=1)
np.linalg.norm(x,ord=1)
np.linalg.norm(x,ord='fro')
np.linalg.norm(x,axis=(0,1),keepdims=True)
"""


def names(mx):
    np = mx.np
    real = np.array([[-1.5, 0.0], [2.5, 3.0]])
    whole = np.array([[-3, 0], [2, 5]], dtype="int32")
    return {
        "onp": onp, "import_math": __import__("math"),
        "f2": real.astype("float16"), "f4": real, "f8": real.astype("float64"),
        "i1": whole.astype("int8"), "i4": whole, "i8": whole.astype("int64"),
        "u1": np.array([[0, 1], [200, 255]], dtype="uint8"), "b": np.array([[True, False], [False, True]]),
        "row": np.array([0.5, 2.0]), "zf4": np.array(1.5), "zi4": np.array(2, dtype="int32"),
        "ef4": np.zeros((0, 2)), "ei4": np.zeros((0, 2), dtype="int32"),
        "nan": np.array([[1.0, onp.nan, 0.0], [onp.inf, 2.0, -onp.inf]]),
        "c4": np.array([[[1, 7], [3, -4], [5, 0]], [[2, 2], [-8, 9], [6, 1]]], dtype="float32"),
    }  # fmt: skip


def written(mx, statement):
    """The arrays that the statement names first and second, after it."""
    scope = dict(names(mx), np=mx.np, npx=mx.npx)
    target = statement[: min(statement.find(c) for c in "+-*/%@&|^<[=" if c in statement)]

    def run():
        exec(statement, scope)
        return [type(scope[target]).__name__, plain(scope[target])]

    settled(mx)
    return tried(run)


def gradients(mx, expression, dtype):
    """The result and the gradients of x (2, 2), y (2, 2), r (2,), s (), t (2, 2) with equal elements."""
    np = mx.np
    scope = {
        "np": np, "mx": mx, "x": np.array([[0.5, 1.5], [0.75, 2.0]], dtype=dtype),
        "y": np.array([[2.0, 1.5], [0.5, 3.0]], dtype=dtype), "r": np.array([2.0, 3.0], dtype=dtype),
        "s": np.array(1.5, dtype=dtype), "t": np.array([[2.0, 2.0], [2.0, 2.0]], dtype=dtype),
    }  # fmt: skip
    named = "xyrst"

    def run():
        for name in named:
            scope[name].attach_grad()
        with mx.autograd.record():
            head = eval(expression, scope)
            head = head[0] if isinstance(head, (list, tuple)) else head
        mx.autograd.backward(head, np.arange(1, head.size + 1, dtype=head.dtype).reshape(head.shape))
        return [plain(head), {n: plain(scope[n].grad) for n in named if onp.any(scope[n].grad.asnumpy() != 0)}]

    settled(mx)
    return tried(run)


def hybridized(mx, expression):
    """What a hybridized Block with that expression of arrays gives, and the gradient of x."""

    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x, i, b, r):  # noqa: N803
            return eval(expression, {"F": F, "np": F.np, "x": x, "i": i, "b": b, "r": r})

    def run():
        net = Net()
        net.hybridize()
        given = names(mx)
        x = given["f4"]
        x.attach_grad()
        with mx.autograd.record():
            head = net(x, given["i4"], given["b"], given["row"])
            first = head[0] if isinstance(head, (list, tuple)) else head
        if "float" in str(first.dtype):
            first.backward()
        return [plain(head), plain(x.grad)]

    settled(mx)
    return tried(run)


HYBRIDIZED = """
np.sum(x,axis=1)
np.sum(b)
np.sum(x,axis=0,dtype='float64')
np.mean(i)
np.mean(x,axis=(0,1),keepdims=True)
np.prod(i,axis=0)
np.std(x)
np.var(x,axis=1,ddof=1)
np.max(x)
np.min(i,axis=0)
np.any(x,axis=1)
np.all(b)
np.argmax(x,axis=1)
np.argmin(i)
np.cumsum(x,axis=0)
np.cumsum(b)
np.average(x,axis=1,weights=r)
np.average(x,axis=1,weights=r,returned=True)
np.percentile(x,50)
np.percentile(x,r)
np.diff(x)
np.ediff1d(x)
np.histogram(x,bins=3,range=(0,3))
np.dot(x,r)
np.matmul(x,x)
x@r
np.tensordot(x,x)
np.tensordot(x,x,0)
np.inner(x,r)
np.outer(x,r)
np.vdot(x,x)
np.kron(x,r)
np.trace(x)
np.einsum('ij,j->i',x,r)
np.polyval(r,x)
np.around(x,1)
np.nan_to_num(x)
np.clip(x,0,1)
x+i
x*b
i*b
i/i
i/2
i+1.5
i*2
b*2
b+b
i**2
i%3
x>0
x==i
i==2
~b
b&b
i|4
-x
-i
abs(x)
x*x.sum()
x.mean(axis=0)
x.dot(r)
x.max()
np.sqrt(i)
np.exp(b)
np.isnan(x)
np.logical_not(i)
np.arctan2(x,r)
np.hypot(x,r)
np.lcm(i,i)
np.maximum(x,r)
np.maximum(x,1)
np.true_divide(i,b)
np.copysign(x,i)
np.where(b,x,r)
np.where(b,x,1)
np.sum(x)+np.sum(i)
np.floor(i)
np.square(i)
x/0
2/i
2**i
2*i
2+i
r-x
1-b
"""


def results(mx):
    mx.npx.set_np()
    try:
        found = {}
        for lines in (elementwise(), reductions()):
            found.update(evaluated(mx, "\n".join(lines), lambda: names(mx)))
        for text in (CALLS, MORE):
            found.update(evaluated(mx, text, lambda: names(mx)))
        found.update({"written: " + line: written(mx, line) for line in WRITES.strip().splitlines()})
        lines = ["np.%s(x%s)" % (f, "-0.3" if f.startswith("arc") else "") for f in UNARY]
        lines += (
            ["np.%s(x,y)" % f for f in BINARY] + ["np.%s(x,2)" % f for f in BINARY] + ["np.%s(2,x)" % f for f in BINARY]
        )
        for line in lines + GRADIENTS.strip().splitlines():
            found["gradients: " + line] = gradients(mx, line, "float32")
        for line in GRADIENTS.strip().splitlines()[:75]:
            found["gradients, float64: " + line] = gradients(mx, line, "float64")
        found.update({"hybridized: " + line: hybridized(mx, line) for line in HYBRIDIZED.strip().splitlines()})
        return found
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    import mxnet

    write("numpy_math", results(mxnet))
