"""RecordIO against real MXNet's files and rules; any records, any damage; forks, pickles, threads."""

import os
import pickle
import struct
import sys
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.recordio import MXIndexedRecordIO, MXRecordIO, RecordError
from mxgluon_compat.recordio.file import RecordFile
from mxgluon_compat.recordio.parts import divided
from tests.oracle import recordio as scenario
from tests.oracle.recordio import GOOD, MAGIC, part
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
pieces = st.lists(st.one_of(st.just(MAGIC), st.just(MAGIC[:2]), st.binary(max_size=9)), max_size=6).map(b"".join)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "a.rec")


def written(path, records):
    writer = MXRecordIO(path, "w")
    for record in records:
        writer.write(record)
    writer.close()


def read(path, **options):
    """(records, errors) up to the end."""
    reader = MXRecordIO(path, "r", **options)
    records, errors = [], []
    while True:
        try:
            record = reader.read()
        except RecordError as error:
            errors.append(error)
            continue
        if record is None:
            reader.close()
            return records, errors if errors else reader.damaged
        records.append(record)


# ---------------------------------------------------------------------------------------------- any records
@quick
@given(st.lists(pieces, max_size=6))
def test_records_come_back(path, records):
    written(path, records)
    assert read(path) == (records, [])
    content = RecordFile(path)
    heads = [i for i in range(0, len(content), 4) if content.data[i : i + 4] == MAGIC]
    assert len(heads) == sum(len(s.parts) for s in content.scan(strict=True))  # it begins a part wherever it stands
    content.close()


@quick
@given(st.lists(pieces, min_size=1, max_size=6), st.data())
def test_damage_costs_no_other_record(path, records, data):
    places = []
    content = b""
    for record in records:
        places.append(len(content))
        content += b"".join(divided(record))
    broken = data.draw(st.integers(0, len(records) - 1))
    content = content[: places[broken]] + b"\xff" * 4 + content[places[broken] + 4 :]
    with open(path, "wb") as file:
        file.write(content)
    expected = records[:broken] + records[broken + 1 :]
    kept, errors = read(path)
    assert (kept, errors[0].offset, errors[0].file) == (expected, places[broken], path)
    kept, skipped = read(path, skip_damaged=True)
    assert (kept, [e.offset for e in skipped]) == (expected, [e.offset for e in errors])


@quick
@given(
    st.binary(max_size=64) | st.lists(st.sampled_from([MAGIC, GOOD, b"\0\0\0\x20", b"\4\0\0\0", b"abcd"])).map(b"".join)
)
def test_any_bytes_are_records_or_errors(path, content):
    with open(path, "wb") as file:
        file.write(content)
    records, errors = read(path)
    again, skipped = read(path, skip_damaged=True)
    assert again == records and [str(e) for e in skipped] == [str(e) for e in errors]
    offsets = [e.offset for e in errors]
    assert offsets == sorted(set(offsets))


@quick
@given(st.lists(pieces, max_size=5), st.data())
def test_a_file_cut_off_keeps_its_beginning(path, records, data):
    content = b"".join(b"".join(divided(record)) for record in records)
    cut = data.draw(st.integers(0, len(content)))
    with open(path, "wb") as file:
        file.write(content[:cut])
    kept, errors = read(path)
    assert kept == records[: len(kept)]
    assert (len(b"".join(b"".join(divided(r)) for r in kept)) == cut) == (not errors)


# ---------------------------------------------------------------------------------------------- damage
@pytest.mark.parametrize(
    ("content", "records", "offset", "reason"),
    [
        (GOOD + MAGIC[:3], 1, 12, "truncated: 3 bytes are left, where a part begins with 8"),
        (GOOD + part(0, 10, b"abc"), 1, 12, "truncated: 10 bytes are declared, filled up to 12; 3 are there"),
        (part(0, (1 << 29) - 4, b"abc"), 0, 0, "truncated: 536870908 bytes are declared; 3 are there"),
        (GOOD + b"xxxxyyyyzzzz" + GOOD, 2, 12, "the magic number 0xced7230a is expected, not 0x78787878"),
        # MXNet hands out what is there of these, or nothing, without a word.
        (part(2, 4, b"abcd") + GOOD, 1, 0, "damaged: its beginning is missing"),
        (part(3, 4, b"abcd") + GOOD, 1, 0, "damaged: its beginning is missing"),
        (part(1, 4, b"abcd") + GOOD + GOOD, 2, 0, "at byte 12 another record begins before this one has ended"),
        (part(1, 4, b"abcd"), 0, 0, "truncated at byte 12: its end is missing"),
        (part(1, 4, b"abcd") + b"zzzz" + GOOD, 1, 0, "the magic number 0xced7230a is expected at byte 12"),
        (part(5, 4, b"abcd") + GOOD, 1, 0, "there is no part of kind 5"),
        (GOOD + b"q" + GOOD + GOOD, 3, 12, "the magic number"),  # everything behind stands at odd places
    ],
)
def test_damage_is_told_once_with_its_place(path, content, records, offset, reason):
    with open(path, "wb") as file:
        file.write(content)
    kept, errors = read(path)
    assert kept == [b"ab"] * records
    assert len(errors) == 1 and isinstance(errors[0], MXNetError)
    assert str(errors[0]).startswith(f"{path}: invalid record at byte {offset}: ")
    assert reason in str(errors[0])
    assert pickle.loads(pickle.dumps(errors[0])).offset == offset


def test_a_wrong_length_is_found_by_looking_inside(path):
    with open(path, "wb") as file:
        file.write(part(0, 14, b"ab\0\0") + GOOD)
    records = RecordFile(path)
    assert [s.error for s in records.scan()] == [None]
    bad, good = records.scan(strict=True)
    assert "another part begins inside it, at byte 12" in str(bad.error) and records.record(good) == b"ab"


def test_an_index_of_another_file(tmp_path):
    rec, idx = str(tmp_path / "a.rec"), str(tmp_path / "a.idx")
    written(rec, [b"one", b"two"])
    (tmp_path / "a.idx").write_text("0\t0\n1\t4\n2\t24\n3\t9999\n4\t-8\n5\t-4\n")
    reader = MXIndexedRecordIO(idx, rec, "r", skip_damaged=True)
    assert reader.read_idx(0) == b"one"
    for key in (1, 2, 3, 4, 5):
        with pytest.raises(RecordError, match=rf"a.rec: invalid record at byte {reader.idx[key]}: "):
            reader.read_idx(key)
    with pytest.raises(RecordError, match=r"a.idx has key 3 there: it is of another file"):
        reader.read_idx(3)
    reader.close()
    (tmp_path / "a.idx").write_text("0\t0\n1 12\n")
    with pytest.raises(ValueError, match=r"a.idx, line 2: not 'key TAB offset'"):
        MXIndexedRecordIO(idx, rec, "r")
    with pytest.raises(FileNotFoundError, match=r"none.idx: no such file; 'python -m mxgluon_compat convert"):
        MXIndexedRecordIO(str(tmp_path / "none.idx"), rec, "r")


def test_records_have_a_limit(path, monkeypatch):
    monkeypatch.setattr("mxgluon_compat.recordio.parts.LIMIT", 1 << 10)
    writer = MXRecordIO(path, "w")
    writer.write(bytes(1023))
    with pytest.raises(MXNetError, match="RecordIO only accept record less than 2\\^29 bytes, this one has 1024"):
        writer.write(bytes(1024))
    writer.close()
    assert os.path.getsize(path) == 8 + 1024


def test_headers_that_are_none():
    with pytest.raises(struct.error, match="begins with 24 bytes, this one has 0"):
        mx.recordio.unpack(b"")
    record = mx.recordio.pack((0, [1, 2, 3], 7, 0), b"")
    with pytest.raises(ValueError, match="record 7: its header declares 3 labels, of 4 bytes each, and 10 bytes"):
        mx.recordio.unpack(record[:-2])


# ---------------------------------------------------------------------------------------------- files
def test_names_and_kinds_of_files(tmp_path):
    written(tmp_path / "a.rec", [b"x", bytearray(b"y")])
    assert read(tmp_path / "a.rec")[0] == [b"x", b"y"]
    with pytest.raises(FileNotFoundError, match="none.rec: no such file"):
        MXRecordIO(tmp_path / "none.rec", "r")
    with pytest.raises(OSError, match="cannot be read: Is a directory"):
        MXRecordIO(tmp_path, "r")
    with pytest.raises(ValueError, match="Invalid flag a: 'r' is for reading"):
        MXRecordIO(tmp_path / "a.rec", "a")
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    filling = threading.Thread(target=_fill, args=(pipe, (tmp_path / "a.rec").read_bytes()))
    filling.start()
    assert read(pipe)[0] == [b"x", b"y"]
    filling.join()


def _fill(path, content):
    with open(path, "wb") as file:
        file.write(content)


def test_a_reader_sees_what_is_appended(path):
    written(path, [b"one"])
    reader = MXRecordIO(path, "r")
    assert (reader.read(), reader.read()) == (b"one", None)
    more = b"".join(divided(b"second"))
    with open(path, "ab", buffering=0) as file:
        file.write(more[:9])
        with pytest.raises(RecordError, match="truncated"):
            reader.read()
        reader.reset()
        assert reader.read() == b"one"
        file.write(more[9:])
    assert (reader.read(), reader.read()) == (b"second", None)
    reader.close()


def test_a_new_file_leaves_readers_of_the_old_one_alone(path):
    written(path, [b"old" * 9999])
    reader = MXRecordIO(path, "r")
    written(path, [b"new"])
    assert reader.read() == b"old" * 9999
    reader.reset()
    assert reader.read() == b"new"
    reader.close()


def test_links_stay_links(tmp_path):
    written(tmp_path / "a.rec", [b"old"])
    (tmp_path / "link.rec").symlink_to("a.rec")
    written(tmp_path / "link.rec", [b"new"])
    assert (tmp_path / "link.rec").is_symlink() and read(tmp_path / "a.rec")[0] == [b"new"]


def test_many_readers_leave_no_files_open(path):
    written(path, [b"x" * 100])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        MXRecordIO(path, "r").read()
        closed = MXRecordIO(path, "r")
        closed.close()
    assert len(os.listdir("/proc/self/fd")) == before


# ---------------------------------------------------------------------------------------------- processes, threads
def test_pickling_touches_neither_reader_nor_file(path):
    # MXNet closes the reader that is pickled; a copy of a writer empties the file.
    written(path, [b"one", b"two"])
    reader = MXRecordIO(path, "r")
    reader.read()
    copied = pickle.loads(pickle.dumps(reader))
    assert (reader.read(), copied.read()) == (b"two", b"one")
    reader.close(), copied.close()
    writer = MXRecordIO(path, "w")
    writer.write(b"three")
    copied = pickle.loads(pickle.dumps(writer))
    assert not copied.is_open
    with pytest.raises(RuntimeError, match="Forbidden operation in multiple processes: .*it is closed"):
        copied.write(b"four")
    writer.close()
    assert read(path)[0] == [b"three"]


def test_a_forked_writer_writes_nothing(path):
    writer = MXRecordIO(path, "w")
    writer.write(b"one")  # still in memory
    child = os.fork()
    if not child:
        writer.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert os.path.getsize(path) == 0
    writer.write(b"two")
    writer.close()
    assert read(path)[0] == [b"one", b"two"]


def test_threads_read_by_key_at_once(tmp_path):
    # In MXNet one thread moves the place from which another one reads.
    rec, idx = str(tmp_path / "a.rec"), str(tmp_path / "a.idx")
    writer = MXIndexedRecordIO(idx, rec, "w")
    for i in range(50):
        writer.write_idx(i, b"%d" % i * 50)
    writer.close()
    dataset = mx.gluon.data.RecordFileDataset(rec)
    wrong = []

    def look():
        for i in np.random.RandomState(0).randint(50, size=2000):
            if dataset[i] != b"%d" % i * 50:
                wrong.append(i)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---------------------------------------------------------------------------------------------- images
def test_images_without_opencv(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ImportError, match=r"writing images needs OpenCV: pip install 'mxgluon_compat\[image\]'"):
        mx.recordio.pack_img((0, 1, 1, 0), np.zeros((2, 2, 3), "uint8"))
    with pytest.raises(ImportError, match=r"reading images needs OpenCV"):
        mx.recordio.unpack_img(mx.recordio.pack((0, 1, 1, 0), b"x"))


def test_images_come_back():
    pytest.importorskip("cv2")
    image = np.arange(5 * 4 * 3, dtype="uint8").reshape(5, 4, 3)
    header, same = mx.recordio.unpack_img(mx.recordio.pack_img((0, [1, 2], 7, 0), image, 3, ".png"))
    assert (same == image).all() and header.label.tolist() == [1, 2] and header.id == 7
    assert mx.recordio.unpack_img(mx.recordio.pack_img((0, 1, 7, 0), image), 0)[1].shape == (5, 4)
    assert mx.recordio.unpack_img(mx.recordio.pack((0, 1, 7, 0), b"no image"))[1] is None
    assert mx.recordio.unpack_img(mx.recordio.pack((0, 1, 7, 0), b""))[1] is None
