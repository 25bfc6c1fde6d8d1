"""Writes tests/golden/layer_states.json: layers with auxiliary states that MXNet runs in symbols only, or in oneDNN.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.layer_states
"""

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def run(mx, symbol, shape, train=True, low=0.0, high=1.0, times=1, aux=None, gradients=True):
    """Outputs, gradients and states of a symbol whose inputs are drawn; states start from ``aux``."""
    random = np.random.RandomState(5)
    e = symbol.simple_bind(mx.cpu(), data=shape)
    for name in sorted(e.arg_dict):
        array = e.arg_dict[name]
        array[:] = mx.nd.array(random.uniform(low, high, array.shape))
    for name, value in (aux or {}).items():
        e.aux_dict[name][:] = value
    found = []
    for _ in range(times):
        outputs = e.forward(is_train=train)
        mx.nd.waitall()
        found.append(plain([outputs, e.aux_dict]))
        if gradients:
            e.backward([mx.nd.array(random.uniform(-1, 1, o.shape)) for o in outputs])
            mx.nd.waitall()
            found.append(plain([e.grad_dict, e.aux_dict]))
    return found


def described(symbol):
    """What a symbol tells about itself."""
    return [
        symbol.list_arguments(), symbol.list_auxiliary_states(), symbol.list_outputs(), symbol.attr_dict(),
        symbol.infer_shape(data=(2, 3)), symbol.tojson(),
    ]  # fmt: skip


def normalisations(mx):
    """{name: outcome} of BatchNorm_v1 and BatchNormWithReLU."""
    data = mx.sym.var("data")
    aux = {"n_moving_mean": 0.3, "n_moving_var": 2.0}
    found = {}
    for name, make in (("BatchNorm_v1", mx.sym.BatchNorm_v1), ("BatchNormWithReLU", mx.sym.contrib.BatchNormWithReLU)):
        found[name + ": described"] = attempt(described, make(data, name="n"))
        for train, attrs in (
            (True, dict()),
            (True, dict(fix_gamma=False)),
            (True, dict(fix_gamma=False, eps=0.1, momentum=0.5)),
            (True, dict(fix_gamma=False, use_global_stats=True)),
            (True, dict(fix_gamma=False, output_mean_var=True)),
            (False, dict(fix_gamma=False)),
            (False, dict(fix_gamma=False, output_mean_var=True)),
        ):
            symbol = make(data, name="n", **attrs)
            # the gradients of mean and variance are no part of either; ReLU's is lost in MXNet's predict mode
            gradients = train and "output_mean_var" not in attrs
            key = "%s: train=%s %s" % (name, train, sorted(attrs.items()))
            found[key] = attempt(run, mx, symbol, (6, 3, 2, 2), train, -1, 1, 1, aux, gradients)
    found["BatchNorm_v1: matrix"] = attempt(run, mx, mx.sym.BatchNorm_v1(data, name="n"), (8, 3), True, -1, 1, 1, aux)
    return found


def sparseness(mx):
    """{name: outcome} of IdentityAttachKLSparseReg."""
    data = mx.sym.var("data")
    make = mx.sym.IdentityAttachKLSparseReg
    aux = {"n_moving_avg": 0.3}
    found = {
        "sparseness: described": attempt(described, make(data, name="n")),
        "sparseness: three dimensions": attempt(run, mx, make(data, name="n"), (2, 3, 2), True, 0.1, 0.9, 1, aux),
    }
    for attrs in (dict(penalty=1.0), dict(sparseness_target=0.5, penalty=0.7, momentum=0.5)):
        for train in (True, False):
            key = "sparseness: train=%s %s" % (train, sorted(attrs.items()))
            found[key] = attempt(run, mx, make(data, name="n", **attrs), (4, 3), train, 0.1, 0.9, 2, aux)
    return found


def remainders(mx):
    """{name: outcome}: remainders by a number and by an array, and whether a zero has a sign."""
    values = [-4.0, -2.0, 2.0, 4.0, 3.0, -3.0]
    found = {}
    for by in (2.0, -2.0):
        for name, array in (
            ("a number", mx.nd.array(values) % by),
            ("an array", mx.nd.array(values) % mx.nd.array([by] * len(values))),
            ("of a number", by % mx.nd.array(values)),
        ):
            numbers = array.asnumpy()
            found["remainders: %s, %s" % (name, by)] = plain([numbers, np.signbit(numbers)])
    return found


def responses(mx):
    """{name: outcome} of LRN over more channels than there are, which MXNet refuses without oneDNN."""
    found = {}
    for nsize in (5, 7, 11):
        symbol = mx.sym.LRN(mx.sym.var("data"), nsize=nsize, alpha=1.0, beta=0.5, knorm=1.0)
        found["responses: %d of 4" % nsize] = attempt(run, mx, symbol, (2, 4, 3, 2))
    return found


def results(mx):
    """{name: outcome}."""
    found = {}
    for scenario in (normalisations, sparseness, remainders, responses):
        found.update(scenario(mx))
    return found


if __name__ == "__main__":
    import mxnet

    write("layer_states", results(mxnet))
