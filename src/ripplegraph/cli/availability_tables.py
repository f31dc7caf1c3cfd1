"""The tables of ``availability``, ``cutsets`` and ``explain``.

A number never stands without its label, and what is assumed or missing stands beneath.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import NOTHING, counted
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Label, ServiceAvailability
from ripplegraph.visualize.availability_words import (
    amount_words,
    availability_words,
    downtime_words,
    floor_words,
    interval_words,
)

if TYPE_CHECKING:
    from ripplegraph.impact.availability.values import (
        AvailabilityAnswer,
        CutSet,
        CutSetsAnswer,
        ExplainAnswer,
        PathSet,
    )

_MOST_NAMES = 6
MOST_ROWS = 50
_MOST_OF_PATH = 40
_LABELS = {
    Label.EXACT: "exact",
    Label.BOUNDED: "bounded: surely between these",
    Label.ESTIMATED: "estimated: 95% between these",
    Label.INCOMPLETE: "incomplete: between these, as CIs are unknown",
}


def availability_parts(
    answer: AvailabilityAnswer,
    name_of: Callable[[str], str],
    *,
    notes: Sequence[str] = (),
    window_minutes: float | None = None,
) -> list[Part]:
    """Return headline, the services with the most downtime first, and what they rest on."""
    rows = sorted(answer.services, key=lambda one: (-one.upper, one.name, one.ci_id))
    counts = Counter(one.label for one in rows)
    listed = ", ".join(f"{counts[label]} {label}" for label in Label if counts[label])
    head = f"{counted(len(rows), 'service', 'services')}: {listed or 'none'}."
    widths = [one.width_seconds_per_year for one in rows if one.label is Label.BOUNDED]
    if widths:
        head += f" Bounds are {amount_words(max(widths))} s a year apart at most."
    if answer.level != "down":
        head += f" Counted as failed: {answer.level} or worse."
    parts: list[Part] = [head]
    if rows:
        parts.append(_services_table(rows, window_minutes))
    parts.extend(listed_part("Missing", _missing_lines(rows, name_of)))
    parts.extend(listed_part("What the numbers rest on", _basis_lines(answer, notes)))
    return parts


def availability_csv(answer: AvailabilityAnswer) -> Table:
    """Return one row per service with everything that JSON says, lists joined by ``;``."""
    columns = (
        "ci_id", "native_id", "name", "availability", "unavailability", "label", "lower", "upper",
        "method", "downtime_minutes_per_year", "naive_product", "naive_tree", "failures_per_year",
        "mtbf_hours", "mean_down_time_hours", "cycle_hours", "missing", "missing_frequency",
        "coverage", "downtime_minutes_per_window", "width_seconds_per_year",
        "failures_per_year_lower", "failures_per_year_upper", "failures_reason",
    )  # fmt: skip
    return Table(columns=columns, rows=[cells_of(one, columns) for one in answer.services])


def cut_sets_parts(
    answer: CutSetsAnswer, name_of: Callable[[str], str], *, with_paths: bool = False
) -> list[Part]:
    """Return headline, single points of failure, the sets, and what they rest on."""
    points = answer.single_points_of_failure
    head = [f"{answer.name or answer.native_id}: {_count_words(answer)}."]
    if points:
        head.append(f"Single points of failure: {_names(points, name_of)}.")
    else:
        head.append("No single point of failure.")
    parts: list[Part] = ["\n".join(head)]
    if answer.cut_sets:
        has_window = any(one.downtime_minutes_per_window is not None for one in answer.cut_sets)

        def in_window(one: CutSet) -> tuple[str, ...]:
            return (downtime_words(one.downtime_minutes_per_window),) if has_window else ()

        rows = [
            (
                str(one.order),
                "unknown" if one.probability is None else f"{one.probability:.4g}",
                downtime_words(one.downtime_minutes_per_year),
                *in_window(one),
                " + ".join(name_of(ci) for ci in one.cis),
            )
            for one in answer.cut_sets[:MOST_ROWS]
        ]
        title = title_of("Minimal cut sets, likeliest first", len(rows), len(answer.cut_sets))
        middle = ("in the window",) if has_window else ()
        columns = ("CIs", "all down at once", "downtime a year", *middle, "which")
        parts.append(Table(columns=columns, rows=rows, title=title))
    if with_paths and answer.path_sets:
        parts.append(_paths_table(answer.path_sets, name_of))
    parts.extend(listed_part("What the numbers rest on", answer.assumptions))
    return parts


def _paths_table(sets: Sequence[PathSet], name_of: Callable[[str], str]) -> Table:
    has_window = any(one.uptime_minutes_per_window is not None for one in sets)
    rows = [
        (
            str(one.order),
            "unknown" if one.unavailability is None else availability_words(one.unavailability),
            _uptime_words(one.uptime_minutes_per_year),
            *((_uptime_words(one.uptime_minutes_per_window),) if has_window else ()),
            _path_words(one, name_of),
        )
        for one in sets[:MOST_ROWS]
    ]
    title = title_of(
        "Minimal path sets: enough to keep it up, likeliest first", len(rows), len(sets)
    )
    middle = ("in the window",) if has_window else ()
    columns = ("CIs", "all work at once", "so long a year", *middle, "which")
    return Table(columns=columns, rows=rows, title=title)


def _path_words(one: PathSet, name_of: Callable[[str], str]) -> str:
    """Return the CIs of a path set, the first of very many: a circle of 20,000 is one set."""
    more = len(one.cis) - _MOST_OF_PATH
    shown = " + ".join(map(name_of, one.cis[:_MOST_OF_PATH]))
    return shown if more <= 0 else f"{shown} + {more:,} more"


def _uptime_words(minutes: float | None) -> str:
    return NOTHING if minutes is None else f"{floor_words(minutes / 60, digits=6)} h"


def cut_sets_csv(answer: CutSetsAnswer, *, with_paths: bool = False) -> Table:
    """Return one row per cut set, and after them one per path set if asked for."""
    shared = ("order", "probability")
    of_cuts = (*shared, "downtime_minutes_per_year", "cis", "downtime_minutes_per_window")
    of_paths = (
        "unavailability", "uptime_minutes_per_year", "uptime_minutes_per_window"
    )  # fmt: skip
    rows = [(*cells_of(one, of_cuts), "cut", "", "", "") for one in answer.cut_sets]
    for one in answer.path_sets if with_paths else ():
        cis = cells_of(one, ("cis",))
        rows.append((*cells_of(one, shared), "", *cis, "", "path", *cells_of(one, of_paths)))
    return Table(columns=(*of_cuts, "set", *of_paths), rows=rows)


def explain_parts(
    answer: ExplainAnswer,
    name_of: Callable[[str], str],
    *,
    window_minutes: float | None = None,
) -> list[Part]:
    """Return the number, where it comes from, what is assumed, missing, and would have been."""
    one = answer.service
    parts: list[Part] = ["\n".join(_explained(one, window_minutes))]
    if answer.contributions:
        rows = [
            (
                share.name or share.native_id,
                downtime_words(share.minutes_per_year),
                "-" if share.percent is None else f"{share.percent:.1f}%",
                str(share.basis or NOTHING).replace("_", " "),
                share.detail or NOTHING,
            )
            for share in answer.contributions[:MOST_ROWS]
        ]
        title = title_of("Where the downtime comes from", len(rows), len(answer.contributions))
        columns = ("CI", "downtime a year", "share", "own availability from", "which")
        parts.append(Table(columns=columns, rows=rows, title=title))
    points = answer.single_points_of_failure
    spof = f"Single points of failure: {_names(points, name_of)}." if points else ""
    parts.append(spof or "No single point of failure.")
    parts.extend(listed_part("Missing", _missing_lines([one], name_of)))
    parts.extend(listed_part("What a spreadsheet would have said", answer.spreadsheet))
    parts.extend(listed_part("What the number rests on", answer.assumptions))
    return parts


def explain_csv(answer: ExplainAnswer) -> Table:
    """Return one row per CI that contributes."""
    columns = ("ci_id", "native_id", "name", "minutes_per_year", "percent", "basis", "detail")
    return Table(columns=columns, rows=[cells_of(one, columns) for one in answer.contributions])


def _services_table(rows: Sequence[ServiceAvailability], window_minutes: float | None) -> Table:
    columns = (
        "service", "availability", "label", "downtime a year", "failures a year",
        "spreadsheet says",
    )  # fmt: skip
    if window_minutes is None:
        return Table(columns=columns, rows=[_service_row(one) for one in rows])
    return Table(
        columns=(*columns[:4], "in the window", *columns[4:]),
        rows=[_service_row(one, window_minutes) for one in rows],
    )


def _service_row(one: ServiceAvailability, window_minutes: float | None = None) -> tuple[str, ...]:
    in_window = () if window_minutes is None else (_downtime_of(one, window_minutes),)
    return (
        one.name or one.native_id,
        _number_words(one),
        one.label.value,
        _downtime_of(one),
        *in_window,
        _failures_words(one),
        _spreadsheet_words(one),
    )


def _failures_words(one: ServiceAvailability) -> str:
    lower, upper = one.failures_per_year_lower, one.failures_per_year_upper
    if lower is None or lower == upper:
        return amount_words(one.failures_per_year, digits=3)
    return f"{floor_words(lower, digits=3)} .. {amount_words(upper, digits=3)}"


def _times_words(one: ServiceAvailability) -> str:
    """Return the mean times of what fails now and then: what never fails has none."""
    if one.mtbf_hours is None:
        return ""
    return (
        f"; mean time between failures {floor_words(one.mtbf_hours)} h;"
        f" mean down time {amount_words(one.mean_down_time_hours)} h"
    )


def _number_words(one: ServiceAvailability) -> str:
    if one.label is Label.EXACT and one.unavailability is not None:
        return availability_words(one.unavailability)
    return interval_words(one.lower, one.upper)


def _downtime_of(one: ServiceAvailability, minutes: float = MINUTES_PER_YEAR) -> str:
    if one.label is Label.EXACT:
        return downtime_words((one.unavailability or 0.0) * minutes)
    least, most = (downtime_words(bound * minutes) for bound in (one.lower, one.upper))
    return least if least == most else f"{least} .. {most}"


def _spreadsheet_words(one: ServiceAvailability) -> str:
    naive = one.naive_tree if one.naive_tree is not None else one.naive_product
    return availability_words(1 - naive) if naive is not None else NOTHING


def _explained(one: ServiceAvailability, window_minutes: float | None) -> Iterator[str]:
    name = one.name or one.native_id
    width = one.width_seconds_per_year
    apart = f", {amount_words(width)} s a year apart" if one.label is Label.BOUNDED else ""
    yield f"{name}: {_number_words(one)} available ({_LABELS[one.label]}{apart})."
    yield f"Downtime a year: {_downtime_of(one)}. Found by: {one.method}."
    if window_minutes is not None:
        downtime = _downtime_of(one, window_minutes)
        yield f"In the window of {window_minutes:,.0f} minutes: {downtime}."
    if one.failures_per_year is not None:
        yield f"Failures a year: {_failures_words(one)}{_times_words(one)}."
    elif one.missing_frequency:
        count = counted(len(one.missing_frequency), "CI", "CIs")
        yield f"Failures a year: unknown, as MTBF and MTTR of {count} beneath are missing."
    elif one.failures_per_year_lower is not None:
        yield f"Failures a year: {_failures_words(one)}, as the number is not exact."
    elif one.failures_reason:
        yield f"Failures a year: not said, as {one.failures_reason}."


def _missing_lines(
    rows: Iterable[ServiceAvailability], name_of: Callable[[str], str]
) -> Iterator[str]:
    """Return the CIs of unknown availability, those first that most services wait for."""
    waiting = Counter(ci for one in rows for ci in one.missing)
    if not waiting:
        return
    ordered = sorted(waiting, key=lambda ci: (-waiting[ci], ci))
    for ci in ordered[:_MOST_NAMES]:
        yield f"availability of {name_of(ci)} ({counted(waiting[ci], 'service', 'services')})"
    if len(ordered) > _MOST_NAMES:
        yield f"and of {len(ordered) - _MOST_NAMES} more; --json lists them all"


def _basis_lines(answer: AvailabilityAnswer, notes: Sequence[str]) -> Iterator[str]:
    if answer.basis_counts:
        listed = ", ".join(
            f"{count:,} {basis.replace('_', ' ')}"
            for basis, count in sorted(answer.basis_counts.items(), key=lambda one: -one[1])
            if count
        )
        yield f"Own availability of CIs: {listed}."
    yield from answer.assumptions
    yield from notes


def _count_words(answer: CutSetsAnswer) -> str:
    listed = counted(len(answer.cut_sets), "minimal cut set", "minimal cut sets")
    if answer.is_complete:
        return listed
    if answer.count is None:
        return f"{listed} listed, there are more"
    return f"{listed} listed of {answer.count:,}"


def listed_part(title: str, lines: Iterable[str]) -> Iterator[Part]:
    """Yield a headline with lines beneath, if there are any."""
    listed = list(lines)
    if listed:
        yield "\n".join([f"{title}:", *(f"- {line}" for line in listed)])


def title_of(text: str, shown: int, there_are: int) -> str:
    """Return a title that says how many rows there are if not all are shown."""
    return text if shown >= there_are else f"{text} ({shown} of {there_are:,}; --json has more)"


def _names(ci_ids: Sequence[str], name_of: Callable[[str], str]) -> str:
    more = f" and {len(ci_ids) - _MOST_NAMES} more" if len(ci_ids) > _MOST_NAMES else ""
    return ", ".join(name_of(ci) for ci in ci_ids[:_MOST_NAMES]) + more


def cells_of(one: object, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of a value as cells of a CSV file."""
    return tuple(_cell(getattr(one, column)) for column in columns)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(map(str, value))
    return repr(value) if isinstance(value, float) else str(value)
