"""Cases of the optimizers' update rules; a changed state shows as ``after...`` in the golden file."""

from ..spec import N, U, V
from .shape import each, wrong

FLOATS = ["float32", "float64"]
ONE = ["float32"]
# MXNet's attributes are float32, so 0.9 differs from ours in the eighth digit in float64
TOL = {"float64": (1e-6, 1e-7)}
POWERS = {"float32": (1e-4, 1e-5), "float64": (1e-4, 1e-5)}  # 1 - 0.999**t loses digits in float32
W, G, S = N(3, 4, grad=False), N(3, 4, grad=False), N(3, 4, grad=False)
P = U((3, 4), 0.1, 2.0, grad=False)
FULL = dict(lr=0.1, wd=0.05, rescale_grad=1.5, clip_gradient=0.75)


def rule(op, states, *attrs, **more):
    more.setdefault("dtypes", FLOATS)
    return each(op, [W, G] + list(states), [dict(lr=0.1)] + list(attrs), tol=TOL, **more)


RULES = (
    rule("sgd_update", [], FULL, dict(FULL, clip_gradient=0), dict(lr=0.1, wd=0.5, lazy_update=False))
    + rule("sgd_mom_update", [S], dict(FULL, momentum=0.9), dict(lr=0.1, momentum=0.5, lazy_update=False))
    + rule("nag_mom_update", [S], dict(FULL, momentum=0.9), dict(lr=0.1, momentum=0.5))
    + rule("signsgd_update", [], FULL, dict(lr=0.1, clip_gradient=0, rescale_grad=-2))
    + rule("signum_update", [S], dict(FULL, momentum=0.9, wd_lh=0.1))
    + rule("adam_update", [S, P], FULL, dict(lr=0.1, beta1=0.5, beta2=0.8, epsilon=0.1, lazy_update=False))
    + rule("rmsprop_update", [P], FULL, dict(FULL, clip_weights=0.5), dict(lr=0.1, gamma1=0.5, epsilon=0.1))
    + rule(
        "rmspropalex_update",
        [U((3, 4), 5, 6, grad=False), P, S],
        FULL,
        dict(FULL, clip_weights=0.5),
        dict(lr=0.1, gamma1=0.5, gamma2=0.3, epsilon=0.1),
    )
    + rule("ftrl_update", [S, P], FULL, dict(lr=0.1, lamda1=0.9, beta=0.5))
    + each(
        "ftml_update",
        [W, G, P, P, S],
        [
            dict(lr=0.1, t=1),
            dict(lr=0.1, t=3, wd=0.05, rescale_grad=1.5, clip_grad=0.75, beta1=0.3, beta2=0.9, epsilon=0.1),
        ],
        tol=POWERS,
    )
    + each(
        "lamb_update_phase1",
        [W, G, S, P],
        [
            dict(t=1, wd=0.0),
            dict(t=3, wd=0.05, rescale_grad=1.5, clip_gradient=0.75),
            dict(t=2, wd=0.1, bias_correction=False, beta1=0.5, beta2=0.8, epsilon=0.1),
        ],
        tol=POWERS,
    )
    + each(
        "lamb_update_phase2",
        [W, G, V([0.9], grad=False), V([0.3], grad=False)],
        [dict(lr=0.1), dict(lr=0.1, lower_bound=1.2), dict(lr=0.1, upper_bound=0.5)],
        tol=TOL,
    )
    + each("lamb_update_phase2", [W, G, V([0.0], grad=False), V([0.3], grad=False)], [dict(lr=0.1)], tol=TOL)
    # with rescale_grad 1 and without a bound, since MXNet writes the result of both back into the gradient
    + each(
        "_adamw_update",
        [W, G, S, P, V([1.0], dtype="float32", grad=False)],
        [dict(lr=0.1, eta=0.5), dict(lr=0.1, eta=0.5, wd=0.1, beta1=0.5, beta2=0.8, epsilon=0.1)],
        dtypes=ONE,
    )
    + wrong("sgd_update", [W, G], [dict(), dict(lr="x"), dict(lr=0.1, momentum=0.9)])
    + wrong("sgd_update", [W, N(3, grad=False)], [dict(lr=0.1)])
    + wrong("sgd_update", [W, N(3, 4, dtype="float64", grad=False)], [dict(lr=0.1)])
)
H, F = dict(dtype="float16", grad=False), dict(dtype="float32", grad=False)
MIXED = (
    each("mp_sgd_update", [N(3, 4, **H), N(3, 4, **H), N(3, 4, **F)], [dict(lr=0.1), FULL], dtypes=ONE)
    + each(
        "mp_sgd_mom_update",
        [N(3, 4, **H), N(3, 4, **H), N(3, 4, **F), N(3, 4, **F)],
        [dict(lr=0.1), dict(FULL, momentum=0.9)],
        dtypes=ONE,
    )
    # without weight decay: MXNet keeps a momentum that holds the decay of the new weight instead of the old one
    + each(
        "mp_nag_mom_update",
        [N(3, 4, **H), N(3, 4, **H), N(3, 4, **F), N(3, 4, **F)],
        [dict(lr=0.1), dict(FULL, wd=0, momentum=0.9)],
        dtypes=ONE,
    )
    + each(
        "_mp_adamw_update",
        [N(3, 4, **H), N(3, 4, **H), N(3, 4, **F), U((3, 4), 0.1, 2, **F), N(3, 4, **F), V([1.0], **F)],
        [dict(lr=0.1, eta=0.5, wd=0.1)],
        dtypes=ONE,
    )
)
RATES = dict(lrs=(0.1, 0.2), wds=(0.0, 0.1), num_weights=2)
SMALL = N(2, grad=False)
SEVERAL = (
    each(
        "multi_sgd_update",
        [W, G, SMALL, SMALL],
        [RATES, dict(RATES, rescale_grad=1.5, clip_gradient=0.75)],
        tol=TOL,
        out=(0, 2),
        faces=("nd",),
    )
    + each("multi_sgd_update", [W, G], [dict(lrs=0.1, wds=0.1)], tol=TOL, out=(0,), faces=("nd",))
    + each(
        "multi_sgd_mom_update",
        [W, G, S, SMALL, SMALL, SMALL],
        [dict(RATES, momentum=0.9)],
        tol=TOL,
        out=(0, 3),
        faces=("nd",),
    )
    + each(
        "multi_mp_sgd_update",
        [N(3, **H), N(3, **H), N(3, **F), N(2, **H), N(2, **H), N(2, **F)],
        [RATES],
        dtypes=ONE,
        out=(0, 3),
        faces=("nd",),
    )
    + each(
        "multi_mp_sgd_mom_update",
        [N(3, **H), N(3, **H), N(3, **F), N(3, **F), N(2, **H), N(2, **H), N(2, **F), N(2, **F)],
        [dict(RATES, momentum=0.9)],
        dtypes=ONE,
        out=(0, 4),
        faces=("nd",),
    )
    + wrong("multi_sgd_update", [W, G, SMALL, SMALL], [dict(RATES, lrs=0.1), dict(lrs=0.1, wds=0.1)])
    + each(
        "multi_sum_sq",
        [W, SMALL],
        [dict(num_arrays=2)],
        dtypes=["float32", "float64", "float16"],
        tol={"float64": (1e-6, 1e-7)},
    )
    + each("reset_arrays", [W, SMALL], [dict(num_arrays=2)], faces=("nd",))
    + each("all_finite", [W], [dict()], dtypes=["float32", "float64", "float16"])
)
for _values in ([1.0, float("inf")], [float("nan"), 0.0], [1.0, 2.0]):
    SEVERAL += each("all_finite", [V(_values, grad=False)], [dict()])
    SEVERAL += each("multi_all_finite", [W, V(_values, grad=False)], [dict(num_arrays=2)])

CASES = RULES + MIXED + SEVERAL
