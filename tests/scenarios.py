"""The tests of a module that compares scenarios (``tests/oracle/scenario.py``) with what MXNet said."""

import pytest

import mxgluon_compat as mx
from tests.oracle.scenario import plain, read, same


def _results(script):
    """What a script gives, its symbols numbered from 0 as in the process of its own in which MXNet ran it."""
    with mx.name.NameManager():
        return plain(script.results(mx))


def against_mxnet(*scripts, rtol=1e-6, atol=1e-9, tolerance=None, differences=()):
    """``found, test_all_scenarios_ran, test_as_mxnet``: what a test module needs under these names.

    Args:
        scripts: modules with ``results(mx)``; tests/golden holds what each gave under MXNet, by its name.
        rtol, atol: tolerance of numbers.
        tolerance: (rtol, atol) for a result's name, where they are not the same for all.
        differences: names of results that are not as MXNet's; the module tests them itself.
    """
    golden = {script: read(script.__name__.rpartition(".")[2]) for script in scripts}
    cases = [
        pytest.param(script, name, id=f"{script.__name__.rpartition('.')[2]}: {name}")
        for script in scripts
        for name in sorted(set(golden[script]) - set(differences))
    ]

    @pytest.fixture(scope="module")
    def found():
        return {script: _results(script) for script in scripts}

    @pytest.mark.parametrize("script", scripts)
    def test_all_scenarios_ran(found, script):
        assert set(found[script]) == set(golden[script])

    @pytest.mark.parametrize(("script", "name"), cases)
    def test_as_mxnet(found, script, name):
        ours, wanted = found[script][name], golden[script][name]
        limits = (rtol, atol) if tolerance is None else tolerance(name)
        assert same(ours, wanted, *limits), f"ours:  {ours}\nMXNet: {wanted}"

    return found, test_all_scenarios_ran, test_as_mxnet
