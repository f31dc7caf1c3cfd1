"""Compiled kernels: where they are kept, and who hears of compiling."""

from __future__ import annotations

from collections.abc import Callable


def keep_kernels(
    *, on_compile: Callable[[str], None] | None, on_no_cache: Callable[[], None]
) -> None:
    """Keep compiled kernels in the user's cache folder, and say who hears of compiling."""
    from ripplegraph.graph.compilation import CompilePolicy, compile_with
    from ripplegraph.settings import kernel_cache_folder

    compile_with(
        CompilePolicy(
            cache_folder=kernel_cache_folder(), on_compile=on_compile, on_no_cache=on_no_cache
        )
    )
