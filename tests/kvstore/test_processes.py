"""Several processes: they train to the parameters of one that has the whole batch, and their stores are as MXNet's."""

import json
import pathlib
import re

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from tests.oracle.kvstore_program import PROGRAMS
from tests.oracle.scenario import read, same

from . import checks, processes, training
from .launch import finish, start

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")
GOLDEN = read("kvstore_dist")
SVRG = {"variance_reduced: full gradient", "variance_reduced: weights after a step"}
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("processes")
    finish(start(["-m", "tests.kvstore.processes", str(made)], 1, None))
    return made


@pytest.fixture(scope="module")
def learned(folder):
    """{start: what each process has learned}."""
    return {
        name: [dict(np.load(folder / f"{name} {rank}.npz")) for rank in range(count)]
        for name, (count, _, _) in processes.STARTS.items()
    }


@pytest.fixture(scope="module")
def found(folder):
    """What each of two processes has found."""
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.parametrize("case", list(training.cases()))
def test_as_one_process(case, learned):
    whole = training.cases()[case](lambda: mx.kv.create("local"), slice(0, training.ROWS))
    for key, wanted in whole.items():
        assert abs(wanted).max() > 0.01
        for name, results in learned.items():
            if f"{case}: {key}" not in results[0]:
                assert name != "2" and not any(word in case for word in processes.FOR_ALL)
                continue
            first = results[0][f"{case}: {key}"]
            np.testing.assert_allclose(first, wanted, rtol=1e-5, atol=1e-6, err_msg=f"{name} {key}")
            for other in results[1:]:
                assert (other[f"{case}: {key}"] == first).all(), f"processes differ: {name} {key}"


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - SVRG))
def test_as_mxnet(name, found):
    for rank in range(2):
        ours = found[rank]["golden"][name]
        assert same(ours, GOLDEN[name], 1e-5, 1e-6), f"ours:  {ours}\nMXNet: {GOLDEN[name]}"


def test_svrg_takes_means_over_the_processes_and_steps(found):
    """MXNet counts the sum of all for each process's own, and its servers put the sum of these into the weights."""
    full, after = (GOLDEN[name] for name in sorted(SVRG))
    for one in found:
        ours, stepped = (one["golden"][name] for name in sorted(SVRG))
        for name in ("fc_weight", "fc_bias"):
            mean = np.array(full[name]["values"]) / 2
            np.testing.assert_allclose(ours[name]["values"], mean, rtol=1e-5)
            np.testing.assert_allclose(stepped[name]["values"], -0.1 / 3 * mean, rtol=1e-5)
            np.testing.assert_allclose(after[name]["values"], 4 * mean, rtol=1e-5)


def test_all_scenarios_ran(found):
    assert set(found[0]["golden"]) == set(GOLDEN)


@pytest.mark.parametrize("name", [check.__name__ for check in checks.CHECKS])
def test_two_processes(name, found):
    assert [one["checks"][name] for one in found] == ["", ""], "\n".join(one["checks"][name] for one in found)


def test_a_process_group_of_the_programs_own(folder, learned):
    for rank in range(2):
        for key, value in np.load(folder / f"own group {rank}.npz").items():
            np.testing.assert_allclose(value, learned["2"][0][key], rtol=1e-6)


@pytest.mark.parametrize("name", list(processes.DESERTIONS))
def test_a_process_that_is_gone_is_an_error(name, folder):
    step, _, message = (folder / f"{name}.txt").read_text().partition(" ")
    assert step == "3"
    assert "a process has ended, or did not answer for" in message and "MXGLUON_KVSTORE_TIMEOUT" in message


def as_mxnet(printed, name="data_parallel"):
    """Whether the program printed what it prints on MXNet's workers."""
    wanted = (pathlib.Path(__file__).parent.parent / "golden" / PROGRAMS[name]).read_text()
    assert NUMBER.sub("#", printed) == NUMBER.sub("#", wanted)
    ours, numbers = ([float(n) for n in NUMBER.findall(text)] for text in (printed, wanted))
    assert ours == pytest.approx(numbers, rel=1e-4, abs=3e-5)


@pytest.mark.parametrize("name", processes.PROGRAMS)
def test_a_program_with_variables_of_mxnets_launcher(folder, name):
    printed = sorted(path.read_text() for path in folder.glob(f"{name}.*.printed"))
    assert printed[0] == ""  # the second worker prints nothing
    as_mxnet(printed[1], name)


def test_a_program_with_torchrun():
    program = str(pathlib.Path(__file__).parent / "data_parallel.py")
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command += ["-m", "mxgluon_compat", "run", program]
    (printed,) = finish(start(command, 1, None, PYTHONWARNINGS="default"), quiet=False)
    as_mxnet(printed)
