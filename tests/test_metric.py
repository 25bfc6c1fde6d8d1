"""Metrics against real MXNet's, and what is ours alone: sums on the device, the things that MXNet gets wrong."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import mxgluon_compat as mx
from mxgluon_compat.metric import device, statistics
from tests.oracle import metric as scenario
from tests.scenarios import against_mxnet

# float32 sums over a batch differ in their last digits: torch and numpy add in different orders.
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


CLASSES = ([0, 1, 1, 0], [[0.3, 0.7], [0.2, 0.8], [0.4, 0.6], [0.9, 0.1]])
VALUES = ([0.5, 1, 2, 4], [1, 1, 3, 3.5])
DEVICE = {
    "Accuracy": (mx.metric.Accuracy, CLASSES),
    "TopKAccuracy": (lambda: mx.metric.TopKAccuracy(2), CLASSES),
    "F1": (mx.metric.F1, CLASSES),
    "F1 micro": (lambda: mx.metric.F1(average="micro"), CLASSES),
    "MCC": (mx.metric.MCC, CLASSES),
    "MCC micro": (lambda: mx.metric.MCC(average="micro"), CLASSES),
    "PCC": (mx.metric.PCC, CLASSES),
    "Perplexity": (lambda: mx.metric.Perplexity(None), CLASSES),
    "Perplexity ignoring": (lambda: mx.metric.Perplexity(0), CLASSES),
    "CrossEntropy": (mx.metric.CrossEntropy, CLASSES),
    "NegativeLogLikelihood": (mx.metric.NegativeLogLikelihood, CLASSES),
    "MAE": (mx.metric.MAE, VALUES),
    "MSE": (mx.metric.MSE, VALUES),
    "RMSE": (mx.metric.RMSE, VALUES),
    "PearsonCorrelation": (mx.metric.PearsonCorrelation, VALUES),
    "PearsonCorrelation micro": (lambda: mx.metric.PearsonCorrelation(average="micro"), VALUES),
    "Loss": (mx.metric.Loss, VALUES),
    "Torch": (mx.metric.Torch, VALUES),
    "Caffe": (mx.metric.Caffe, VALUES),
    "Composite": (lambda: mx.metric.CompositeEvalMetric(["acc", "ce", "f1"]), CLASSES),
}


class Reads(TorchDispatchMode):
    """Counts what brings a value from the device to the host."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", DEVICE)
def test_updates_read_no_value(name):
    make, (label, pred) = DEVICE[name]
    metric, label, pred = make(), mx.nd.array(label), mx.nd.array(pred)
    with Reads() as reads:
        metric.update(label, pred)
        metric.reset_local()
        metric.update([label], [pred])
        assert reads.count == 0
        metric.get()
    assert reads.count > 0 or name == "PCC"  # whose pairs go to the host as a whole


@pytest.mark.parametrize("name", sorted(set(DEVICE) - {"PCC"}))
def test_updates_do_not_wait_for_the_device(name):
    # Meta tensors have no values: whatever read one would raise.
    make, pair = DEVICE[name]
    metric = make()
    label, pred = (mx.nd.NDArray(torch.empty(np.shape(x), device="meta"), mx.cpu()) for x in pair)
    for _ in range(2):
        metric.update(label, pred)
    metric.reset_local()
    metric.update(label, pred)
    with pytest.raises((RuntimeError, NotImplementedError)):
        metric.get()


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")  # whenever the mode is set
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", DEVICE)
def test_updates_do_not_synchronise(name):
    make, (label, pred) = DEVICE[name]
    label, pred = mx.nd.array(label, ctx=mx.gpu()), mx.nd.array(pred, ctx=mx.gpu())
    metric, wanted = make(), make()
    mode = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        metric.update(label, pred)
        metric.reset_local()
        metric.update([label], [pred])
    finally:
        torch.cuda.set_sync_debug_mode(mode)
    wanted.update(label.as_in_context(mx.cpu()), pred.as_in_context(mx.cpu()))
    np.testing.assert_allclose(np.array(metric.get()[1]), np.array(wanted.get()[1]), rtol=1e-5)


def test_confusions_do_not_wait_for_the_device():
    metric = mx.metric.PCC()
    label, pred = (mx.nd.NDArray(torch.empty(s, device="meta"), mx.cpu()) for s in ((4,), (4, 3)))
    metric.update(label, pred)
    metric.update(label, pred)
    with pytest.raises((RuntimeError, NotImplementedError)):
        metric.get()


def test_many_pairs_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(statistics.Confusion, "MOST", 5)
    metric = mx.metric.PCC()
    for _ in range(4):
        metric.update(*(mx.nd.array(x) for x in CLASSES))
        assert metric._confusion._count < 8
    assert metric.lcm.tolist() == [[4, 0], [4, 8]]


REFUSED = [
    ("CrossEntropy", [0, 3, 1, 2], IndexError, "index 3 is out of bounds for axis 1 with size 2"),
    ("NegativeLogLikelihood", [0, 1, -3, 4], IndexError, "index -3 is out of bounds for axis 1 with size 2"),
    ("F1", [0, 1, 2, 2], ValueError, "_BinaryClassificationMetrics currently only supports binary classification."),
    ("MCC micro", [0, 1, 5, 0], ValueError, "_BinaryClassificationMetrics currently only supports binary"),
]


@pytest.mark.parametrize(("name", "label", "error", "text"), REFUSED, ids=[r[0] for r in REFUSED])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "when read"])
def test_values_that_are_refused(monkeypatch, name, label, error, text, late):
    if late:  # as on a GPU
        monkeypatch.setattr(device, "_at_hand", lambda values: False)
    metric, label, pred = DEVICE[name][0](), mx.nd.array(label), mx.nd.array(CLASSES[1])
    right = mx.nd.array(CLASSES[0])
    metric.update(right, pred)
    before = metric.get()
    if not late:
        with pytest.raises(error, match=text):
            metric.update(label, pred)
        assert metric.get() == before
        return
    metric.update(label, pred)
    metric.update(right, pred)
    with pytest.raises(error, match=text):
        metric.get()
    metric.update(label, pred)
    metric.reset()
    metric.update(right, pred)
    assert metric.get() == before


def test_counts_of_two_classes():
    metric = mx.metric.F1(average="micro")
    metric.update(*(mx.nd.array(x) for x in CLASSES))
    stats = metric.metrics
    assert (stats.true_positives, stats.false_negatives, stats.false_positives, stats.true_negatives) == (2, 0, 1, 1)
    assert stats.precision == 2 / 3 and stats.recall == 1 and stats.fscore == metric.get()[1] == 0.8
    metric.reset_local()
    assert stats.total_examples == 0 and stats.global_total_examples == 4 and stats.global_precision == 2 / 3
    assert stats.matthewscc() == 0 and stats.matthewscc(use_global=True) == pytest.approx(3**-0.5)


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


def test_subclasses_of_built_in_metrics():
    class Share(mx.metric.Accuracy):
        """As published code has it: numpy's sums, a reset() of its own."""

        def __init__(self, threshold=0.5):
            super().__init__(name="share")
            self.threshold = threshold

        def reset(self):
            self.num_inst = 0
            self.sum_metric = 0.0

        def update(self, labels, preds):
            for label, pred in zip(labels, preds, strict=True):
                said = pred.asnumpy() > self.threshold
                self.sum_metric += (said == label.asnumpy()).sum()
                self.num_inst += said.size

    metric = Share()
    metric.update([mx.nd.array([1, 0, 1])], [mx.nd.array([0.9, 0.8, 0.7])])
    assert metric.get() == ("share", pytest.approx(2 / 3)) and metric.num_inst == 3
    assert not hasattr(metric, "global_num_inst")  # in MXNet neither
    metric.reset()
    assert np.isnan(metric.get()[1])


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
    assert not vars(metric)["_sum_metric"].requires_grad
    y.backward()
    assert x.grad.asnumpy().tolist() == [[2, 2]]


def test_metrics_can_be_copied_and_pickled():
    for make, pair in DEVICE.values():
        metric, arrays = make(), [mx.nd.array(x) for x in pair]
        metric.update(*arrays)
        wanted = metric.get()
        for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
            assert other.get() == wanted
            other.update(*arrays)
            assert metric.get() == wanted


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
