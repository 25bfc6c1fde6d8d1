"""Worker processes and threads: shared memory, failures, time limits, forks beside threads."""

import io
import multiprocessing
import multiprocessing.pool
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
import warnings
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.gluon.data import DataLoader, SimpleDataset, dataloader
from mxgluon_compat.gluon.data.dataloader import (
    DataLoaderV1,
    _as_in_context,
    _MultiWorkerIter,
    _thread_worker_fn,
    _thread_worker_initializer,
    _worker_fn,
    default_batchify_fn,
    default_mp_batchify_fn,
)
from tests.gluon.data import soak

NUMBERS = SimpleDataset(list(range(6)))
KINDS = [{"num_workers": 2}, {"num_workers": 2, "thread_pool": True}]
PROCESSES, THREADS = KINDS


def slow_at_one(x):
    time.sleep(3 if x == 1 else 0)
    return x


def fails_inside(x):
    raise ValueError(f"no picture {x}")


def process_id(x):
    return os.getpid()


def random_numbers(x):
    return float(np.random.rand()), mx.nd.random.uniform(shape=(2,))


def much_arithmetic(x):
    a = torch.full((300, 300), float(x))
    return float((a @ a).sum() / 300**3) + float(mx.nd.ones((200, 200)).sum().asscalar()) * 0


def fails_at_four(x):
    return 1 / (x - 4)


class OddError(Exception):
    def __init__(self, text, other):
        super().__init__(text)


def fails_oddly(x):
    raise OddError("of two arguments", x)


def python_random(x):
    return random.random()


def dies(x):
    os.kill(os.getpid(), signal.SIGKILL)


def large_and_small(samples):
    large = mx.nd.array(np.full((6, 20000), samples[1]))
    small = mx.nd.array(samples, dtype="int32")
    return [large, (small, {"a": large.astype("float16"), "s": "text"})]


def test_workers_are_other_processes():
    (ids,) = DataLoader(NUMBERS.transform(process_id), 6, **PROCESSES)
    assert (ids.asnumpy() != os.getpid()).all()
    (ids,) = DataLoader(NUMBERS.transform(process_id), 6, **THREADS)
    assert (ids.asnumpy() == os.getpid()).all()


def test_batches_arrive_in_shared_memory():
    (batch,) = DataLoader(NUMBERS, 6, batchify_fn=large_and_small, **PROCESSES)
    large, (small, inner) = batch
    assert large._data.is_shared() and inner["a"]._data.is_shared()
    assert {str(a.context) for a in (large, small, inner["a"])} == {"cpu_shared(0)"}
    assert (large.asnumpy() == 1).all() and large.shape == (6, 20000)
    assert inner["a"].dtype is np.float16 and (inner["a"].asnumpy() == 1).all()
    assert small.dtype is np.int32 and small.asnumpy().tolist() == [0, 1, 2, 3, 4, 5]
    small[:] = 7
    assert inner["s"] == "text"


def test_local_functions_need_no_pickling():
    # MXNet sends the batch function to the worker for each batch; forked workers have it already.
    batches = list(DataLoader(NUMBERS.transform(lambda x: x + 1), 3, batchify_fn=lambda s: sum(s), **PROCESSES))
    assert batches == [6, 15]


@pytest.mark.parametrize("kind", KINDS)
def test_failures_come_with_the_workers_traceback(kind):
    loader = DataLoader(NUMBERS.transform(fails_inside), 2, **kind)
    with pytest.raises(ValueError, match="no picture 0") as caught:
        list(loader)
    text = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert "fails_inside" in text and "raise ValueError" in text
    with pytest.raises(ValueError, match="no picture 0"):
        list(loader)  # the workers go on


@pytest.mark.parametrize("kind", KINDS)
def test_time_limit(kind):
    loader = DataLoader(NUMBERS.transform(slow_at_one), 2, timeout=0.5, **kind)
    with pytest.raises(multiprocessing.TimeoutError, match="Worker timed out after 0.5 seconds") as caught:
        list(loader)
    assert isinstance(caught.value, TimeoutError)
    assert ("shared_memory" in str(caught.value)) == ("thread_pool" not in kind)


def test_a_worker_that_dies_is_noticed_at_once():
    start = time.time()
    with pytest.raises(BrokenProcessPool):
        list(DataLoader(NUMBERS.transform(dies), 2, **PROCESSES))
    assert time.time() - start < 30


@pytest.mark.parametrize("kind", KINDS)
def test_two_epochs_at_once_and_one_left_early(kind):
    loader = DataLoader(NUMBERS, 2, **kind)
    for batch in loader:
        assert batch.asnumpy().tolist() == [0, 1]
        break
    pairs = [(a.asnumpy().tolist(), b.asnumpy().tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3]), ([4, 5], [4, 5])]


def test_workers_draw_their_own_numbers():
    np.random.seed(5)
    epochs = []
    for _ in range(2):
        np.random.seed(5)
        loader = DataLoader(SimpleDataset(list(range(40))).transform(random_numbers), 1, **PROCESSES)
        epochs.append({(float(a.asscalar()), *b.asnumpy().ravel().tolist()) for a, b in loader})
    numpys, arrays = ({row[i] for row in epochs[0]} for i in (0, 1))
    assert len(numpys) == len(arrays) == 40
    # The shuffling of the samples stays MXNet's: the seeds of the workers are not drawn from numpy's generator.
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    DataLoader(NUMBERS, 2, **PROCESSES)
    assert np.random.rand() == expected


def test_the_parents_generators_are_not_touched():
    mx.random.seed(3)
    torch.manual_seed(3)
    state = torch.get_rng_state()
    list(DataLoader(NUMBERS.transform(random_numbers), 2, **PROCESSES))
    assert torch.equal(torch.get_rng_state(), state)
    drawn = mx.nd.random.uniform(shape=(3,)).asnumpy()
    mx.random.seed(3)
    assert (drawn == mx.nd.random.uniform(shape=(3,)).asnumpy()).all()


def test_forks_after_torch_has_used_threads():
    # In a process of its own, so that a deadlock is a failure and not the end of the test run.
    program = textwrap.dedent(
        """
        import threading, torch
        import mxgluon_compat as mx
        from tests.gluon.data.test_dataloader import much_arithmetic, NUMBERS
        torch.set_num_threads(4)
        a = torch.randn(1000, 1000, requires_grad=True)
        for _ in range(3):
            (a @ a).relu().sum().backward()
            torch.nn.functional.conv2d(torch.randn(8, 8, 32, 32), torch.randn(8, 8, 3, 3)).sum()
        busy = threading.Thread(target=lambda: [torch.randn(400, 400) @ torch.randn(400, 400) for _ in range(300)])
        busy.start()
        for _ in range(2):
            loader = mx.gluon.data.DataLoader(NUMBERS.transform(much_arithmetic), 2, num_workers=3, timeout=60)
            print([round(float(x), 3) for b in loader for x in b.asnumpy()])
        busy.join()
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "[0.0, 1.0, 4.0, 9.0, 16.0, 25.0]\n" * 2, done.stderr[-2000:]


def test_forks_while_other_threads_draw_numbers():
    # In a process of its own, as above. Workers with a lock that nobody releases would not end with the program.
    program = textwrap.dedent(
        """
        import threading, numpy, mxgluon_compat as mx
        from tests.gluon.data.test_dataloader import random_numbers, NUMBERS
        going = True
        def draw():
            while going:
                numpy.random.rand(200000)
                mx.nd.random.uniform(shape=(200000,))
        # An operator's first call of a process has a lock of its own in torch, which nobody else can hold over a fork.
        mx.nd.random.uniform(shape=(2,))
        busy = threading.Thread(target=draw)
        busy.start()
        for _ in range(6):
            list(mx.gluon.data.DataLoader(NUMBERS.transform(random_numbers), 1, num_workers=2, timeout=60))
        going = False
        busy.join()
        print("done")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "done\n", done.stderr[-2000:]


def test_a_program_ends_without_waiting_for_its_workers():
    program = (
        "import mxgluon_compat as mx; l = mx.gluon.data.DataLoader(list(range(99)), 2, num_workers=2); next(iter(l))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_end_with_a_parent_that_is_killed():
    program = textwrap.dedent(
        """
        import os, signal, mxgluon_compat as mx
        from tests.gluon.data.test_dataloader import process_id, NUMBERS
        loader = mx.gluon.data.DataLoader(NUMBERS.transform(process_id), 1, num_workers=2)
        print(*{int(b.asscalar()) for b in loader}, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    workers = [int(n) for n in done.stdout.split()]
    assert workers, done.stderr
    for _ in range(100):
        if not any(os.path.exists(f"/proc/{n}") and "Z" not in Path(f"/proc/{n}/stat").read_text() for n in workers):
            return
        time.sleep(0.1)
    pytest.fail("a worker outlived its parent")


def test_workers_end_with_their_loader():
    before = {p.pid for p in multiprocessing.active_children()}
    loader = DataLoader(NUMBERS, 2, **PROCESSES)
    list(loader)
    assert {p.pid for p in multiprocessing.active_children()} - before
    del loader
    for _ in range(100):
        if not {p.pid for p in multiprocessing.active_children()} - before:
            return
        time.sleep(0.1)
    pytest.fail("workers outlived their loader")


def test_auto_reload_starts_the_next_epoch():
    seen = []

    def note(x):
        seen.append(x)
        return x

    loader = DataLoader(NUMBERS.transform(note), 3, num_workers=1, thread_pool=True, auto_reload=True)
    for _ in range(50):
        if len(seen) == 6:
            break
        time.sleep(0.05)
    assert seen == [0, 1, 2, 3, 4, 5]
    loader.clean()
    assert loader._iter is None
    assert [b.asnumpy().tolist() for b in loader] == [[0, 1, 2], [3, 4, 5]]
    assert loader._iter is not None


def test_prefetch_bounds_the_work_ahead():
    made = []
    lock = threading.Lock()

    def note(x):
        with lock:
            made.append(x)
        return x

    batches = iter(DataLoader(SimpleDataset(list(range(20))).transform(note), 1, prefetch=3, **THREADS))
    next(batches)
    time.sleep(0.3)
    assert len(made) == 4


def test_arrays_travel_between_processes_and_pickles():
    array = mx.nd.array([[1, 2]], dtype="int32")
    receiver, sender = multiprocessing.Pipe(duplex=False)
    sender.send({"a": array})
    assert receiver.recv()["a"].asnumpy().tolist() == [[1, 2]]
    assert pickle.loads(pickle.dumps(array)).context == mx.cpu()


def test_as_in_context_keeps_what_is_no_array():
    found = _as_in_context([mx.nd.ones((1,)), ("s", mx.nd.ones((1,)), 3)], mx.cpu(1))
    assert isinstance(found[1], list) and found[1][0] == "s" and found[1][2] == 3
    assert found[0].context == found[1][1].context == mx.cpu(1)


@pytest.mark.parametrize("kind", KINDS)
def test_epochs_left_early_leave_nothing(kind):
    before, middle, end, after = soak.soak(50, **kind)
    assert end["files"] <= middle["files"] and end["shared memory"] <= middle["shared memory"] == 0
    assert end["files of workers"] <= middle["files of workers"] and end["workers"] == middle["workers"]
    assert after == before


@pytest.mark.parametrize("kind", [{}, *KINDS])
def test_failures_name_the_sample(kind):
    loader = DataLoader(NUMBERS.transform(fails_at_four), 3, **kind)
    with pytest.raises(ZeroDivisionError) as caught:
        list(loader)
    text = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert "while the DataLoader read sample 4 of the dataset" in text


def test_errors_that_cannot_be_pickled():
    loader = DataLoader(NUMBERS.transform(fails_oddly), 3, timeout=60, **PROCESSES)
    for _ in range(2):  # the pool lives on
        with pytest.raises(RuntimeError, match="OddError: of two arguments") as caught:
            list(loader)
        assert "fails_oddly" in "".join(traceback.format_exception(caught.type, caught.value, caught.tb))


def test_a_killed_worker_is_told_as_such():
    with pytest.raises(BrokenProcessPool, match="it was killed .*num_workers=0 does the same work"):
        list(DataLoader(NUMBERS.transform(dies), 2, **PROCESSES))


def test_workers_draw_their_own_numbers_of_pythons_generator():
    loader = DataLoader(SimpleDataset(list(range(30))).transform(python_random), 1, **PROCESSES)
    assert len({float(a.asscalar()) for a in loader}) == 30


# ---------------------------------------------------------------------------------------------- names that programs use
class OwnIter(_MultiWorkerIter):
    """As loaders of GluonCV are written, which change the transform from batch to batch."""

    def __init__(self, transforms, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._transforms = transforms
        for _ in range(2):
            self._push_next()

    def _push_next(self):
        samples = next(self._iter, None)
        if samples is None:
            return
        dataset = NUMBERS.transform(self._transforms[self._sent_idx % 2])
        arguments = (samples, self._batchify_fn, dataset)
        self._data_buffer[self._sent_idx] = self._worker_pool.apply_async(self._worker_fn, arguments)
        self._sent_idx += 1


def tenfold(x):
    return 10 * x


def negative(x):
    return -x


def pickled_batch(samples, batchify_fn, dataset=None):
    buffer = io.BytesIO()
    dataloader.ForkingPickler(buffer, pickle.HIGHEST_PROTOCOL).dump(batchify_fn([dataset[i] for i in samples]))
    return buffer.getvalue()


@pytest.mark.parametrize("pool", ["loader", "multiprocessing", "threads"])
def test_iterators_of_ones_own(pool):
    loader = DataLoader(NUMBERS, 2, num_workers=2)
    if pool == "loader":
        workers = loader._worker_pool
    elif pool == "threads":
        workers = multiprocessing.pool.ThreadPool(2)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # forks beside threads
            workers = multiprocessing.get_context("fork").Pool(2)
    batches = OwnIter(
        [tenfold, negative], workers, default_mp_batchify_fn, loader._batch_sampler, worker_fn=pickled_batch
    )
    assert len(batches) == 3
    assert [b.asnumpy().tolist() for b in batches] == [[0, 10], [-2, -3], [40, 50]]
    with pytest.raises(StopIteration):
        batches.next()
    if pool != "loader":
        workers.close()
        workers.join()


def test_worker_functions():
    numbers = SimpleDataset([5, 6, 7])
    assert _thread_worker_fn([0, 2], default_batchify_fn, numbers).asnumpy().tolist() == [5, 7]
    assert _worker_fn([1], default_batchify_fn, numbers).asnumpy().tolist() == [6]
    with pytest.raises(AssertionError, match="batchify_fn is missing"):
        _worker_fn([1])
    _thread_worker_initializer(False, False)
    assert not mx.is_np_shape()


def test_queues_and_connections_hand_arrays_over():
    large = mx.nd.ones((300, 300))
    for queue in (dataloader.Queue(), dataloader.SimpleQueue()):
        queue.put({"a": large})
        found = queue.get()["a"]
        assert found.context == mx.Context("cpu_shared", 0) and (found.asnumpy() == 1).all()
        queue.close()
    ends = multiprocessing.Pipe()
    one, other = map(dataloader.ConnectionWrapper, ends)
    one.send([large, "text"])
    found, text = other.recv()
    assert text == "text" and found.shape == (300, 300) and not one.closed
    one.close()
    ends[1].close()
    assert one.closed


def test_loops_of_the_first_loader():
    keys, data, filled = dataloader.Queue(), dataloader.Queue(), {}
    for item in ((0, [1, 2]), (1, [3]), (None, None)):
        keys.put(item)
    dataloader.worker_loop_v1(SimpleDataset([0, 10, 20, 30]), keys, data, default_batchify_fn)
    data.put((None, None))
    dataloader.fetcher_loop_v1(data, filled, data_buffer_lock=threading.Lock())
    assert {k: v.asnumpy().tolist() for k, v in filled.items()} == {0: [10, 20], 1: [30]}
    assert {str(v.context) for v in filled.values()} == {"cpu(0)"}
    for queue in (keys, data):
        queue.close()
        queue.join_thread()


def test_iterator_of_the_first_loader():
    batches = dataloader._MultiWorkerIterV1(2, NUMBERS, default_mp_batchify_fn, [[0, 1], [2]])
    assert len(batches) == 2 and [b.asnumpy().tolist() for b in batches] == [[0, 1], [2]]
    batches.shutdown()
    with pytest.raises(AssertionError, match="call __next__ after shutdown is forbidden"):
        next(batches)
    with pytest.raises(mx.base.UnsupportedError, match=r"_MultiWorkerIterV1\(worker_fn=\)"):
        dataloader._MultiWorkerIterV1(2, NUMBERS, default_mp_batchify_fn, [[0]], worker_fn=print)


def test_a_batch_size_of_nothing_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        DataLoader(NUMBERS, 0)


def test_the_first_loader_is_still_there():
    assert [b.asnumpy().tolist() for b in DataLoaderV1(NUMBERS, 4, last_batch="discard")] == [[0, 1, 2, 3]]
