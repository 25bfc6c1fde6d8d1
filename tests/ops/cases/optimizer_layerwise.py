"""Cases of the update rules that see whole layers, and of those for several weights at once."""

from ..spec import N, U, V
from .shape import each, wrong

ONE = ["float32"]
# MXNet keeps the attributes in float32, where 1 - beta2 is 1e-5 off, and the norms too.
TOL = {"float64": (1e-5, 1e-6), "float32": (2e-5, 5e-6)}
H, F = dict(dtype="float16", grad=False), dict(dtype="float32", grad=False)
BOUNDED = dict(rescale_grad=1.5, clip_gradient=0.75)


def states(kinds, shape, **kwargs):
    """Inputs of one weight: n for any values, p for positive ones, h for float16; the others float32 where one is h."""
    kwargs = dict(F) if "h" in kinds else dict(grad=False, **kwargs)
    made = {"n": N(*shape, **kwargs), "p": U(shape, 0.1, 2, **kwargs), "h": N(*shape, **H)}
    return [made[k] for k in kinds]


def two(kinds):
    return states(kinds, (3, 4)) + states(kinds, (2,))


LRS, WDS = V([0.1, 0.2], **F), V([0.0, 0.1], **F)
SCALES = [V([s], **F) for s in (1.0, 2.5, 0.0, float("nan"), float("inf"))]


def updates(op, kinds, tail, attrs, dtypes=ONE):
    """Two weights in one call; MXNet wants to be told where the new weights go."""
    out = (0, len(kinds))
    return each(op, two(kinds) + tail, attrs, dtypes=dtypes, tol=TOL, out=out, faces=("nd",))


PAIR = dict(num_weights=2)
PRELOADED = (
    updates("preloaded_multi_sgd_update", "nn", [LRS, WDS], [PAIR, dict(PAIR, **BOUNDED)], ["float32", "float64"])
    + updates("preloaded_multi_sgd_mom_update", "nnn", [LRS, WDS], [PAIR, dict(PAIR, momentum=0.9, **BOUNDED)])
    + updates("preloaded_multi_mp_sgd_update", "hhn", [LRS, WDS], [PAIR, dict(PAIR, **BOUNDED)])
    + updates("preloaded_multi_mp_sgd_mom_update", "hhnn", [LRS, WDS], [PAIR, dict(PAIR, momentum=0.9, **BOUNDED)])
    + wrong("preloaded_multi_sgd_update", two("nn") + [LRS, WDS], [dict(num_weights=1), dict(num_weights=3)])
    + wrong("preloaded_multi_sgd_update", two("nn") + [LRS, V([0.1], **F)], [PAIR])
)
RATES = dict(lrs=(0.1, 0.2), wds=(0.0, 0.1), etas=(1.0, 0.5), num_weights=2)
ADAMW = (
    updates("_multi_adamw_update", "nnnp", SCALES[:1], [RATES, dict(RATES, clip_gradient=0.3, beta1=0.5, epsilon=0.1)])
    + updates("_multi_mp_adamw_update", "hhnpn", SCALES[:1], [RATES, dict(RATES, clip_gradient=0.3, beta2=0.5)])
    + wrong("_multi_adamw_update", two("nnnp") + SCALES[:1], [dict(RATES, etas=1.0), dict(RATES, num_weights=1)])
)
for scale in SCALES[1:]:
    ADAMW += updates("_multi_adamw_update", "nnnp", [scale], [RATES])
STEPS = dict(learning_rates=(0.1, 0.2), wds=(0.0, 0.1), step_count=(1, 7), num_tensors=2)
FULL = dict(STEPS, beta1=0.5, beta2=0.7, epsilon=0.1, rescale_grad=1.5, clip_gradient=0.75)
LAMB_STEPS = [
    STEPS,
    FULL,
    dict(STEPS, bias_correction=False),
    dict(STEPS, lower_bound=5),
    dict(STEPS, lower_bound=0.1, upper_bound=0.5),
]
ONCE = dict(learning_rates=0.1, wds=0.1, step_count=1, num_tensors=1)
ZERO = V([0.0, 0.0], grad=False)
LAMB = (
    updates("_multi_lamb_update", "nnnp", [], LAMB_STEPS, ["float32", "float64"])
    + updates("_multi_mp_lamb_update", "hhnpn", [], LAMB_STEPS)
    + each("_multi_lamb_update", [ZERO] + states("nnp", (2,)), [ONCE], tol=TOL, out=(0,), faces=("nd",))
    + wrong("_multi_lamb_update", two("nnnp"), [dict(STEPS, wds=0.1), dict(STEPS, step_count=1), dict(ONCE)])
    + each(
        "mp_lamb_update_phase1",
        states("hhnpn", (3, 4)),
        [dict(t=1, wd=0.1), dict(t=3, wd=0, bias_correction=False, beta1=0.5, beta2=0.6, epsilon=0.1, **BOUNDED)],
        dtypes=ONE,
    )
    # mp_lamb_update_phase2 is in tests/test_lamb.py: MXNet's forgets to change weight32
    + wrong("mp_lamb_update_phase2", states("hn", (3, 4)) + [V([2.0], **F), V([0.5], **F), N(2, **F)], [dict(lr=0.1)])
    + wrong("mp_lamb_update_phase1", states("hhnpn", (3, 4)), [dict(t=1), dict(wd=1)])
)
NORMS = [V([4.0, 9.0, 0.0, 2.0], **F), V([1.0, 0.0, 3.0, 5.0], **F)]
LARS = each(
    "multi_lars",
    [V([0.1, 0.2, 0.3, 0.4], **F)] + NORMS + [V([0.01, 0.02, 0.03, 0.0], **F)],
    [dict(eta=0.001, eps=1e-8), dict(eta=0.1, eps=0.5, rescale_grad=2), dict(eta=0.1, eps=0.5, rescale_grad=0)],
    dtypes=ONE,
) + wrong("multi_lars", [LRS] + NORMS + [WDS], [dict(eta=1, eps=1)])

CASES = PRELOADED + ADAMW + LAMB + LARS
