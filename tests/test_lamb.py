"""LAMB with a float32 copy of the weight, where the numbers cannot be MXNet's: it forgets to change the copy."""

import numpy as np
import pytest

from mxgluon_compat import nd


@pytest.mark.parametrize("bounds", [{}, {"lower_bound": 3}, {"upper_bound": 1}])
@pytest.mark.parametrize("norm", [0, 2])
def test_the_copy_takes_the_step_of_a_float32_weight(bounds, norm):
    """Its step is that of ``lamb_update_phase2``, which is compared with MXNet's; the weight follows, rounded."""
    copy, direction, norms = nd.array([1, -2, 0.3]), nd.array([0.5, -0.25, 2]), [nd.array([norm]), nd.array([0.5])]
    weight = copy.astype("float16")
    for _ in range(2):
        expected = nd.lamb_update_phase2(copy.copy(), direction, *norms, lr=0.1, **bounds)
        before = copy.asnumpy()
        assert nd.mp_lamb_update_phase2(weight, direction, *norms, copy, lr=0.1, out=weight, **bounds) is weight
        np.testing.assert_array_equal(copy.asnumpy(), expected.asnumpy())
        np.testing.assert_array_equal(weight.asnumpy(), expected.astype("float16").asnumpy())
        assert (copy.asnumpy() != before).all()
