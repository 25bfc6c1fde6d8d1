"""Damaged symbol JSON by the million: each is refused with MXNetError, or gives a graph that tells its names.

Run from the repository's root, with a count and a seed:
    python -m tests.serialization.fuzz_json 1000000 7
"""

import json
import pathlib
import random
import sys
import time

import mxgluon_compat as mx
from tests.oracle import exports, symbol_json_old

_TOKENS = (
    "0", "-1", "1e400", "NaN", "null", "true", "[]", "{}", '""', '"null"', "9" * 30, "[[0,0,0]]", "\ud800", "\\u0000",
    '"op"', '"inputs"', '"heads"', '"subgraphs"', '"attrs"', "[[[[[[[[", "}}}}", ",", ":", '"FullyConnected"',
)  # fmt: skip


def seeds():
    """Good texts: exports of MXNet, and old layouts."""
    found = [p.read_text() for p in sorted(pathlib.Path(exports.FOLDER).glob("*-symbol.json"))]
    found.sort(key=len)
    return found[:12] + [text for text, *_ in list(symbol_json_old.cases().values())[::25]]


def loads_or_refuses(text):
    """Whether a text gives a graph.

    Raises:
        Exception: anything but an MXNetError; that is a fault.
    """
    try:
        symbol = mx.sym.load_json(text)
    except mx.MXNetError as error:
        assert "\n\n" not in str(error)[:200]
        return False
    symbol.list_arguments()
    symbol.list_outputs()
    symbol.attr_dict()
    again = symbol.tojson()
    assert mx.sym.load_json(again).tojson() == again
    return True


def _changed_text(text, draw):
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        start = draw.randrange(len(text) + 1)
        end = min(len(text), start + draw.choice((0, 1, 2, 8, 60)))
        text = text[:start] + draw.choice((draw.choice(_TOKENS), chr(draw.randrange(32, 127)), "")) + text[end:]
    return text


def _places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[key], (*path, key))


def _changed_tree(tree, draw):
    """One value of the tree replaced, removed, doubled or moved."""
    places = [p for p in _places(tree) if p]
    *path, last = draw.choice(places)
    holder = tree
    for key in path:
        holder = holder[key]
    what = draw.randrange(5)
    if what == 0:
        del holder[last]
    elif what == 1 and isinstance(holder, list):
        holder.insert(last, holder[last])
    elif what == 2:
        other = tree
        for key in draw.choice(places):
            other = other[key]
        holder[last] = json.loads(json.dumps(other))
    elif what == 3 and isinstance(holder[last], int):
        holder[last] += draw.choice((-1, 1, 2, 7, 2**31, 2**63, -(2**40)))
    else:
        holder[last] = draw.choice(
            (None, True, 0, -1, 3, 1.5, "", "null", "x", [], {}, [0], [[0, 0, 0]], {"op": "null"})
        )
    return tree


def run(count, seed):
    """(texts that gave a graph, texts that were refused)."""
    draw, texts = random.Random(seed), seeds()
    trees = [json.loads(t) for t in texts]
    read = 0
    for k in range(count):
        which = draw.randrange(len(texts))
        if k % 2:
            text = _changed_text(texts[which], draw)
        else:
            tree = json.loads(texts[which]) if len(texts[which]) < 4000 else json.loads(json.dumps(trees[which]))
            for _ in range(draw.choice((1, 1, 2, 3))):
                tree = _changed_tree(tree, draw)
            text = json.dumps(tree)
        try:
            read += loads_or_refuses(text)
        except Exception:
            print(f"seed {seed}, text {k}:\n{text}")
            raise
    return read, count - read


def main(count="100000", seed="1"):
    start = time.perf_counter()
    read, refused = run(int(count), int(seed))
    print(f"damaged graphs: {read} read, {refused} refused; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
