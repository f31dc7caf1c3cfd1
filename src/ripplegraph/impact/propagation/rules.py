"""The status rules of semantics.md section 2 for one dependency and one group."""

from __future__ import annotations

from ripplegraph.graph.model import Status, Strength


def passed_on(effect: int, status: int) -> int:
    """Return the status that a dependency passes to its dependent.

    Parameters
    ----------
    effect
        A :class:`Strength`: ``hard`` passes the status on; ``soft`` at most degrades, and says
        nothing of lost redundancy; ``none`` is always up.
    status
        The :class:`Status` of the dependency, or of the group.

    Examples
    --------
    >>> Status(passed_on(Strength.SOFT, Status.DOWN)).word
    'degraded'
    """
    if effect == Strength.HARD:
        return status
    if effect == Strength.SOFT and status >= Status.DEGRADED:
        return int(Status.DEGRADED)
    return int(Status.UP)


def group_status(
    *, total: int, min_up: int, degraded_below: int, lost: int, sick: int, is_hurt: bool
) -> int:
    """Return the status of a group, before a soft group weakens it.

    Parameters
    ----------
    total, min_up, degraded_below
        Weights, scaled to integers (:class:`ripplegraph.graph.gates.Gates`).
    lost, sick
        Weight of the members that are down, and of those that are degraded or down.
    is_hurt
        Whether any member is not up.

    Examples
    --------
    One of two replicas is enough, and one is down:

    >>> Status(
    ...     group_status(total=2, min_up=1, degraded_below=0, lost=1, sick=1, is_hurt=True)
    ... ).word
    'at_risk'
    """
    usable = total - lost
    if usable < min_up:
        return int(Status.DOWN)
    if total - sick < min_up or usable < degraded_below:
        return int(Status.DEGRADED)
    return int(Status.AT_RISK if is_hurt else Status.UP)
