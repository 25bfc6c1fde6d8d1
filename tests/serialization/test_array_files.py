"""Array files: the bytes of real MXNet 1.9.1, both ways; the other formats; what is mapped, what is refused."""

import copy
import io
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import zipfile

import hypothesis
import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import strategies as st

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.base import MXNetError
from mxgluon_compat.serialization import content, params
from tests.oracle import files as scenario

FILES = pathlib.Path(scenario.FOLDER).resolve()
ROOT = FILES.parent.parent.parent
CASES = sorted(scenario.CASES)
OLD = sorted(scenario.old_files())
FORMATS = params.FORMATS
DTYPES = (*scenario.DTYPES, "bfloat16")
MAGIC = struct.pack("<QQ", 0x112, 0)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "arrays.params")


@pytest.fixture
def in_mxnets_format():
    former = mx.set_file_format("mxnet")
    yield
    mx.set_file_format(former)


@pytest.fixture
def mapped(monkeypatch):
    """Files of any size are mapped."""
    monkeypatch.setattr(content, "MAPPED_FROM", 1)


def described(data):
    """All there is to know of arrays, to compare with ==."""
    if isinstance(data, dict):
        return {name: described(value) for name, value in data.items()}
    if isinstance(data, list):
        return [described(value) for value in data]
    parts = data._stored() if data._is_sparse else (data.to_torch(),)
    return data.stype, data.shape, [(p.dtype, tuple(p.shape), bytes(content.bytes_of(p))) for p in parts]


def resaved(name, source, target):
    """The bytes of a file of what is in another file."""
    with mx.util.np_shape(scenario.is_np(name)):
        nd.save(target, nd.load(source), format="mxnet")
    return pathlib.Path(target).read_bytes()


# ---------------------------------------------------------------------------------------------- MXNet's bytes
def test_all_golden_files_are_compared():
    names = [f"{n}.params" for n in CASES] + [f"{n}{end}" for n in OLD for end in (".old", ".read")]
    assert sorted(p.name for p in FILES.iterdir()) == sorted(names)


# MXNet writes on which CPU context an array was, and reads it to cpu(0); here all are of cpu(0).
SAME_BYTES = [name for name in CASES if name != "contexts"]


@pytest.mark.parametrize("name", SAME_BYTES)
def test_written_as_mxnet_writes(name, path, in_mxnets_format):
    with mx.util.np_shape(scenario.is_np(name)):
        nd.save(path, scenario.CASES[name](mx))
    assert pathlib.Path(path).read_bytes() == (FILES / f"{name}.params").read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_read_and_written_again(name, path):
    source = FILES / f"{name}.params"
    assert (resaved(name, source, path) == source.read_bytes()) == (name in SAME_BYTES)
    with mx.util.np_shape(scenario.is_np(name)):
        data = scenario.CASES[name](mx)
    if isinstance(data, nd.NDArray) or data == {}:  # MXNet has no other files for these
        data = [data] if isinstance(data, nd.NDArray) else []
    assert described(nd.load(source)) == described(data)
    assert described(nd.load_frombuffer(source.read_bytes())) == described(data)


@pytest.mark.parametrize("name", OLD)
def test_older_layouts_are_read_as_mxnet_reads_them(name, path):
    assert (FILES / f"{name}.old").read_bytes() == scenario.old_files()[name]
    assert resaved(name, FILES / f"{name}.old", path) == (FILES / f"{name}.read").read_bytes()


@pytest.mark.parametrize("file", sorted(p.name for p in FILES.iterdir()))
def test_every_truncation_says_so(file, path):
    whole = (FILES / file).read_bytes()
    for size in range(1, len(whole)):
        with pytest.raises(MXNetError, match="truncated" if size >= 8 else "not an array file"):
            nd.load_frombuffer(whole[:size])
    with pytest.raises(MXNetError, match="3 bytes follow its end"):
        nd.load_frombuffer(whole + b"abc")


def test_0d_arrays_without_np_shape_are_not_lost(path):
    nd.save(path, {"x": nd.from_torch(torch.tensor(3.0))}, format="mxnet")
    found = nd.load(path)["x"]
    assert found.shape == () and found.asscalar() == 3


def test_a_list_of_no_names_stays_a_list_with_one_array(path):
    for data in ([nd.ones(1)], nd.ones(1)):
        nd.save(path, data, format="mxnet")
        assert isinstance(nd.load(path), list)


@pytest.mark.oracle
@pytest.mark.skipif("MXNET_ORACLE_PYTHON" not in os.environ, reason="needs real MXNet")
def test_mxnet_reads_what_is_written_here(tmp_path, in_mxnets_format):
    ours, theirs, golden = tmp_path / "ours", tmp_path / "theirs", tmp_path / "golden"
    for folder in (ours, theirs, golden):
        folder.mkdir()
    scenario.save_cases(mx, ours)
    nd.save(ours / "shared", {f"w{k}": nd.random.uniform(shape=(3, 5)) for k in range(50)})

    def oracle(*arguments):
        command = [os.environ["MXNET_ORACLE_PYTHON"], "-c", RUN, *map(str, arguments)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=300)

    oracle(ours, theirs)
    assert len(list(ours.iterdir())) == len(CASES) + 1
    for file in ours.iterdir():
        assert (theirs / file.name).read_bytes() == file.read_bytes(), file.name
    oracle("", golden)
    assert len(list(golden.iterdir())) == len(list(FILES.iterdir()))
    for file in FILES.iterdir():
        assert (golden / file.name).read_bytes() == file.read_bytes(), file.name


RUN = """
import sys
from tests.oracle import files
source, target = sys.argv[1:]
files.main(source or None, target)
"""


# ---------------------------------------------------------------------------------------------- all formats
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def arrays(draw, dtypes=DTYPES):
    dtype, shape = draw(st.sampled_from(dtypes)), draw(SHAPES)
    count = int(np.prod(shape))
    values = torch.arange(draw(st.integers(-3, 3)), count * 2 + 5)[:count].reshape(shape)
    array = nd.from_torch(values.to(mx.base.torch_dtype(dtype)))
    kind = draw(st.sampled_from(["default", "default", "row_sparse", "csr"]))
    if dtype not in ("float32", "float64") or not count or not shape or (kind == "csr" and len(shape) != 2):
        kind = "default"
    return array.tostype(kind)


def saves_and_loads(data, path, format, expected=None):
    nd.save(path, data, format=format)
    expected = described(data if expected is None else expected)
    for found in (nd.load(path), nd.load_frombuffer(pathlib.Path(path).read_bytes())):
        assert described(found) == expected
        assert not isinstance(found, dict) or list(found) == list(expected)


SETTINGS = hypothesis.settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)


@pytest.mark.parametrize("threshold", [1, 1 << 20], ids=["mapped", "read"])
@pytest.mark.parametrize("format", FORMATS)
@SETTINGS
@hypothesis.given(data=st.data())
def test_round_trips(tmp_path, monkeypatch, format, threshold, data):
    monkeypatch.setattr(content, "MAPPED_FROM", threshold)
    kinds = arrays([d for d in DTYPES if format != "npz" or d != "bfloat16"])
    named = data.draw(st.dictionaries(NAMES, kinds, max_size=5), "named")
    listed = list(named.values())
    if format == "npz":
        saves_and_loads(listed, tmp_path / "x", format, {f"arr_{k}": a for k, a in enumerate(listed)})
    else:
        saves_and_loads(listed, tmp_path / "x", format)
    if format != "mxnet" or named:  # MXNet's files have no empty dict
        saves_and_loads(named, tmp_path / "x", format)


@pytest.mark.parametrize("format", FORMATS)
def test_sparse_arrays_stand_in_their_place(path, format):
    data = scenario.CASES["sparse"](mx)
    saves_and_loads(data, path, format)


def test_the_process_wide_format(path, monkeypatch):
    def start():
        nd.save(path, [nd.ones(1)])
        return pathlib.Path(path).read_bytes()[:4]

    monkeypatch.setattr(params, "_format", None)
    assert mx.file_format() == "safetensors" and start() not in (MAGIC[:4], b"PK\x03\x04")
    monkeypatch.setenv("MXGLUON_FILE_FORMAT", "npz")
    assert mx.file_format() == "npz" and start() == b"PK\x03\x04"
    assert mx.set_file_format("mxnet") == "npz" and start() == MAGIC[:4]
    assert mx.set_file_format("safetensors") == "mxnet" and start() not in (MAGIC[:4], b"PK\x03\x04")
    monkeypatch.setattr(params, "_format", None)
    monkeypatch.setenv("MXGLUON_FILE_FORMAT", "pickle")
    with pytest.raises(MXNetError, match="MXGLUON_FILE_FORMAT is 'pickle'"):
        mx.file_format()


@pytest.mark.parametrize("format", ["", "pickle", "MXNET"])
def test_no_such_format(path, format):
    for call in (lambda: nd.save(path, [nd.ones(1)], format=format), lambda: mx.set_file_format(format)):
        with pytest.raises(ValueError, match="format must be one of safetensors, mxnet, npz"):
            call()
    assert not os.path.exists(path)


@pytest.mark.parametrize("format", FORMATS)
def test_gluon_writes_them(tmp_path, format):
    def made():
        net = mx.gluon.nn.HybridSequential(prefix="net_")
        with net.name_scope():
            net.add(mx.gluon.nn.Dense(3, in_units=2), mx.gluon.nn.BatchNorm(in_channels=3))
        return net

    net = made()
    net.initialize(mx.init.Xavier())
    net.hybridize()
    x = nd.array([[1, 2]])
    wanted = net(x).asnumpy()
    written = []
    net.save_parameters(str(tmp_path / "a"), format=format)
    net.collect_params().save(str(tmp_path / "b"), format=format)
    net.export(str(tmp_path / "c"), format=format)
    for file in ("a", "b", "c-0000.params"):
        written.append((tmp_path / file).read_bytes())
        other = made()
        other.load_parameters(str(tmp_path / file))
        assert (other(x).asnumpy() == wanted).all()
    starts = {"mxnet": MAGIC, "npz": b"PK\x03\x04"}
    assert all((w[8:9] == b"{") if format == "safetensors" else w.startswith(starts[format]) for w in written)
    block = mx.gluon.SymbolBlock.imports(str(tmp_path / "c-symbol.json"), ["data"], str(tmp_path / "c-0000.params"))
    assert np.allclose(block(x).asnumpy(), wanted)


def test_blocks_without_parameters(tmp_path):
    """MXNet's file of no arrays has no names: it is read as a list."""
    net = mx.gluon.nn.HybridLambda("relu")
    net.hybridize()
    net(nd.array([-1, 1]))
    net.export(str(tmp_path / "net"), format="mxnet")
    assert nd.load(tmp_path / "net-0000.params") == []
    block = mx.gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params"))
    assert block(nd.array([-1, 1])).asnumpy().tolist() == [0, 1]
    net.load_parameters(str(tmp_path / "net-0000.params"))
    with pytest.raises(AssertionError, match="is missing in file"):
        mx.gluon.nn.Dense(1, in_units=1).load_parameters(str(tmp_path / "net-0000.params"))


# ---------------------------------------------------------------------------------------------- mapping
@pytest.mark.parametrize("format", FORMATS)
def test_arrays_of_a_mapped_file(path, format, mapped):
    nd.save(
        path, {"a": nd.ones((2, 3)), "b": nd.ones(2, dtype="float64"), "c": nd.ones(1, dtype="bool")}, format=format
    )
    before = pathlib.Path(path).read_bytes()
    found, again = nd.load(path), nd.load(path)
    for array in found.values():
        array[:] = 0
    assert pathlib.Path(path).read_bytes() == before
    assert all(a.asnumpy().all() for a in again.values())
    # Each array is a storage of its own: copies, pickles and torch.save take what they need.
    assert [a.to_torch().untyped_storage().nbytes() for a in found.values()] == [24, 16, 1]
    nd.save(path, found, format=format)
    assert all(a.asnumpy().all() for a in again.values())
    os.unlink(path)
    assert all(a.asnumpy().all() for a in again.values())
    assert not any(a.asnumpy().any() for a in found.values())


def test_arrays_that_are_not_aligned_are_copied(path, mapped):
    data = [nd.ones(3, dtype="uint8"), nd.array([1, 2], dtype="float64"), nd.array([3], dtype="float32")]
    nd.save(path, data, format="mxnet")
    for array, wanted in zip(nd.load(path), data):
        assert array.to_torch().data_ptr() % array.to_torch().element_size() == 0
        assert (array.asnumpy() == wanted.asnumpy()).all()


def test_arrays_of_mapped_files_go_to_other_processes(path, mapped):
    nd.save(path, [nd.ones(5)], format="mxnet")
    (found,) = nd.load(path)
    assert pickle.loads(pickle.dumps(found)).asnumpy().tolist() == [1] * 5
    assert copy.deepcopy(found).asnumpy().tolist() == [1] * 5
    assert found.to_torch().share_memory_().tolist() == [1] * 5


def test_files_stay_closed(path, mapped):
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    nd.save(path, [nd.ones(5)], format="mxnet")
    before = len(os.listdir("/proc/self/fd"))
    found = [nd.load(path) for _ in range(20)]
    assert len(os.listdir("/proc/self/fd")) == before and len(found) == 20


PEAK = """
import sys
import torch
import mxgluon_compat as mx
path, format, doing = sys.argv[1:]
arrays = {}
if doing == "save":
    arrays = {f"w{k}": mx.nd.ones((4 << 20,)) for k in range(16)}
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024
start = peak()
if doing == "save":
    mx.nd.save(path, arrays, format=format)
else:
    total = sum(float(a.to_torch().sum()) for a in mx.nd.load(path).values())
    assert total == 64 << 20, total
print(peak() - start)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
@pytest.mark.parametrize("format", ["mxnet", "safetensors"])
def test_memory_of_a_file_of_256_mib(path, format):
    def peak(doing):
        command = [sys.executable, "-c", PEAK, path, format, doing]
        return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300).stdout)

    assert peak("save") < 0.1 * (256 << 20)
    assert peak("load") < 1.1 * (256 << 20)


# ---------------------------------------------------------------------------------------------- NumPy's files
def test_npz_is_numpys(path):
    nd.save(path, {"w": nd.array([[1, 2]]), "a/b": nd.ones(3, dtype="int8"), "flag": nd.ones(1, dtype="bool")}, "npz")
    with np.load(path) as found:
        assert {k: (v.dtype.name, v.tolist()) for k, v in found.items()} == {
            "w": ("float32", [[1, 2]]), "a/b": ("int8", [1, 1, 1]), "flag": ("bool", [True])
        }  # fmt: skip


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_of_numpy(tmp_path, save):
    values = {
        "plain": np.arange(6.0).reshape(2, 3), "column": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big": np.arange(3, dtype=">f4"), "scalar": np.float16(3), "empty": np.zeros((0, 2), "uint8"),
        "flag": np.array([True, False]), "long": np.zeros(100000, "float32"),
    }  # fmt: skip
    save(tmp_path / "x.npz", **values)
    found = nd.load(tmp_path / "x.npz")
    assert list(found) == list(values)
    for name, value in values.items():
        array = found[name].asnumpy() if found[name].shape else found[name].to_torch().numpy()
        assert array.shape == value.shape and array.dtype == value.dtype.newbyteorder("=") and (array == value).all()


@pytest.mark.parametrize("value", [np.arange(6.0).reshape(2, 3).T, np.array([True]), np.arange(4, dtype=">i4")])
def test_npy(tmp_path, value):
    np.save(tmp_path / "x.npy", value)
    (found,) = nd.load(tmp_path / "x.npy")
    assert (found.asnumpy() == value).all() and found.shape == value.shape


def test_npy_of_older_numpy():
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }       \n"
    for version, length in ((b"\x01\0", "<H"), (b"\x02\0", "<I"), (b"\x03\0", "<I")):
        file = b"\x93NUMPY" + version + struct.pack(length, len(header)) + header + np.float32([1, 2]).tobytes()
        assert nd.load_frombuffer(file)[0].asnumpy().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([{}], dtype=object), "it is object, not numbers"),
        (np.array([1j]), "it is complex128"),
        (np.array(["x" * 200]), "it is str"),
        (np.array(["x"]), "it is str"),
        (np.array([1], "uint16"), "it is uint16"),
        (np.array([(1, 2)], "i4,f4"), "header is damaged, or not that of an array of numbers"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_npy_of_what_mxnet_has_not(tmp_path, value, text):
    np.save(tmp_path / "x.npy", value, allow_pickle=True)
    np.savez(tmp_path / "x.npz", fine=np.ones(1), other=value)
    with pytest.raises(MXNetError, match=text):
        nd.load(tmp_path / "x.npy")
    with pytest.raises(MXNetError, match=f"'other'.*{text}"):
        nd.load(tmp_path / "x.npz")


def test_npz_that_unpacks_to_too_much(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"")
        info = archive.infolist()[0]
        info.file_size = 1 << 50
    with pytest.raises(MXNetError, match="more bytes than can be packed"):
        nd.load(path)
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }\n"
    whole = b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header
    with pytest.raises(MXNetError, match="truncated"):
        nd.load_frombuffer(whole)


# ---------------------------------------------------------------------------------------------- safetensors
def test_safetensors_opens_every_dtype(path):
    data = {d: nd.array([[0, 1, 2]]).astype(d) for d in DTYPES}
    nd.save(path, data, format="safetensors")
    found = safetensors.torch.load_file(path)
    assert {k: (v.dtype, v.tolist()) for k, v in found.items()} == {
        k: (v.to_torch().dtype, v.to_torch().tolist()) for k, v in data.items()
    }
    assert all(v.data_ptr() % v.element_size() == 0 for v in found.values())


def test_what_safetensors_writes(path):
    tensors = {d: torch.arange(6).reshape(2, 3).to(mx.base.torch_dtype(d)) for d in DTYPES}
    tensors |= {"empty": torch.zeros(0, 3), "scalar": torch.tensor(2.5)}
    safetensors.torch.save_file(tensors, path, metadata={"format": "pt"})
    found = nd.load(path)
    assert set(found) == set(tensors)
    assert all(torch.equal(found[k].to_torch(), v) and found[k].to_torch().dtype == v.dtype for k, v in tensors.items())


def test_a_header_of_the_length_of_mxnets_magic_number():
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(0x112)
    found = nd.load_frombuffer(struct.pack("<Q", 0x112) + header + np.float32(5).tobytes())
    assert found["w"].asscalar() == 5


def test_safetensors_name_what_is_truncated(path):
    nd.save(path, {f"stage{k}_weight": nd.ones((4, 4)) for k in range(5)}, format="safetensors")
    whole = pathlib.Path(path).read_bytes()
    with pytest.raises(MXNetError, match="array 4 of 5, 'stage3_weight': truncated: 36 bytes are missing"):
        nd.load_frombuffer(whole[:-100])


# ---------------------------------------------------------------------------------------------- places and names
@pytest.mark.parametrize("format", FORMATS)
def test_devices_and_links_stay_what_they_are(tmp_path, format):
    os.symlink("/dev/null", tmp_path / "null")
    nd.save(tmp_path / "null", [nd.ones(1)], format=format)
    assert not os.path.isfile(tmp_path / "null") and os.path.islink(tmp_path / "null")
    (tmp_path / "real").write_bytes(b"")
    os.symlink(tmp_path / "real", tmp_path / "latest")
    nd.save(tmp_path / "latest", [nd.ones(1)], format=format)
    assert os.path.islink(tmp_path / "latest") and len(nd.load(tmp_path / "real")) == 1
    nd.save(tmp_path / ("é" * 120), [nd.ones(1)], format=format)
    assert len(os.listdir(tmp_path)) == 4


def test_many_names_twice():
    count = 50_000
    names = b"".join(struct.pack("<Q", 6) + b"%06d" % k for k in (*range(count - 1), count - 2))
    whole = MAGIC + struct.pack("<Q", count) + array_of(0, data=b"") * count + struct.pack("<Q", count) + names
    with pytest.raises(MXNetError, match="named '049998'"):
        nd.load_frombuffer(whole)


@pytest.mark.parametrize(
    ("format", "data", "text"),
    [
        ("mxnet", {"a\0b": None}, "MXNet would cut the name"),
        ("npz", {"a\0b": None}, "zero character"),
        *((f, {"\ud800": None}, "surrogates not allowed") for f in FORMATS),
        ("safetensors", {"__metadata__": None}, "can be named '__metadata__'"),
    ],
)
def test_names_that_a_format_cannot_hold(path, format, data, text):
    nd.save(path, [nd.zeros(1)])
    with pytest.raises(MXNetError, match=text):
        nd.save(path, {name: nd.ones(1) for name in data}, format=format)
    assert nd.load(path)[0].asscalar() == 0 and len(os.listdir(os.path.dirname(path))) == 1


def test_numpy_has_no_bfloat16(path):
    with pytest.raises(MXNetError, match="'w' is bfloat16"):
        nd.save(path, {"w": nd.ones(1, dtype="bfloat16")}, format="npz")


# ---------------------------------------------------------------------------------------------- foreign and damaged
def file_of(*arrays, names=(), count=None):
    encoded = b"".join(struct.pack("<Q", len(n)) + n for n in names)
    number = len(arrays) if count is None else count
    return MAGIC + struct.pack("<Q", number) + b"".join(arrays) + struct.pack("<Q", len(names)) + encoded


def array_of(*shape, magic=0xF993FAC9, flag=0, data=b"\0\0\0\0", stype=0):
    return struct.pack(f"<Iii{len(shape)}qiii", magic, stype, len(shape), *shape, 1, 0, flag) + data


def sparse_of(stype, stored, shape, *indices, data):
    kinds = b"".join(struct.pack("<iiq", 6, 1, len(i)) for i in indices)
    shapes = b"".join(struct.pack(f"<i{len(s)}q", len(s), *s) for s in (stored, shape))
    values = np.float32(data).tobytes() + b"".join(np.int64(i).tobytes() for i in indices)
    return struct.pack("<Ii", 0xF993FAC9, stype) + shapes + struct.pack("<iii", 1, 0, 0) + kinds + values


def test_the_helpers_make_good_files():
    assert nd.load_frombuffer(file_of(array_of(1), array_of(1), names=[b"a", b"b"])).keys() == {"a", "b"}
    (rows,) = nd.load_frombuffer(file_of(sparse_of(1, (1, 2), (3, 2), [2], data=[5, 6])))
    assert rows.asnumpy().tolist() == [[0, 0], [0, 0], [5, 6]]
    (csr,) = nd.load_frombuffer(file_of(sparse_of(2, (1,), (2, 2), [0, 0, 1], [1], data=[7])))
    assert csr.asnumpy().tolist() == [[0, 0], [0, 7]]


DAMAGED = {
    "claims 1000000000000000000 arrays": file_of(count=10**18),
    "claims 18446744073709551615 arrays": file_of(count=2**64 - 1),
    "claims 99 names": file_of(array_of(1))[:-8] + struct.pack("<Q", 99) + bytes(80),
    "has 2 arrays and 1 names": file_of(array_of(1), array_of(1), names=[b"a"]),
    "has 0 arrays and 1 names": file_of(names=[b"a"]),
    "two of its arrays are named 'a'": file_of(array_of(1), array_of(1), names=[b"a", b"a"]),
    "name 1 of 1: 'utf-8' codec": file_of(array_of(1), names=[b"\xff\xfe"]),
    "name 1 of 1: truncated": file_of(array_of(1), names=[b"abc"])[:-1],
    "array 1 of 1: truncated: .* of its float32 .1000000000000.": file_of(array_of(10**12)),
    "array 2 of 2: truncated": file_of(array_of(1), array_of(4)),
    r"no array has the shape \(4294967296, 4294967296": file_of(array_of(2**32, 2**32, 2**32)),
    r"no array has the shape \(0, 9223372036854775807, 2": file_of(array_of(0, 2**63 - 1, 2)),
    r"no array has the shape \(-1,": file_of(array_of(-1)),
    "no array begins with 0x21": file_of(struct.pack("<I", 33) + bytes(200)),
    "no array begins with 0xf993facb": file_of(array_of(1, magic=0xF993FACB)),
    "it is uint16; MXNet 1.x has": file_of(array_of(1, flag=9)),
    "unknown dtype 99": file_of(array_of(1, flag=99)),
    "storage type 7": file_of(array_of(1, stype=7)),
    "never initialised": file_of(array_of()),
    "array 1 of 1: it was never initialised": file_of(struct.pack("<Iii", 0xF993FACA, 0, -1)),
    "1 of 1: it was never": file_of(struct.pack("<Ii", 0xF993FAC9, -1)),
    "of bounds": file_of(sparse_of(1, (1, 2), (3, 2), [3], data=[5, 6])),
    "are out of bounds": file_of(sparse_of(2, (1,), (2, 2), [0, 0, 1], [-1], data=[7])),
    "has indices for 2 and data": file_of(sparse_of(1, (1, 2), (3, 2), [1, 2], data=[5, 6])),
    "does not divide 1 elements": file_of(sparse_of(2, (1,), (2, 2), [0, 2, 1], [1], data=[7])),
    "no csr array has the shape": file_of(sparse_of(2, (1,), (2,), [0, 0, 1], [1], data=[7])),
}


@pytest.mark.parametrize("text", list(DAMAGED))
def test_damaged_files_of_mxnet(text):
    with pytest.raises(MXNetError, match=text) as info:
        nd.load_frombuffer(DAMAGED[text])
    assert str(info.value).startswith("the buffer: ") and "\n" not in str(info.value)


def safetensors_of(header, data=b"\0\0\0\0"):
    header = header.encode()
    return struct.pack("<Q", len(header)) + header + data


W = '"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
DAMAGED_SAFETENSORS = {
    "header claims": struct.pack("<Q", 10**9) + b"{",
    "is not JSON": safetensors_of("{'w'"),
    "nested too deeply": safetensors_of('{"w":' + "[" * 100_000),
    "has 'w' twice": safetensors_of("{" + W + "," + W + "}"),
    "does not describe array 'w'": safetensors_of('{"w":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}'),
    "not describe array 'w'": safetensors_of('{"w":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}'),
    "not describe array": safetensors_of('{"w":[]}'),
    "not describe arrays": safetensors_of('{"__metadata__":[]}'),
    "no array has the shape": safetensors_of(
        '{"w":{"dtype":"F32","shape":[0,99999999999999999999],"data_offsets":[0,0]}}'
    ),
    "'w' is F8_E4M3": safetensors_of('{"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}'),
    "has 4 bytes": safetensors_of('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'),
    "array 2 of 2, 'v': damaged: it begins at byte 0": safetensors_of("{" + W + "," + W.replace("w", "v") + "}"),
    "4 bytes follow its end": safetensors_of("{" + W + "}", bytes(8)),
    "array 1 of 1, 'w': truncated": safetensors_of("{" + W + "}", b""),
    "sparse array in it is damaged": safetensors_of(
        '{"__metadata__":{"mxgluon_compat.sparse":"{\\"a\\":[\\"csr\\",[Infinity]]}"},' + W + "}"
    ),
    "says that it holds a list": safetensors_of('{"__metadata__":{"mxgluon_compat.form":"list"},' + W + "}"),
    "utf-8": struct.pack("<Q", 8) + b'{"\xff":1}' + bytes(4),
}  # fmt: skip


@pytest.mark.parametrize("text", list(DAMAGED_SAFETENSORS))
def test_damaged_safetensors(text):
    with pytest.raises(MXNetError, match=text):
        nd.load_frombuffer(DAMAGED_SAFETENSORS[text])


def torch_file(**options):
    file = io.BytesIO()
    torch.save({"w": torch.ones(2)}, file, **options)
    return file.getvalue()


def recordio():
    return struct.pack("<II", 0xCED7230A, 4) + b"abcd"


FOREIGN = {
    "a PyTorch checkpoint .a zip archive": torch_file,
    "a PyTorch checkpoint of the older kind": lambda: torch_file(_use_new_zipfile_serialization=False),
    "Git LFS pointer": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
    "HTML: a failed download": lambda: b"\n<!DOCTYPE html>\n<html>",
    "XML": lambda: b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "symbol JSON, a graph": lambda: (FILES.parent / "symbol_json" / "mlp-symbol.json").read_bytes(),
    "is JSON, not": lambda: b'\xef\xbb\xbf {"a": [1]}',
    "HDF5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(100),
    "gzip": lambda: b"\x1f\x8b\x08" + bytes(30),
    "tar archive": lambda: b"name".ljust(257, b"\0") + b"ustar\0" + bytes(300),
    "RecordIO": recordio,
    "pickle, which is never loaded": lambda: b"\x80\x04\x95" + bytes(30),
    "empty": lambda: b"",
    "it begins with b'hello'": lambda: b"hello",
}


@pytest.mark.parametrize("text", list(FOREIGN))
@pytest.mark.parametrize("mapping", [1, 1 << 20], ids=["mapped", "read"])
def test_foreign_files(text, mapping, path, monkeypatch):
    monkeypatch.setattr(content, "MAPPED_FROM", mapping)
    pathlib.Path(path).write_bytes(FOREIGN[text]())
    with pytest.raises(MXNetError, match=f"arrays.params: .*{text}") as info:
        nd.load(path)
    assert "\n" not in str(info.value)


def test_foreign_files_instead_of_symbol_json(path):
    nd.save(path, [nd.ones(1)])
    with pytest.raises(MXNetError, match="this is an array file, not symbol JSON"):
        mx.sym.load(path)
    pathlib.Path(path).write_bytes(FOREIGN["Git LFS pointer"]())
    with pytest.raises(MXNetError, match="Git LFS pointer"):
        mx.sym.load(path)


def test_names_of_files_do_not_matter(tmp_path):
    for format in FORMATS:
        for end in (".npz", ".params", ".json", ".safetensors", ""):
            nd.save(tmp_path / f"x{end}", {"w": nd.ones(2)}, format=format)
            assert nd.load(tmp_path / f"x{end}")["w"].asnumpy().tolist() == [1, 1]
