"""Writes tests/golden/sparse_arrays.json: making, copying, indexing, writing and checking sparse arrays.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_arrays
"""

import copy
import operator
import os
import pickle
import tempfile
import warnings

import numpy as np

from tests.oracle.scenario import write
from tests.oracle.sparse_common import attempt, csr, look, names, rsp

# a is row_sparse (5, 3), c csr (4, 5), S is nd.sparse.
CALLS = """
repr(a) ; repr(c) ; S.row_sparse_array(([[1,2],[3,4]],[1,4])) ; S.row_sparse_array(([[1,2],[3,4]],[1,4]),shape=(6,2))
S.row_sparse_array((np.array([[1,2],[3,4]]),np.array([1,4])),shape=(6,2))
S.row_sparse_array((np.array([[1,2],[3,4]],'float64'),np.array([1,4],'int32')),shape=(6,2))
S.row_sparse_array((nd.array([[1,2],[3,4]],dtype='float64'),nd.array([1,4])),shape=(6,2))
S.row_sparse_array((nd.array([[1,2],[3,4]],dtype='int32'),[4,1]),shape=(6,2))
S.row_sparse_array(([[1,2],[3,4]],[4,1]),shape=(6,2))
S.row_sparse_array(([[1,2],[3,4]],[4,1]),shape=(6,2)).asnumpy()
S.row_sparse_array(([[1,2],[3,4]],[1,1]),shape=(6,2)) ; S.row_sparse_array(([[1,2],[3,4]],[1,7]),shape=(6,2))
S.row_sparse_array(([[1,2],[3,4]],[-1,2]),shape=(6,2)) ; S.row_sparse_array(([[1,2],[3,4]],[1]),shape=(6,2))
S.row_sparse_array(([1,2],[1,3]),shape=(6,)) ; S.row_sparse_array(([1,2],[1,3])) ; S.row_sparse_array((3,4))
S.row_sparse_array((3,4),dtype='int32') ; S.row_sparse_array((3,)) ; S.row_sparse_array((3,4,5))
S.row_sparse_array((np.int64(3),4)) ; S.row_sparse_array(np.array([[0,0],[1,0],[0,2.]]))
S.row_sparse_array(np.array([[0,0],[1,0],[0,2.]]),dtype='float64') ; S.row_sparse_array([[0,0],[1,0],[0,2.]])
S.row_sparse_array([[0,0],[1,0],[0,2.]],shape=(3,2)) ; S.row_sparse_array([[0,0],[1,0],[0,2.]],shape=(4,2))
S.row_sparse_array(nd.array([[0,0],[1,0],[0,2.]]))
S.row_sparse_array(nd.array([[0,0],[1,0],[0,2.]],dtype='float64')) ; S.row_sparse_array(a)
S.row_sparse_array(a,dtype='float64') ; S.row_sparse_array(a,shape=(6,3)) ; S.row_sparse_array(c)
S.row_sparse_array(5) ; S.row_sparse_array('abc') ; S.row_sparse_array(([[1,2],[3,4]],[1,4],[2]))
S.row_sparse_array(([[1,2],[3,4]],[1,4]),shape=(6,3)) ; S.row_sparse_array(([[1,2],[3,4]],[1,4]),dtype='float16')
S.row_sparse_array(([],[]),shape=(3,2)) ; S.row_sparse_array((np.zeros((0,2)),[]),shape=(3,2))
S.csr_matrix(([1,2,3],[0,2,1],[0,1,2,3]),shape=(3,3)) ; S.csr_matrix(([1,2,3],[0,2,1],[0,1,2,3]))
S.csr_matrix((np.array([1,2,3]),[0,2,1],[0,1,2,3])) ; S.csr_matrix((np.array([1,2,3],'float64'),[0,2,1],[0,1,2,3]))
S.csr_matrix((nd.array([1,2,3],dtype='float64'),[0,2,1],[0,1,2,3]))
S.csr_matrix(([1,2,3],[2,0,1],[0,2,3]),shape=(2,3)) ; S.csr_matrix(([1,2,3],[2,0,1],[0,2,3]),shape=(2,3)).asnumpy()
S.csr_matrix(([1,2,3],[0,5,1],[0,2,3]),shape=(2,3)) ; S.csr_matrix(([1,2,3],[0,1,1],[0,2,5]),shape=(2,3))
S.csr_matrix(([1,2,3],[0,1,1],[0,2,3]),shape=(3,3)) ; S.csr_matrix(([1,2,3],[0,1,1],[0,2,3]),shape=(2,3,1))
S.csr_matrix((3,4)) ; S.csr_matrix((3,4),dtype='float64') ; S.csr_matrix((3,4),shape=(3,4)) ; S.csr_matrix((3,))
S.csr_matrix((3,4,5)) ; S.csr_matrix((1,2,3,4)) ; S.csr_matrix([[0,1],[2,0]]) ; S.csr_matrix(np.array([[0,1],[2,0.]]))
S.csr_matrix(np.array([[0,1],[2,0.]]),dtype='float64') ; S.csr_matrix(np.array([[0,1],[2,0.]]),shape=(3,3))
S.csr_matrix(nd.array([[0,1],[2,0.]])) ; S.csr_matrix(np.array([0,1.])) ; S.csr_matrix(np.zeros((2,2,2)))
S.csr_matrix(c) ; S.csr_matrix(c,dtype='float64') ; S.csr_matrix(a) ; S.csr_matrix(3)
S.csr_matrix(([],[],[0,0,0]),shape=(2,3)) ; S.zeros('csr',(2,3)) ; S.zeros('csr',(2,3),dtype='int32')
S.zeros('row_sparse',(2,3)) ; S.zeros('row_sparse',(2,)) ; S.zeros('row_sparse',2)
S.zeros('row_sparse',(2,3),dtype='float16') ; S.zeros('default',(2,3)) ; S.zeros('foo',(2,3)) ; S.empty('csr',(2,3))
S.empty('row_sparse',(2,3)) ; S.empty('default',(2,3)).shape ; S.empty('foo',(2,3)) ; S.array(c) ; S.array(a)
S.array(a,dtype='float64') ; S.array(np.zeros((2,2))) ; S.array([[1,2]]) ; S.array(nd.zeros((2,2))) ; nd.array(c)
nd.array(a) ; nd.array(a,dtype='int32') ; nd.zeros((2,3),stype='csr')
nd.zeros((2,3),stype='row_sparse',dtype='float64') ; nd.zeros((2,3),stype='default') ; nd.zeros((2,3),stype='foo')
nd.zeros((2,3),mx.cpu(),'int32','csr') ; nd.empty((2,3),stype='csr') ; nd.empty((2,3),stype='row_sparse')
nd.zeros((0,3),stype='csr') ; nd.zeros((0,3),stype='row_sparse') ; nd.zeros((2,0),stype='row_sparse')
nd.ones((2,3),stype='csr') ; nd.ones((2,3)).tostype('csr') ; nd.ones((2,3)).tostype('row_sparse')
nd.ones((2,3)).tostype('foo') ; nd.ones((2,3)).tostype('default') ; nd.ones((2,3,4)).tostype('csr')
nd.ones((2,)).tostype('csr') ; nd.ones((2,)).tostype('row_sparse')
nd.array([[0,0],[0,-0.0],[float('nan'),0]]).tostype('row_sparse')
nd.array([[0,0],[0,-0.0],[float('nan'),0]]).tostype('csr') ; nd.zeros((2,3)).tostype('row_sparse')
nd.array([[0,1]],dtype='int32').tostype('row_sparse') ; nd.array([[0,1]],dtype='int8').tostype('csr')
nd.array([[0,1]],dtype='float16').tostype('csr') ; nd.array([[0,1]],dtype='float64').tostype('csr')
a.tostype('default') ; a.tostype('row_sparse') ; a.tostype('row_sparse') is a ; a.tostype('csr')
c.tostype('default') ; c.tostype('csr') ; c.tostype('row_sparse') ; c.tostype('foo') ; nd.cast_storage(a,'default')
nd.cast_storage(a,'row_sparse') ; nd.cast_storage(a,'csr') ; nd.cast_storage(c,'csr')
nd.cast_storage(c,'row_sparse') ; nd.cast_storage(nd.ones((2,2)),'row_sparse')
nd.cast_storage(nd.ones((2,2)),stype='csr') ; nd.cast_storage(nd.ones((2,2)),stype='foo')
nd.cast_storage(nd.ones((2,2))) ; S.cast_storage(nd.ones((2,2)),'csr')
a.stype,c.stype,a.shape,a.size,a.ndim,a.dtype,a.context,len(a) ; a.indices,a.data ; c.indices,c.indptr,c.data
a.asnumpy() ; c.asnumpy() ; a.size ; a.T ; c.T ; bool(a) ; bool(S.zeros('csr',(1,1))) ; a.asscalar()
rsp(mx,shape=(1,1),rows=(0,)).asscalar() ; a.copy() ; a.copy() is a ; c.copy() ; a.copyto(mx.cpu(1)).context
a.as_in_context(mx.cpu(1)).context ; c.as_in_context(mx.cpu(1)) ; a.as_in_context(mx.cpu()) is a
a.copyto(nd.zeros((5,3))) ; a.copyto(S.zeros('row_sparse',(5,3)))
a.copyto(S.zeros('row_sparse',(5,3),dtype='float64')) ; a.copyto(S.zeros('row_sparse',(6,3)))
a.copyto(S.zeros('csr',(5,3))) ; c.copyto(S.zeros('csr',(4,5))) ; c.copyto(nd.zeros((4,5)))
c.copyto(S.zeros('row_sparse',(4,5))) ; c.copyto(S.zeros('csr',(3,5))) ; nd.ones((4,5)).copyto(S.zeros('csr',(4,5)))
nd.ones((4,5)).copyto(S.zeros('row_sparse',(4,5))) ; a.copyto(3) ; c.copyto(3) ; a.astype('float64')
a.astype('float32',copy=False) is a ; a.astype('float32') is a ; c.astype('int32') ; a.astype(None) ; a.astype('foo')
a.reshape((3,5)) ; a.reshape(3,5) ; a.reshape(shape=(3,5)) ; c.reshape((5,4)) ; a.detach() ; c.detach()
a.as_nd_ndarray() ; a.wait_to_read() ; a.check_format() ; c.check_format() ; a.check_format(full_check=False)
S.row_sparse_array(([[1,2],[3,4]],[4,1]),shape=(6,2)).check_format()
S.row_sparse_array(([[1,2],[3,4]],[4,1]),shape=(6,2)).check_format(False)
S.row_sparse_array(([[1,2],[3,4]],[1,1]),shape=(6,2)).check_format()
S.row_sparse_array(([[1,2],[3,4]],[1,7]),shape=(6,2)).check_format()
S.row_sparse_array(([[1,2],[3,4]],[-1,2]),shape=(6,2)).check_format()
S.csr_matrix(([1,2,3],[2,0,1],[0,2,3]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,5,1],[0,2,3]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,1,1],[0,2,5]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,1,1],[0,2,5]),shape=(2,3)).check_format(False)
S.csr_matrix(([1,2,3],[0,1,1],[1,2,3]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,1,1],[0,2,1]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,1,1],[0,2,3]),shape=(3,3)).check_format()
S.csr_matrix(([1,2,3],[0,1,1],[0,2,3]),shape=(3,3)).check_format(False)
S.csr_matrix(([1,2,3],[-1,1,1],[0,2,3]),shape=(2,3)).check_format()
S.csr_matrix(([1,2,3],[0,0,1],[0,2,3]),shape=(2,3)).check_format() ; a._aux_type(0) ; a[0] ; a[0:2] ; a[:] ; a[:] is a
a[1,1] ; a[-1] ; a[0:5] ; a[...] ; a[None] ; a[np.array([0])] ; a['x'] ; a[0:5:1] ; a[::2]
a[slice(None,None,None)] is a ; c[0] ; c[1] ; c[-1] ; c[2] ; c[4] ; c[-5] ; c[0:2] ; c[1:4] ; c[1:] ; c[:2] ; c[:]
c[:] is c ; c[-2:] ; c[1:1] ; c[3:2] ; c[::2] ; c[::1] ; c[0:2:1] ; c[::-1] ; c[0:10] ; c[10:12] ; c[0,1] ; c[0,:]
c[0:2,1:3] ; c[0:2,1] ; c[:,1:3] ; c[:,:] ; c[1,1:3] ; c[...] ; c[None] ; c[[0,1]] ; c[np.array([0])] ; c[np.int64(1)]
c['x'] ; c[1.5] ; a==a ; c==c ; a==0 ; c==0 ; c!=0 ; c!=1 ; a>0 ; a>1 ; c<2 ; c>=nd.zeros((4,5)) ; a!=a
S.row_sparse_array((3,4)).asnumpy() ; a.writable ; copy.deepcopy(a) ; copy.deepcopy(c) ; copy.copy(a) ; a.asnumpy()
S.retain(a,nd.array([3])) ; S.retain(a,nd.array([3,1])) ; S.retain(a,nd.array([9])) ; S.retain(a,nd.array([0]))
S.retain(a,nd.array([])) ; S.retain(nd.ones((5,3)),nd.array([3])) ; S.retain(c,nd.array([3])) ; len(a), len(c)
a.shape,c.shape ; S.csr_matrix(([1,2,3],[0,1],[0,1,2])) ; S.csr_matrix(([1,2],[0,1,2],[0,1,2]))
S.csr_matrix(([1,2,3],[[0,1,2]],[0,1,2])) ; S.csr_matrix(([[1,2,3]],[0,1,2],[0,1,2]))
S.csr_matrix(([1,2,3],[0,1,1],[0,2,3]),shape=(3,)) ; S.csr_matrix(([1,2,3],[[0,1,1],[0,2,1]]),shape=(2,3))
S.csr_matrix([3,4]) ; S.row_sparse_array([3,4]) ; S.row_sparse_array((3,4),shape=(3,5))
S.csr_matrix((3,4),shape=(3,5)) ; S.row_sparse_array(([[1,2]],[[0]]),shape=(3,2))
S.row_sparse_array(([1,2],[0,1]),shape=(3,2)) ; S.row_sparse_array(([[1,2]],[0]),shape=(3,2),ctx=mx.cpu(1)).context
S.csr_matrix(([1],[0],[0,1]),shape=(1,2),ctx=mx.cpu(1)).context
S.csr_matrix(([1],[0],[0,1]),ctx=mx.cpu(1)).indices.context
S.csr_matrix((nd.array([1,2,3]),nd.array([0,1,1]),nd.array([0,2,3])),shape=(2,3))
S.csr_matrix((np.array([1,2,3],'int32'),nd.array([0,1,1]),nd.array([0,2,3])),shape=(2,3),dtype='float64')
nd.zeros_like(a) ; nd.zeros_like(c) ; nd.ones_like(a) ; a.zeros_like() ; S.zeros_like(a)
S.zeros('csr',(2,3),ctx=mx.cpu(1)).context ; S.zeros('row_sparse',(2,3),dtype='foo') ; S.zeros('csr',(0,3))
S.empty('csr',(2,3),ctx=mx.cpu(1),dtype='int8') ; nd.empty((2,3),stype='foo') ; repr(a.grad)
"""


def warned(function, *args):
    """[warnings that MXNet itself gives, what the call returns or raises]."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = attempt(function, *args)
    texts = [str(w.message) for w in seen if w.category is RuntimeWarning]
    return [texts, found]


def results(mx):
    """name -> plain values."""
    scope = dict(names(mx), copy=copy)
    calls = [c for line in CALLS.strip().splitlines() for c in line.split(" ; ")]
    found = {c: attempt(eval, c, dict(scope, **names(mx))) for c in calls}
    found["size"] = [attempt(lambda x=x: x.size) for x in (rsp(mx), csr(mx))]
    found["_aux"] = [[x._num_aux, [t.__name__ for t in x._aux_types]] for x in (rsp(mx), csr(mx))]
    found["rows"] = [look(csr(mx)[i]) for i in range(4)]
    writing(mx, found)
    in_place(mx, found)
    copies(mx, found)
    files(mx, found)
    return found


def writing(mx, found):
    """``x[key] = value``."""
    nd = mx.nd
    everything = slice(None)
    values = {
        "number": 2, "zero": 0, "dense": nd.ones((5, 3)), "rows of zeros": nd.array(np.eye(5, 3)),
        "row_sparse": rsp(mx, rows=(0, 2)), "numpy": np.eye(5, 3), "list": [[1, 2, 3]] * 5, "text": "a",
        "dense of another shape": nd.ones((1, 3)), "numpy of another shape": np.ones((1, 3)), "csr": csr(mx),
        "float64": rsp(mx, "float64"), "float32 scalar": np.float32(3),
    }  # fmt: skip
    for name, value in values.items():
        x = rsp(mx)
        found["row_sparse[:] = " + name] = [warned(operator.setitem, x, everything, value), look(x)]
    values = {
        "number": 2, "dense": nd.array([[0, 1, 0, 0, 0]] * 4), "csr": csr(mx, start=5), "numpy": np.eye(4, 5),
        "list": [[1, 2, 3, 4, 5]] * 4, "row_sparse": rsp(mx), "numpy of another shape": np.eye(3, 5),
        "float64": csr(mx, "float64"),
    }  # fmt: skip
    for name, value in values.items():
        x = csr(mx)
        found["csr[:] = " + name] = [warned(operator.setitem, x, everything, value), look(x)]
    for name, key in {"0": 0, "0:2": slice(0, 2), "0, 1": (0, 1), "None": None}.items():
        found["[%s] = 1" % name] = [attempt(operator.setitem, x, key, 1) for x in (rsp(mx), csr(mx))]


def in_place(mx, found):
    """``x += y`` and its kin."""
    nd = mx.nd
    for name in ("iadd", "isub", "imul", "itruediv"):
        change = getattr(operator, name)
        for kind, other in (("2", 2), ("rows", rsp(mx, rows=(0, 1))), ("dense", nd.ones((5, 3)) * 2)):
            if name == "itruediv" and kind == "rows":
                continue  # divides by zeros
            x = rsp(mx)
            found["row_sparse %s %s" % (name, kind)] = [attempt(change, x, other), look(x)]
            dense = nd.ones((5, 3))
            found["dense %s row_sparse, %s" % (name, kind)] = attempt(change, dense, rsp(mx, rows=range(5)))
        x = csr(mx)
        found["csr %s 2" % name] = [attempt(change, x, 2), look(x)]
        if name != "itruediv":
            # MXNet leaves the elements of a row out of order, and memory behind the last one.
            found["csr %s csr" % name] = attempt(lambda x=x, change=change: change(csr(mx), csr(mx, start=3)).asnumpy())
            found["csr %s dense" % name] = attempt(change, csr(mx), nd.ones((4, 5)))


def copies(mx, found):
    """Copies, contexts, dtypes, pickles."""
    nd = mx.nd
    for make in (rsp, csr):
        x = make(mx)
        name = x.stype
        other = x.copy()
        x[:] = make(mx, start=7)
        found[name + " copy"] = [look(other), look(x)]
        found[name + " pickle"] = look(pickle.loads(pickle.dumps(x)))
        found[name + " onto itself"] = warned(lambda x=x: x.copyto(x))
        there = x.as_in_context(mx.cpu(1))
        same = x.as_in_context(mx.cpu()) is x
        found[name + " context"] = [str(there.context), str(there.data.context), same, repr(there)]
        values = x.data
        values[:] = 0
        x.indices[:] = 0
        found[name + " parts are copies"] = look(x)
        taken = x.detach()
        found[name + " detached"] = [look(taken), taken is x]
        dense = x.tostype("default")
        dense[:] = 1
        found[name + " tostype is a copy"] = look(x)
        found[name + " nested"] = look(nd.cast_storage(nd.cast_storage(x, "default"), name))
        x.attach_grad()
        found[name + " grad"] = [look(x.grad), str(x.grad.context)]
        for stype in ("default", "row_sparse", "csr", "foo"):
            found["%s grad %s" % (name, stype)] = [attempt(x.attach_grad, "write", stype), look(x.grad)]
    x = nd.ones((3, 2))
    for stype in ("row_sparse", "csr", "foo"):
        found["default grad %s" % stype] = [attempt(x.attach_grad, "write", stype), look(x.grad)]


def files(mx, found):
    """``nd.save`` and ``nd.load``."""
    nd = mx.nd
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "arrays")
    saved = {
        "list": [rsp(mx), csr(mx), nd.ones((2,))], "dict": {"b": csr(mx), "a": rsp(mx, "float16"), "c": nd.zeros((1,))},
        "one": csr(mx)[1:3], "nothing stored": [nd.zeros((2, 3), stype="row_sparse"), nd.zeros((2, 3), stype="csr")],
        "dtypes": [make(mx, t) for make in (rsp, csr) for t in ("float64", "int32", "int64", "uint8", "int8")],
    }  # fmt: skip
    for name, arrays in saved.items():
        nd.save(path, arrays)
        loaded = nd.load(path)
        found["files " + name] = [[k, look(v)] for k, v in loaded.items()] if isinstance(loaded, dict) else look(loaded)
    os.remove(path)
    os.rmdir(folder)


if __name__ == "__main__":
    import mxnet

    write("sparse_arrays", results(mxnet))
