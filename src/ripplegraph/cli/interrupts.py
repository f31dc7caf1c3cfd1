"""Ctrl-C: one line and exit 130, at whatever moment it comes.

Between commands, as while modules are imported, nothing can be half-written: the process ends at
once. During a command the first Ctrl-C is a KeyboardInterrupt, so that what is being written is
taken back, and the second one ends the process at once. Where a callback from C swallows it, as
numba's reading of its cache does, it is raised again a moment later.

This module is imported before all others of the command line, so it imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

EXIT_INTERRUPTED = 130
STOPPED = "ripplegraph: stopped"

_AGAIN_AFTER_SECONDS = 0.05


class _State:
    """What Ctrl-C does now."""

    is_installed = False
    is_in_command = False
    is_asked = False


def install() -> None:
    """Answer Ctrl-C from now on, unless who started the process wants it ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    _State.is_installed = True
    signal.signal(signal.SIGINT, _on_interrupt)
    sys.unraisablehook = _on_swallowed


class InCommand:
    """Let Ctrl-C raise KeyboardInterrupt within; without :func:`install` nothing changes."""

    def __enter__(self) -> None:
        """Begin a command."""
        _State.is_in_command = _State.is_installed

    def __exit__(self, *raised: object) -> None:
        """End it: from now on Ctrl-C ends the process at once."""
        _State.is_in_command = False


def _on_interrupt(_number: int, _frame: FrameType | None) -> None:
    if _State.is_in_command and not _State.is_asked:
        _State.is_asked = True
        raise KeyboardInterrupt
    try:
        os.write(2, f"{STOPPED}\n".encode())
    except OSError:
        pass  # nobody listens
    finally:
        os._exit(EXIT_INTERRUPTED)


def _on_swallowed(unraisable: sys.UnraisableHookArgs) -> None:
    """Ask again for the stop that a callback could not pass on."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    from threading import Timer

    again = Timer(_AGAIN_AFTER_SECONDS, _ask_again)
    again.daemon = True
    again.start()


def _ask_again() -> None:
    from threading import main_thread

    _State.is_asked = False
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # also wakes the thread if it waits
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
