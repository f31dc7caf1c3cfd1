"""Kernels of this package: they make no arrays, so that numba need not count references."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ripplegraph.graph.compilation import kernel_of

_P = ParamSpec("_P")
_R = TypeVar("_R")


def lean(kernel: Callable[_P, _R], *, is_compiled: bool) -> Callable[_P, _R]:
    """Return a kernel as it is, or compiled."""
    return kernel_of(kernel, is_compiled=is_compiled, is_lean=True)
