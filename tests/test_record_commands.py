"""``info`` and ``convert`` of RecordIO files, folders and lists: as im2rec.py where that did the same."""

from __future__ import annotations

import json
import os
import pathlib
import sys

import numpy as np
import pytest

from mxgluon_compat.__main__ import main
from mxgluon_compat.recordio import MXIndexedRecordIO, MXRecordIO, pack, unpack, unpack_img
from tests.oracle import im2rec
from tests.oracle.recordio import MAGIC
from tests.oracle.scenario import read

GOLDEN = read("im2rec")


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """Run a command line in a fresh folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        return stop.value.code, *capsys.readouterr()

    return command


def records(path):
    reader = MXRecordIO(path, "r")
    found = list(iter(reader.read, None))
    reader.close()
    return found


@pytest.fixture
def mixed(command):
    """Record files of images and of other things, with and without several labels, one in two parts."""
    contents = [
        pack((0, 2, 10, 0), b"\xff\xd8\xff jpeg"), pack((0, [0.1, -3], 11, 0), b"\x89PNG\r\n\x1a\n"), b"text", b"",
        pack((0, float("nan"), 12, 0), b"\xff\xd8\xff." + MAGIC * 3),
    ]  # fmt: skip
    writer = MXIndexedRecordIO("a.idx", "a.rec", "w")
    for i, content in enumerate(contents):
        writer.write_idx(i, content)
    writer.close()
    return contents


# ---------------------------------------------------------------------------------------------- as im2rec.py
@pytest.mark.parametrize("name", list(im2rec.LISTS))
def test_lists_are_im2recs(command, tmp_path, name):
    im2rec.make(tmp_path)
    code, out, err = command("convert", "photos", "n.lst", *im2rec.LISTS[name])
    assert (code, err) == (0, "")
    assert im2rec.made(tmp_path) == GOLDEN[name]
    assert len([line for line in out.splitlines() if ".lst: list, " in line]) == len(GOLDEN[name])
    assert ("label 1: B" in out) == ("--recursive" in im2rec.LISTS[name])


@pytest.mark.parametrize("name", list(im2rec.PACKS))
@pytest.mark.parametrize("threads", [1, 3])
def test_packed_lists_are_im2recs(command, tmp_path, name, threads):
    im2rec.make(tmp_path)
    code, out, err = command("convert", "m.lst", "m.rec", "--root", "photos", "--threads", threads, *im2rec.PACKS[name])
    assert (code, out, err) == (0, "m.rec: RecordIO, 3 records, and its index\n", "")
    assert im2rec.made(tmp_path) == GOLDEN[name]


def test_a_folder_is_packed_as_its_list(command, tmp_path):
    im2rec.make(tmp_path)
    command("convert", "photos", "n.lst", "--recursive")
    command("convert", "n.lst", "n.rec", "--root", "photos", "--pass-through", "-q")
    assert command("convert", "photos", "o.rec", "--recursive", "--pass-through", "-q") == (0, "", "")
    assert pathlib.Path("o.rec").read_bytes() == pathlib.Path("n.rec").read_bytes()
    assert pathlib.Path("o.idx").read_bytes() == pathlib.Path("n.idx").read_bytes()


def test_no_image_is_lost_between_lists(command, tmp_path):
    # im2rec.py drops what is left where the ratios make one whole.
    im2rec.make(tmp_path)
    command("convert", "photos", "n.lst", "--recursive", "--train-ratio", "0.5", "--test-ratio", "0.5")
    lines = [line for name in im2rec.made(tmp_path) for line in pathlib.Path(name).read_text().splitlines()]
    assert sorted(int(line.split("\t")[0]) for line in lines) == list(range(9))


def test_links_to_folders_above_end(command, tmp_path):
    im2rec.make(tmp_path)
    (tmp_path / "photos" / "a_cat" / "up").symlink_to("..")
    (tmp_path / "photos" / "same").symlink_to("b_dog")
    command("convert", "photos", "n.lst", "--recursive", "--no-shuffle", "-q")
    paths = [line.split("\t")[2] for line in pathlib.Path("n.lst").read_text().splitlines()]
    assert len(paths) == len(set(paths)) == 12 and "same/p0.jpg" in paths


# ---------------------------------------------------------------------------------------------- packing
def test_images_are_changed_and_packed(command, tmp_path):
    cv2 = pytest.importorskip("cv2")
    os.makedirs("photos/b")
    y, x = np.mgrid[:30, :20]
    tall = np.stack([y * 8, x * 12, y + x], -1).astype("uint8")
    cv2.imwrite("photos/tall.png", tall)
    cv2.imwrite("photos/b/wide.png", tall.transpose(1, 0, 2))
    pathlib.Path("photos/b/no.jpg").write_bytes(b"no image")
    pathlib.Path("photos/b/empty.jpg").write_bytes(b"")
    code, out, err = command(
        "convert", "photos", "n.rec", "--recursive", "--no-shuffle", "--resize", 12, "--encoding", ".png"
    )
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "n.rec: RecordIO, 2 records, and its index",
        "skipped: photos/b/empty.jpg is empty",
        "skipped: photos/b/no.jpg: not an image, or a damaged one",
    ]
    images = [unpack_img(record) for record in records("n.rec")]
    assert [(h.label, h.id, i.shape) for h, i in images] == [(0, 0, (18, 12, 3)), (1, 3, (12, 18, 3))]
    assert (images[0][1] == cv2.resize(tall, (12, 18))).all()
    command("convert", "photos", "c.rec", "--center-crop", "--encoding", ".png", "--color", 0, "--quality", 0)
    (record,) = records("c.rec")
    assert (unpack_img(record)[1] == cv2.imread("photos/tall.png", 0)[5:25]).all()
    command("convert", "photos", "j.rec", "--quality", 30)
    (record,) = records("j.rec")
    done, content = cv2.imencode(".jpg", tall, [cv2.IMWRITE_JPEG_QUALITY, 30])
    assert done and unpack(record)[1] == content.tobytes()


def test_bad_lists(command, tmp_path):
    im2rec.make(tmp_path)
    pathlib.Path("bad.lst").write_text(
        "1\t0\ttop.png\n\nx\t0\ttop.png\n2\ttop.png\n3\ty\ttop.png\n4\t0\tnone.png\n-5\t0\ttop.png\n6\t0\tb_dog\n"
    )
    code, out, err = command("convert", "bad.lst", "m.rec", "--root", "photos", "--pass-through", "--quiet")
    assert (code, err) == (1, "")
    head, *lines = out.splitlines()
    assert head == "m.rec: RecordIO, 1 record, and its index"
    assert [line.split(":")[1].strip() for line in lines] == [
        "bad.lst, line 2", "bad.lst, line 3", "bad.lst, line 4", "bad.lst, line 5", "photos/none.png cannot be read",
        "photos/top.png", "photos/b_dog cannot be read",
    ]  # fmt: skip
    assert len(records("m.rec")) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["photos", "n.lst", "--resize", "3"], "--resize says nothing where a list is made"),
        (["photos", "n.rec", "--pack-label"], "--pack-label says nothing where a folder is packed"),
        (["photos", "n.rec", "--train-ratio", "0"], "--train-ratio says nothing where a folder is packed"),
        (["m.lst", "n.rec", "--pass-through", "--color", "0"], "--color says nothing with --pass-through"),
        (["m.lst", "n.rec", "--format", "npz"], "--format says nothing where a list is packed"),
        (["m.lst", "n.rec", "--encoding", ".png", "--quality", "95"], "--quality 95: 0 to 9 is for .png"),
        (["m.lst", "n.rec", "--resize", "0"], "--resize 0: at least 1 pixel"),
        (["m.lst", "n.rec", "--pass-through", "--threads", "0"], "--threads must be at least 1, got 0"),
        (["photos", "n.lst", "--chunks", "0"], "--chunks must be at least 1, got 0"),
        (["photos", "n.lst", "--train-ratio", "0.8", "--test-ratio", "0.4"], "are not parts of one whole"),
        (["photos", "n.npz"], "photos is a folder, which becomes a list"),
        (["m.lst", "n.idx"], "m.lst is a list of images, which are packed into FILE.rec"),
        (["photos/b_dog", "n.lst", "--exts", "gif"], "photos/b_dog: no files with the suffixes .gif; --recursive"),
        (["none", "n.rec"], "none: no such file"),
    ],
)  # fmt: skip
def test_wrong_usage(command, tmp_path, arguments, reason):
    im2rec.make(tmp_path)
    code, out, err = command("convert", *arguments)
    assert (code, out) == (2, "")
    assert reason in err and err.startswith("error: ") and err.count("\n") == 1
    assert im2rec.made(tmp_path) == {}


def test_packing_anew_without_opencv(command, tmp_path, monkeypatch):
    im2rec.make(tmp_path)
    monkeypatch.setitem(sys.modules, "cv2", None)
    code, _, err = command("convert", "m.lst", "m.rec", "--root", "photos")
    assert code == 2 and "--pass-through packs them as they are" in err and "mxgluon_compat[image]" in err


# ---------------------------------------------------------------------------------------------- looking into files
def test_info(mixed, command):
    code, out, err = command("info", "a.rec", "--list")
    assert (code, err) == (0, "")
    size = os.path.getsize("a.rec")
    total = sum(map(len, mixed))
    assert out.splitlines() == [
        f"a.rec: RecordIO file, {size} bytes: 5 records, {total} bytes",
        "sizes: 0 to 40 bytes; 1 in several parts",
        "contents: 2 JPEG, 2 other, 1 PNG",
        "labels: 2 records have 1, 1 record has 2",
        "single labels: 2 (1), nan (1)",
        "index: a.idx, 5 keys",
        *out.splitlines()[6:],
    ]
    assert [line.split() for line in out.splitlines()[6:]] == [
        ["offset", "bytes", "id", "labels", "content"],
        ["0", "32", "10", "2", "JPEG"],
        ["40", "40", "11", "0.1", "-3", "PNG"],
        ["88", "4", "-", "-", "other"],
        ["100", "0", "-", "-", "other"],
        ["108", "40", "12", "nan", "JPEG"],
    ]
    report = json.loads(command("info", "a.rec", "--json")[1])
    assert (report["records"], report["largest"], report["index"]["keys"], report["damage"]) == (5, 40, 5, [])
    assert report["divided"] == 1 and "list" not in report
    report = json.loads(command("info", "a.rec", "--json", "--no-statistics", "--list")[1])
    assert "contents" not in report and report["list"][0] == {"offset": 0, "bytes": 32}


def test_info_of_damage(mixed, command):
    content = bytearray(pathlib.Path("a.rec").read_bytes())
    content[40:44] = b"oops"
    pathlib.Path("a.rec").write_bytes(content + b"x")
    code, out, err = command("info", "a.rec")
    assert (code, err) == (1, "")
    assert "damaged: byte 40: the magic number 0xced7230a is expected, not 0x73706f6f" in out
    assert f"damaged: byte {len(content)}: truncated: 1 bytes are left" in out
    assert "index does not fit: key 1 is at byte 40, where no sound record begins" in out
    pathlib.Path("a.idx").write_text("zero\n")
    assert "index does not fit: a.idx, line 1: not 'key TAB offset'" in command("info", "a.rec")[1]
    content[:4] = b"oops"
    pathlib.Path("b.rec").write_bytes(content)
    assert "b.rec: RecordIO file" in command("info", "b.rec")[1]
    assert command("info", "a.rec", "--params", "x")[0] == 2
    pathlib.Path("c.npy").write_bytes(b"")
    assert "--list is for RecordIO files" in command("info", "c.npy", "--list")[2]


def test_index_copy_and_extract(mixed, command):
    written = pathlib.Path("a.idx").read_bytes()
    assert command("convert", "a.rec", "b.idx") == (0, "b.idx: index, 5 records\n", "")
    assert pathlib.Path("b.idx").read_bytes() == written
    assert command("convert", "a.rec", "c.rec", "-q") == (0, "", "")
    assert pathlib.Path("c.rec").read_bytes() == pathlib.Path("a.rec").read_bytes()
    assert pathlib.Path("c.idx").read_bytes() == written
    assert command("convert", "a.rec", "deep/out") == (0, "deep/out: 5 files, and records.lst\n", "")
    found = sorted(str(p.relative_to("deep/out")) for p in pathlib.Path("deep/out").rglob("*") if p.is_file())
    assert found == [
        "00000001.png",
        "00000002.bin",
        "00000003.bin",
        "2/00000000.jpg",
        "nan/00000004.jpg",
        "records.lst",
    ]
    assert pathlib.Path("deep/out/2/00000000.jpg").read_bytes() == b"\xff\xd8\xff jpeg"
    lines = ["10\t2\t2/00000000.jpg", "11\t0.100000001\t-3\t00000001.png", "12\tnan\tnan/00000004.jpg"]
    assert pathlib.Path("deep/out/records.lst").read_text().splitlines() == lines
    command("convert", "deep/out/records.lst", "d.rec", "--pass-through", "--pack-label")
    assert records("d.rec") == [mixed[0], mixed[1], mixed[4]]
    assert "is there already" in command("convert", "a.rec", "deep/out")[2]
    assert os.listdir("deep") == ["out"]


def test_damaged_records_are_skipped_if_wanted(mixed, command):
    content = bytearray(pathlib.Path("a.rec").read_bytes())
    content[44:48] = b"\x50\0\0\0"  # a length that reaches over the next record
    pathlib.Path("a.rec").write_bytes(content)
    for target in ("new.idx", "new.rec", "new"):
        code, out, err = command("convert", "a.rec", target)
        assert (code, out) == (2, "")
        assert "a.rec: invalid record at byte 40" in err and "--skip-damaged goes on behind it" in err
        assert [name for name in os.listdir() if "new" in name] == []
    code, out, err = command("convert", "a.rec", "new.rec", "--skip-damaged", "-q")
    assert (code, err) == (1, "")
    assert "skipped: byte 40: damaged: another part begins inside it, at byte 88" in out
    assert records("new.rec") == [mixed[0], *mixed[2:]]
    assert command("info", "new.rec")[0] == 0
    assert command("convert", "a.rec", "new", "--skip-damaged")[0] == 1
    assert len(os.listdir("new")) == 5


def test_a_record_of_json_is_no_safetensors_file(command):
    writer = MXRecordIO("a.rec", "w")
    writer.write(b'{"a": 1}')
    writer.close()
    assert "1 record, 8 bytes" in command("info", "a.rec")[1]
