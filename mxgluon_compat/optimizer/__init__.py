"""``mx.optimizer``: update rules, and the Updater that keeps their states."""

from __future__ import annotations

from .adam import Adam
from .optimizer import Optimizer, Updater, create, get_updater, register
from .sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer", "Updater", "create", "get_updater", "register"]
