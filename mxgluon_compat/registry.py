"""Registries of classes that are made from a name, a dict or a JSON string: metrics, initializers, optimizers, ..."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

__all__ = ["get_alias_func", "get_create_func", "get_register_func", "get_registry"]

_REGISTRY: dict[type, dict[str, type]] = {}


def get_registry(base_class: type) -> dict[str, type]:
    """A copy of the registry of ``base_class``: lower-case name -> class."""
    return dict(_REGISTRY.get(base_class, ()))


def get_register_func(base_class: type, nickname: str) -> Callable[..., type]:
    """The decorator that registers subclasses of ``base_class``; ``nickname`` is what messages call them.

    ``register(klass, name=None)`` registers under ``name`` (default: the class's) in lower case and returns the class.
    It raises AssertionError for a class that is no subclass, and warns where a name was another class's.
    """
    known = _REGISTRY.setdefault(base_class, {})

    def register(klass: type, name: str | None = None) -> type:
        assert issubclass(klass, base_class), f"Can only register subclass of {base_class.__name__}"
        key = (klass.__name__ if name is None else name).lower()
        if key in known:
            old = known[key]
            warnings.warn(
                f"\033[91mNew {nickname} {klass.__module__}.{klass.__name__} registered with name {key} is"
                f"overriding existing {nickname} {old.__module__}.{old.__name__}\033[0m",
                UserWarning,
                stacklevel=2,
            )
        known[key] = klass
        return klass

    register.__doc__ = f"Register {nickname} to the {nickname} factory"
    return register


def get_alias_func(base_class: type, nickname: str) -> Callable[..., Callable[[type], type]]:
    """The decorator that registers a subclass of ``base_class`` under several names: ``@alias('acc', 'accuracy')``."""
    register = get_register_func(base_class, nickname)

    def alias(*aliases: str) -> Callable[[type], type]:
        def reg(klass: type) -> type:
            for name in aliases:
                register(klass, name)
            return klass

        return reg

    alias.__doc__ = f"Register {nickname} to the {nickname} factory under each of several names."
    return alias


def get_create_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """The function that makes an instance of a registered class.

    ``create(x, *args, **kwargs)`` takes a name, an instance (returned as it is), a dict (or a JSON string of one) that
    holds the name under ``nickname`` and keyword arguments beside it, or a JSON list ``[name, kwargs]``.
    It raises AssertionError for an unknown name and for arguments beside something that holds its own.
    """
    known = _REGISTRY.setdefault(base_class, {})

    def create(*args: Any, **kwargs: Any) -> Any:
        if args:
            name, args = args[0], args[1:]
        else:
            name = kwargs.pop(nickname)
        if isinstance(name, base_class):
            assert not args and not kwargs, f"{nickname} is already an instance. Additional arguments are invalid"
            return name
        if isinstance(name, dict):
            return create(**name)
        assert isinstance(name, str), f"{nickname} must be of string type"
        if name.startswith("["):
            assert not args and not kwargs, f"{nickname} in JSON holds its own arguments"
            name, kwargs = json.loads(name)
            return create(name, **kwargs)
        if name.startswith("{"):
            assert not args and not kwargs, f"{nickname} in JSON holds its own arguments"
            return create(**json.loads(name))
        name = name.lower()
        assert name in known, f"{name} is not registered. Please register with {nickname}.register first"
        return known[name](*args, **kwargs)

    create.__doc__ = f"A {nickname}: from its registered name, a dict, JSON, or the {base_class.__name__} itself."
    return create
