"""Writes tests/golden/initializer.json: what MXNet's initializers fill in, for given seeds.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.initializer

Keys say how near the values must come: "exact ..." in every bit, "normal ..." to two units in the last place.
"""

import logging
import warnings

import numpy as np

from tests.oracle.lr_scheduler import Messages
from tests.oracle.scenario import attempt, plain, write

SHAPES = [(7, 3), (2, 3, 2, 2), (40, 30)]
NAMES = [
    "fc_weight", "fc_bias", "bn_gamma", "bn_beta", "bn_moving_mean", "bn_running_mean", "bn_moving_var",
    "bn_running_var", "x_moving_inv_var", "x_moving_avg", "x_min", "x_max", "x_parameters", "foo", "stn_loc_weight",
    "stn_loc_bias", "stn_loc_x", "upsampling_weight", "upsampling_x", "x_state", "alpha", "x_bias_quantize",
    "x_weight_quantized", "xweight",
]  # fmt: skip


def results(mx):
    init = mx.init
    desc = init.InitDesc
    found = {}

    def fill(initializer, shape, name="x_weight", dtype="float32", attrs=None, seed=3, value=0):
        arr = mx.nd.full(shape, value, dtype=dtype)
        mx.random.seed(seed)
        initializer(desc(name, attrs), arr)
        return arr

    def shown(arr):
        # Of large arrays the ends, and a sum that tells the rest.
        values = arr.asnumpy()
        if values.size > 100:
            ends = np.concatenate([values.ravel()[:20], values.ravel()[-20:]])
            return [plain(ends), list(values.shape)]
        return plain(values)

    random = {
        "exact": [
            (init.Uniform, {}), (init.Uniform, {"scale": 0.5}), (init.Xavier, {}),
            (init.Xavier, {"factor_type": "in", "magnitude": 2.34}), (init.Xavier, {"factor_type": "out"}),
        ],
        "normal": [
            (init.Normal, {}), (init.Normal, {"sigma": 2}), (init.Xavier, {"rnd_type": "gaussian"}),
            (init.Xavier, {"rnd_type": "gaussian", "factor_type": "in", "magnitude": 2}), (init.MSRAPrelu, {}),
            (init.MSRAPrelu, {"factor_type": "in", "slope": 0}),
        ],
        "orthogonal": [(init.Orthogonal, {}), (init.Orthogonal, {"scale": 1, "rand_type": "normal"})],
    }  # fmt: skip
    for kind, cases in random.items():
        for klass, arguments in cases:
            for shape in SHAPES:
                key = "%s %s%s %s" % (kind, klass.__name__, sorted(arguments.items()), shape)
                found[key] = attempt(lambda: shown(fill(klass(**arguments), shape)))
    found["exact Uniform float64"] = attempt(lambda: shown(fill(init.Uniform(), (3, 2), dtype="float64")))
    found["two draws exact"] = attempt(
        lambda: [shown(fill(init.Uniform(), (3, 2))), shown(fill(init.Uniform(), (3, 2), seed=4))]
    )
    for what in ({"factor_type": "x"}, {"rnd_type": "x"}):
        found["Xavier refuses %s" % what] = attempt(fill, init.Xavier(**what), (2, 2))
    found["Xavier refuses a vector"] = attempt(fill, init.Xavier(), (3,))
    found["Uniform refuses integers"] = attempt(fill, init.Uniform(), (3,), dtype="int32")

    constants = {
        "Zero": init.Zero(), "One": init.One(), "Constant": init.Constant(3),
        "Constant NDArray": init.Constant(mx.nd.array([[1, 2], [3, 4]])),
        "Constant numpy": init.Constant(np.array([[1, 2], [3, 5]])),
        "Constant list": init.Constant([[1, 2], [3, 4]]), "Constant row": init.Constant(np.array([1, 2])),
    }  # fmt: skip
    for name, initializer in constants.items():
        found[name] = attempt(fill, initializer, (2, 2), value=9)
        found[name + " bias"] = attempt(fill, initializer, (2, 2), name="x_bias", value=9)
    for shape in ((2, 1, 4, 4), (2, 1, 3, 5), (1, 2, 2, 3)):
        found["Bilinear %s" % (shape,)] = attempt(fill, init.Bilinear(), shape)
    found["LSTMBias weight"] = attempt(fill, init.LSTMBias(2.0), (8,))
    found["LSTMBias bias"] = attempt(fill, init.LSTMBias(2.0), (8,), name="x_bias", value=7)
    found["LSTMBias own"] = attempt(fill, init.One(), (8,), "x_bias", attrs={"__init__": init.LSTMBias(2.0).dumps()})

    class Nine(init.Initializer):
        def _init_weight(self, name, arr):
            arr[:] = 9

    for name in NAMES:
        shape = (1, 1, 2, 2) if name.startswith("up") else (6,) if name == "stn_loc_bias" else (2, 3)
        found["name " + name] = attempt(fill, Nine(), shape, name=name, value=7)
        arr = mx.nd.full(shape, 7)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            outcome = attempt(Nine(), name, arr)
        told = [[w.category.__name__, str(w.message)] for w in caught]
        found["plain name " + name] = [outcome, plain(arr), told]
    for own in ('["constant", {"value": 3}]', init.Constant(4).dumps(), "zero", "", "nope"):
        for name in ("x_bias", "foo"):
            found["own %s %s" % (own, name)] = attempt(
                fill, init.Uniform(), (2, 2), name, attrs={"__init__": own}, value=8
            )
    found["abstract"] = attempt(init.Initializer(), desc("x_weight"), mx.nd.zeros((2, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found["no name"] = attempt(init.Initializer(), 3, mx.nd.zeros((2, 2)))
        found["no array"] = attempt(init.Initializer(), "x", 3)

    dumped = [
        init.Uniform(), init.Uniform(0.1), init.Normal(0.2), init.Xavier(), init.MSRAPrelu(), init.Orthogonal(),
        init.Zero(), init.One(), init.Constant(3), init.Constant(mx.nd.array([1, 2])), init.Bilinear(),
        init.LSTMBias(), init.FusedRNN(init.One(), 3, 1, "lstm"), init.FusedRNN(None, 3, 1, "gru", True),
    ]  # fmt: skip
    for i, one in enumerate(dumped):
        found["dumps %d" % i] = one.dumps()
    found["equal"] = [
        init.Uniform() == init.Uniform(), init.Uniform() == init.Uniform(0.1), init.Uniform() == init.Normal(),
        init.Zero() == init.Zero(), init.Zero() == init.One(), init.Zero() == 3,
    ]  # fmt: skip
    creations = ["xavier", "Xavier", "zeros", "ones", "one", '["uniform", {"scale": 0.1}]', "nope", "gaussian", 3]
    for what in creations:
        found["create %s" % what] = attempt(lambda: [init.create(what), init.create(what).dumps()])
    found["create with arguments"] = init.create("xavier", magnitude=2).dumps()
    known = mx.registry.get_registry(init.Initializer).items()
    found["registered"] = sorted(name for name, kind in known if kind.__module__ == init.Initializer.__module__)
    name = desc("a", {"x": "1"})
    found["InitDesc"] = [str(name), name == "a", plain(name.attrs), name.global_init, desc("b").attrs]
    name = desc("x_weight")
    init.One()(name, mx.nd.zeros((2, 2)))
    found["global_init"] = plain(name.global_init)

    handler, root = Messages(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        for function in (None, lambda x: "P"):
            one = init.Constant(1)
            found["set_verbosity %s" % (function is None)] = one.set_verbosity(True, function) is one
            one(desc("x_weight"), mx.nd.zeros((2, 2)))
            one(desc("x_bias"), mx.nd.zeros((2, 2)))
            one(desc("foo", {"__init__": init.Constant(-3).dumps()}), mx.nd.zeros((2, 2)))
        saved = {"arg:x_weight": mx.nd.ones((2, 2)) * 3, "aux:y": mx.nd.ones((2,)), "z": mx.nd.ones(3)}
        load = init.Load(saved, default_init=init.One(), verbose=True)
        for name in ("x_weight", "q_weight", "z", "q", "q_bias"):
            arr = mx.nd.full((2, 2), 8)
            found["Load " + name] = [attempt(load, desc(name), arr), plain(arr)]
        found["Load keys"] = sorted(load.param)
        found["Load without default"] = attempt(init.Load(saved), desc("q"), mx.nd.zeros((2, 2)))
        found["messages"] = handler.texts
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    found["Load refuses"] = [attempt(init.Load, what)["raises"] for what in (3, [mx.nd.ones(3)])]
    mixed = init.Mixed(["bias", ".*_x"], [init.Constant(2), init.One()])
    for name in ("bias_weight", "a_x_weight", "other_weight"):
        arr = mx.nd.full((2, 2), 8)
        outcome = attempt(mixed, desc(name), arr)
        found["Mixed " + name] = [outcome["raises"] if outcome else None, plain(arr)]
    found["Mixed refuses"] = attempt(init.Mixed, ["a"], [])["raises"]

    for mode, gates in (("lstm", 4), ("gru", 3), ("rnn_tanh", 1)):
        for bidirectional in (False, True):
            for layers in (1, 2):
                width = 2 if bidirectional else 1
                size = sum(width * gates * 3 * ((5 if n == 0 else 3 * width) + 3 + 2) for n in range(layers))
                key = "FusedRNN %s %s %d" % (mode, bidirectional, layers)
                fused = init.FusedRNN(init.Xavier(), 3, layers, mode, bidirectional, 1.5)
                found["exact " + key] = attempt(lambda: plain(fill(fused, (size,)).asnumpy()[::7]))
    name = desc("x_weight", global_init=init.One())
    arr = mx.nd.zeros((90,))
    init.FusedRNN(None, 3, 1, "gru")(name, arr)
    found["FusedRNN global"] = plain(arr)
    return found


if __name__ == "__main__":
    import mxnet

    write("initializer", results(mxnet))
