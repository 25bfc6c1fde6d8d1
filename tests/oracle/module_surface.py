"""Writes tests/golden/module_surface.json: the public names of the legacy training loop, with their parameters.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.module_surface
"""

import inspect

from tests.oracle.gluon_surface import called
from tests.oracle.scenario import write
from tests.oracle.training_surface import members, own

MODULES = (
    "executor_manager", "model", "module", "module.base_module", "module.bucketing_module", "module.executor_group",
    "module.module", "module.python_module", "module.sequential_module", "rnn", "rnn.io", "rnn.rnn", "rnn.rnn_cell",
)  # fmt: skip


def results(mx):
    """{module or module:Class: {name: how it is called}}."""
    found = {}
    for path in MODULES:
        names = own(mx, path)
        found[path] = {n: called(v) for n, v in names.items()}
        for name, value in names.items():
            if inspect.isclass(value) and name == value.__name__:
                rows = {n: called(v) for n, v in members(mx, value).items()}
                if rows:
                    found["%s:%s" % (path, name)] = rows
    return found


if __name__ == "__main__":
    import mxnet

    write("module_surface", results(mxnet))
