"""Records of the process: their references checked, repeated ones left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from ripplegraph.graph.building.references import AMBIGUOUS, References
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.process_records import (
    ProcessLists,
    ProcessRecord,
    ProcessTuples,
    Ticket,
)
from ripplegraph.graph.wording import place_words

Kept = TypeVar("Kept", bound=ProcessRecord)


def kept_process_records(
    records: ProcessLists,
    agreement_ids: Collection[str],
    references: References,
    found: FindingCollector,
) -> ProcessTuples:
    """Return the records of the process whose references are known, each once."""
    keep = _Keeper(agreement_ids, references, found)
    return ProcessTuples(
        time_targets=keep.of_agreements(
            records.time_targets,
            "the time target",
            lambda one: one.agreement,
            lambda one: (one.agreement, one.priority.casefold()),
        ),
        tickets=keep.tickets(records.tickets),
        agreement_states=keep.of_agreements(
            records.agreement_states,
            "the agreement state",
            lambda one: one.agreement,
            lambda one: (one.agreement, one.state, one.at),
        ),
        reviews=keep.of_agreements(
            records.reviews,
            "the review",
            lambda one: one.agreement,
            lambda one: (one.agreement, one.at),
        ),
        reports_issued=keep.of_agreements(
            records.reports_issued,
            "the report",
            lambda one: one.agreement,
            lambda one: (one.agreement, one.window_start, one.at),
        ),
        experience=keep.of_services(
            records.experience,
            "the experience score",
            lambda one: one.service,
            lambda one: (one.service, one.customer, one.window_start),
        ),
        complaints=keep.of_services(
            records.complaints,
            "the complaint",
            lambda one: one.service,
            lambda one: (one.service, one.customer, one.at, one.text),
        ),
        improvements=keep.of_services(
            records.improvements,
            "the improvement",
            lambda one: one.service,
            lambda one: one.improvement_id,
        ),
        service_costs=keep.of_services(
            records.service_costs,
            "the cost",
            lambda one: one.service,
            lambda one: one.service,
        ),
    )


class _Keeper:
    """Keeps the records that are known and new; the others are findings."""

    def __init__(
        self, agreement_ids: Collection[str], references: References, found: FindingCollector
    ) -> None:
        self._agreement_ids = frozenset(agreement_ids)
        self._references, self._found = references, found

    def of_agreements(
        self,
        records: Sequence[Kept],
        words: str,
        agreement_of: Callable[[Kept], str],
        key_of: Callable[[Kept], Hashable],
    ) -> tuple[Kept, ...]:
        """Return the records of known agreements, each key once."""
        known = []
        for one in records:
            agreement = agreement_of(one)
            if agreement in self._agreement_ids:
                known.append(one)
            else:
                text = f"{words} names agreement {agreement!r}, which is not in the export"
                self._found.add("dangling-record", text, file=one.file, row=one.row)
        return self._once(known, words, key_of)

    def of_services(
        self,
        records: Sequence[Kept],
        words: str,
        service_of: Callable[[Kept], str],
        key_of: Callable[[Kept], Hashable],
    ) -> tuple[Kept, ...]:
        """Return the records of known services or of none, each key once."""
        known = [
            one
            for one in records
            if not service_of(one)
            or self._is_known(one, service_of(one), words, "service", "dangling-record")
        ]
        return self._once(known, words, key_of)

    def tickets(self, tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
        """Return the tickets, each id once; a reference that is not known is left out."""
        once = self._once(tickets, "the ticket", lambda one: one.ticket_id)
        kept = tuple(self._with_known_references(ticket) for ticket in once)
        bare: dict[str, list[Ticket]] = {}
        for ticket in once:
            if not (ticket.ci or ticket.service):
                bare.setdefault(ticket.file, []).append(ticket)
        for file, of_file in bare.items():
            first = min(of_file, key=lambda ticket: ticket.row)
            text = f"ticket {first.ticket_id!r} names no CI and no service"
            self._found.add(
                "ticket-without-ci", text, file=file, row=first.row, count=len(of_file)
            )
        return kept

    def _with_known_references(self, ticket: Ticket) -> Ticket:
        words, code = f"ticket {ticket.ticket_id!r}", "dangling-ticket"
        if ticket.ci and not self._is_known(ticket, ticket.ci, words, "CI", code):
            ticket = replace(ticket, ci="")
        if ticket.service and not self._is_known(ticket, ticket.service, words, "service", code):
            ticket = replace(ticket, service="")
        return ticket

    def _is_known(self, one: ProcessRecord, text: str, words: str, called: str, code: str) -> bool:
        number = self._references.find(text)
        if number == AMBIGUOUS:
            self._references.report_ambiguous(self._found, text, words, file=one.file, row=one.row)
        elif number < 0:
            message = f"{words} names {called} {text!r}, which is not in the export"
            self._found.add(code, message, file=one.file, row=one.row)
        return number >= 0

    def _once(
        self, records: Sequence[Kept], words: str, key_of: Callable[[Kept], Hashable]
    ) -> tuple[Kept, ...]:
        """Return the records, of those with one key the first."""
        kept: dict[Hashable, Kept] = {}
        for one in records:
            first = kept.setdefault(key_of(one), one)
            if first is not one:
                text = f"{words} stands already{place_words(first.file, first.row)}"
                self._found.add("duplicate-record", text, file=one.file, row=one.row)
        return tuple(kept.values())
