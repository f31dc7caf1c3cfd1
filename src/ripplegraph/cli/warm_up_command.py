"""``warm-up``: compile ahead of the first large export, as when an image is built."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import monotonic

from ripplegraph.cli.output import write_message, write_text
from ripplegraph.cli.session import NO_CACHE, CompilingLines
from ripplegraph.wiring import keep_kernels


def warm_up() -> None:
    """Compile what large exports need, so that none of them waits for it.

    Compiled code is kept in the cache folder of the user who runs this, or in NUMBA_CACHE_DIR.
    """
    from ripplegraph.cli.rehearsal import ask_everything, write_rehearsal
    from ripplegraph.settings import kernel_cache_folder

    compiled = CompilingLines("compiling, for a minute or so")
    cannot_keep: list[bool] = []
    keep_kernels(on_compile=compiled, on_no_cache=lambda: cannot_keep.append(True))
    start = monotonic()
    with tempfile.TemporaryDirectory(prefix="ripplegraph-") as folder:
        write_rehearsal(Path(folder))
        ask_everything(Path(folder))
    if cannot_keep:
        write_message("ripplegraph: " + NO_CACHE)
    place = kernel_cache_folder() if not cannot_keep else None
    kept = f"; kept in {place}, or in NUMBA_CACHE_DIR" if place else ""
    write_text(f"compiled {compiled.count} kernels in {monotonic() - start:.0f} s{kept}\n")
