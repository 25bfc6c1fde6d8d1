"""Writes tests/golden/autograd.json: recording, differentiating, what is refused.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.autograd
"""

import os
import threading

from tests.oracle import autograd_arrays, autograd_function, autograd_grad, autograd_graphs
from tests.oracle.scenario import attempt, plain, write


def switches(mx):
    """The flags inside of nested blocks, and what the functions that set them return."""
    ag = mx.autograd

    def flags():
        return [ag.is_recording(), ag.is_training()]

    seen = [flags()]
    with ag.record():
        seen.append(flags())
        with ag.pause():
            seen.append(flags())
            with ag.record(train_mode=False):
                seen.append(flags())
                with ag.train_mode():
                    seen.append(flags())
                with ag.predict_mode(), ag.record():
                    seen.append(flags())
            with ag.pause(train_mode=True):
                seen.append(flags())
        with ag.predict_mode():
            seen.append(flags())
        seen.append(flags())
    for scope in (ag.train_mode, ag.predict_mode, ag.pause, ag.record):
        with scope():
            seen.append(flags())
    try:
        with ag.record():
            raise KeyError("inside")
    except KeyError:
        seen.append(flags())
    seen += [
        ag.set_recording(True),
        flags(),
        ag.set_recording(True),
        ag.set_training(True),
        flags(),
        ag.set_training(False),
    ]
    seen += [ag.set_recording(False), flags()]
    with ag.record():
        other = []
        thread = threading.Thread(target=lambda: other.append(flags()))
        thread.start()
        thread.join()
        seen += [other[0], flags()]
    return plain(seen)


def results(mx):
    found = {"switches": switches(mx)}
    for module in (autograd_graphs, autograd_arrays, autograd_grad):
        for name, run in module.cases_of(mx).items():
            found[name] = attempt(run)
            mx.autograd.set_recording(False)
            mx.autograd.set_training(False)
    found.update(autograd_function.functions(mx))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("autograd", results(mxnet))
