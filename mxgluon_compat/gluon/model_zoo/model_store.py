"""The files of trained Parameters: where they are, what they must hold, how to get them."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

from ... import base
from ..block import Block
from ..utils import _attempts, _fetch, _get_repo_file_url, check_sha1, download, replace_file  # noqa: F401

try:
    import fcntl
except ImportError:  # on Windows
    import msvcrt

__all__ = ["get_model_file", "purge"]

# name -> SHA-1 of its file. Other packages add theirs.
_model_sha1 = {
    "alexnet": "44335d1f0046b328243b32a26a4fbd62d9057b45",
    "densenet121": "f27dbf2dbd5ce9a80b102d89c7483342cd33cb31",
    "densenet161": "b6c8a95717e3e761bd88d145f4d0a214aaa515dc",
    "densenet169": "2603f878403c6aa5a71a124c4a3307143d6820e9",
    "densenet201": "1cdbc116bc3a1b65832b18cf53e1cb8e7da017eb",
    "inceptionv3": "ed47ec45a937b656fcc94dabde85495bbef5ba1f",
    "mobilenet0.25": "9f83e440996887baf91a6aff1cccc1c903a64274",
    "mobilenet0.5": "8e9d539cc66aa5efa71c4b6af983b936ab8701c3",
    "mobilenet0.75": "529b2c7f4934e6cb851155b22c96c9ab0a7c4dc2",
    "mobilenet1.0": "6b8c5106c730e8750bcd82ceb75220a3351157cd",
    "mobilenetv2_1.0": "36da4ff1867abccd32b29592d79fc753bca5a215",
    "mobilenetv2_0.75": "e2be7b72a79fe4a750d1dd415afedf01c3ea818d",
    "mobilenetv2_0.5": "aabd26cd335379fcb72ae6c8fac45a70eab11785",
    "mobilenetv2_0.25": "ae8f9392789b04822cbb1d98c27283fc5f8aa0a7",
    "resnet18_v1": "a0666292f0a30ff61f857b0b66efc0228eb6a54b",
    "resnet34_v1": "48216ba99a8b1005d75c0f3a0c422301a0473233",
    "resnet50_v1": "0aee57f96768c0a2d5b23a6ec91eb08dfb0a45ce",
    "resnet101_v1": "d988c13d6159779e907140a638c56f229634cb02",
    "resnet152_v1": "671c637a14387ab9e2654eafd0d493d86b1c8579",
    "resnet18_v2": "a81db45fd7b7a2d12ab97cd88ef0a5ac48b8f657",
    "resnet34_v2": "9d6b80bbc35169de6b6edecffdd6047c56fdd322",
    "resnet50_v2": "ecdde35339c1aadbec4f547857078e734a76fb49",
    "resnet101_v2": "18e93e4f48947e002547f50eabbcc9c83e516aa6",
    "resnet152_v2": "f2695542de38cf7e71ed58f02893d82bb409415e",
    "squeezenet1.0": "264ba4970a0cc87a4f15c96e25246a1307caf523",
    "squeezenet1.1": "33ba0f93753c83d86e1eb397f38a667eaf2e9376",
    "vgg11": "dd221b160977f36a53f464cb54648d227c707a05",
    "vgg11_bn": "ee79a8098a91fbe05b7a973fed2017a6117723a8",
    "vgg13": "6bc5de58a05a5e2e7f493e2d75a580d83efde38c",
    "vgg13_bn": "7d97a06c3c7a1aecc88b6e7385c2b373a249e95e",
    "vgg16": "e660d4569ccb679ec68f1fd3cce07a387252a90a",
    "vgg16_bn": "7f01cf050d357127a73826045c245041b0df7363",
    "vgg19": "ad2f660d101905472b83590b59708b71ea22b2e5",
    "vgg19_bn": "f360b758e856f1074a85abd5fd873ed1d98297c3",
}

apache_repo_url = "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/"


def short_hash(name: str) -> str:
    """The first eight digits of the SHA-1 of a model's file, which are in the file's name.

    Raises:
        ValueError: there are no trained Parameters of that name.
    """
    if name not in _model_sha1:
        raise ValueError(f"Pretrained model for {name} is not available.")
    return _model_sha1[name][:8]


def get_model_file(name: str, root: str = os.path.join(base.data_dir(), "models")) -> str:
    """The file of a model's trained Parameters, ``root/NAME-HASH.params``; downloaded if it is not there.

    The environment variable MXNET_GLUON_REPO names another place to download from, MXNET_HOME another folder than
    ``~/.mxnet``. Where several processes ask at once, one downloads and the others wait; what was cut off goes on where
    it ended.

    Args:
        name: of the model, as ``vision.get_model`` takes it.
        root: the folder; made if it is not there.

    Returns:
        The file's path.

    Raises:
        ValueError: there are no trained Parameters of that name; what was downloaded does not have the known SHA-1.
        ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
    """
    file_name = f"{name}-{short_hash(name)}"
    root = os.path.expanduser(root)
    path = os.path.join(root, file_name + ".params")

    def is_there() -> bool:
        return os.path.exists(path) and check_sha1(path, _model_sha1[name])

    if is_there():
        return path
    if os.path.exists(path):
        logging.warning("Mismatch in the content of %s detected. Downloading again.", path)
    else:
        logging.info("Model file not found. Downloading to %s.", path)
    os.makedirs(root, exist_ok=True)
    with _one_at_a_time(root):
        if not is_there():  # another process may have made it meanwhile
            _download_model(name, file_name, root)
    return path


def _download_model(name: str, file_name: str, root: str) -> None:
    """Puts ``FILE_NAME.params`` into ``root``, from the zip file in the repository or one in ``root``."""
    url = _get_repo_file_url("gluon/models", file_name + ".zip")
    archive = os.path.join(root, file_name + ".zip")
    path = os.path.join(root, file_name + ".params")
    if not os.path.exists(archive):
        part = archive + ".part"  # kept for the next time if this one fails
        print(f"Downloading {archive} from {url}...")
        try:
            _attempts(5, lambda: _fetch(url, part))
        except (ConnectionError, RuntimeError) as error:
            raise type(error)(
                f"The Parameters of {name} cannot be downloaded ({error}). To use them without a network, get "
                f"{url} on another machine and put that file, or {file_name}.params out of it, into the folder "
                f"{os.path.abspath(root)}. Its SHA-1 must be {_model_sha1[name]}."
            ) from None
        replace_file(part, archive)
    temporary = f"{path}.{uuid.uuid4()}"
    try:
        member = file_name + ".params"
        with zipfile.ZipFile(archive) as file, file.open(member) as source, open(temporary, "wb") as target:
            shutil.copyfileobj(source, target)
        if not check_sha1(temporary, _model_sha1[name]):
            raise ValueError(
                f"Downloaded file has different hash. Please try again. ({file_name}.params in {url} should have "
                f"{_model_sha1[name]}.)"
            )
        replace_file(temporary, path)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{url} is not a zip file with {file_name}.params in it: {error}") from None
    finally:
        for left in (temporary, archive):
            if os.path.exists(left):
                os.remove(left)


@contextlib.contextmanager
def _one_at_a_time(root: str) -> Iterator[None]:
    """``with`` block that processes and threads enter one after the other; an ended process leaves it in any case."""
    with open(os.path.join(root, ".lock"), "a") as file:
        if "fcntl" in globals():
            fcntl.flock(file, fcntl.LOCK_EX)
        else:
            while True:
                with contextlib.suppress(OSError):  # after ten seconds of waiting
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]  # on Windows alone
                    break
        yield


def _load_pretrained(net: Block, name: str, ctx: Any, root: str) -> None:
    """Loads a net's trained Parameters.

    Args:
        net: the Block.
        name: of the model.
        ctx: where to load them to.
        root: the folder of their file.
    """
    net.load_parameters(get_model_file(name, root=root), ctx=ctx)


def purge(root: str = os.path.join(base.data_dir(), "models")) -> None:
    """Removes all files of Parameters (``*.params``) from a folder.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    root = os.path.expanduser(root)
    for name in os.listdir(root):
        if name.endswith(".params"):
            os.remove(os.path.join(root, name))
