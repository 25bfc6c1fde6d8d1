"""Functions of mx.np, operators and indices of its arrays, gradients and graphs: against real MXNet."""

from __future__ import annotations

import warnings

import pytest

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_functions as scenario
from tests.oracle.scenario import read

MORE = "MXNet refuses it, or fails; here it works"
DIFFERENCES = {
    "gradients: np.copysign(x,-1)": MORE,
    "gradients: np.delete*": MORE,
    "gradients: np.insert*": MORE,
    "gradients: np.std(x)": "MXNet's gradient is 0",
    "gradients: np.var(x,axis=0)": "MXNet's gradient is 0",
    "gradients: np.where(x>2,x,0)": "MXNet's gradient is that of the elements that are not chosen",
    "mx.sym.np.pad(s,((1,1),(0,0)))": "MXNet counts such nodes twice",
    "np.*(b, [bi])": "MXNet does not compute with booleans, and with booleans and integers, of all functions",
    "np.blackman(5)": "computed in float64, then rounded",
    "np.cumsum(x,axis=-1)": MORE,
    "np.deg2rad(*": MORE,
    "np.rad2deg(*": MORE,
    "np.empty_like(x,dtype='int32')": "its elements may be any",
    "np.*equal(x, i)": MORE,
    "np.greater(x, i)": MORE,
    "np.less(x, i)": MORE,
    "np.insert(x,-1,5,axis=1)": MORE,
    "np.insert(x,1,5,axis=1)": MORE,
    "np.insert(x,np.array([[]1,3],dtype='int64'),6)": MORE,
    "np.insert(x,slice(0,2),6)": MORE,
    "np.meshgrid(v,v,sparse=True)": MORE,
    "np.pad(x,(1,1))": "as NumPy's: for all axes",
    "np.unique(b)": MORE,
    "of a cube: np.array(3)[[]...]": "as NumPy's",
    "of a cube: np.array(3)[[]None]": "as NumPy's",
    "s.sort()": "an AttributeError, as of other methods that symbols have not; MXNet means to raise one and fails",
    "written: x[[]0]=np.ones((4,))": "a ValueError that names both shapes",
    "written: x[[][[]True,False]]=5": "a mask; for MXNet these are the rows 1 and 0, in assignments only",
    "x.dtype": "a dtype all the same: NumPy's class of it has another name now",
}


@pytest.fixture(scope="module")
def found():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)  # of numpy, about plain numbers
        return scenario.results(mx)


def test_as_mxnet(found):
    lines = disagreements(found, read("numpy_functions"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("function", ["around", "round", "round_"])
@pytest.mark.parametrize("face", ["array", "symbol"])
def test_rounding_refuses_other_keywords(function, face):
    x = mx.np.ones(2) if face == "array" else mx.sym.var("x").as_np_ndarray()
    with pytest.raises(mx.MXNetError, match="where"):
        getattr(mx.np, function)(x, where=False)
