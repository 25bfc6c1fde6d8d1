"""``python -m mxgluon_compat run``: programs run as under Python itself, with ``import mxnet`` giving this package."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from mxgluon_compat.__main__ import main

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Write files into a fresh folder, then run the command line there."""

    def run(*arguments: str, check: bool = True, **files: str) -> subprocess.CompletedProcess[str]:
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        command = [sys.executable, "-m", "mxgluon_compat", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


def test_script_sees_its_own_process(run: Run, tmp_path: Path) -> None:
    program = """
        import os, sys
        import mxnet as mx, mxgluon_compat
        import helper  # a module beside the script
        if __name__ == "__main__":
            assert mx is mxgluon_compat and helper.mx is mx
            assert sys.modules["__main__"].__dict__ is globals() and __spec__ is None
            print(sys.argv, __file__, sys.path[0], os.getcwd(), sep="|")
    """
    done = run("run", "folder/a.py", "--epochs", "3", "-m", "--", "--legacy-numpy", folder__in__a=program,
               folder__in__helper="import mxnet as mx")  # fmt: skip
    argv = str(["folder/a.py", "--epochs", "3", "-m", "--", "--legacy-numpy"])
    assert done.stdout.strip() == "|".join(
        [argv, str(tmp_path / "folder/a.py"), str(tmp_path / "folder"), str(tmp_path)]
    )


def test_module_sees_its_own_process(run: Run, tmp_path: Path) -> None:
    program = """
        import sys, mxnet
        from . import other
        print(__name__, __package__, __spec__.name, sys.argv, sys.path[0])
    """
    files = {"pkg__in____init__": "", "pkg__in__other": "", "pkg__in____main__": program}
    done = run("run", "-m", "pkg", "a", "-b", **files)
    file = str(tmp_path / "pkg" / "__main__.py")
    assert done.stdout.strip() == f"__main__ pkg pkg.__main__ {[file, 'a', '-b']} {tmp_path}"
    assert "__main__ pkg pkg.other" in run("run", "-m", "pkg.other", pkg__in__other=program.replace("other", "deep"),
                                           pkg__in__deep="").stdout  # fmt: skip


def test_classes_of_the_script_can_be_pickled(run: Run) -> None:
    run(
        "run",
        "a.py",
        a="""
        import pickle
        class Point:
            x = 1
        assert type(pickle.loads(pickle.dumps(Point()))) is Point and Point.__module__ == "__main__"
        """,
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_the_program_starts(run: Run, method: str) -> None:
    """Where a fresh interpreter is started, it has the alias (and NumPy's old names) before the script is imported."""
    done = run(
        "run",
        "--legacy-numpy",
        "a.py",
        a=f"""
        import multiprocessing
        import warnings
        import mxnet, mxnet.base
        import numpy as np
        warnings.simplefilter("ignore")  # Python 3.12: fork in a process with threads
        class Task:
            value = 20
            kind = np.float
        def work(task):
            return task.value + 1, mxnet.__name__, mxnet.base.__name__, task.kind.__name__, np.bool(1)
        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(1) as pool:
                print(pool.map(work, [Task()]))
        """,
    )
    assert done.stdout.strip() == "[(21, 'mxgluon_compat', 'mxgluon_compat.base', 'float', True)]"


def test_exit_codes(run: Run) -> None:
    program = "import sys; sys.exit(eval(sys.argv[1]))"
    assert run("run", "a.py", "3", check=False, a=program).returncode == 3
    done = run("run", "-m", "a", "'said why'", check=False)
    assert (done.returncode, done.stderr) == (1, "said why\n")


def test_tracebacks_show_the_program_alone(run: Run, tmp_path: Path) -> None:
    program = """\
        def f():
            raise ValueError("why")
        try:
            1 / 0
        except ZeroDivisionError as error:
            import mxnet
            f()
    """
    (tmp_path / "a.py").write_text(textwrap.dedent(program))
    for command in (["a.py"], ["-m", "a"]):
        done = run("run", *command, check=False)
        assert done.returncode == 1
        assert "mxgluon_compat" not in done.stderr and "runpy" not in done.stderr
        assert done.stderr.startswith("Traceback (most recent call last):\n" + f'  File "{tmp_path / "a.py"}", line 4')
        assert "ZeroDivisionError" in done.stderr and done.stderr.endswith("ValueError: why\n")
    done = run("run", "b.py", check=False, b="x = (")
    assert done.returncode == 1 and done.stderr.startswith(f'  File "{tmp_path / "b.py"}", line 1')
    assert done.stderr.splitlines()[-1].startswith("SyntaxError: ")


def test_a_missing_module_of_mxnet_is_named(run: Run) -> None:
    done = run("run", "a.py", check=False, a="import mxnet.nope")
    assert "No module named 'mxnet.nope': mxgluon_compat has no module 'mxgluon_compat.nope'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "which program? Give a SCRIPT, or -m and a MODULE"),
        (["run", "nope.py"], "no such script: 'nope.py'"),
        (["run", "--nope", "a.py"], "unrecognized arguments: --nope"),
        ([], "the following arguments are required: COMMAND"),
        (["walk"], "invalid choice: 'walk'"),
    ],
)
def test_wrong_command_lines(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    printed = capsys.readouterr()
    assert stop.value.code == 2 and printed.out == ""
    assert message in printed.err


@pytest.mark.parametrize("module", ["nope.deeper", "email"])
def test_a_module_that_cannot_be_run(run: Run, module: str) -> None:
    done = run("run", "-m", module, check=False)
    what = {"nope.deeper": "nope.deeper", "email": "email.__main__"}[module]
    assert (done.returncode, done.stderr) == (1, f"cannot run the module {what!r}: there is none\n")


def test_pythons_old_names_only_with_the_flag(run: Run) -> None:
    program = "import collections, time, mxnet, numpy as np; print(issubclass(dict, collections.Mapping), np.float)"
    assert run("run", "--legacy-python", "--legacy-numpy", "a.py", a=program).stdout == "True <class 'float'>\n"
    done = run("run", "a.py", check=False, a=program)
    assert done.returncode == 1 and "has no attribute 'Mapping'" in done.stderr


def test_numpys_old_names_only_with_the_flag(run: Run) -> None:
    program = """
        import numpy as np, mxnet, helper
        print(np.bool is bool, np.float is float, np.product([2, 3]), helper.kinds == (bool, float))
    """
    helper = "import numpy as np\nkinds = (np.bool, np.float)"
    assert run("run", "--legacy-numpy", "-m", "a", a=program, helper=helper).stdout == "True True 6 True\n"
    done = run("run", "b.py", check=False, b="import numpy as np, mxnet; np.float")
    assert done.returncode == 1 and "`np.float` was a deprecated alias" in done.stderr
    run("run", "c.py", c="""
        import numpy as np
        before, getattr_before = dict(vars(np)), np.__getattr__
        import mxnet, mxgluon_compat.interop.legacy_numpy
        assert getattr_before is np.__getattr__ and getattr_before.__module__ == "numpy"
        assert dict(vars(np)).keys() - before.keys() <= {"exceptions"} and not hasattr(np, "float")
    """)  # fmt: skip
