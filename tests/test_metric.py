"""Metrics against real MXNet's, and what is ours alone: sums on the device, the things that MXNet gets wrong."""

import copy
import pickle

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from tests.oracle import metric as scenario
from tests.scenarios import against_mxnet

# float32 sums over a batch differ in their last digits: torch and numpy add in different orders.
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_accuracy_does_not_wait_for_the_device():
    # Meta tensors have no values: whatever read one would raise.
    label, pred = (mx.nd.NDArray(torch.empty(s, device="meta"), mx.cpu()) for s in ((4,), (4, 3)))
    for metric in (mx.metric.Accuracy(), mx.metric.Loss(), mx.metric.TopKAccuracy(2), mx.metric.MAE()):
        pair = (label, label) if isinstance(metric, mx.metric.MAE) else (label, pred)
        metric.update(*pair)
        metric.update(*pair)
        metric.reset_local()
        metric.update(*pair)
        assert metric._local.device.type == "meta"
        with pytest.raises((RuntimeError, NotImplementedError)):
            metric.get()


def test_counts_are_exact_beyond_float32():
    metric = mx.metric.Accuracy()
    metric.update([mx.nd.array([1])], [mx.nd.array([1])])
    metric.sum_metric = float(2**40)
    metric.update([mx.nd.array([1])], [mx.nd.array([1])])
    assert metric.sum_metric == 2**40 + 1
    assert metric.global_sum_metric == 2


def test_sums_can_be_read_and_written_between_updates():
    metric = mx.metric.Loss()
    metric.update(None, [mx.nd.array([1, 2])])
    assert metric.sum_metric == 3.0 and isinstance(metric.sum_metric, float)
    metric.sum_metric += 1
    metric.update(None, [mx.nd.array([4])])
    assert metric.get() == ("loss", 8 / 3)
    assert metric.get_global() == ("loss", 7 / 3)


def test_float16_losses_do_not_overflow():
    metric = mx.metric.Loss()
    metric.update(None, [mx.nd.full((4,), 60000, dtype="float16")])
    assert metric.get() == ("loss", 60000.0)


def test_metrics_record_nothing_and_hold_no_graph():
    x = mx.nd.array([[0.2, 0.8]])
    x.attach_grad()
    metric = mx.metric.Loss()
    with mx.autograd.record():
        y = x * 2
        metric.update(None, [y])
    assert not metric._local.requires_grad
    y.backward()
    assert x.grad.asnumpy().tolist() == [[2, 2]]


def test_metrics_can_be_copied_and_pickled():
    metric = mx.metric.Accuracy()
    metric.update([mx.nd.array([1, 0])], [mx.nd.array([1, 1])])
    for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert other.get() == ("accuracy", 0.5)


def test_labels_may_be_on_another_context():
    metric = mx.metric.Accuracy()
    metric.update([mx.nd.array([1, 0], ctx=mx.cpu(1))], [mx.nd.array([1, 1])])
    assert metric.get() == ("accuracy", 0.5)


def test_numpy_arrays_are_refused():
    with pytest.raises(TypeError, match="NDArrays, got ndarray"):
        mx.metric.Accuracy().update([np.zeros(2)], [np.zeros((2, 2))])


class TestWhereMXNetIsWrong:
    def test_get_metric_raises_its_error(self):
        # MXNet returns the ValueError.
        with pytest.raises(ValueError, match="Metric index 5 is out of range 0 and 1"):
            mx.metric.CompositeEvalMetric(["acc"]).get_metric(5)

    def test_top_k_of_few_classes(self):
        # MXNet means to take the smaller number, and fails before it does.
        metric = mx.metric.TopKAccuracy(5)
        metric.update([mx.nd.array([0, 1])], [mx.nd.array([[0.1, 0.9], [0.3, 0.7]])])
        assert metric.get() == ("top_k_accuracy_5", 1.0)

    def test_top_k_of_classes(self):
        # MXNet compares the labels with the order of the predictions.
        metric = mx.metric.TopKAccuracy(2)
        metric.update([mx.nd.array([3, 1, 2])], [mx.nd.array([3, 0, 2])])
        assert metric.get()[1] == metric.get_global()[1] == pytest.approx(2 / 3)

    def test_micro_correlation_has_local_and_global_state(self):
        # MXNet's reset_local keeps the state, and get_global is 0.
        metric = mx.metric.PearsonCorrelation(average="micro")
        metric.update([mx.nd.array([1, 2, 3])], [mx.nd.array([3, 2, 1])])
        metric.reset_local()
        assert np.isnan(metric.get()[1])
        label, pred = np.array([1.0, 2, 4]), np.array([2.0, 2, 5])
        metric.update([mx.nd.array(label)], [mx.nd.array(pred)])
        assert metric.get()[1] == pytest.approx(np.corrcoef(label, pred)[0, 1])
        both = np.corrcoef(np.concatenate([[1, 2, 3], label]), np.concatenate([[3, 2, 1], pred]))[0, 1]
        assert metric.get_global()[1] == pytest.approx(both)

    def test_correlation_refuses_an_unknown_average(self):
        # MXNet fails at the first update, with an AttributeError.
        with pytest.raises(ValueError, match="average"):
            mx.metric.PearsonCorrelation(average="zz")

    def test_pcc_refuses_lengths_that_differ(self):
        # MXNet looks at as many as the shorter one has.
        with pytest.raises(ValueError, match="Shape of labels 3 does not match shape of predictions 4"):
            mx.metric.PCC().update([mx.nd.array([0, 1, 1])], [mx.nd.ones((4, 2))])

    @pytest.mark.parametrize("name", ["F1", "MCC"])
    def test_columns_of_labels(self, name):
        # MXNet compares each prediction with each label.
        metric = getattr(mx.metric, name)(average="micro")
        pred = mx.nd.array([[0.3, 0.7], [0.1, 0.9], [0.8, 0.2], [0.9, 0.1]])
        metric.update([mx.nd.array([[1], [1], [0], [0]])], [pred])
        assert metric.num_inst == 4
        assert metric.get()[1] == pytest.approx(1)

    def test_perplexity_of_sequences(self):
        # MXNet's pick refuses the labels that Perplexity itself has flattened.
        metric = mx.metric.Perplexity(None)
        metric.update([mx.nd.zeros((2, 3))], [mx.nd.full((2, 3, 4), 0.25)])
        assert metric.get() == ("perplexity", pytest.approx(4))
        metric = mx.metric.Perplexity(None, axis=1)
        metric.update([mx.nd.zeros((2, 3))], [mx.nd.full((2, 4, 3), 0.25)])
        assert metric.get() == ("perplexity", pytest.approx(4))

    def test_labels_out_of_range(self):
        for metric in (mx.metric.CrossEntropy(), mx.metric.NegativeLogLikelihood()):
            with pytest.raises(IndexError, match="out of bounds for axis 1 with size 2"):
                metric.update([mx.nd.array([0, 2])], [mx.nd.ones((2, 2))])
