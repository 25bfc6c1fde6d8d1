"""What the scripts of np mode share: results that tell of arrays, symbols and errors what must agree."""

import json

from tests.oracle.scenario import plain


def told(value):
    """``value`` as JSON, of arrays and symbols their class too."""
    kind = type(value).__name__
    if hasattr(value, "tojson"):
        nodes = [n for n in json.loads(value.tojson())["nodes"] if n["op"] != "null"]
        rows = [[n["op"], n["name"], n.get("attrs", {})] for n in nodes]
        return {"class": "_Symbol" if hasattr(value, "as_np_ndarray") and "_Symbol" in repr(value) else kind,
                "nodes": rows, "outputs": value.list_outputs()}  # fmt: skip
    if hasattr(value, "asnumpy"):
        return {"class": kind, "array": plain(value)}
    if isinstance(value, dict):
        return {str(k): told(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(v) for v in value]
    return plain(value)


def settled(mx):
    """Waits for all that runs: MXNet throws the late error of one call into the face of a later one."""
    try:
        mx.nd.waitall()
    except mx.base.MXNetError:
        pass


def tried(function):
    """What the call returns, or the error's class."""
    try:
        return told(function())
    except Exception as error:
        # of a class that is MXNet's and a ValueError, what matters is the latter
        return {"raises": "ValueError" if isinstance(error, ValueError) else type(error).__name__}


def evaluated(mx, text, names):
    """{expression: what it gives} for the lines of ``text``, each in a name scope and with a seed of its own."""
    found = {}
    for line in text.strip().splitlines():
        mx.random.seed(7)
        with mx.name.NameManager():
            found[line] = tried(lambda: eval(line, dict(names(), mx=mx, npx=mx.npx, np=mx.np)))
        settled(mx)
    return found
