"""Datasets of pictures, and transforms of them."""

from . import datasets, transforms
from .datasets import *  # noqa: F403

__all__ = [*datasets.__all__, "datasets", "transforms"]
