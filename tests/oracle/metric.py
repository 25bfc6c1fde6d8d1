"""Writes tests/golden/metric.json: what MXNet's metrics give after each of a series of batches.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.metric
"""

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def series(mx, metric, batches):
    """State after each update, then after reset_local, another update, and reset."""

    def state():
        shown = {"get": metric.get(), "global": metric.get_global(), "pairs": metric.get_name_value()}
        shown["global pairs"] = metric.get_global_name_value()
        if hasattr(metric, "num_inst"):
            shown["counts"] = [float(metric.num_inst), float(metric.global_num_inst)]
        return plain(shown)

    def update(batch):
        return attempt(lambda: metric.update(*batch)), state()

    found = [update(b) for b in batches]
    metric.reset_local()
    found += [state(), update(batches[0])]
    metric.reset()
    found += [state(), plain(metric.get_config())]
    return plain(found)


def batches_of(mx):
    """{family: list of (labels, preds)}."""
    random = np.random.RandomState(7)

    def nd(x, dtype="float32"):
        return mx.nd.array(np.asarray(x), dtype=dtype)

    scores = nd(random.rand(12, 5))
    classes = nd(random.randint(0, 5, 12))
    pairs = nd([[0.3, 0.7], [0, 1.0], [0.4, 0.6], [0.9, 0.1]])
    values, near = random.randn(8), random.randn(8)
    found = {}
    found["classes"] = [
        ([classes], [scores]),
        (classes, scores),
        ([nd([0, 1, 1, 0])], [pairs]),
        ([nd([0, 1, 1, 0]), classes], [pairs, scores]),
        ([nd([0, 1, 1, 0], "int32")], [pairs]),
        ([nd([[0], [1], [1], [0]])], [pairs]),
        ([nd([0, 1])], [pairs]),
        ([nd([0, 1])], [pairs, pairs]),
    ]
    found["wide"] = [([classes], [scores]), (classes, scores), ([classes, classes], [scores, scores])]
    found["many classes"] = found["classes"][:-2]
    found["accuracy"] = found["classes"] + [
        ([nd([0, 1, 1])], [nd([0, 1, 0])]),
        ([nd([[0, 1], [1, 1]])], [nd([[0, 1], [0, 1]])]),
        ([nd([0.5, 1.7, 1])], [nd([0.2, 1.9, 2])]),
        ([nd(random.randint(0, 3, (2, 4)))], [nd(random.rand(2, 3, 4))]),
        ([nd([0, 1, -1])], [nd([0, 1, -1])]),
    ]
    found["binary"] = [
        ([nd([0, 1, 1, 0])], [pairs]),
        ([nd([1, 1, 1, 0])], [pairs]),
        (nd([1, 1, 1, 0]), pairs),
        ([nd([0, 0, 0, 0])], [pairs]),
        ([nd([1, 1, 1, 1])], [pairs]),
        ([nd([0, 1, 1, 0]), nd([1, 1, 0, 0])], [pairs, pairs]),
        ([nd([0, 1, 1, 0])], [nd(random.rand(4, 3))]),
        ([nd([5, 5, 5, 5])], [pairs]),
        ([nd([0, 1])], [pairs]),
    ]
    found["likelihood"] = [
        ([nd([0, 1, 1, 0])], [pairs]),
        (nd([0, 1, 1, 0]), pairs),
        ([nd([1, 0, 1, 0])], [pairs]),
        ([nd([0, 1, 1, 0]), nd([1, 1, 0, 0])], [pairs, pairs]),
        ([classes], [scores]),
    ]
    found["regression"] = [
        ([nd(values)], [nd(near)]),
        (nd(values), nd(near)),
        ([nd(values)], [nd(near.reshape(8, 1))]),
        ([nd(values.reshape(4, 2))], [nd(near.reshape(4, 2))]),
        ([nd([1, 2, 3])], [nd([[2, 1], [4, 1], [3.5, 1]])]),
        ([nd([1, 2, 3])], [nd([2, 4, 3.5], "float64")]),
        ([nd([1, 2, 3], "int32")], [nd([2, 4, 3.5])]),
        ([nd([1, 2, 3], "int32")], [nd([2, 4, 3], "int32")]),
        ([nd(values)] * 2, [nd(near)]),
    ]
    found["correlation"] = [
        ([nd(values)], [nd(near)]),
        (nd(values), nd(near)),
        ([nd(values.reshape(4, 2))], [nd(near.reshape(4, 2))]),
        ([nd(values), nd(near)], [nd(near), nd(2 * near)]),
        ([nd(values)], [nd(near[:7])]),
        ([nd(values.reshape(4, 2))], [nd(near)]),
    ]
    found["loss"] = [
        (None, [nd([1, 2, 3])]),
        (0, nd([1, 2, 3.5])),
        (None, [nd([1, 2]), nd([[0.5, 0.25]])]),
        (None, nd([[1, 2], [3, 4]])),
        (None, nd([1, 2], "int32")),
        (None, nd([1, 2], "float16")),
        (None, nd(random.randn(3, 5), "float64")),
        (None, nd(random.randn(300))),
        (None, ()),
    ]
    return found


def dot(label, pred):
    return float((label * pred).sum())


def first(label, pred):
    return label[0]


def dot_and_count(label, pred):
    return float((label * pred).sum()), len(label)


def results(mx):
    m = mx.metric
    batches = batches_of(mx)
    found = {}

    def run(name, metric, family):
        found[name] = series(mx, metric, batches[family])

    run("Accuracy", m.Accuracy(), "accuracy")
    run("Accuracy axis", m.Accuracy(axis=-1, name="a", output_names=["o"], label_names=["l"]), "classes")
    run("TopKAccuracy 2", m.TopKAccuracy(top_k=2), "classes")
    run("TopKAccuracy 3", m.TopKAccuracy(3, name="top"), "wide")
    for average in ("macro", "micro"):
        run("F1 " + average, m.F1(average=average), "binary")
        run("MCC " + average, m.MCC(average=average), "binary")
    run("PearsonCorrelation", m.PearsonCorrelation(), "correlation")
    micro = m.PearsonCorrelation(average="micro")
    found["PearsonCorrelation micro"] = []
    for batch in batches["correlation"]:
        found["PearsonCorrelation micro"].append([attempt(lambda: micro.update(*batch)), plain(micro.get())])
    run("PCC", m.PCC(), "many classes")
    for ignore in (None, 0, 1):
        run("Perplexity %s" % ignore, m.Perplexity(ignore), "likelihood")
    found["Perplexity mismatch"] = attempt(m.Perplexity(None).update, [mx.nd.ones(3)], [mx.nd.ones((4, 2))])
    found["Perplexity certain"] = series(mx, m.Perplexity(None), [([mx.nd.ones(4)], [mx.nd.array([[1.0, 0]] * 4)])])
    run("CrossEntropy", m.CrossEntropy(), "likelihood")
    run("CrossEntropy eps", m.CrossEntropy(eps=1e-3, name="c"), "likelihood")
    run("NegativeLogLikelihood", m.NegativeLogLikelihood(), "likelihood")
    found["CrossEntropy wrapped"] = series(
        mx, m.CrossEntropy(), [([mx.nd.array([1, -1])], [mx.nd.array([[0.2, 0.8], [0.4, 0.6]])])]
    )
    for name in ("MAE", "MSE", "RMSE"):
        run(name, getattr(m, name)(), "regression")
    for name in ("Loss", "Torch", "Caffe"):
        run(name, getattr(m, name)(), "loss")
    for feval, options in ((dot, {}), (dot_and_count, {}), (dot, {"name": "n"}), (dot, {"allow_extra_outputs": True})):
        name = "%s %s" % (feval.__name__, options)
        custom = m.CustomMetric(feval, **options)
        label, pred = mx.nd.array([1, 2]), mx.nd.array([3, 4])
        found["CustomMetric " + name] = [
            [attempt(lambda: custom.update([label], [pred])), plain(custom.get())],
            [attempt(lambda: custom.update(label, pred)), plain(custom.get())],
            [attempt(lambda: custom.update([label], [pred, pred])), plain(custom.get_global())],
            attempt(custom.get_config),
            m.np(feval, **options).name,
        ]
    found["lambda"] = m.np(lambda label, pred: 1.0).name
    found["registered"] = sorted(mx.registry.get_registry(m.EvalMetric))
    creations = [
        "acc", "ACCURACY", "ce", "pearsonr", "nope", ["acc", "mae"], {"metric": "acc", "axis": 2}, ("acc",), None, 3,
        dot,         '{"metric": "Accuracy", "axis": 2}', '["acc", {"axis": 2}]',
    ]  # fmt: skip
    for what in creations:
        name = what if isinstance(what, (str, list, dict, tuple, int)) or what is None else what.__name__
        found["create %s" % (name,)] = attempt(lambda: [m.create(what), m.create(what).name])
    found["create with arguments"] = attempt(lambda: m.create("top_k_acc", top_k=3).name)
    found["create beside an instance"] = attempt(m.create, m.MAE(), 3)
    found["top_k 1"] = attempt(m.TopKAccuracy)
    found["top_k dims"] = attempt(m.TopKAccuracy(2).update, [mx.nd.ones((2, 3))], [mx.nd.ones((2, 3, 4))])
    found["three classes"] = attempt(m.F1().update, [mx.nd.array([0, 1, 2])], [mx.nd.ones((3, 2))])["raises"]

    composite = m.CompositeEvalMetric(["acc", m.MAE()], name="both")
    found["Composite"] = series(
        mx,
        composite,
        [([mx.nd.array([0, 1, 1, 0])], [mx.nd.array([0, 1, 1, 1])]), (mx.nd.array([0, 1]), mx.nd.array([1, 1]))],
    )
    found["Composite str"] = str(composite)
    composite.add("rmse")
    found["Composite add"] = [len(composite.metrics), plain(composite.get_metric(2))]
    labels = {"l": mx.nd.array([0, 1]), "l2": mx.nd.array([1, 1])}
    preds = {"a": mx.nd.array([0, 1]), "b": mx.nd.array([0, 0])}
    picks = {
        "all": {},
        "one": {"output_names": ["a"], "label_names": ["l"]},
        "missing": {"output_names": ["z"], "label_names": ["l"]},
    }
    for name, pick in picks.items():
        one = m.Accuracy(**pick)
        found["update_dict " + name] = [attempt(one.update_dict, labels, preds), plain(one.get())]
        several = m.CompositeEvalMetric(["acc", "mae"], **pick)
        found["Composite update_dict " + name] = [attempt(several.update_dict, labels, preds), plain(several.get())]

    class Plain(m.EvalMetric):
        def __init__(self, **kwargs):
            m.EvalMetric.__init__(self, "plain", **kwargs)

        def update(self, labels, preds):
            self.sum_metric += 3
            self.num_inst += 2

    found["own metric"] = series(mx, Plain(), [(1, 2), (3, 4)])
    found["own metric with globals"] = series(mx, Plain(has_global_stats=True, more=1), [(1, 2), (3, 4)])

    class Narrow(m.EvalMetric):
        """Adds what NumPy gives for float32 arrays, as packages' metrics do."""

        def __init__(self):
            m.EvalMetric.__init__(self, "narrow")

        def update(self, labels, preds):
            self.sum_metric += labels.asnumpy().sum()
            self.num_inst += np.prod(labels.shape)

    # of float32 sums, the 1 would be lost
    parts = [mx.nd.array([x]) for x in (2.0**24, 1.0, -(2.0**24))]
    for name, narrow in (("own metric", Narrow()), ("CustomMetric", m.np(first))):
        found[name + " of float32"] = []
        for part in parts:
            narrow.update(part, part)
            found[name + " of float32"].append([plain(narrow.get()), str(narrow), repr(narrow.get_global())])
    base = m.EvalMetric("e", zz=3)
    found["base"] = [attempt(base.update, 1, 2), plain(base.get()), str(base), plain(base.get_config())]
    one, two = mx.nd.ones((2, 3)), mx.nd.ones((3, 3))
    checks = [([1], [1, 2]), (one, two), (one, two, False, True), (one, mx.nd.ones((2, 2))), ([1], [2], True, False)]
    checks += [(one, one, True), (one, mx.nd.ones((2, 2)), False, True)]
    for i, arguments in enumerate(checks):
        found["check_label_shapes %d" % i] = attempt(m.check_label_shapes, *arguments)
    return found


if __name__ == "__main__":
    import mxnet

    write("metric", results(mxnet))
