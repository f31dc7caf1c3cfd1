"""Outages: their CIs resolved, repeated ones left out, overlapping ones told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter

from ripplegraph.graph.building.references import AMBIGUOUS, References
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.wording import count_words, day_words, place_words

_NEVER = datetime.max.replace(tzinfo=UTC)
_SAYS = attrgetter(
    "start", "end", "kind", "external_id", "cause", "source", "excluded", "announced", "change"
)


def kept_outages(
    outages: Sequence[Outage],
    references: References,
    found: FindingCollector,
) -> tuple[tuple[Outage, ...], tuple[int, ...]]:
    """Return the outages of known CIs, each once, and the number of the CI of each."""
    kept: list[Outage] = []
    numbers: list[int] = []
    of_ci: dict[int, list[Outage]] = {}
    for outage in outages:
        number = references.find(outage.ci)
        if number < 0:
            _report_unknown(outage, number, references, found)
            continue
        before = of_ci.setdefault(number, [])
        before.append(outage)
        kept.append(outage)
        numbers.append(number)
    repeated = _repeated(of_ci, found)
    if repeated:
        pairs = [pair for pair in zip(kept, numbers, strict=True) if id(pair[0]) not in repeated]
        kept, numbers = [one for one, _ in pairs], [number for _, number in pairs]
    return tuple(kept), tuple(numbers)


def _report_unknown(
    outage: Outage, number: int, references: References, found: FindingCollector
) -> None:
    name = repr(outage.external_id) if outage.external_id else f"of {day_words(outage.start)}"
    file, row = outage.file, outage.row
    if number == AMBIGUOUS:
        references.report_ambiguous(found, outage.ci, f"outage {name}", file=file, row=row)
    else:
        text = f"outage {name} names CI {outage.ci!r}, which is not in the export"
        found.add("dangling-outage", text, file=file, row=row)


def _repeated(of_ci: dict[int, list[Outage]], found: FindingCollector) -> set[int]:
    """Return the ids of the outages that stand twice; those and overlapping ones are reported."""
    repeated: set[int] = set()
    for outages in of_ci.values():
        if len(outages) < 2:
            continue
        alone = _each_once(outages, found)
        repeated.update(id(one) for one in outages if id(one) not in {id(two) for two in alone})
        for kind in OutageKind:
            _report_overlaps([one for one in alone if one.kind is kind], found)
    return repeated


def _each_once(outages: Sequence[Outage], found: FindingCollector) -> list[Outage]:
    first_of: dict[object, Outage] = {}
    for outage in outages:
        first = first_of.setdefault(_SAYS(outage), outage)
        if first is not outage:
            place = place_words(first.file, first.row)
            text = (
                f"the outage of {outage.ci!r} on {day_words(outage.start)} stands already{place}"
            )
            found.add("duplicate-outage", text, file=outage.file, row=outage.row)
    return list(first_of.values())


def _report_overlaps(outages: list[Outage], found: FindingCollector) -> None:
    """Report once how many outages of one CI and kind begin before an earlier one has ended."""
    last_end: datetime | None = None
    overlapping: list[Outage] = []
    for outage in sorted(outages, key=lambda one: (one.start, one.file, one.row)):
        if last_end is not None and outage.start < last_end:
            overlapping.append(outage)
        end = outage.end or _NEVER
        last_end = end if last_end is None else max(last_end, end)
    if overlapping:
        first = overlapping[0]
        count = count_words(len(overlapping), "outage", "outages")
        begins = "begins" if len(overlapping) == 1 else "begin"
        text = (
            f"{count} of {first.ci!r} ({first.kind}) {begins} before an earlier one has ended, "
            f"the first on {day_words(first.start)}"
        )
        found.add(
            "overlapping-outages", text, file=first.file, row=first.row, count=len(overlapping)
        )
