"""Writes tests/golden/sparse_faces.json: the functions of nd.sparse one by one, further ways to make and index arrays.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_faces
"""

from tests.oracle.scenario import write
from tests.oracle.sparse_common import attempt, names

# a and b are row_sparse (5, 3), c and c2 csr (4, 5), D and E dense of these shapes; S is nd.sparse.
CALLS = """
S.csr_matrix(([1,2,3],[0,2,1],[0,1,2,3]),ctx=mx.cpu(1)).context ; str(S.csr_matrix((2,2),ctx=mx.cpu(2)).context)
S.csr_matrix((2,3),dtype=np.float16) ; S.csr_matrix((2,3),dtype='int8')
S.csr_matrix(([1.5,2.5],[0,1],[0,1,2]),dtype='int32') ; S.csr_matrix(([1,2],[0,1],[0,1,2]),shape=[2,3])
S.csr_matrix(([1,2],[0,1],[0,1,2]),shape=(2,)) ; S.csr_matrix(([1,2],[0,1],[0,1,2]),(2,2))
S.csr_matrix([[1,0],[0,2]],dtype='float64') ; S.csr_matrix(((1,2),(0,1),(0,1,2))) ; S.csr_matrix(None)
S.csr_matrix('ab') ; S.csr_matrix({}) ; S.row_sparse_array(None) ; S.row_sparse_array({})
S.row_sparse_array(([[1,2]],[0]),(3,2),mx.cpu(),'int32') ; S.row_sparse_array(([[1,2]],[0]),shape=[3,2])
S.row_sparse_array(([[1,2]],nd.array([0],dtype='int32')),shape=(3,2))
S.row_sparse_array((nd.array([[1,2]]),nd.array([0])),shape=(3,2),dtype='float64')
S.row_sparse_array(([[[1,2],[3,4]]],[1])) ; S.row_sparse_array(((3,2))) ; S.row_sparse_array((3,2),shape=(3,2))
S.row_sparse_array((3,2),shape=(4,2)) ; S.row_sparse_array([[1,2],[0,0]],ctx=mx.cpu(1)).context
S.row_sparse_array(S.zeros('row_sparse',(2,2))) ; S.row_sparse_array([]) ; S.csr_matrix([]) ; S.csr_matrix([[]])
S.zeros('csr',(2,3),mx.cpu(1)).context ; S.zeros('csr',[2,3]) ; S.zeros('csr',(2,)) ; S.zeros('csr',(2,3,4))
S.zeros('row_sparse',(2,3),dtype=None) ; S.empty('csr',(2,3),dtype='int64') ; S.array(c,ctx=mx.cpu(1)).context
S.array(c,dtype='int32') ; S.array(c,dtype=np.float64) ; S.array(5) ; S.array(None)
nd.array(c,ctx=mx.cpu(1)).context ; nd.array(c,dtype='float16') ; nd.empty((2,3),stype='csr',dtype='int32')
nd.sparse.zeros_like(c) ; nd.ones_like(c) ; c.zeros_like() ; c[3] ; c[-2] ; c[1:2] ; c[2:1] ; c[:-1] ; c[-3:-1]
c[0:4:2] ; c[1:][1:] ; c[nd.array([1])] ; c[[1,2]] ; a[1:2] ; a[0,1] ; a[nd.array([1])] ; S.slice(c,begin=1,end=3)
S.slice(c,begin=(1,),end=(3,)) ; S.slice(c,begin=(0,1),end=(4,3))
S.slice(c,begin=(0,1),end=(4,3),step=(2,1)).asnumpy() ; c.slice((1,),(3,)) ; c.slice_axis(0,1,3).asnumpy()
c.slice_axis(1,1,3).asnumpy() ; nd.slice_like(c,nd.ones((2,2))).asnumpy() ; nd.slice(a,begin=(1,),end=(4,)).asnumpy()
nd.slice(a,begin=(1,),end=(4,)).stype ; S.retain(a,nd.array([1])) ; S.retain(a,nd.array([0,1,2,3,4]))
S.retain(a,nd.array([1,1])) ; S.retain(a,nd.array([1,3],dtype='int64')) ; S.retain(a,nd.array([1,3],dtype='int32'))
S.retain(a,nd.array([[1,3]])) ; S.retain(a,[1]) ; S.retain(S.zeros('row_sparse',(5,3)),nd.array([1]))
S.retain(rsp(mx,'float64'),nd.array([1])) ; S.retain(rsp(mx,'int32'),nd.array([1]))
S.retain(rsp(mx,shape=(5,2,2)),nd.array([1,2])) ; S.retain(a,nd.array([1]),out=S.zeros('row_sparse',(5,3)))
nd._internal._sparse_retain(a,nd.array([1])) ; S.dot(c,nd.ones((5,2))) ; S.dot(c,nd.ones((5,2)),transpose_b=True)
S.dot(c,nd.ones((2,5)),transpose_b=True) ; S.dot(c,nd.ones((4,2)),transpose_a=True) ; S.dot(c,nd.ones((4,2)),True)
S.dot(c,nd.ones((4,2)),transpose_a=True,forward_stype='default')
S.dot(c,nd.ones((2,4)),transpose_a=True,transpose_b=True) ; S.dot(c,rsp(mx,shape=(5,2),rows=(0,3)))
S.dot(c,rsp(mx,shape=(5,2),rows=())) ; S.dot(c,S.zeros('row_sparse',(5,2)))
S.dot(S.zeros('csr',(4,5)),nd.ones((5,2))) ; S.dot(S.zeros('csr',(4,5)),nd.ones((4,2)),transpose_a=True)
S.dot(nd.ones((2,4)),c) ; S.dot(nd.ones((2,4)),c,forward_stype='default') ; S.dot(nd.ones((2,5)),c,transpose_b=True)
S.dot(nd.ones((2,5)),c,transpose_b=True,forward_stype='default') ; S.dot(a,nd.ones((3,2))) ; S.dot(nd.ones((2,5)),a)
S.dot(c,c,transpose_a=True) ; S.dot(c,c,transpose_b=True) ; S.dot(csr(mx,'float64'),nd.ones((5,2),dtype='float64'))
S.dot(csr(mx,'int32'),nd.ones((5,2),dtype='int32')) ; S.dot(csr(mx,'float16'),nd.ones((5,2),dtype='float16'))
c.dot(nd.ones((5,2))) ; nd.ones((2,4)).dot(c) ; nd.dot(c,nd.ones((4,)),transpose_a=True)
nd.dot(c,nd.ones((5,2)),out=nd.zeros((4,2))) ; nd.dot(c,nd.ones((5,2,1))) ; nd.dot(c,nd.ones((5,0)))
nd.batch_dot(c.tostype('default').expand_dims(0),nd.ones((1,5,2))) ; S.add(c,c) ; S.add(a,b) ; S.add(a,1) ; S.add(1,a)
S.add(a,D) ; S.add(D,a) ; S.add(a,c) ; S.subtract(a,b) ; S.subtract(a,a) ; S.subtract(a,1) ; S.multiply(a,2)
S.multiply(2,a) ; S.multiply(a,b) ; S.multiply(a,D) ; S.multiply(c,E) ; S.multiply(c,c) ; S.divide(a,2)
S.divide(a,D+1) ; S.divide(c,E+1) ; S.divide(a,b) ; S.divide(a,0) ; S.add(c,nd.ones((1,5))) ; S.add(a,None)
S.multiply('x',a) ; S.broadcast_add(c,nd.ones((4,1))) ; S.broadcast_sub(c,nd.ones((4,1)))
S.broadcast_minus(c,nd.ones((4,1))) ; S.broadcast_plus(c,nd.ones((1,5))) ; S.broadcast_mul(c,nd.array([[1,2,3,4,5]]))
S.broadcast_div(c,nd.array([[1],[2],[3],[4]])) ; S.elemwise_add(a,b) ; S.elemwise_sub(a,b) ; S.elemwise_mul(a,b)
S.elemwise_div(a,b) ; S.elemwise_div(a,D+1) ; S.elemwise_div(D,a+1) ; S.add_n(a,b,a) ; S.ElementWiseSum(a,b)
S.add_n(a,D) ; S.add_n(D,c,D) ; S.sum(c) ; S.sum(c,axis=0) ; S.sum(c,axis=1) ; S.sum(c,axis=(0,))
S.sum(c,axis=(0,1)) ; S.sum(c,axis=-1) ; S.sum(c,axis=0,keepdims=True) ; S.sum(c,axis=0,exclude=True)
S.sum(a,axis=0) ; S.sum(a,axis=1,keepdims=True) ; S.sum(csr(mx,'float64'),axis=0) ; S.sum(csr(mx,'int32'),axis=0)
S.sum(csr(mx,'int64'),axis=1) ; S.mean(c) ; S.mean(c,axis=0) ; S.mean(csr(mx,'float64'),axis=1)
S.mean(csr(mx,'int32'),axis=1) ; c.sum(axis=1) ; c.mean(axis=0) ; c.max() ; c.norm() ; a.norm(axis=0) ; a.norm(axis=1)
S.norm(a) ; S.norm(c,ord=1) ; S.norm(c,axis=0) ; S.norm(c,axis=1) ; S.norm(c,axis=1,keepdims=True) ; S.norm(c,axis=-1)
S.norm(c,keepdims=True) ; S.norm(c,out_dtype='float64') ; S.norm(a,ord=2,axis=0) ; S.norm(rsp(mx,'float64'))
S.norm(S.zeros('row_sparse',(3,2))) ; S.norm(S.zeros('csr',(3,2))) ; nd._internal._square_sum(a,axis=1,keepdims=True)
nd._internal._square_sum(a,axis=1) ; nd._internal._square_sum(a,axis=0)
nd._internal._square_sum(a,axis=0,keepdims=True) ; nd._internal._square_sum(a) ; nd._internal._square_sum(c,axis=1)
nd._internal._square_sum(rsp(mx,'float64'),axis=1) ; S.where(c,E,E+1) ; S.where(c,E,nd.zeros((4,5))) ; S.where(c,c,c)
S.where(E,c,c) ; S.where(a,D,D) ; S.where(csr(mx,'float64'),E,E) ; S.where(c,nd.ones((4,)),nd.zeros((4,)))
S.clip(a,0,2) ; S.clip(a,-1,1) ; S.clip(c,0,3) ; S.clip(c,-3,-1) ; a.clip(0,4) ; S.abs(rsp(mx,start=-4))
S.sign(rsp(mx,start=-2)) ; S.sqrt(a) ; S.square(a) ; S.cbrt(c) ; S.ceil(rsp(mx,start=-1.5))
S.floor(rsp(mx,start=-1.5)) ; S.round(rsp(mx,start=-1.5)) ; S.rint(rsp(mx,start=-1.5)) ; S.trunc(rsp(mx,start=-1.5))
S.fix(rsp(mx,start=-1.5)) ; S.exp(a) ; S.expm1(a) ; S.log(c) ; S.log1p(c) ; S.log2(a) ; S.log10(a) ; S.sin(a)
S.sinh(c) ; S.arcsin(c/9) ; S.arcsinh(c) ; S.arctan(a) ; S.arctanh(c/9) ; S.tan(a) ; S.tanh(a) ; S.cos(c) ; S.cosh(c)
S.arccos(c/9) ; S.arccosh(c+1) ; S.degrees(a) ; S.radians(a) ; S.gamma(a) ; S.gammaln(a+1) ; S.negative(c)
S.relu(rsp(mx,start=-3)) ; S.sigmoid(a) ; S.rsqrt(a) ; S.make_loss(c) ; S.stop_gradient(a)
S.cast_storage(nd.ones((2,2)),'row_sparse') ; S.concat(c,c2,dim=0) ; S.concat(c,c2,dim=1) ; S.concat(a,b,dim=0)
S.concat(c,c) ; S.Embedding(nd.array([0,2]),nd.ones((3,2)),input_dim=3,output_dim=2)
S.Embedding(nd.array([0,2]),a,input_dim=5,output_dim=3)
S.Embedding(nd.array([0,2]),a,input_dim=5,output_dim=3,sparse_grad=True)
S.FullyConnected(c,nd.ones((2,5)),num_hidden=2,no_bias=True) ; S.LinearRegressionOutput(nd.ones((4,5)),c)
S.LogisticRegressionOutput(nd.ones((4,5)),c) ; S.MAERegressionOutput(nd.ones((4,5)),c) ; a.astype('int32')
c.astype(np.float64).dtype ; a.copyto(c) ; c.copyto(S.zeros('csr',(4,5),dtype='float64'))
c.copyto(S.zeros('csr',(4,6))) ; nd.ones((5,3)).copyto(S.zeros('row_sparse',(5,3)))
nd.ones((5,3)).copyto(S.zeros('row_sparse',(5,2))) ; S.csr_matrix(([1,2],[1,0],[0,2]),shape=(1,2)).check_format()
S.csr_matrix(([1,2],[1,0],[0,2]),shape=(1,2)).check_format(full_check=False)
S.csr_matrix(([1,2],[0,1],[0,2,1]),shape=(2,2)).check_format()
S.csr_matrix(([1,2],[0,5],[0,1,2]),shape=(2,2)).check_format()
S.csr_matrix(([1,2],[0,-1],[0,1,2]),shape=(2,2)).check_format()
S.csr_matrix(([1,2],[0,1],[1,1,2]),shape=(2,2)).check_format()
S.row_sparse_array(([[1],[2]],[3,1]),shape=(5,1)).check_format()
S.row_sparse_array(([[1],[2]],[1,1]),shape=(5,1)).check_format()
S.row_sparse_array(([[1],[2]],[1,7]),shape=(5,1)).check_format()
S.row_sparse_array(([[1],[2]],[1,7]),shape=(5,1)).check_format(False) ; nd.ones((2,2)).check_format
nd.ones((2,2)).indices ; nd.ones((2,2)).indptr ; a.indptr ; a.reshape(-1) ; c.size ; a.data.context==a.context
a.data[:].asnumpy() ; c.indices.dtype,c.indptr.dtype ; a.context,a.ctx ; hasattr(a,'grad'), a.grad ; len(c) ; c.ndim
str(a) ; repr(S.zeros('csr',(2,3))) ; [x.stype for x in nd.split(a,3)] ; c==c2
(a==a).stype if hasattr(a==a,'stype') else 0 ; (c>0).stype ; (c!=0).stype ; c>=1 ; c<3 ; (c<3).stype ; abs(a) ; c**2
c**0 ; 2**c ; c%2 ; a/0 ; nd.take(c,nd.array([0,1])) ; nd.take(c,nd.array([0,5]))
nd.take(c,nd.array([0,5]),mode='raise') ; nd.pick(c,nd.array([0,1,2,3])) ; nd.topk(c) ; nd.argmax(c,axis=1)
nd.sort(a,axis=0) ; nd.softmax(c) ; nd.transpose(c) ; nd.expand_dims(c,0) ; nd.squeeze(a) ; nd.tile(a,(2,1))
nd.stack(a,b) ; nd.concatenate([a,b]) ; nd.maximum(a,b).stype,nd.maximum(a,b) ; nd.maximum(a,1) ; nd.add(a,b)
nd.where(c,c,c) ; nd.one_hot(nd.array([1]),3) ; nd.contrib.getnnz(c) ; nd.contrib.getnnz(c,axis=1)
nd.contrib.getnnz(c,axis=0) ; nd.contrib.getnnz(a) ; nd.sparse.zeros('row_sparse',(2,3),out=nd.zeros((2,3)))
nd.cast(c,'float16') ; c.tolist() ; c.asscalar() ; mx.nd.sparse.zeros.__name__
isinstance(a,nd.NDArray), isinstance(c,S.BaseSparseNDArray), isinstance(nd.ones(1),S.BaseSparseNDArray)
mx.nd.sparse.CSRNDArray is nd.CSRNDArray if hasattr(nd,'CSRNDArray') else 'none'
hasattr(nd,'RowSparseNDArray'),hasattr(nd,'csr_matrix'),hasattr(nd,'row_sparse_array')
"""


def results(mx):
    """name -> plain values."""
    calls = CALLS.strip().replace(" ; ", "\n").splitlines()
    return {call: attempt(eval, call, names(mx)) for call in calls}


if __name__ == "__main__":
    import mxnet

    write("sparse_faces", results(mxnet))
