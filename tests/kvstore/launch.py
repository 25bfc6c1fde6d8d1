"""Starts the processes of a test, and waits for them."""

import atexit
import os
import socket
import subprocess
import sys
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def variables(count, rank, port, style):
    """The environment variables by which ``style`` tells a process of the others."""
    if style == "torchrun":
        return {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    found = {"DMLC_ROLE": "worker", "DMLC_NUM_WORKER": count, "DMLC_NUM_SERVER": 1, "DMLC_PS_ROOT_URI": "127.0.0.1",
             "DMLC_PS_ROOT_PORT": port}  # fmt: skip
    return found if style == "dmlc, no ids" else dict(found, DMLC_WORKER_ID=rank)


def start(command, count, style="dmlc", **more):
    """Popen objects of ``count`` processes that run ``command``."""
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DMLC_", "MXGLUON_"))}
    shared = dict(kept, PYTHONPATH=ROOT, OMP_NUM_THREADS="1", MXGLUON_KVSTORE_TIMEOUT="60", PYTHONWARNINGS="error",
                  MXNET_STORAGE_FALLBACK_LOG_VERBOSE="0")  # fmt: skip
    started = []
    for rank in range(count):
        own = {**(variables(count, rank, port, style) if style else {}), **more}
        env = {**shared, **{k: str(v) for k, v in own.items()}}
        started.append(
            subprocess.Popen(
                [sys.executable, *command], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
    return started


def fork(main, count, style, survivors=None, **more):
    """Runs ``main()`` in ``count`` copies of this process, which ends in each of them; waits for them.

    Raises:
        RuntimeError: one of the first ``survivors`` (default: all) has failed.
    """
    port, children = free_port(), []
    for rank in range(count):
        child = os.fork()
        if not child:
            os.environ.update({k: str(v) for k, v in {**variables(count, rank, port, style), **more}.items()})
            _leave(main)
        children.append(child)
    if any([os.waitpid(child, 0)[1] for child in children][:survivors]):
        raise RuntimeError(f"a process of {count} {style} failed")


def _leave(main):
    """Runs ``main()`` and ends this process, a copy, as those of multiprocessing end.

    The destructors of native libraries belong to the process that loaded these: their threads are not in a copy.
    """
    status = 1
    try:
        main()
        status = 0
    except BaseException as error:
        sys.last_value = error  # as Python does where nobody catches it
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def finish(started, quiet=True):
    """What each process printed; all must have ended well and, with ``quiet``, without a word on stderr."""
    found = []
    try:
        for process in started:
            out, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            assert not (quiet and errors), errors
            found.append(out)
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                process.communicate()
    return found
