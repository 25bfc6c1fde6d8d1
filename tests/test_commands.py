"""``python -m mxgluon_compat info | convert | check``: reports, exit codes, files that are not what they should be."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import types
from random import Random

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.__main__ import main
from mxgluon_compat.serialization import content, params

ROOT = pathlib.Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
FILES = GOLDEN / "files"


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """Run a command line in a fresh folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        return stop.value.code, *capsys.readouterr()

    return command


def net(**fix):
    """A graph with two convolutions, normalisation and a dense layer."""
    x = mx.sym.Convolution(mx.sym.var("data"), name="conv0", kernel=(3, 3), num_filter=4)
    x = mx.sym.BatchNorm(x, name="bn0", **fix)
    x = mx.sym.Convolution(x, name="conv1", kernel=(1, 1), num_filter=2, no_bias=True)
    return mx.sym.FullyConnected(mx.sym.Flatten(x), name="fc", num_hidden=3)


SHAPES = {
    "arg:conv0_weight": (4, 3, 3, 3), "arg:conv0_bias": (4,), "arg:bn0_gamma": (4,), "arg:bn0_beta": (4,),
    "aux:bn0_moving_mean": (4,), "aux:bn0_moving_var": (4,), "arg:conv1_weight": (2, 4, 1, 1),
    "arg:fc_weight": (3, 18), "arg:fc_bias": (3,),
}  # fmt: skip


@pytest.fixture
def written(command):
    """Write a net, with arrays changed or (None) left out."""

    def written(changes=types.MappingProxyType({}), symbol=None, **options):
        arrays = {name: nd.ones(shape) for name, shape in SHAPES.items()} | dict(changes)
        nd.save("net-0000.params", {k: v for k, v in arrays.items() if v is not None})
        (net(**options) if symbol is None else symbol).save("net-symbol.json")

    return written


# ---------------------------------------------------------------------------------------------- info
def test_info_of_arrays(command):
    x = np.arange(6, dtype="float64").reshape(2, 3)
    x[1] = np.nan, np.inf, -7
    nd.save("a", {"x": nd.array(x, dtype="float64"), "none": nd.from_torch(torch.empty(0, 3)), "i": nd.array([3, -5], dtype="int32")})  # fmt: skip  # noqa: E501
    code, out, err = command("info", "a")
    assert (code, err) == (1, "")  # NaN
    head, *rows = out.splitlines()
    assert head == f"a: safetensors file, {os.path.getsize('a')} bytes: 3 arrays by name, 8 numbers, 56 bytes"
    assert [row.split() for row in rows] == [
        ["name", "dtype", "shape", "bytes", "min", "max", "mean", "std"],
        ["x", "float64", "(2,", "3)", "48", "-7", "2", "-1", "3.53553", "1", "NaN,", "1", "inf"],
        ["none", "float32", "(0,", "3)", "0", "-", "-", "-", "-"],
        ["i", "int32", "(2,)", "8", "-5", "3", "-1", "4"],
    ]
    code, out, _ = command("info", "--json", "a")
    report = json.loads(out)
    finite = x[np.isfinite(x)]
    wanted = {"min": finite.min(), "max": finite.max(), "mean": finite.mean(), "std": finite.std(), "nan": 1, "inf": 1}
    assert code == 1
    assert {k: report["arrays"][0][k] for k in wanted} == pytest.approx(wanted)
    code, out, _ = command("info", "--no-statistics", "--json", "a")
    assert code == 0
    assert "nan" not in json.loads(out)["arrays"][0]


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_statistics_do_not_depend_on_how_an_array_is_divided(command, monkeypatch, chunk):
    from mxgluon_compat.commands import statistics

    x = np.random.RandomState(0).normal(5, 2, 50).astype("float32")
    x[[3, 4, 20]] = np.nan, -np.inf, np.inf
    nd.save("a", [nd.array(x), nd.array([1, 0, 1], dtype="bool"), nd.array([2**62, -3], dtype="int64")])
    monkeypatch.setattr(statistics, "_CHUNK", chunk)
    first, truth, wide = json.loads(command("info", "--json", "a")[1])["arrays"]
    finite = x[np.isfinite(x)].astype("float64")
    assert [first[k] for k in ("min", "max", "mean", "std", "nan", "inf")] == pytest.approx(
        [finite.min(), finite.max(), finite.mean(), finite.std(), 1, 2], rel=1e-12
    )
    assert (truth["min"], truth["max"], truth["mean"]) == (0, 1, pytest.approx(2 / 3))
    assert (wide["min"], wide["max"]) == (-3, 2**62)


@pytest.mark.parametrize("file", sorted(p.name for p in FILES.iterdir()))
def test_info_of_files_of_mxnet(command, file):
    code, out, err = command("info", "--json", FILES / file)
    report = json.loads(out)
    found = params.load_tensors(FILES / file)
    assert (err, report["format"], report["named"]) == ("", "mxnet", isinstance(found, dict))
    assert [e["shape"] for e in report["arrays"]] == [
        list(a.shape) for a in (found.values() if isinstance(found, dict) else found)
    ]
    assert code == any(e["nan"] for e in report["arrays"]) == (file == "values.params")
    if file == "sparse.params":
        assert [(e["stype"], e.get("stored")) for e in report["arrays"]] == [
            ("row_sparse", 6), ("row_sparse", 6), ("csr", 4), ("csr", 4), ("row_sparse", 0), ("csr", 0),
            ("default", None),
        ]  # fmt: skip
    assert command("info", FILES / file)[0] == code


def test_info_of_a_graph(command, written):
    written()
    code, out, _ = command("info", "net-symbol.json")
    assert code == 0
    assert out.splitlines()[:5] == [
        "net-symbol.json: symbol JSON of MXNet 1.9.1: 15 nodes",
        "inputs: data",
        "outputs: fc_output",
        f"parameters: 9 arrays, {sum(np.prod(s) for s in SHAPES.values())} numbers (shapes from net-0000.params)",
        "  auxiliary states among them: 2",
    ]
    report = json.loads(command("info", "--json", "net-symbol.json")[1])
    assert report["operators"] == {"BatchNorm": 1, "Convolution": 2, "Flatten": 1, "FullyConnected": 1}
    assert report["unsupported"] == {}
    for epoch in (7, 12345, 3):  # the last one counts
        os.link("net-0000.params", f"net-{epoch:04}.params")
    assert json.loads(command("info", "--json", "net-symbol.json")[1])["parameters"]["from"] == "net-12345.params"
    report = json.loads(command("info", "--json", "--params", "net-0003.params", "net-symbol.json")[1])
    assert report["parameters"]["from"] == "net-0003.params"


def test_info_where_the_file_beside_is_none_of_parameters(command, written):
    written()
    pathlib.Path("net-0001.params").write_bytes(FOREIGN["lfs"][0])
    code, out, err = command("info", "net-symbol.json")
    assert (code, err) == (0, "")
    assert "not looked into: net-0001.params: this is a Git LFS pointer" in out
    assert "parameters: 9 arrays, at least 0 numbers\n" in out


def test_info_of_a_graph_without_its_parameters(command):
    net().save("alone.json")
    report = json.loads(command("info", "--json", "alone.json")[1])
    assert report["inputs"] == ["data"]
    assert set(report["parameters"]["unknown"]) == {name.partition(":")[2] for name in SHAPES}
    code, out, _ = command("info", "--json", "--shape", "data=1,3,5,5", "alone.json")
    parameters = json.loads(out)["parameters"]
    assert (code, parameters["unknown"], parameters["numbers"]) == (0, [], sum(np.prod(s) for s in SHAPES.values()))
    for shape, message in (("data=a", "--shape takes"), ("dat=1", "names 'dat', which the graph has not")):
        code, _, err = command("info", "--shape", shape, "alone.json")
        assert code == 2
        assert message in err


def test_info_where_operators_are_not_here(command):
    text = (GOLDEN / "symbol_json" / "while_loop-symbol.json").read_text()
    pathlib.Path("loop.json").write_text(text.replace('"_plus_scalar"', '"MyPlus"'))
    code, out, _ = command("info", "loop.json")
    assert code == 1
    assert "not supported: MyPlus (x1: " in out
    assert "MXNet 1.9.1 has no operator of this name" in out
    report = json.loads(command("info", "--json", "loop.json")[1])
    whole = json.loads(command("info", "--json", GOLDEN / "symbol_json" / "while_loop-symbol.json")[1])
    assert report["unsupported"]["MyPlus"]["count"] == 1
    for key in ("inputs", "outputs", "nodes", "states"):
        assert report[key] == whole[key], key


def test_info_of_a_graph_that_cannot_be_used(command):
    graph = json.loads((GOLDEN / "symbol_json" / "mlp-symbol.json").read_text())
    node = next(n for n in graph["nodes"] if n["op"] == "FullyConnected")
    node["attrs"]["num_hidden"] = "many"
    pathlib.Path("mlp.json").write_text(json.dumps(graph))
    code, out, _ = command("info", "mlp.json")
    assert code == 1
    assert "not usable: " in out
    assert "num_hidden" in out


def test_names_cannot_write_to_the_terminal(command):
    nd.save("a", {"x\x1b[2J\n": nd.ones(1)})
    out = command("info", "a")[1]
    assert "\x1b" not in out
    assert r"'x\x1b[2J\n'" in out


# ---------------------------------------------------------------------------------------------- convert
def same(a, b):
    def plain(found):
        items = found.items() if isinstance(found, dict) else enumerate(found)
        return [
            (k, v._replace(parts=None), [(p.dtype, p.shape, bytes(content.bytes_of(p))) for p in v.parts])
            if isinstance(v, params.SparseParts)
            else (k, v.dtype, v.shape, bytes(content.bytes_of(v)))
            for k, v in items
        ]

    return type(a) is type(b) and plain(a) == plain(b)


@pytest.mark.parametrize("through", ["safetensors", "npz", "params"])
@pytest.mark.parametrize("file", ["dict", "dtypes", "list", "names", "sparse", "unaligned", "values", "single"])
def test_there_and_back(command, file, through):
    source = FILES / f"{file}.params"
    code, out, err = command("convert", source, f"there.{through}")
    assert (code, err) == (0, "")
    assert out.startswith(f"there.{through}: ")
    assert command("convert", "-q", f"there.{through}", "back.params") == (0, "", "")
    if through == "npz" and file in ("list", "single", "unaligned", "values"):  # the arrays of a list have names there
        found = params.load_tensors("back.params")
        assert list(found) == [f"arr_{i}" for i in range(len(found))]
        assert same(list(found.values()), params.load_tensors(source))
    else:
        assert pathlib.Path("back.params").read_bytes() == source.read_bytes()
    expected = {"params": "mxnet"}.get(through, through)
    assert json.loads(command("info", "--json", f"there.{through}")[1])["format"] == expected


@pytest.mark.parametrize("file", ["np_shape", "np_shape_list"])
def test_there_and_back_under_np_shape(command, file):
    source = FILES / f"{file}.params"
    command("convert", source, "there.safetensors")
    assert command("convert", "there.safetensors", "back.params", "--np-shape")[0] == 0
    assert pathlib.Path("back.params").read_bytes() == source.read_bytes()
    code, _, err = command("convert", source, "there.npz", "--np-shape")
    assert code == 2
    assert "--np-shape is for MXNet's format, not for npz" in err


def test_other_programs_read_what_is_converted(command):
    import safetensors.numpy

    source = FILES / "dict.params"
    wanted = {name: tensor.numpy() for name, tensor in params.load_tensors(source).items()}
    command("convert", source, "a.safetensors")
    command("convert", source, "a.npz")
    with np.load("a.npz") as archive:
        for found in (safetensors.numpy.load_file("a.safetensors"), dict(archive)):
            assert found.keys() == wanted.keys()
            for name, array in wanted.items():
                assert found[name].dtype == array.dtype
                np.testing.assert_array_equal(found[name], array)
    command("convert", FILES / "single.params", "one.npy")
    np.testing.assert_array_equal(np.load("one.npy"), params.load_tensors(FILES / "single.params")[0].numpy())
    assert command("convert", "one.npy", "one", "--format", "mxnet")[0] == 0
    assert pathlib.Path("one").read_bytes() == (FILES / "single.params").read_bytes()


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("dict", "a.npy", "a .npy file holds one array, not 3"),
        ("bfloat16", "a.npz", "is bfloat16, which NumPy's files have not"),
        ("dict", "a.bin", "'a.bin' does not end with one of .params, .safetensors, .npz, .npy: give --format"),
        ("dict", "nowhere/a.npz", "no such folder to write to"),
        ("nope", "a.npz", "no such file"),
    ],
)
def test_what_cannot_be_converted(command, source, target, message):
    before = pathlib.Path("a.npy"), pathlib.Path("a.npz")
    for path in before:
        path.write_bytes(b"old")
    code, out, err = command("convert", FILES / f"{source}.params", target)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1
    assert [path.read_bytes() for path in before] == [b"old", b"old"]
    assert sorted(os.listdir()) == ["a.npy", "a.npz"]


def test_a_file_converted_onto_itself(command, monkeypatch):
    monkeypatch.setattr(content, "MAPPED_FROM", 1)
    pathlib.Path("a").write_bytes((FILES / "dict.params").read_bytes())
    assert command("convert", "a", "a", "--format", "safetensors")[0] == 0
    assert command("convert", "a", "a", "--format", "mxnet")[0] == 0
    assert pathlib.Path("a").read_bytes() == (FILES / "dict.params").read_bytes()


# ---------------------------------------------------------------------------------------------- check
def findings(command, *arguments):
    code, out, err = command("check", "--json", *arguments, "net-symbol.json", "net-0000.params")
    assert err == ""
    return code, [(f["level"], f["kind"], f["name"]) for f in json.loads(out)["findings"]]


def test_a_graph_and_parameters_that_fit(command, written):
    written()
    assert findings(command) == (0, [])
    assert findings(command, "--strict", "--shape", "data=2,3,5,5") == (0, [])
    out = command("check", "net-symbol.json", "net-0000.params")[1]
    assert out.splitlines()[1:] == [
        "inputs: data (?, 3, ?, ?)",
        "parameters and states: 9 of the graph's 9 are in the file",
        "not compared: 1 shape that the graph alone does not tell; --shape NAME=1,3,224,224 for its inputs helps",
        "result: they fit",
    ]
    assert "not compared" not in command("check", "--shape", "data=1,3,5,5", "net-symbol.json", "net-0000.params")[1]


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_what_is_missing(command, written, name):
    written({name: None})
    assert findings(command) == (1, [("problem", "missing", name.partition(":")[2])])


def test_what_is_too_much(command, written):
    written({"arg:old_weight": nd.ones(2), "bn0_beta": nd.ones(4)})
    assert findings(command) == (1, [("problem", "extra", "arg:old_weight"), ("problem", "extra", "bn0_beta")])


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_wrong_shape(command, written, name):
    written({name: nd.ones((5, 7))})
    shape = ["--shape", "data=1,3,5,5"]
    assert findings(command, *shape) == (1, [("problem", "shape", name.partition(":")[2])])
    out = command("check", *shape, "net-symbol.json", "net-0000.params")[1]
    assert f"the file has (5, 7), the graph takes {SHAPES[name]}" in out


def test_all_wrong_shapes_are_in_one_report(command, written):
    written({"arg:conv0_bias": nd.ones(5), "arg:conv1_weight": nd.ones((3, 4, 1, 1)), "arg:fc_weight": nd.ones((3, 8))})
    code, found = findings(command, "--shape", "data=1,3,5,5")
    assert code == 1
    assert sorted(found) == [("problem", "shape", n) for n in ("conv0_bias", "conv1_weight", "fc_weight")]


def test_declared_shapes_and_dtypes(command, written):
    data, w = mx.sym.var("data"), mx.sym.var("w", shape=(2, 3), dtype="float16")
    written(symbol=mx.sym.broadcast_add(data, w))
    nd.save("net-0000.params", {"w": nd.ones((3, 3))})
    assert findings(command) == (1, [("problem", "dtype", "w"), ("problem", "shape", "w")])


def test_dtypes_that_contradict_each_other(command, written):
    written({"arg:fc_bias": nd.ones(3, dtype="float64")})
    code, found = findings(command)
    assert code == 1
    assert found == [("problem", "dtype", "fc")]


def test_fix_gamma(command, written):
    gamma = {"arg:bn0_gamma": nd.array([1, 0.5, 1, 2])}
    written(gamma)  # the default of fix_gamma is True
    assert findings(command) == (1, [("problem", "fix_gamma", "bn0_gamma")])
    out = command("check", "net-symbol.json", "net-0000.params")[1]
    assert "2 of 4 values are not 1 (0.5 to 2.0), and BatchNorm 'bn0' has fix_gamma=True" in out
    written(gamma, fix_gamma=False)
    assert findings(command) == (0, [])


def test_variances_and_values(command, written):
    written({"aux:bn0_moving_var": nd.array([1, 0, 0, 2])})
    warning = ("warning", "variance", "bn0_moving_var")
    assert findings(command) == (0, [warning])
    assert findings(command, "--strict") == (1, [warning])
    written({"aux:bn0_moving_var": nd.array([1, -1e-5, 0, 2])})
    assert findings(command) == (1, [("problem", "variance", "bn0_moving_var"), warning])
    written({"arg:fc_bias": nd.array([1, np.nan, -np.inf])})
    assert findings(command) == (1, [("problem", "values", "fc_bias")] * 2)


def test_states_marked_as_arguments(command, written):
    written({"aux:bn0_moving_mean": None, "arg:bn0_moving_mean": nd.ones(4)})
    assert findings(command) == (0, [("warning", "kind", "arg:bn0_moving_mean")])


def test_names_of_another_kind(command, written):
    written()
    nd.save("net-0000.params", {"features.0.weight": nd.ones(1), "features.0.bias": nd.ones(1)})
    code, out, _ = command("check", "net-symbol.json", "net-0000.params")
    assert code == 1
    assert "its first is 'features.0.weight', as save_parameters writes them" in out


@pytest.mark.parametrize("name", ["conv_bn_pool", "embed_ln_attention", "fp16_cast", "misc_multi_output", "while_loop"])
def test_a_file_without_arrays(command, name):
    nd.save("none.params", {}, format="mxnet")
    code, out, _ = command("check", "--json", GOLDEN / "symbol_json" / f"{name}-symbol.json", "none.params")
    report = json.loads(out)
    assert code == bool(report["needed"])
    assert len(report["findings"]) == report["needed"] - report["matched"]


# ---------------------------------------------------------------------------------------------- use and errors
FOREIGN = {
    "gzip": (b"\x1f\x8b\x08\0", "this is gzip-compressed data"),
    "html": (b"<!DOCTYPE html><html>", "this is HTML: a failed download"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"),
    "pickle": (b"\x80\x03}q\0.", "this is a Python pickle, which is never loaded here"),
    "empty": (b"", "the file is empty"),
    "other": (b"some words", "this is not an array file"),
    "cut": ((FILES / "dict.params").read_bytes()[:-60], "truncated"),
    "json": (b'{"a": [1]}', "this is not symbol JSON"),
    "deep": (b"[" * 100_000, "this is not symbol JSON"),
    "latin": (b'{"nodes": ["\xff"]}', "it is not UTF-8 text"),
    "dangling": (b'{"nodes": [], "heads": [[3, 0, 0]]}', "refers to a node that does not come before it"),
}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_bad_files(command, written, name):
    written()
    data, message = FOREIGN[name]
    pathlib.Path("bad").write_bytes(data)
    for arguments in (["info", "bad"], ["convert", "bad", "x.npz"], ["check", "net-symbol.json", "bad"],
                      ["check", "bad", "net-0000.params"], ["info", "net-symbol.json", "--params", "bad"]):  # fmt: skip
        code, out, err = command(*arguments)
        assert (code, out) == (2, ""), arguments
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        if arguments == ["info", "bad"]:
            assert message in err
    assert not os.path.exists("x.npz")


@pytest.mark.parametrize(
    "arguments",
    [
        ["info"], ["info", "nope"], ["info", "."], ["convert", "a"], ["check", "a"],
        ["convert", "a", "b", "--format", "x"], ["info", "--params", "x", str(FILES / "dict.params")],
        ["check", str(FILES / "dict.params"), "x"],
    ],
)  # fmt: skip
def test_wrong_usage(command, arguments):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert "error: " in err


VALUES = (
    "",
    "None",
    "-1",
    "0",
    "(0,)",
    "(-3, 2)",
    "1e9",
    "True",
    "many",
    "[1",
    "nan",
    "9999999999999",
    "float16",
    "\0",
)


def mutated(text, random):
    """A graph with some of it changed."""
    graph = json.loads(text)
    nodes = graph["nodes"]
    for _ in range(random.randint(1, 4)):
        node, kind = random.choice(nodes), random.randrange(8)
        if kind == 0 and node.get("attrs"):
            node["attrs"][random.choice(list(node["attrs"]))] = random.choice(VALUES)
        elif kind == 1 and node.get("attrs"):
            node["attrs"].pop(random.choice(list(node["attrs"])))
        elif kind == 2 and node["inputs"]:
            node["inputs"].pop(random.randrange(len(node["inputs"])))
        elif kind == 3 and node["inputs"]:
            chosen = [random.randrange(len(nodes)), random.randrange(3), 0]
            node["inputs"][random.randrange(len(node["inputs"]))] = chosen
        elif kind == 4:
            node["op"] = random.choice([n["op"] for n in nodes] + ["BatchNorm", "RNN", "Concat", "_foreach", "MyOp"])
        elif kind == 5:
            node["name"] = random.choice(nodes)["name"]
        elif kind == 6:
            key = random.choice(["__shape__", "__dtype__", "num_args", "fix_gamma", "axis"])
            node.setdefault("attrs", {})[key] = random.choice(VALUES)
        else:
            graph["heads"] = [
                [random.randrange(len(nodes)), random.randrange(3), 0] for _ in range(random.randrange(4))
            ]
    return json.dumps(graph)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.filterwarnings("ignore")
def test_damaged_graphs_and_parameters(command, seed):
    """Whatever stands in the files: a report or one line, and an exit code that is documented."""
    random = Random(seed)
    texts = sorted((GOLDEN / "exports").glob("*-symbol.json"))
    codes = set()
    for _ in range(25):
        source = random.choice(texts)
        pathlib.Path("a-symbol.json").write_text(mutated(source.read_text(), random))
        data = bytearray(source.with_name(source.name.replace("-symbol.json", "-0000.params")).read_bytes())
        for _ in range(random.randrange(3)):
            data[random.randrange(len(data))] = random.randrange(256)
        pathlib.Path("a.params").write_bytes(data)
        for arguments in (["info", "a-symbol.json"], ["info", "a.params"], ["check", "a-symbol.json", "a.params"]):
            code, out, err = command(*arguments)
            assert code in (0, 1, 2)
            assert bool(err) == (not out) == (code == 2)
            assert err.count("\n") == bool(err)
            codes.add((arguments[0], code))
    assert len(codes) >= 5


@pytest.mark.parametrize("name", ["info", "convert", "check"])
def test_help_tells_the_exit_codes(command, name):
    code, out, _ = command(name, "--help")
    assert code == 0
    assert "exit codes: 0 fine; 1 problems found; 2 wrong usage" in " ".join(out.split())


def started(*arguments, **options):
    command = [sys.executable, "-m", "mxgluon_compat", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_a_reader_that_goes_away(tmp_path):
    nd.save(tmp_path / "a", {f"w{i:05}\u00e9": nd.ones(1) for i in range(5000)})  # more than a pipe holds
    with started("info", tmp_path / "a", env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}) as process:
        assert process.stdout.readline().startswith(os.fsencode(tmp_path))
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_a_bar_on_terminals_only(tmp_path, command, monkeypatch):
    seen = []

    class Bar:
        def __init__(self, total, **options):
            seen.append([total])

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def update(self, done):
            seen[-1].append(done)

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    nd.save("a", {"x": nd.ones((3, 5)), "y": nd.ones(7, dtype="float64")}, format="mxnet")
    assert command("info", "a")[0] == 0
    assert seen == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert command("info", "a")[0] == 0
    assert seen.pop() == [116, 60, 56]
    for target in ("a.npz", "a.safetensors", "a.params"):
        assert command("convert", "a", target)[0] == 0
        total, *done = seen.pop()
        assert total == 116 <= sum(done)  # names and headers are written too
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert command("convert", "a", "a.npz")[0] == 0


# ---------------------------------------------------------------------------------------------- source
def test_source(command, written):
    written({"arg:fc_weight": nd.random.uniform(shape=(3, 18))})
    symbol, file = "net-symbol.json", "net-0000.params"
    code, out, err = command("source", symbol, file, "net.py", "--shape", "data=2,3,5,5", "--class-name", "Small")
    assert (code, err) == (0, "")
    assert out.startswith("net.py: class Small\nnet.safetensors: 10 arrays\noutputs are those of the net, to ")
    text = pathlib.Path("net.py").read_text()
    assert "self.conv0 = nn.Conv2d(3, 4, 3)" in text and "in net.safetensors" in text
    report = json.loads(command("source", symbol, file, "b.py", "--shape", "data=2,3,5,5", "--json")[1])
    assert report["class"] == "Net" and report["difference"] <= 1e-6


def test_source_refuses(command, written):
    written(symbol=mx.sym.contrib.fft(net()))
    symbol, file = "net-symbol.json", "net-0000.params"
    code, _, err = command("source", symbol, file, "net.py", "--shape", "data=2,3,5,5")
    assert code == 2 and "operator _contrib_fft" in err and not pathlib.Path("net.py").exists()
    code, _, err = command("source", symbol, file, "net.py", "--shape", "picture=2,3,5,5")
    assert code == 2 and "which the graph has not" in err
