"""Calendars, and agreements with what they cover: references resolved."""

from __future__ import annotations

from collections.abc import Sequence

from ripplegraph.graph.agreements import Agreement, meet_in_time
from ripplegraph.graph.building.references import AMBIGUOUS, References
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.holiday_dates import is_known_region
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import agreement_words, place_words


def kept_calendars(calendars: Sequence[Calendar], found: FindingCollector) -> tuple[Calendar, ...]:
    """Return the calendars without repeated ids."""
    kept: dict[str, Calendar] = {}
    for calendar in calendars:
        first = kept.setdefault(calendar.calendar_id, calendar)
        if first is not calendar:
            place = place_words(first.file, first.row)
            text = f"calendar {calendar.calendar_id!r} stands already{place}"
            found.add("duplicate-calendar", text, file=calendar.file, row=calendar.row)
            continue
        for region in calendar.holidays:
            if not is_known_region(region):
                text = f"calendar {calendar.calendar_id!r}: holidays of {region!r} are not known"
                found.add("unknown-holidays", text, file=calendar.file, row=calendar.row)
    return tuple(kept.values())


def kept_agreements(
    agreements: Sequence[Agreement], calendars: Sequence[Calendar], found: FindingCollector
) -> tuple[Agreement, ...]:
    """Return the agreements, of two with one id in force at once the first.

    Versions of one agreement share its id and follow each other. Unknown calendars are reported.
    """
    known = {calendar.calendar_id for calendar in calendars}
    kept: list[Agreement] = []
    versions: dict[str, list[Agreement]] = {}
    for agreement in agreements:
        words, file, row = agreement_words(agreement), agreement.file, agreement.row
        of_id = versions.setdefault(agreement.agreement_id, [])
        first = next((one for one in of_id if meet_in_time(one, agreement)), None)
        if first is not None:
            text = f"{words} stands already{place_words(first.file, first.row)}"
            found.add("duplicate-agreement", text, file=file, row=row)
            continue
        kept.append(agreement)
        of_id.append(agreement)
        if agreement.calendar and agreement.calendar not in known:
            text = f"{words} names calendar {agreement.calendar!r}; 24x7 was assumed"
            found.add("unknown-calendar", text, file=file, row=row)
    return tuple(kept)


def covered_numbers(
    agreements: Sequence[Agreement],
    cis: CiColumns,
    references: References,
    found: FindingCollector,
) -> tuple[tuple[int, ...], ...]:
    """Return for each agreement the CIs that it covers, sorted; stubs are never covered."""
    selected = _selected(cis) if any(agreement.covers for agreement in agreements) else {}
    return tuple(
        _covered_by(agreement, cis, references, selected, found) for agreement in agreements
    )


def _covered_by(
    agreement: Agreement,
    cis: CiColumns,
    references: References,
    selected: dict[str, list[int]],
    found: FindingCollector,
) -> tuple[int, ...]:
    covered: set[int] = set()
    words, file, row = agreement_words(agreement), agreement.file, agreement.row
    for entry in map(str.strip, agreement.covers):
        number = references.find(entry)
        if number == AMBIGUOUS:
            references.report_ambiguous(found, entry, words, file=file, row=row)
        elif number >= 0 and not cis.is_stub[number]:
            covered.add(number)
        elif entry.casefold() in selected:
            covered.update(selected[entry.casefold()])
        else:
            text = f"{words} covers {entry!r}, which fits nothing in the export"
            found.add("dangling-cover", text, file=file, row=row)
    return tuple(sorted(covered))


def _selected(cis: CiColumns) -> dict[str, list[int]]:
    """Return the CIs of each ``class:NAME`` and ``tag:NAME``, casefolded."""
    classes = {name: f"class:{name}".casefold() for name in set(cis.class_name)}
    selected: dict[str, list[int]] = {}
    for number, is_stub in enumerate(cis.is_stub):
        if is_stub:
            continue
        selected.setdefault(classes[cis.class_name[number]], []).append(number)
        for tag in cis.tags[number]:
            selected.setdefault(f"tag:{tag}".casefold(), []).append(number)
    return selected
