"""mx.random and mx.nd.random: the faces of the distributions, against real MXNet after the same seeds."""

import inspect
import random as python_random

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from tests.ndarray.golden import disagreements
from tests.oracle import random_face as scenario
from tests.oracle.scenario import read

CLASS = "refused with another class of error, and a text that names what is wrong"
DIFFERENCES = {
    "mx.random.seed(3, 5)": CLASS,
    "mx.random.seed(3, ctx=None)": CLASS,
    "r.multinomial(p, dtype='foo')": CLASS,
    "r.multinomial(p, 3, dtype='int64')*": "every integer dtype can hold class numbers",
    "r.randn()": "no shape means one number, as for the other distributions",
}


def test_as_mxnet():
    with mx.name.NameManager():  # symbols numbered from 0
        found = scenario.results(mx)
    lines = disagreements(found, read("random_face"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)


class TestRefused:
    def test_mixed_parameters(self):
        with pytest.raises(
            AssertionError, match="must all have the same type, but got both <class 'int'> and .*NDArray"
        ):
            nd.random.uniform(0, nd.ones(2))

    def test_other_parameters(self):
        with pytest.raises(ValueError, match=r"must be either NDArray or numbers, but got \['a', 1\]"):
            nd.random.uniform("a")

    def test_shapes_and_keywords(self):
        for shape in (0, -1, (2, 0), ()):
            with pytest.raises(mx.MXNetError, match="every dimension must be at least 1"):
                nd.random.normal(shape=shape)
        with pytest.raises(mx.MXNetError, match="Invalid Parameter format for shape"):
            nd.random.normal(shape="a")
        with pytest.raises(mx.MXNetError, match="Cannot find argument 'foo'"):
            nd.random.uniform(foo=3)
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'high'"):
            nd.random.randint(10)
        with pytest.raises(TypeError, match="'foo' is not one of MXNet's"):
            nd.random.uniform(dtype="foo")
        with pytest.raises(mx.MXNetError):
            nd.random_uniform(shape=(-1,))

    def test_seeds(self):
        for wrong in ("a", 2.5, None):
            with pytest.raises(ValueError, match="seed_state must be int"):
                mx.random.seed(wrong)
        with pytest.raises(ValueError, match="'all' or a Context, got 5"):
            mx.random.seed(3, 5)


def test_signatures():
    assert list(inspect.signature(nd.random.uniform).parameters) == [
        "low",
        "high",
        "shape",
        "dtype",
        "ctx",
        "out",
        "kwargs",
    ]
    assert inspect.signature(nd.random.normal).parameters["scale"].default == 1
    assert inspect.signature(nd.random.randint).parameters["high"].default is inspect.Parameter.empty


def test_out_is_what_comes_back():
    out = nd.zeros((2, 3), dtype="float64")
    assert nd.random.uniform(1, 2, out=out) is out
    assert (out.asnumpy() >= 1).all()


def test_other_generators_are_left_alone():
    torch_state, numpy_state, python_state = torch.get_rng_state(), np.random.get_state()[1], python_random.getstate()
    mx.random.seed(3)
    nd.random.normal(shape=(100,))
    nd.random.shuffle(nd.arange(10))
    nd.Dropout(nd.ones(10), p=0.5, mode="always")
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all() and python_random.getstate() == python_state
