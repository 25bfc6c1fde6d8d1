"""Array files that are damaged, or are anything: refused with one clear error, or read; see ``fuzz.py``."""

import os

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.serialization import fuzz

COUNT = int(os.environ.get("MXGLUON_FUZZ", "15000"))
"""The environment variable MXGLUON_FUZZ asks for more."""


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_files(seed):
    read, refused = fuzz.run(COUNT, seed)
    assert read > COUNT // 50 and refused > COUNT // 2  # neither all good nor all hopeless


def test_random_files():
    assert fuzz.anything(COUNT, 3) < COUNT // 2


SETTINGS = hypothesis.settings(max_examples=300, deadline=None, derandomize=True)
SEEDS = fuzz.seeds()


@SETTINGS
@hypothesis.given(st.binary())
@hypothesis.example(b"\x12\x01\0\0\0\0\0\0")
@hypothesis.example(b"\x12\x01\0\0\0\0\0\0{")
def test_any_bytes(data):
    assert not fuzz.loads_or_refuses(data)


@SETTINGS
@hypothesis.given(st.sampled_from(SEEDS), st.data())
def test_any_replaced_bytes(whole, data):
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 16)))
    fuzz.loads_or_refuses(whole[:start] + data.draw(st.binary(max_size=16)) + whole[end:])


def test_what_is_wrong_is_found(monkeypatch):
    """The property is not vacuous: a reader that fails in another way is noticed."""
    monkeypatch.setattr(fuzz.nd, "load_frombuffer", lambda _: [][0])
    with pytest.raises(IndexError):
        fuzz.loads_or_refuses(b"")
