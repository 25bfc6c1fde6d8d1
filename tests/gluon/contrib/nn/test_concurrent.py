"""Concurrent, HybridConcurrent and Identity against real MXNet's."""

import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_concurrent as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


@pytest.mark.parametrize("kind", [mx.gluon.contrib.nn.Concurrent, mx.gluon.contrib.nn.HybridConcurrent])
def test_a_slice_keeps_the_axis(kind):
    # MXNet's slices go back to the last axis.
    net = kind(axis=1)
    net.add(*[mx.gluon.contrib.nn.Identity() for _ in range(3)])
    x = mx.nd.ones((2, 3, 4))
    assert (net[1:].axis, net[1:](x).shape, net[1](x).shape) == (1, (2, 6, 4), (2, 3, 4))
