"""Writes tests/golden/sparse_values.json: what operators make of sparse arrays, and how it is stored.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_values
"""

from tests.oracle.scenario import write
from tests.oracle.sparse_common import attempt, csr, names

# a and b are row_sparse (5, 3), c and c2 csr (4, 5), D and E dense of these shapes; S is nd.sparse.
CALLS = """
nd.elemwise_mul(a,b) ; nd.elemwise_mul(a,D) ; nd.elemwise_mul(D,a) ; nd.elemwise_mul(c,E) ; nd.elemwise_mul(c,c2)
nd.elemwise_add(a,b) ; nd.elemwise_sub(a,b) ; nd.elemwise_sub(a,a) ; nd._internal._maximum(a,b)
nd._internal._minimum(a,b) ; nd._internal._hypot(a,b) ; nd._internal._maximum(c,c2) ; nd._internal._minimum(c,c2)
nd.elemwise_add(c,c2).asnumpy() ; nd.elemwise_sub(c,c2).asnumpy() ; nd._internal._scatter_elemwise_div(a,D)
nd._internal._scatter_elemwise_div(a,b) ; nd._internal._scatter_elemwise_div(a,a) ; nd.broadcast_mul(c,E)
nd.broadcast_mul(c,nd.array([[1,2,3,4,5]])) ; nd.broadcast_mul(c,nd.array([[1],[2],[3],[4]]))
nd.broadcast_div(c,nd.array([[1],[2],[3],[4]])) ; nd.broadcast_div(c,nd.array([[0],[2],[3],[4]]))
nd.broadcast_div(c,E+1) ; nd.broadcast_mul(c,nd.array([2])) ; nd.broadcast_mul(c,nd.array([1,2,3,4,5]))
nd.broadcast_mul(nd.array([[1],[2],[3],[4]]),c) ; nd.add_n(a,b) ; nd.add_n(a,b,a) ; nd.add_n(a) ; nd.add_n(c)
nd.concat(c,c2,dim=0) ; nd.concat(c,c2[0:2],c,dim=0) ; nd.concat(c,c2,dim=1).stype ; nd.concatenate([c,c2])
nd.slice(c,begin=(1,1),end=(4,4)) ; nd.slice(c,begin=(1,),end=(3,)) ; nd.slice(c,begin=(None,1),end=(None,4))
nd.slice(c,begin=(0,-3),end=(2,None)) ; nd.slice(c,begin=(0,0),end=(4,5),step=(1,1))
nd.slice(c,begin=(0,3),end=(4,3)) ; nd.slice(c,begin=(3,0),end=(3,5)) ; nd.slice(c,begin=(3,0),end=(1,5))
c.slice(begin=(0,),end=(2,)) ; c.slice_axis(axis=0,begin=0,end=2).stype ; nd.take(c,nd.array([1,0,3]))
nd.take(c,nd.array([1,9,-1])) ; nd.take(c,nd.array([1,9,-1]),mode='wrap') ; nd.take(c,nd.array([1,0]),axis=1)
nd.take(c,nd.array([[1,0]])) ; nd.sum(c,axis=0) ; nd.sum(c,axis=1) ; nd.sum(c,axis=1,keepdims=True) ; nd.sum(c)
nd.mean(c,axis=0) ; nd.mean(c,axis=1) ; nd.mean(c) ; nd.norm(a) ; nd.norm(c) ; a.norm() ; c.norm(ord=1)
nd.norm(a,ord=1) ; a.sum(axis=0) ; a.mean() ; nd.where(c,E,nd.zeros((4,5)))
nd.where(c,nd.ones((4,5)),nd.zeros((4,5))) ; nd.dot(c,nd.ones((5,2))) ; nd.dot(c,nd.ones((4,2)),transpose_a=True)
nd.dot(c2,nd.ones((4,2)),transpose_a=True) ; nd.dot(c2,nd.ones((5,2))) ; nd.dot(nd.ones((3,4)),c)
nd.dot(nd.ones((3,4)),c2) ; nd.dot(nd.ones((3,5)),c2,transpose_b=True) ; nd.dot(nd.array([[0,0,1,0]]),c2)
nd.dot(nd.ones((4,3)),c2,transpose_a=True) ; nd.dot(c2,rsp(mx,shape=(5,2),rows=(0,4)))
nd.dot(c2,rsp(mx,shape=(4,2),rows=(2,)),transpose_a=True) ; nd.dot(c2,rsp(mx,shape=(4,2),rows=(3,)),transpose_a=True)
nd.dot(c,c2,transpose_b=True) ; nd.dot(c,nd.ones((5,))) ; nd.dot(c,nd.ones((5,1))) ; nd.dot(c,nd.ones((4,2)))
nd.dot(c.astype('float64'),nd.ones((5,2),dtype='float64')) ; nd.dot(c.astype('float64'),nd.ones((5,2)))
nd.dot(c,nd.ones((5,2)),forward_stype='row_sparse') ; nd.dot(c,nd.ones((5,2)),forward_stype='csr')
nd.dot(c2,nd.ones((4,2)),transpose_a=True,forward_stype='default')
nd.dot(c2,nd.ones((4,2)),transpose_a=True,forward_stype='csr') ; S.dot(c2,nd.ones((4,2)),transpose_a=True)
nd.dot(E,nd.ones((5,2)),forward_stype='csr') ; nd.dot(E,nd.ones((5,2)),forward_stype='row_sparse')
nd.dot(E,nd.ones((5,2)),forward_stype='foo') ; 2-a ; 2/a ; a+2 ; a-1 ; a*2 ; 2*a ; a/2 ; -a ; abs(-a) ; a**2 ; a%2
a//2 ; a+b ; a-b ; a*b ; a/b ; a+D ; D+a ; D-a ; D*a ; a*D ; c*E ; E*c ; c+c2-c2 ; c-1 ; c*2 ; c/2 ; c/E ; c+E ; -c
c+nd.array([[1],[2],[3],[4]]) ; c*nd.array([[1],[2],[3],[4]]) ; nd.array([[1],[2],[3],[4]])*c ; a+nd.ones((1,3))
a*nd.ones((1,3)) ; S.add(a,nd.ones((1,3))) ; S.add(2,3) ; a+'x' ; 'x'+a ; a+None ; a==None ; a!=None ; nd.clip(a,0,2)
nd.clip(a,1,2) ; nd.clip(c,-1,2) ; a.clip(0,2) ; a.relu() ; a.sqrt() ; a.square() ; a.abs() ; a.exp() ; c.sin()
a.round() ; a.sign() ; a.sigmoid() ; nd.relu(rsp(mx,start=-3.)) ; nd._internal._scatter_plus_scalar(a,scalar=2)
nd.make_loss(a) ; nd.BlockGrad(a) ; nd.identity(a) ; nd.cast(a,'float64') ; a.expand_dims(0) ; a.flatten()
a.transpose() ; a.ones_like() ; a.max() ; a.one_hot(3) ; a.broadcast_to((5,3)) ; a.take(nd.array([1])) ; a.split(1)
c.tile((2,1)).stype ; a.slice_axis(axis=0,begin=1,end=2) ; nd.LinearRegressionOutput(nd.ones((4,5)),c)
nd.FullyConnected(c,nd.ones((2,5)),nd.ones((2,)),num_hidden=2)
nd.FullyConnected(nd.ones((2,5)),c,num_hidden=4,no_bias=True) ; nd.elemwise_add(a,nd.ones((5,3)))
nd.elemwise_add(a,rsp(mx,'float64')) ; nd.elemwise_add(a,rsp(mx,shape=(6,3))) ; nd.elemwise_add(a,nd.ones((1,3)))
nd.elemwise_add(a,b,out=S.zeros('row_sparse',(5,3))) ; nd.elemwise_add(a,b,out=nd.zeros((5,3)))
nd.elemwise_add(D,D,out=S.zeros('row_sparse',(5,3))) ; nd.elemwise_add(D,D,out=S.zeros('csr',(5,3)))
nd.abs(a,out=S.zeros('row_sparse',(5,3))) ; nd.abs(a,out=nd.zeros((5,3))) ; nd.abs(D,out=S.zeros('csr',(5,3)))
nd.exp(a,out=S.zeros('row_sparse',(5,3))) ; nd.dot(c,nd.ones((5,2)),out=S.zeros('row_sparse',(4,2)))
nd.zeros((5,3),out=S.zeros('row_sparse',(5,3))) ; nd.ones((5,3),out=S.zeros('row_sparse',(5,3)))
nd.full((5,3),2,out=S.zeros('row_sparse',(5,3))) ; nd.zeros_like(a,out=nd.ones((5,3))) ; nd.square(c)
nd.concat(a,b,dim=0).stype ; nd.stack(a,b).shape ; nd.cast_storage(D,'row_sparse',out=nd.ones((5,3)))
nd.cast_storage(D,'row_sparse',out=S.zeros('row_sparse',(5,3))) ; nd.sparse.array(a).context
nd.broadcast_add(a,b).stype ; nd.moveaxis(a,0,1).stype ; nd.maximum(a,b).stype ; nd.sparse.sum(c,axis=0)
nd.sparse.where(c,E,E) ; nd.sparse.norm(c)
"""
# MXNet leaves elements of a row out of order and memory behind the last one, so only the elements are compared.
ELEMENTS = """
nd.elemwise_add(c,c2) ; nd.elemwise_sub(c,c2) ; nd.elemwise_mul(c,c2) ; nd._internal._maximum(c,c2) ; c+c2 ; c-c2
nd._internal._minimum(c,c2) ; nd._internal._hypot(c,c2) ; c*c2 ; c+c2-c2 ; c*c ; nd._internal._grad_add(c,c2)
"""


def results(mx):
    """name -> plain values."""
    found = {call: attempt(eval, call, names(mx)) for call in CALLS.strip().replace(" ; ", "\n").splitlines()}
    for call in ELEMENTS.strip().replace(" ; ", "\n").splitlines():
        found[call] = [attempt(eval, "(%s).%s" % (call, part), names(mx)) for part in ("stype", "asnumpy()")]
    found["start"] = attempt(lambda: csr(mx, start=-2.0).relu())
    return found


if __name__ == "__main__":
    import mxnet

    write("sparse_values", results(mxnet))
