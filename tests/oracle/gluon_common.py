"""What the gluon scenarios share: a clean workspace for each part, warnings and errors as data."""

import contextlib
import io
import os
import re
import shutil
import tempfile
import warnings

from tests.oracle import scenario
from tests.oracle.scenario import plain


def cleaned(text):
    """``text`` without module names, addresses, links to MXNet's pages and what only one of both says."""
    text = re.sub(r"<class '(?:[\w<>]+\.)*(\w+)'>", r"<class '\1'>", str(text))
    text = re.sub(r"<(?:[\w<>]+\.)*(\w+) object at 0x[0-9a-f]+>", r"<\1 object>", text)
    text = re.sub(r" ?For more info on naming.*", "", text, flags=re.DOTALL)  # a page of MXNet's documentation
    text = re.sub(r"[; ]*[Ii]n all, .*", "", text)  # MXNet names the first thing that does not fit, and no others
    return text.replace("mxgluon_compat", "mxnet")


def attempt(function, *args, **kwargs):
    """What the call returns, or the error's class and text; texts of the backend's own errors are left out."""
    found = scenario.attempt(function, *args, **kwargs)
    if isinstance(found, dict) and "raises" in found:
        found["text"] = cleaned(found["text"])
    return found


def kind(function, *args, **kwargs):
    """As ``attempt``, without the error's text."""
    found = attempt(function, *args, **kwargs)
    return {"raises": found["raises"]} if isinstance(found, dict) and "raises" in found else found


def warned(function, *args, **kwargs):
    """{"result": as ``attempt``, "warnings": [[category, text]]}."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = attempt(function, *args, **kwargs)
    shown = [
        [w.category.__name__, cleaned(w.message)] for w in caught if not issubclass(w.category, DeprecationWarning)
    ]
    return {"result": result, "warnings": shown}


def printed(function, *args, **kwargs):
    """What the call prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        result = attempt(function, *args, **kwargs)
    return {"result": result, "out": out.getvalue()}


@contextlib.contextmanager
def workspace(mx):
    """Fresh name counters and an empty current folder."""
    before, folder = os.getcwd(), tempfile.mkdtemp()
    os.chdir(folder)
    try:
        with mx.name.NameManager():
            mx.random.seed(42)
            yield
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def collect(mx, parts):
    """{"part: name": result} of functions ``part(mx, put)`` that call ``put(name, value)``."""
    found = {}
    for part in parts:

        def put(name, value, part=part):
            key = "%s: %s" % (part.__name__, name)
            assert key not in found, key
            found[key] = plain(value)

        with workspace(mx), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                part(mx, put)
            except Exception as error:
                put("stopped", [type(error).__name__, str(error)])
    return found


def check_complete(found):
    """Refuses a golden file of parts that stopped on an error of their own."""
    stopped = {k: v for k, v in found.items() if k.endswith(": stopped")}
    assert not stopped, stopped
    return found


def arrays(params):
    """{name: values} of a ParameterDict, sorted."""
    return {k: params[k].data().asnumpy() for k in sorted(params.keys())}
