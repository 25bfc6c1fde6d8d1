"""Writes tests/golden/contrib_updates.json: the update rules of mx.nd.contrib.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.contrib_updates
"""

import inspect

from tests.oracle.ndarray_methods import entries
from tests.oracle.scenario import attempt, plain, write

NAMES = (
    *("adamw_update", "mp_adamw_update", "multi_adamw_update", "multi_mp_adamw_update"),
    *("multi_lamb_update", "multi_mp_lamb_update"),
)
CALLS = """
c.adamw_update(w, g, m, v, 2.0, 0.1, 1.0, out=w)
c.adamw_update(w, g, m, v, nd.array([2]), lr=0.1, eta=0.5, wd=0.1, out=w)
c.adamw_update(w, g, m, v, 0, 0.1, 1.0, out=w) ; c.adamw_update(w, g, m, v, float('nan'), 0.1, 1.0, out=w)
c.adamw_update(w, g, m, v, 1.0, 0.1, 1.0, 0.5, 0.6, 0.1, 0.2, 0.3) ; c.adamw_update(w, g, m, v, 1.0, 0.1)
c.adamw_update(w, g, m, v, 1.0, 0.1, 1.0, foo=3)
c.mp_adamw_update(h, h, m, v, w, 2.0, 0.1, 1.0, out=h)
c.mp_adamw_update(h, h, m, v, w, nd.array([0.5]), 0.1, 1.0, wd=0.1)
c.multi_adamw_update([w, x], [g, g], [m, n], [v, u], 2.0, [0.1, 0.2], [0, 0.1], [1, 0.5], out=[w, x])
c.multi_adamw_update([w], [g], [m], [v], nd.array([1]), (0.1,), (0.1,), (1,), out=[w], size=1, clip_gradient=0.2)
c.multi_adamw_update([w], [g], [m], [v], 1.0, [0.1, 0.2], [0.1], [1], out=[w])
c.multi_mp_adamw_update([h], [h], [m], [v], [w], 0.5, [0.1], [0.1], [1], out=[h])
c.multi_lamb_update([w, x], [g, g], [m, n], [v, u], [1, 3], [0.1, 0.2], [0, 0.1], out=[w, x])
c.multi_lamb_update([w], [g], [m], [v], step_count=[2], lrs=[0.1], wds=[0.1], out=[w], num_tensors=1, lower_bound=3)
c.multi_mp_lamb_update([h], [h], [m], [v], [w], [1], [0.1], [0.1], out=[h], bias_correction=False)
"""


def results(mx):
    nd = mx.nd
    found = {"arguments of " + name: list(inspect.signature(getattr(nd.contrib, name)).parameters) for name in NAMES}
    for text in entries(CALLS):
        arrays = {
            "w": nd.array([1, -2, 0.5]),
            "x": nd.array([3, 1, 2]),
            "g": nd.array([0.5, 0.25, -1]),
            "m": nd.array([0.1, 0, -0.2]),
            "n": nd.zeros(3),
            "v": nd.array([0.3, 0.2, 0.1]),
            "u": nd.ones(3),
            "h": nd.array([0.5, -2, 1], dtype="float16"),
        }

        def call():
            made = eval(text, dict(arrays, nd=nd, c=nd.contrib))
            # MXNet's adamw_update also writes the rescaled gradient into g: a known difference
            kept = {name: plain(array) for name, array in arrays.items() if name != "g"}
            return plain(made), kept

        found[text] = attempt(call)
    return found


if __name__ == "__main__":
    import mxnet

    write("contrib_updates", results(mxnet))
