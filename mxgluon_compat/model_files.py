"""The pair of files in which a graph and its arrays are saved: what ``mx.model`` shows of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from . import ndarray as nd
from . import symbol as sym
from .context import cpu
from .ndarray import NDArray
from .symbol import Symbol

__all__ = ["load_checkpoint", "load_params", "save_checkpoint"]


def save_checkpoint(
    prefix: str | os.PathLike[str],
    epoch: int,
    symbol: Symbol | None,
    arg_params: Mapping[str, NDArray],
    aux_params: Mapping[str, NDArray],
    remove_amp_cast: bool = True,
    format: str | None = None,
) -> None:
    """Writes ``PREFIX-symbol.json`` and ``PREFIX-EPOCH.params`` (four digits), as ``HybridBlock.export`` does.

    Args:
        prefix: of the files' names, with their folder.
        epoch: a number.
        symbol: the graph; None writes the arrays alone.
        arg_params: arrays by name.
        aux_params: auxiliary states by name.
        remove_amp_cast: leave out the casts that AMP put in.
        format: of the arrays' file, as in ``nd.save``; ``"mxnet"`` for MXNet 1.9.1.

    Raises:
        TypeError: ``epoch`` is no number.
        AttributeError: ``symbol`` is no Symbol, or a value no array.
        MXNetError: a file cannot be written.
    """
    name = _params_file(prefix, epoch)
    arrays = {f"arg:{k}": v.as_in_context(cpu()) for k, v in arg_params.items()}
    arrays.update({f"aux:{k}": v.as_in_context(cpu()) for k, v in aux_params.items()})
    if symbol is not None:
        symbol.save(f"{os.fspath(prefix)}-symbol.json", remove_amp_cast=remove_amp_cast)
    nd.save(name, arrays, format)
    logging.info('Saved checkpoint to "%s"', name)


def load_params(prefix: str | os.PathLike[str], epoch: int) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
    """(arrays, auxiliary states) by name, of ``PREFIX-EPOCH.params``.

    Raises:
        ValueError: names that do not begin with ``arg:`` or ``aux:``, or none at all.
        MXNetError: no such file, or no array file.
    """
    name = _params_file(prefix, epoch)
    arg_params: dict[str, NDArray] = {}
    aux_params: dict[str, NDArray] = {}
    loaded = nd.load(name)
    if not loaded:
        logging.warning("Params file '%s' is empty", name)
        return arg_params, aux_params
    if not isinstance(loaded, dict):
        raise ValueError(f"{name} holds a list of arrays without names")
    kinds = {"arg": arg_params, "aux": aux_params}
    for key, value in loaded.items():
        kind, colon, own = key.partition(":")
        if not colon:
            raise ValueError(
                f"{name}: the name {key!r} does not begin with 'arg:' or 'aux:': this is no file of save_checkpoint or "
                "export; Block.load_parameters or nd.load reads it"
            )
        if kind in kinds:  # others are passed over, as in MXNet
            kinds[kind][own] = value
    return arg_params, aux_params


def load_checkpoint(
    prefix: str | os.PathLike[str], epoch: int
) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]:
    """(graph, arrays, auxiliary states) that ``save_checkpoint`` or ``HybridBlock.export`` wrote; see ``load_params``.

    Raises:
        ValueError: names that are not as ``save_checkpoint`` writes them.
        MXNetError: a file is not there, or is something else.
    """
    symbol = sym.load(f"{os.fspath(prefix)}-symbol.json")
    return (symbol, *load_params(prefix, epoch))


def _params_file(prefix: str | os.PathLike[str], epoch: int) -> str:
    return "%s-%04d.params" % (os.fspath(prefix), epoch)  # noqa: UP031 - takes whole floats too, as in MXNet
