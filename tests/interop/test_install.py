"""``install()``: ``import mxnet`` gives the modules of this package, and ``uninstall()`` takes that back."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import mxgluon_compat
from mxgluon_compat import base, context
from mxgluon_compat.interop import install, uninstall


@pytest.fixture
def alias() -> Iterator[None]:
    install()
    try:
        yield
    finally:
        uninstall()


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter whose ``sys.path[0]`` is ``cwd``."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def aliases() -> set[str]:
    return {name for name in sys.modules if name.split(".")[0] == "mxnet"}


def test_alias_gives_the_same_objects(alias: None) -> None:
    import mxnet
    import mxnet.base
    from mxnet.context import Context

    assert mxnet is mxgluon_compat
    assert mxnet.base is base is importlib.import_module("mxnet.base") is sys.modules["mxnet.base"]
    assert Context is context.Context
    assert Context.__module__ == "mxgluon_compat.context"


def test_every_imported_module_of_ours_has_its_alias(alias: None) -> None:
    import mxnet  # noqa: F401

    ours = {name for name in sys.modules if name.split(".")[0] == "mxgluon_compat"}
    assert {"mxnet" + name[len("mxgluon_compat") :] for name in ours} <= aliases()
    assert all(sys.modules["mxnet" + name[len("mxgluon_compat") :]] is sys.modules[name] for name in ours)


def test_modules_keep_their_identity(alias: None) -> None:
    before = {
        name: (module.__name__, module.__spec__, module.__loader__, module.__package__)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == "mxgluon_compat"
    }
    import mxnet.base
    import mxnet.context  # noqa: F401

    for name, was in before.items():
        module = sys.modules[name]
        assert (module.__name__, module.__spec__, module.__loader__, module.__package__) == was
    assert importlib.reload is not None and importlib.util.find_spec("mxnet.base") is base.__spec__


def test_a_module_not_imported_yet_is_loaded_once(tmp_path: Path) -> None:
    done = python(
        """
        import sys, mxgluon_compat.interop
        mxgluon_compat.interop.install()
        name = "mxgluon_compat.interop.legacy_numpy"
        assert name not in sys.modules
        import mxnet.interop.legacy_numpy as through_alias
        import mxgluon_compat.interop.legacy_numpy as direct
        assert through_alias is direct is sys.modules[name] is sys.modules["mxnet.interop.legacy_numpy"]
        assert direct.__name__ == direct.__spec__.name == name and direct.__spec__.loader is direct.__loader__
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_a_name_that_a_package_gives_to_something_else_stays(tmp_path: Path) -> None:
    """As in MXNet, where ``model_zoo.vision.alexnet`` is a module and, in its package, a function."""
    done = python(
        """
        import mxgluon_compat.interop
        mxgluon_compat.interop.install()
        import mxnet.interop.install
        assert mxnet.interop.install is mxgluon_compat.interop.install
        assert type(mxnet.interop.install).__name__ == "function"
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_pickles_name_the_real_module_and_old_ones_load(alias: None) -> None:
    import mxnet as mx

    text = pickle.dumps(mx.cpu(1), protocol=0)
    assert b"mxgluon_compat" in text and b"mxnet" not in text
    assert pickle.loads(text) == mx.cpu(1)
    assert pickle.loads(b"cmxnet.context\nContext\n.") is context.Context


def test_a_missing_module_is_named_as_it_was_asked_for(alias: None) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"'mxnet\.nope\.deeper'|'mxnet\.nope'") as caught:
        importlib.import_module("mxnet.nope.deeper")
    assert "mxgluon_compat has no module 'mxgluon_compat.nope'" in str(caught.value)
    assert caught.value.name == "mxnet.nope"
    with pytest.raises(ModuleNotFoundError, match="'mxnet.base' is not a package"):
        importlib.import_module("mxnet.base.x")
    with pytest.raises(ImportError, match="cannot import name 'nope'"):
        from mxnet import nope  # noqa: F401
    assert not {name for name in sys.modules if "nope" in name}


def test_other_names_are_left_alone(alias: None) -> None:
    with pytest.raises(ModuleNotFoundError, match="^No module named 'mxnet_other'$"):
        importlib.import_module("mxnet_other")


def test_install_twice_and_uninstall(alias: None) -> None:
    path = list(sys.meta_path)
    install()
    assert sys.meta_path == path
    import mxnet.base  # noqa: F401

    before = {name: module for name, module in sys.modules.items() if name not in aliases()}
    uninstall()
    assert aliases() == set()
    assert sys.modules == before
    assert len(sys.meta_path) == len(path) - 1
    uninstall()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("mxnet.base")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_multiprocessing_starts(method: str, tmp_path: Path) -> None:
    """Their functions lie in modules that import mxnet, as those of tests do; no main module installs it again."""
    (tmp_path / "work.py").write_text("import mxnet\ndef show(x):\n    print(mxnet.nd.ones(x).shape, mxnet.__name__)\n")
    done = python(
        f"""
        import multiprocessing, warnings
        warnings.simplefilter("ignore")  # Python 3.12: fork in a process with threads
        from mxgluon_compat.interop import install
        install()
        import work
        process = multiprocessing.get_context("{method}").Process(target=work.show, args=(2,))
        process.start()
        process.join()
        """,
        tmp_path,
    )
    assert done.stdout.strip() == "(2,) mxgluon_compat", done.stderr


def test_the_path_is_the_same_list_of_the_same_places() -> None:
    path, places = sys.path, list(sys.path)
    install()
    assert sys.path is path and path == places
    uninstall()
    assert sys.path is path and [type(entry) for entry in path] == [type(entry) for entry in places]


def test_install_refuses_when_the_real_one_is_imported(tmp_path: Path) -> None:
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text("")
    (tmp_path / "mxnet" / "gluon.py").write_text("")
    done = python(
        """
        import mxnet.gluon, sys
        from mxgluon_compat.interop import install, uninstall
        real, path = sys.modules["mxnet"], list(sys.meta_path)
        try:
            install()
        except ImportError as error:
            message = str(error)
            assert "already imported from" in message and "mxgluon_compat.interop.install() before" in message, message
        else:
            raise AssertionError("installed over the real one")
        uninstall()
        assert sys.modules["mxnet"] is real and "mxnet.gluon" in sys.modules and sys.meta_path == path
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_the_alias_goes_before_a_real_one_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text("raise AssertionError('the real one')")
    done = python(
        "import mxgluon_compat.interop as i; i.install(); import mxnet.interop; assert mxnet.interop is i", tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_installs_nothing(tmp_path: Path) -> None:
    done = python(
        """
        import sys
        path = list(sys.meta_path)
        import mxgluon_compat, mxgluon_compat.interop
        assert sys.meta_path == path and "mxnet" not in sys.modules
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_horovods_names_where_there_is_no_horovod(alias: None) -> None:
    import horovod.mxnet as hvd
    import mxnet.interop.horovod.mxnet as ours

    assert hvd is ours is importlib.import_module("mxgluon_compat.interop.horovod.mxnet")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'horovod.torch'"):
        import horovod.torch  # noqa: F401
    uninstall()
    assert not [name for name in sys.modules if name.split(".")[0] == "horovod"]
    with pytest.raises(ModuleNotFoundError):
        import horovod.mxnet  # noqa: F401


def test_horovod_itself_comes_first(tmp_path: Path) -> None:
    (tmp_path / "horovod").mkdir()
    (tmp_path / "horovod" / "__init__.py").write_text("real = True")
    done = python(
        """
        import mxgluon_compat.interop
        mxgluon_compat.interop.install()
        import horovod
        assert horovod.real
        try:
            import horovod.mxnet
        except ModuleNotFoundError:
            print("none")
        """,
        tmp_path,
    )
    assert done.stdout == "none\n", done.stderr
