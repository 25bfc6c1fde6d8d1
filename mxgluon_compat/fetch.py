"""Files from the network and their hashes; ``gluon.utils`` shows them."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import tarfile
import uuid
import warnings
import zipfile
from collections.abc import Callable, Collection
from http.client import HTTPException
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .util import progress

__all__ = ["check_sha1", "download", "fetched", "replace_file", "unpacked", "untarred"]

T = TypeVar("T")


def check_sha1(filename: str, sha1_hash: str) -> bool:
    """Whether the file has that SHA-1 (lower-case hexadecimal digits)."""
    digest = hashlib.sha1()
    with open(filename, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == sha1_hash


def replace_file(src: str, dst: str) -> None:
    """Moves ``src`` over ``dst`` at once.

    Raises:
        OSError: it cannot be moved; ``src`` is removed.
    """
    try:
        os.replace(src, dst)
    except OSError:
        if os.path.exists(src):
            os.remove(src)
        raise OSError(f"Moving downloaded temp file - {src}, to {dst} failed. Please retry the download.") from None


def download(
    url: str,
    path: str | None = None,
    overwrite: bool = False,
    sha1_hash: str | None = None,
    retries: int = 5,
    verify_ssl: bool = True,
) -> str:
    """Downloads a file unless it is there.

    Args:
        url: http, https or file.
        path: the file, or the folder to put it into; default the current one.
        overwrite: download also where the file is there.
        sha1_hash: what the file must have; a file that is there with another one is downloaded again.
        retries: how often to try.
        verify_ssl: check the server's certificate.

    Returns:
        The file's path.

    Raises:
        ConnectionError: the server cannot be reached, or ends before the file does.
        RuntimeError: the server does not give the file.
        UserWarning: the file does not have ``sha1_hash``; what was at its place stays.
    """
    name = url.split("/")[-1]
    if path is None:
        assert name, "Can't construct file-name from this URL. Please set the `path` option manually."
        fname = name
    else:
        path = os.path.expanduser(path)
        fname = os.path.join(path, name) if os.path.isdir(path) or path.endswith(("/", os.sep)) else path
    assert retries >= 0, f"Number of retries should be at least 0, currently it's {retries}"
    if not verify_ssl:
        warnings.warn(
            "Unverified HTTPS request is being made (verify_ssl=False). "
            "Adding certificate verification is strongly advised.",
            stacklevel=2,
        )
    if not overwrite and os.path.exists(fname) and (not sha1_hash or check_sha1(fname, sha1_hash)):
        return fname
    os.makedirs(os.path.dirname(os.path.abspath(os.path.expanduser(fname))), exist_ok=True)
    temporary = f"{fname}.{uuid.uuid4()}"

    def attempt() -> str:
        print(f"Downloading {fname} from {url}...")
        _fetch(url, temporary, verify_ssl)
        if sha1_hash and not check_sha1(temporary, sha1_hash):
            os.remove(temporary)
            raise UserWarning(
                f"File {fname} is downloaded but the content hash does not match. The repo may be outdated or "
                'download may be incomplete. If the "repo_url" is overridden, consider switching to the default '
                "repo."
            )
        # Another process may have put the same file there meanwhile.
        if overwrite or not os.path.exists(fname) or (sha1_hash and not check_sha1(fname, sha1_hash)):
            replace_file(temporary, fname)
        else:
            os.remove(temporary)
            warnings.warn(f"File {fname} exists in file system so the downloaded file is deleted", stacklevel=4)
        return fname

    try:
        return _attempts(retries, attempt)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def _attempts(retries: int, attempt: Callable[[], T]) -> T:
    """What ``attempt()`` returns, tried again while it fails, ``retries`` times in all.

    Raises:
        Exception: what the last attempt raised.
    """
    while True:
        try:
            return attempt()
        except Exception as error:
            retries -= 1
            if retries <= 0:
                raise
            print(f"download failed due to {error!r}, retrying, {retries} attempt{'s' if retries > 1 else ''} left")


def _fetch(url: str, filename: str, verify_ssl: bool = True) -> None:
    """Writes what ``url`` gives to a file; where an earlier call was cut off, only the rest, if the server can.

    Raises:
        ConnectionError: the server cannot be reached, or ends before the file does; what came is kept.
        RuntimeError: the server does not give the file.
    """
    context = None if verify_ssl else ssl._create_unverified_context()
    start = os.path.getsize(filename) if os.path.exists(filename) else 0
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        with urlopen(request, timeout=60, context=context) as response:
            if response.status != 206:  # all of it
                start = 0
            length = response.headers.get("Content-Length")
            total = None if length is None else start + int(length)
            bar = progress(total, url.split("/")[-1], start=start)
            with open(filename, "ab" if start else "wb") as file, bar as advance:
                while block := response.read(1 << 18):
                    file.write(block)
                    advance(len(block))
    except HTTPError as error:
        error.close()
        if error.code == 416:  # there is nothing behind what came earlier: that was another file
            os.remove(filename)
            return _fetch(url, filename, verify_ssl)
        raise RuntimeError(f"Failed downloading url {url}: {error.code} {error.reason}") from None
    except URLError as error:
        raise ConnectionError(
            f"Failed downloading url {url}: {error.reason}. Without a network, put the file in its place by hand."
        ) from None
    except (TimeoutError, HTTPException) as error:
        raise ConnectionError(f"Failed downloading url {url}: it was cut off ({error!r}).") from None
    came = os.path.getsize(filename)
    if total is not None and came < total:
        raise ConnectionError(f"Failed downloading url {url}: it ended after {came} of {total} bytes.")


def _get_repo_url() -> str:
    """Where models and datasets are downloaded from; the environment variable MXNET_GLUON_REPO sets another place."""
    url = os.environ.get("MXNET_GLUON_REPO", "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/")
    return url if url.endswith("/") else url + "/"


def _get_repo_file_url(namespace: str, filename: str) -> str:
    """The URL of a file of that repository."""
    return f"{_get_repo_url()}{namespace}/{filename}"


def fetched(url: str, folder: str, sha1_hash: str, missing: str, what: str = "that file") -> str:
    """Downloads a file into a folder, unless it is there.

    Args:
        url: of the file.
        folder: made if it is not there.
        sha1_hash: of the file.
        missing: the file that is wanted, for the error; ``what`` is to be put there.

    Returns:
        The file's path.

    Raises:
        ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
        UserWarning: it does not have ``sha1_hash``.
    """
    os.makedirs(folder, exist_ok=True)
    try:
        return download(url, path=folder, sha1_hash=sha1_hash)
    except (ConnectionError, RuntimeError) as error:
        raise type(error)(
            f"{missing} is not there, or holds something else, and cannot be downloaded ({error}). Get {url} (SHA-1 "
            f"{sha1_hash}) on another machine and put {what} into the folder {os.path.abspath(folder)}."
        ) from None


def unpacked(url: str, folder: str, sha1_hash: str, missing: str) -> None:
    """Downloads a zip archive into a folder, unless it is there, and puts the files in it beside it.

    Args:
        url: of the archive.
        folder: made if it is not there.
        sha1_hash: of the archive.
        missing: the file that is wanted, for the error.

    Raises:
        ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
        UserWarning: it does not have ``sha1_hash``.
    """
    archive = fetched(url, folder, sha1_hash, missing, "that file, or what is in it,")
    with zipfile.ZipFile(archive) as file:
        for member in file.namelist():
            name = os.path.basename(member)
            if name:
                temporary = os.path.join(folder, f"{name}.{uuid.uuid4()}")
                with file.open(member) as source, open(temporary, "wb") as target:
                    shutil.copyfileobj(source, target)
                replace_file(temporary, os.path.join(folder, name))


def untarred(archive: str, folder: str, names: Collection[str]) -> None:
    """Puts files of a tar archive into a folder, whatever folder of the archive they are in.

    Raises:
        tarfile.TarError, EOFError, OSError: the archive is damaged.
    """
    with tarfile.open(archive) as file:
        for member in file:
            name = os.path.basename(member.name)
            source = file.extractfile(member) if name in names and member.isfile() else None
            if source is not None:
                temporary = os.path.join(folder, f"{name}.{uuid.uuid4()}")
                with source, open(temporary, "wb") as target:
                    shutil.copyfileobj(source, target)
                replace_file(temporary, os.path.join(folder, name))
