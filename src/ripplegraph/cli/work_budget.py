"""What depends on the machine: seconds and memory, used and allowed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from ripplegraph.cli.refusals import refuse_usage

_KIB_PER_MIB, _BYTES_PER_MIB = 1_024, 1_024 * 1_024


def over_when(seconds: float | None, memory_mib: int | None) -> Callable[[], bool] | None:
    """Return what says that a budget is used up, counted from now; None without a budget."""
    if seconds is None and memory_mib is None:
        return None
    if memory_mib is not None and peak_memory_mib() is None:
        refuse_usage("--memory cannot be measured on this system; say --seconds or --nodes")
    start = monotonic()

    def is_over() -> bool:
        if seconds is not None and monotonic() - start >= seconds:
            return True
        if memory_mib is None or (_counted_mib() or 0) < memory_mib:  # at once, and never less
            return False
        return (peak_memory_mib() or 0) >= memory_mib

    return is_over


def peak_memory_mib() -> int | None:
    """Return the most memory that this process has used; None where that is not known.

    What Linux counts for a process also holds what the one that started it had used: where it
    is asked more exactly, it tells what is this one's.
    """
    counted = _counted_mib()
    account = Path("/proc/self/status")
    if counted is None or not account.exists():
        return counted
    lines = account.read_text(encoding="ascii", errors="replace").splitlines()
    own = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return own[0] // _KIB_PER_MIB if own else counted


def peak_memory_of_reading_mib() -> int | None:
    """Return the peak memory of the larger of this process and those that it had files read by.

    What Linux counts for those holds what this one had used when it started them, which is no
    more than this one's own peak.
    """
    own, children = peak_memory_mib(), _counted_mib(of_children=True)
    return None if own is None or children is None else max(own, children)


def _counted_mib(*, of_children: bool = False) -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = _BYTES_PER_MIB if sys.platform == "darwin" else _KIB_PER_MIB
    who = resource.RUSAGE_CHILDREN if of_children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss // unit
