"""Compares what a scenario found with its golden file: values strictly, errors by their class."""

from fnmatch import fnmatchcase

from tests.oracle.scenario import same


def classes_only(value):
    """``value`` with the texts of errors left out: they are worded for our users, and tested one by one."""
    if isinstance(value, dict):
        if "raises" in value:
            return {"raises": value["raises"]}
        return {key: classes_only(v) for key, v in value.items()}
    return [classes_only(v) for v in value] if isinstance(value, list) else value


def disagreements(found, golden, differences, rtol=1e-6):
    """One line for each result that is not as MXNet's, and for each declared difference that is none (any more).

    Args:
        found: name -> our result.
        golden: name -> MXNet's.
        differences: pattern of names -> the reason why we differ.
        rtol: tolerance of numbers.
    """
    lines = [f"only on one side: {name}" for name in set(found) ^ set(golden)]
    unused = set(differences)
    for name in set(found) & set(golden):
        if same(classes_only(found[name]), classes_only(golden[name]), rtol=rtol):
            continue
        declared = [pattern for pattern in differences if fnmatchcase(name, pattern)]
        unused.difference_update(declared)
        if not declared:
            lines.append(f"{name}\n    ours:  {found[name]}\n    MXNet: {golden[name]}")
    return sorted(lines) + [f"no difference: {pattern}" for pattern in sorted(unused)]
