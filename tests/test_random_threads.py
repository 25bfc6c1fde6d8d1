"""Random streams and threads: MXNet has streams for each thread, here there is one set for all."""

import pytest

from tests.oracle import random_threads
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

OF_THREADS = {
    # where each draw stands in what follows the seed, 5
    "streams: a thread after a seed elsewhere": 0,
    "streams: the one that gave the seed, after it": 1,
    "streams: another thread": 2,
    "streams: after a seed in a thread": 0,
    "custom: CustomOp": 0,
    "custom: after it": 1,
}
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(random_threads, differences=OF_THREADS)


@pytest.mark.parametrize("name", OF_THREADS)
def test_all_threads_draw_from_one_stream(found, name):
    golden, ours = read("random_threads"), found[random_threads][name]
    after = {seed: [draw["values"] for draw in golden[f"streams: after seed {seed}"]] for seed in (0, 5)}
    assert ours["values"] == after[5][OF_THREADS[name]]
    in_mxnet = golden[name]["values"]  # a new thread's stream starts from 0, and seeds reach their own thread only
    in_its_thread = name in ("streams: the one that gave the seed, after it", "custom: after it")
    assert in_mxnet == (after[5] if in_its_thread else after[0])[0]
