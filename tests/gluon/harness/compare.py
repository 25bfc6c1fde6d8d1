"""Compares a table of layers, cells or losses with its golden files."""

from __future__ import annotations

import functools
import gzip
import json
import operator
import pathlib

import numpy as np
import pytest

import mxgluon_compat as mx

from . import observe

GOLDEN = pathlib.Path(__file__).parents[2] / "golden"
TOLERANCE = {"float64": (1e-9, 1e-10), "float32": (2e-5, 4e-6), "float16": (4e-3, 4e-3)}
FACES = ("imperative", "hybrid", "import")


@functools.cache
def golden_texts(name):
    """What the golden files of one table hold beside arrays."""
    path = GOLDEN / f"{name}.json"
    return json.loads(path.read_text() if path.exists() else gzip.decompress(path.with_suffix(".json.gz").read_bytes()))


@functools.cache
def golden(name):
    """(texts, {"case/dtype": {part: array}}) of one table."""
    texts, found = golden_texts(name), {}
    with np.load(GOLDEN / f"{name}.npz") as file:
        for key, vector in file.items():
            case, _, dtype = key.rpartition("/")
            parts, start = {}, 0
            for part, shape, kind in texts["cases"][case][dtype]["parts"]:
                size = int(np.prod(shape))
                parts[part] = vector[start : start + size].reshape(shape).astype(kind)
                start += size
            assert start == vector.size
            found[key] = parts
    return texts, found


def expected_case(name, case):
    """The golden facts of one case."""
    texts, _ = golden(name)
    assert case[0] in texts["cases"], f"the golden files are older than the cases: run tests.oracle.layers {name}"
    return texts["cases"][case[0]]


def check_looks(name, case):
    """Name, Parameters and repr before the layer runs; its symbol, where it does not run at all."""
    fact = expected_case(name, case)
    found = observe.describe(mx, case[0])
    for key, value in found.items():
        assert value == fact[key], key
    options = observe.options_of(case)
    if not observe.dtypes_of(case) and options.get("symbol", True) and not options.get("symbol_differs"):
        assert _same_graph(observe.symbol_of(mx, case), fact["json"])


def check_runs(name, case, dtype, folder):
    """Every face gives MXNet's arrays; the export is MXNet's text."""
    fact, vectors = expected_case(name, case), golden(name)[1]
    place = f"{case[0]}/{dtype}"
    options = observe.options_of(case)
    faces = FACES if options.get("symbol", True) and options.get("imports", True) else FACES[:2]
    # compiled graphs differ by the dtype in nothing that is ours
    if dtype == observe.dtypes_of(case)[-1] and options.get("compiled", True):
        faces = (*faces, "compiled")
    for face in faces:
        arrays, seen = observe.run(mx, case, dtype, face, folder if options.get("symbol", True) else None)
        expected = vectors[place]
        if face != "imperative":
            expected = vectors.get(f"{place} hybrid", expected)
        _same(arrays, expected, face, options.get("tol", {}).get(dtype, TOLERANCE[dtype]))
        texts = {**fact.get("float32", {}), **fact[dtype]}
        for key, value in seen.items():
            if key == "json" and options.get("symbol_differs"):
                continue
            want = texts[key] if texts[key] is not None else observe.in_dtype(fact["float32"][key], dtype)
            same = _same_graph if key == "json" else operator.eq
            assert same(value, want), f"{face} {key}"


def _same_graph(found, expected):
    return observe.without_spaces(found) == observe.without_spaces(expected)


def _same(found, expected, face, tolerance):
    if face == "import":
        # All Parameters of a SymbolBlock are learned, so there are more gradients; a changed gamma is loaded as it is.
        found = {k: v for k, v in found.items() if k in expected or not k.startswith("grad of ")}
    found, expected = _with_train(found, expected), _with_train(expected, found)
    assert set(found) == set(expected), f"{face}: has {sorted(found)}, MXNet {sorted(expected)}"
    rtol, atol = tolerance
    for part, want in expected.items():
        got = found[part]
        assert (got.shape, got.dtype) == (want.shape, want.dtype), f"{face} {part}"
        np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{face} {part}")


def _with_train(arrays, other):
    """The arrays, with the outputs of train mode that were left out because they are those of predict mode; whether the
    two are the same to the last bit depends on where the arrays lie in memory."""
    left_out = {part: part.replace("train", "predict") for part in set(other) - set(arrays) if part.startswith("train")}
    return {**arrays, **{part: arrays[predict] for part, predict in left_out.items() if predict in arrays}}


def check_refused(name, text):
    """The same class of exception, with the same message where MXNet's is its interface."""
    kind, message = golden(name)[0]["refused"][text]
    found = observe.refusal(mx, text)
    assert found is not None, f"MXNet refuses this with {kind}"
    assert found[0] == kind
    if kind in ("AssertionError", "ValueError") and message:
        assert found[1].replace("mxgluon_compat", "mxnet") == observe.without_reason(message)


def check_scene(name, scene):
    """The scene gives what it gives on MXNet."""
    expected = golden(name)[0]["scenes"][scene.__name__]
    _alike(json.loads(json.dumps(scene(mx))), expected, scene.__name__)


def _alike(found, expected, where):
    if isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), f"{where}: {found} != {expected}"
        for i, (x, y) in enumerate(zip(found, expected, strict=True)):
            _alike(x, y, f"{where}[{i}]")
    elif isinstance(expected, dict):
        assert set(found) == set(expected), where
        for key, value in expected.items():
            _alike(found[key], value, f"{where}[{key}]")
    elif isinstance(expected, float):
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6, err_msg=where)
    else:
        assert found == expected, where


def against_mxnet(name, table):
    """``test_looks, test_runs, test_refused, test_scene``: what a table's test module needs under these names.

    Args:
        name: of the golden files.
        table: the module with CASES, REFUSED and SCENES.
    """
    runs = [(case, dtype) for case in table.CASES for dtype in observe.dtypes_of(case)]

    @pytest.mark.parametrize("case", table.CASES, ids=lambda case: case[0])
    def test_looks(case):
        check_looks(name, case)

    # what torch.compile itself does with an autograd.Function that it traces, and where it goes on after a break
    @pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
    @pytest.mark.filterwarnings("ignore:The .grad attribute")
    @pytest.mark.parametrize(("case", "dtype"), runs, ids=lambda x: x if isinstance(x, str) else x[0])
    def test_runs(case, dtype, tmp_path):
        check_runs(name, case, dtype, str(tmp_path))

    @pytest.mark.parametrize("text", table.REFUSED)
    def test_refused(text):
        check_refused(name, text)

    @pytest.mark.parametrize("scene", table.SCENES, ids=lambda scene: scene.__name__)
    def test_scene(scene):
        check_scene(name, scene)

    return test_looks, test_runs, test_refused, test_scene
