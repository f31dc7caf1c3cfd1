"""The table of ``spof``: CIs that alone bring services down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import counted
from ripplegraph.visualize.availability_words import downtime_words

if TYPE_CHECKING:
    from ripplegraph.impact.availability.values import SinglePoint, SinglePointsAnswer

_MOST_ROWS, _MOST_NAMES = 50, 3


def single_points_parts(answer: SinglePointsAnswer, name_of: Callable[[str], str]) -> list[Part]:
    """Return headline, the CIs and what they bring down, and the services without any."""
    points, total = answer.single_points, answer.service_count
    head = (
        f"{counted(len(points), 'single point of failure', 'single points of failure')} beneath"
        f" {counted(total, 'service', 'services')}; {len(answer.without)} of them without any."
    )
    parts: list[Part] = [head]
    if points:
        rows = [
            (
                one.name or one.native_id,
                str(len(one.services)),
                "unknown"
                if one.downtime_minutes_per_year is None
                else downtime_words(one.downtime_minutes_per_year),
                _names(one, name_of),
            )
            for one in points[:_MOST_ROWS]
        ]
        more = "" if len(rows) == len(points) else f" ({len(rows)} of {len(points):,})"
        columns = ("CI", "services", "own downtime a year", "brings down")
        title = f"What alone brings services down{more}"
        parts.append(Table(columns=columns, rows=rows, title=title))
    if answer.without:
        parts.append(f"Without any: {', '.join(map(name_of, answer.without))}.")
    return parts


def single_points_csv(answer: SinglePointsAnswer) -> Table:
    """Return one row for each CI and service that it brings down."""
    columns = ("ci_id", "native_id", "name", "unavailability", "service")
    rows = [
        (
            one.ci_id,
            one.native_id,
            one.name,
            "" if one.unavailability is None else repr(one.unavailability),
            service,
        )
        for one in answer.single_points
        for service in one.services
    ]
    return Table(columns=columns, rows=rows)


def _names(one: SinglePoint, name_of: Callable[[str], str]) -> str:
    more = f" and {len(one.services) - _MOST_NAMES} more"
    shown = ", ".join(map(name_of, one.services[:_MOST_NAMES]))
    return shown + (more if len(one.services) > _MOST_NAMES else "")
