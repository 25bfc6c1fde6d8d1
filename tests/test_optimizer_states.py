"""Optimizer states in files: MXNet's pickles, our own, and what is neither."""

import copy
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import optimizer_files, optimizer_rules
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    optimizer_files, tolerance=lambda name: (3e-3, 1e-6) if "lamb_half" in name else (1e-6, 1e-6)
)


def updater(name="sgd", **arguments):
    made = mx.optimizer.get_updater(mx.optimizer.create(name, **arguments))
    made(0, mx.nd.ones(3), mx.nd.ones(3))
    return made


def everything(made):
    """All that loading may change."""
    optimizer = made.optimizer
    values = {k: repr(v) for k, v in vars(optimizer).items()}
    scheduler = optimizer.lr_scheduler and dict(vars(optimizer.lr_scheduler))
    return repr(made.states), values, scheduler, dict(made.states_synced)


def refused(content, match, made=None):
    made = made or updater("adam", learning_rate=0.1)
    before = everything(made)
    with pytest.raises(MXNetError, match=match):
        made.set_states(content)
    assert everything(made) == before


# ---------------------------------------------------------------------------------------------- our own files
@pytest.mark.parametrize("name", ["SGD", "Adam", *dict.fromkeys(name for name, _ in optimizer_rules.OWN)])
@pytest.mark.parametrize("dump", [False, True])
def test_training_goes_on_exactly(name, dump):
    def made():
        schedule = mx.lr_scheduler.FactorScheduler(2, 0.9, base_lr=0.1)
        rate = {"learning_rate": 0.1} if name in ("Adam", "LAMB", "RMSProp", "Adamax", "Nadam", "Signum") else {}
        own = {"LBSGD": {"batch_scale": 2, "momentum": 0.9}, "LARS": {"momentum": 0.9}}.get(name, {})
        return mx.optimizer.get_updater(mx.optimizer.create(name, lr_scheduler=schedule, **rate, **own))

    def steps(one, weights, random, count):
        for _ in range(count):
            for i, weight in enumerate(weights):
                one(i, mx.nd.array(random.uniform(-1, 1, (2, 3))), weight)

    random = np.random.RandomState(0)
    one, weights = made(), [mx.nd.array(random.uniform(-1, 1, (2, 3))) for _ in range(2)]
    steps(one, weights, random, 3)
    other, copies, state = made(), [w.copy() for w in weights], random.get_state()
    if not dump:
        other.optimizer = copy.deepcopy(one.optimizer)
    other.set_states(one.get_states(dump_optimizer=dump))
    mx.random.seed(1)
    steps(one, weights, random, 3)
    random.set_state(state)
    mx.random.seed(1)
    steps(other, copies, random, 3)
    for a, b in zip(weights, copies, strict=True):
        assert (a.asnumpy() == b.asnumpy()).all()
    assert one.optimizer.num_update == other.optimizer.num_update == (0 if name == "Test" else 6)


def test_settings_of_all_kinds():
    names = {0: "a_weight", 1: "b_bias"}
    made = updater(param_idx2name=names, learning_rate=np.float32(0.25), clip_gradient=0.5)
    made.optimizer.set_lr_mult({"a_weight": 0.5, 1: 2.0})
    made.optimizer.own = {"array": mx.nd.ones(2), "numbers": np.arange(3), "tuple": (1, [None, "x"])}
    made.optimizer.function = len  # not written
    other = updater()
    other.optimizer.function = max
    other.set_states(made.get_states(dump_optimizer=True))
    optimizer = other.optimizer
    assert optimizer.lr_mult == {"a_weight": 0.5, 1: 2.0} and optimizer.idx2name == names
    assert (optimizer.lr, optimizer.clip_gradient, optimizer.wd_mult) == (0.25, 0.5, {"b_bias": 0.0})
    assert optimizer.own["array"].asnumpy().tolist() == [1, 1] and optimizer.own["numbers"].tolist() == [0, 1, 2]
    assert optimizer.own["tuple"] == (1, [None, "x"]) and optimizer.function is max


def test_schedulers():
    class Mine(mx.lr_scheduler.LRScheduler):
        def __call__(self, num_update):
            return 0.5

    made = updater(lr_scheduler=mx.lr_scheduler.PolyScheduler(10, base_lr=0.5))
    other = updater(learning_rate=0.1)
    other.set_states(made.get_states(True))
    assert isinstance(other.optimizer.lr_scheduler, mx.lr_scheduler.PolyScheduler)
    assert other.optimizer.learning_rate == made.optimizer.learning_rate
    other.set_states(updater(learning_rate=0.3).get_states(True))
    assert other.optimizer.lr_scheduler is None and other.optimizer.learning_rate == 0.3
    mine = updater(lr_scheduler=Mine())
    refused(mine.get_states(True), "class Mine, and the optimizer here has none", updater())
    again = updater(lr_scheduler=Mine(base_lr=3))
    again.set_states(mine.get_states(True))
    assert isinstance(again.optimizer.lr_scheduler, Mine) and again.optimizer.lr_scheduler.base_lr == 0.01


def test_states_of_another_optimizer():
    refused(updater("sgd").get_states(True), "states of SGD, but the optimizer is Adam")
    refused(optimizer_files.content("sgd_dumped"), "states of SGD, but the optimizer is Adam")


def test_states_on_another_context():
    made = updater("adam")
    other = mx.optimizer.get_updater(mx.optimizer.Adam())
    other.set_states(made.get_states())
    assert other.states_synced == {0: False}
    other(0, mx.nd.ones(3, ctx=mx.cpu(1)), mx.nd.ones(3, ctx=mx.cpu(1)))
    assert other.states[0][0].context == mx.cpu(1) and other.states_synced == {0: True}


# ---------------------------------------------------------------------------------------------- pickles that attack
class Attack:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def attacks():
    array = b"\x80\x02cmxnet.ndarray.ndarray\nNDArray\n"
    sgd = b"\x80\x02cmxnet.optimizer.optimizer\nSGD\n"
    yield "os.system", pickle.dumps({0: Attack(os.system, "touch attacked")})
    yield "posix.system by hand", b"cposix\nsystem\n(S'touch attacked'\ntR."
    yield "builtins.eval", pickle.dumps({0: Attack(eval, "open('attacked', 'w')")})
    yield "builtins.getattr", b"cbuiltins\ngetattr\n."
    yield "numpy.load", b"\x80\x02cnumpy\nload\nX\x01\0\0\0x\x85R."
    yield "numpy.core.multiarray.fromfile", b"\x80\x02cnumpy.core.multiarray\nfromfile\nX\x01\0\0\0x\x85R."
    yield "dotted names", b"\x80\x04\x8c\x0fmxnet.optimizer\x8c\x0fNDArray.__class__\x93."
    yield "the package itself", b"\x80\x02cmxgluon_compat.optimizer.pickles\nio.open\n."
    yield "OBJ", b"(cos\nsystem\nS'touch attacked'\no."
    yield "INST", b"(S'touch attacked'\nios\nsystem\n."
    yield "an extension", b"\x80\x02\x82\x01."
    yield "a persistent id", b"Px\n."
    yield "a persistent id on the stack", b"K\x01Q."
    yield "NEWOBJ_EX", b"\x80\x04cmxnet.optimizer\nSGD\n)}\x92."
    yield "a terabyte of zeros", b"cbuiltins\nbytearray\n\x8a\x06\0\0\0\0\0\x01\x85R."
    yield "a far place of the memo", b"\x80\x02}r\xff\xff\xff\x7f."
    yield "a far place of the memo, in text", b"}p4000000000\n."
    yield "a function changed", array + b"}X\x09\0\0\0_functionK\x01sb."
    yield "a function's slots changed", array + b"N}X\x09\0\0\0_functionK\x01s\x86b."
    yield "a class changed", sgd + b"N}X\x0c\0\0\0__setstate__K\x01s\x86b."
    yield "an object of it called", sgd + b")\x81)R."
    yield "a class called", sgd + b"K\x01\x85R."
    yield "an array with an address", array + b"K\x01\x85R."
    yield "an array without bytes", array + b"N\x85R}b."
    yield "an array of other bytes", array + b"N\x85R}X\x06\0\0\0handleB\x04\0\0\0abcdsb."
    yield "an array never filled", array + b"N\x85R."
    yield "dtype of objects", pickle.dumps(np.array([{}], dtype=object))
    yield "dtype with fields", pickle.dumps(np.zeros(1, [("a", "f4")]))
    yield "dtype of text", pickle.dumps(np.array(["a"]))
    yield (
        "an array too large",
        (
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R"
            b"(K\x01\x8a\x05\0\0\0\0\x01\x85cnumpy\ndtype\nX\x02\0\0\0f4K\0K\x01\x87R\x89C\x04abcdtb."
        ),
    )
    yield "no end of lists", b"(" * 2 + b"l" * 2 + b"."
    yield "deep tuples", b")" + b"\x85" * 100000 + b"."
    doubled = b"".join(b"h%c\x86q%c" % (i, i + 1) for i in range(60))
    yield "a billion laughs", b"\x80\x02}K\x01K\x02q\x00" + doubled + b"s."
    yield "a list in itself", b"\x80\x02]q\x00h\x00a."
    yield "a key that is no key", b"\x80\x02}]K\x01s."
    yield "a key of another kind", b"\x80\x02})K\x01s."
    yield "no states", pickle.dumps(3)
    yield "three things", pickle.dumps(({}, None, None))
    yield "something instead of the optimizer", pickle.dumps(({}, {"rescale_grad": 1}))
    yield "what comes after", pickle.dumps({}) + pickle.dumps({})
    yield "nothing", b""
    yield "a dot", b"."
    yield "text", b"hello."
    yield "counts that are none", _saved_optimizer({"_all_index_update_counts": {0: {0: "x"}}})
    yield "a scheduler that is none", _saved_optimizer({"lr_scheduler": 3})
    yield "a bytearray in parts", b"\x80\x02cbuiltins\nbytearray\nC\x01a\x85R(K\x01e."


def _saved_optimizer(values):
    """A pickle of no states and an Adam with these attributes."""
    return b"\x80\x02}cmxnet.optimizer.optimizer\nAdam\n)\x81" + pickle.dumps(values, 2)[2:-1] + b"b\x86."


@pytest.mark.parametrize(
    ("name", "content"), list(attacks()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_attacks_are_refused(name, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(content, "optimizer states")
    assert os.listdir(tmp_path) == []


def test_a_refusal_names_what_was_asked_for():
    refused(
        pickle.dumps({0: Attack(os.system, "x")}), r"(posix|nt)\.system, which states of MXNet's optimizers have no use"
    )
    refused(b"\x80\x02\x82\x01.", "the opcode EXT1")


def test_a_saved_optimizer_is_no_code():
    """Its class is neither looked up nor called; names of methods among its attributes only stay on the object."""
    made = updater("adam")
    made.set_states(_saved_optimizer({"beta1": 0.5, "lr_scheduler": None}))
    assert made.optimizer.beta1 == 0.5 and type(made.optimizer) is mx.optimizer.Adam and made.states == {}
    missing = b"\x80\x02}cmxnet.optimizer.optimizer\nNoSuchThing\n)\x81}b\x86."
    refused(missing, "states of NoSuchThing, but the optimizer is Adam")


def test_optimizers_of_the_program_are_known_by_name():
    class Own(mx.optimizer.SGD):
        pass

    content = b"\x80\x02}ctests.test_optimizer_states\nOwn\n)\x81}X\x08\0\0\0momentumG?\xe0\0\0\0\0\0\0sb\x86."
    refused(content, r"tests\.test_optimizer_states\.Own")
    made = mx.optimizer.get_updater(Own())
    made.set_states(content)
    assert made.optimizer.momentum == 0.5


FILES = ("adam_dumped", "adam_protocol0", "sgd_dumped", "numpy_dumped", "adam_sparse")


@pytest.mark.parametrize("name", FILES)
def test_truncated_pickles(name):
    content = optimizer_files.content(name)
    for end in {*range(0, len(content), max(1, len(content) // 60)), len(content) - 1}:
        refused(content[:end], "optimizer states")
        if end < len(content) - 1:
            refused(content[:end] + b".", "states")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_pickles(data):
    """Loaded as what they now say, or refused and nothing changed."""
    content = bytearray(optimizer_files.content(data.draw(st.sampled_from(FILES))))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    made = updater("adam")
    before = everything(made)
    try:
        made.set_states(bytes(content))
    except MXNetError:
        assert everything(made) == before
    assert isinstance(made.states, dict)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_files_of_ours(data):
    made = updater("adam")
    content = bytearray(made.get_states(True))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    before = everything(made)
    try:
        made.set_states(bytes(content))
    except MXNetError:
        assert everything(made) == before
    assert isinstance(made.states, dict)


def test_other_headers():
    empty = struct.pack("<Q", 2) + b"{}"
    refused(empty, "neither of mxgluon_compat nor of MXNet")
