"""Symbols of mx.np and mx.npx, their shapes, executors and Blocks' graphs: against real MXNet."""

import pytest

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_symbols as scenario
from tests.oracle.scenario import read

WRITTEN = "the same function: MXNet pads twice, with 0 for constant_values; it writes a default down; it calls numpy"
MORE = "MXNet's symbols fail here, by a mistake or since they have no such method"
DIFFERENCES = {
    "np.pad(x, ((1, 1), (2, 2)), mode='constant')": WRITTEN,
    "np.pad(x, ((1, 1),), mode='constant', constant_values=3)": WRITTEN,
    "np.pad(x, (1, 2))": WRITTEN,
    "np.reshape(x, newshape=(2, 3), order='C')": WRITTEN,
    "np.reshape(x, (2, 3), order='F')": "refused at once; MXNet refuses it when the graph runs",
    "np.empty_like(x*": WRITTEN,
    "np.resize(x, (2, 3))": "not of symbols; MXNet's graph calls numpy in the middle",
    "np.unravel_index(x, (2, 3))": "not of symbols; MXNet's graph calls numpy in the middle",
    "np.random.chisquare(*": "of mean df, as it should be; MXNet's mean is a quarter of it",
    "np.random.choice(x, 3)": WRITTEN,
    "np.random.rayleigh()": "of scale 1, as for arrays; of 0 it is 0",
    "np.random.multivariate_normal(*": "not of symbols; MXNet's graph calls Python in the middle",
    "np.deg2rad(x)": MORE,
    "np.rad2deg(x)": MORE,
    "abs(x)": MORE,
    "x.all()": MORE,
    "x.any()": MORE,
    "x.reshape([[]2, -1])": MORE,
    "x[[]-1]": "MXNet's graph ends at 0 where the last one is wanted, and fails when it runs",
    "run(x[[]::-1], *": "MXNet's executor refuses a negative step",
    "pickle.loads(pickle.dumps(x+1))": "what was of mx.np comes back so",
    "x.sort(*": "an AttributeError, as of other methods that symbols have not; MXNet means to raise one and fails",
    "x.astype('foo')": "an MXNetError, as of other symbols",
    "x.as_in_context(mx.cpu())": "refused as on other symbols, not by the number of arguments",
}


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_as_mxnet(found):
    lines = disagreements(found, read("numpy_symbols"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)
