"""util, registry and log against real MXNet's."""

import os
import threading

import pytest

import mxgluon_compat as mx
from tests.oracle import util as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_switches_belong_to_a_thread():
    seen = []
    with mx.util.np_shape():
        thread = threading.Thread(target=lambda: seen.append(mx.util.is_np_shape()))
        thread.start()
        thread.join()
        assert mx.util.is_np_shape()
    assert seen == [False]


def test_np_shape_is_restored_after_an_error():
    with pytest.raises(KeyError), mx.util.np_shape():
        raise KeyError
    assert not mx.util.is_np_shape()


def test_static_methods_of_decorated_classes():
    # MXNet makes them ordinary methods, which then get the instance.
    @mx.util.use_np_shape
    class Class:
        @staticmethod
        def static(x):
            return x, mx.util.is_np_shape()

        @classmethod
        def of_class(cls):
            return cls, mx.util.is_np_shape()

    assert Class().static(1) == (1, True)
    assert Class.of_class() == (Class, True)


def test_makedirs(tmp_path):
    mx.util.makedirs(str(tmp_path / "a" / "b"))
    mx.util.makedirs(str(tmp_path / "a" / "b"))
    assert os.path.isdir(tmp_path / "a" / "b")
