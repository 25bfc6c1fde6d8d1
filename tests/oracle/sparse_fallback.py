"""Writes tests/golden/sparse_fallback.json: which calls make MXNet say that it runs an operator on dense forms.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_fallback
"""

import logging
import os
import re
import tempfile

from tests.oracle import sparse_storage
from tests.oracle.scenario import write
from tests.oracle.sparse_common import csr, rsp


class Messages(logging.Handler):
    """What is written to file descriptor 2, and what goes through Python's logging, while a function runs."""

    def __init__(self):
        logging.Handler.__init__(self)
        self.logged = []

    def emit(self, record):
        self.logged.append(record.getMessage())

    def of(self, function):
        """The messages, and what the call returned."""
        self.logged = []
        logging.getLogger().addHandler(self)
        with tempfile.TemporaryFile() as file:
            kept = os.dup(2)
            os.dup2(file.fileno(), 2)
            try:
                made = function()
            finally:
                os.dup2(kept, 2)
                os.close(kept)
                logging.getLogger().removeHandler(self)
            file.seek(0)
            written = file.read().decode()
        return written + "\n".join(self.logged), made


def facts(text):
    """[operator, storage types of inputs, of outputs, parameters, device] of each message."""
    pattern = (
        r"Storage type fallback detected:\noperator = (.*)\ninput storage types = \[(.*)\]\n"
        r"output storage types = \[(.*)\]\nparams = \{(.*)\}\ncontext.dev_mask = (.*)\n"
    )
    return [list(found) for found in re.findall(pattern, text)]


def results(mx):
    """name -> {storage types of the inputs: the messages, or "refused"}."""
    found, messages = {}, Messages()

    def run(function):
        made = function()
        for array in made if isinstance(made, list) else [made]:
            array.wait_to_read()

    def put(name, kinds, function):
        def tried():
            try:
                run(function)
            except mx.MXNetError:
                return "refused"

        text, outcome = messages.of(tried)
        found.setdefault(name, {})[" ".join(kinds)] = outcome or facts(text)

    sparse_storage.run_all(mx, put)
    nd = mx.nd
    for what in ("first", "again"):
        put("message", [what], lambda: nd.exp(rsp(mx, shape=(7, 2))))
    put("message", ["other parameters"], lambda: nd.sum(rsp(mx), axis=0, keepdims=True))
    put("message", ["other parameters again"], lambda: nd.sum(rsp(mx), axis=1, keepdims=True))
    put("message", ["other context"], lambda: nd.exp(rsp(mx).as_in_context(mx.cpu(1))))
    put("several outputs", ["row_sparse"], lambda: nd.split(rsp(mx), num_outputs=3))
    put("several outputs", ["csr"], lambda: nd.topk(csr(mx), ret_typ="both", k=2))
    for kind in ("row_sparse", "csr"):
        out = nd.zeros((4, 5), stype=kind)
        put("out", ["default", kind], lambda: nd.exp(nd.zeros((4, 5)), out=out))
        put("out", ["default default", kind], lambda: nd.elemwise_mul(nd.ones((4, 5)), nd.ones((4, 5)), out=out))
        put("out", ["csr", kind], lambda: nd.abs(csr(mx), out=out))
        put("out", ["csr", "default"], lambda: nd.abs(csr(mx), out=nd.zeros((4, 5))))
        put("out", ["row_sparse", "default"], lambda: nd.abs(rsp(mx), out=nd.zeros((5, 3))))
    for lazy in (False, True):
        for weight in ("default", "row_sparse"):
            w, g = nd.ones((5, 3)).tostype(weight), rsp(mx)
            put("sgd_update %s" % lazy, [weight], lambda: nd.sgd_update(w, g, lr=0.5, lazy_update=lazy, out=w))
    draws = {"exponential": (2,), "gamma": (1, 2), "negative_binomial": (3, 0.5), "normal": (0, 1), "poisson": (2,)}
    for name, args in dict(draws, generalized_negative_binomial=(1, 2), uniform=(0, 1)).items():
        out = nd.zeros((2, 3), stype="row_sparse")
        put("draw " + name, ["row_sparse"], lambda: getattr(nd.random, name)(*args, out=out))
    put("signum_update", ["row_sparse"], lambda: nd.signsgd_update(nd.ones((5, 3)), rsp(mx), lr=0.5))
    return found


if __name__ == "__main__":
    import mxnet

    write("sparse_fallback", results(mxnet))
