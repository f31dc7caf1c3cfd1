"""ServiceNow's SLA definitions and service commitments: rows to agreements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import (
    Agreement,
    AgreementKind,
    AgreementState,
    Scope,
    Window,
)
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_agreements import (
    agreement_kind,
    default_scope,
    read_planned_rule,
)
from ripplegraph.loaders.quantities import read_fraction, read_window, split_list
from ripplegraph.loaders.servicenow.cells import Reference, ServiceNowTable, is_sys_id
from ripplegraph.loaders.servicenow.register import Link, Register
from ripplegraph.loaders.servicenow.time_targets import TimeTargetCells
from ripplegraph.loaders.words import word_reader

_TEXTS = ("name", "customer", "provider", "owner", "calendar", "penalty")
_AVAILABILITY_COMMITMENTS = frozenset({"availability", ""})
_SLA_COMMITMENTS = frozenset({"sla", "service level agreement"})


class Agreements:
    """Collects the agreements of an export; what they cover may stand in other tables."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._agreements: list[Agreement] = []
        self._number_of: dict[str, int] = {}
        self._meant_by: dict[str, Reference] = {}
        self._commitments: list[Link] = []
        self._without_promise: set[str] = set()
        self._links: list[Link] = []

    def read_definitions(self, table: ServiceNowTable) -> None:
        """Read ``contract_sla``: one agreement per SLA definition."""
        kinds, reader = table.texts("kind"), _AgreementReader(table, read_fraction)
        for at in table.usable_positions():
            kind = agreement_kind(kinds[at], self._context.rules.agreement_types)
            if kind is None:
                text = f"agreement {reader.name_at(at)!r}: {kinds[at]!r} is no agreement kind"
                table.refuse(at, "unknown-agreement-kind", text)
            elif self._add(reader, at, kind):
                self._note_time_target(reader, at)

    def read_commitments(self, table: ServiceNowTable) -> None:
        """Read ``service_commitment``: availability promises, and links to SLA definitions."""
        kinds, agreements = table.texts("kind"), table.references("agreement")
        reader = _AgreementReader(table, _read_percentage)
        others: list[int] = []
        for at in table.usable_positions():
            word = kinds[at].casefold()
            if agreements[at]:
                self._note_commitment(reader, at, agreements[at])
            elif word in _AVAILABILITY_COMMITMENTS or word in _SLA_COMMITMENTS:
                self._add(reader, at, AgreementKind.SLA)
            else:
                others.append(at)
                self._without_promise.update((reader.id_at(at), reader.name_at(at)))
                self._context.ledger.refuse(table.file, table.rows[at])
        if others:
            text = "commitments that promise no availability were not used"
            table.report("table-not-used", text, others[0], count=len(others))

    def read_commitment_links(self, table: ServiceNowTable) -> None:
        """Read ``service_offering_commitment``: which offering a commitment is made on."""
        commitments, covers = table.references("commitment"), table.references("covers")
        for at in table.usable_positions():
            commitment, covered = commitments[at], covers[at]
            if not commitment or not covered:
                text = "a commitment link names no commitment or no offering"
                table.refuse(at, "missing-reference", text)
                continue
            ci_id = self._register.resolve(covered)[0] or _name_of(covered)
            link = Link(ci=ci_id, to=commitment, file=table.file, row=table.rows[at])
            self._links.append(link)

    def finish(self) -> None:
        """Add the agreements, each with all that it covers, to the records."""
        found, ledger = self._context.found, self._context.ledger
        for link in self._commitments:
            if self._number_named(link.to) is not None:
                ledger.use(link.file, link.row)
                continue
            ledger.refuse(link.file, link.row)
            text = f"commitment {link.ci!r} was not used: its agreement {_name_of(link.to)!r}"
            text = f"{text} is not in the export"
            found.add("dangling-cover", text, file=link.file, row=link.row)
        for link in self._links:
            if self._cover(link.to, link.ci):
                ledger.use(link.file, link.row)
                continue
            ledger.refuse(link.file, link.row)
            name = _name_of(link.to)
            code, why = "dangling-cover", "is not in the export"
            if name in self._without_promise:
                code, why = "table-not-used", "promises no availability"
            text = f"commitment {name!r} {why}: the link was not used"
            found.add(code, text, file=link.file, row=link.row)
        for link in self._register.agreement_links:
            if not self._cover(link.to, link.ci):
                text = f"agreement {_name_of(link.to)!r} is not in the export: not used"
                found.add("invalid-value", text, file=link.file, row=link.row)
        self._context.records.agreements.extend(self._agreements)

    def _note_commitment(self, reader: _AgreementReader, at: int, meant: Reference) -> None:
        """Keep which SLA definition a commitment means, until all of them are known."""
        table = reader.table
        for key in filter(None, (reader.id_at(at), reader.name_at(at))):
            self._meant_by.setdefault(key, meant)
        link = Link(ci=reader.name_at(at), to=meant, file=table.file, row=table.rows[at])
        self._commitments.append(link)

    def _number_named(self, agreement: Reference) -> int | None:
        """Return the number of the agreement with this id, else with this name."""
        number = self._number_of.get(agreement.key) if agreement.key else None
        return self._number_of.get(agreement.name) if number is None else number

    def _cover(self, agreement: Reference, ci_id: str) -> bool:
        """Add a CI to what an agreement covers; return whether there is such an agreement."""
        texts = (agreement.key, agreement.name)
        meant = next((self._meant_by[text] for text in texts if text in self._meant_by), agreement)
        number = self._number_named(meant)
        if number is None:
            return False
        known = self._agreements[number]
        covers = tuple(dict.fromkeys((*known.covers, ci_id)))
        self._agreements[number] = replace(known, covers=covers)
        return True

    def _note_time_target(self, reader: _AgreementReader, at: int) -> None:
        """Add what an SLA definition promises on time to respond or to resolve."""
        targets = reader.time_targets.targets_at(at, reader.id_at(at))
        self._context.records.time_targets.extend(targets)
        word = reader.time_targets.word_at(at)
        if word:
            for key in filter(None, (reader.id_at(at), reader.name_at(at))):
                self._register.sla_targets.setdefault(key, word)

    def _add(self, reader: _AgreementReader, at: int, kind: AgreementKind) -> bool:
        """Add an agreement; return False if it was refused."""
        table = reader.table
        agreement = reader.agreement(at, kind, self._register)
        start, end = agreement.valid_from, agreement.valid_to
        if not agreement.agreement_id:
            table.refuse(at, "missing-id", "an agreement has no id and no name")
        elif start is not None and end is not None and end <= start:
            text = f"agreement {agreement.name!r}: its end is not after its start"
            table.refuse(at, "reversed-times", text)
        else:
            number = len(self._agreements)
            for key in filter(None, (agreement.agreement_id, agreement.name)):
                self._number_of.setdefault(key, number)
            self._agreements.append(agreement)
            self._context.ledger.use(table.file, table.rows[at])
            return True
        return False


class _AgreementReader:
    """The columns of a table of agreements."""

    def __init__(self, table: ServiceNowTable, read_target: Callable[[str], Decimal]) -> None:
        self.table = table
        rules = table.context.rules
        self._ids = table.raw_texts("sys_id")
        self._texts = {field: table.texts(field) for field in _TEXTS}
        self._covers = [table.texts("covers"), table.raw_texts("covers")]
        self._scopes = table.values("scope", word_reader(Scope), None, "invalid-value")
        self._states = table.values(
            "state", word_reader(AgreementState, rules.agreement_states), None, "invalid-value"
        )
        self._active = table.raw_texts("active")
        self.time_targets = TimeTargetCells(table)
        self._targets = table.values(
            "target_availability", read_target, None, "invalid-availability"
        )
        self._windows = table.values("window", read_window, Window(), "invalid-value")
        self._planned = table.values(
            "planned_rule", read_planned_rule, "downtime", "invalid-value"
        )
        self._weights = table.values("degraded_weight", read_fraction, Decimal(0), "invalid-value")
        self._moments: dict[str, Sequence[datetime | None]] = {
            field: table.moments(field) for field in ("valid_from", "valid_to", "next_review")
        }

    def id_at(self, at: int) -> str:
        """Return the id of an agreement: without one, its name."""
        return self._ids[at] or self._texts["name"][at]

    def name_at(self, at: int) -> str:
        """Return what people call an agreement."""
        return self._texts["name"][at] or self._ids[at]

    def agreement(self, at: int, kind: AgreementKind, register: Register) -> Agreement:
        """Return the agreement at a position."""
        texts = {field: _shown(cells[at], register) for field, cells in self._texts.items()}
        moments = {field: cells[at] for field, cells in self._moments.items()}
        is_active = self._active[at].casefold() not in {"false", "0", "no"}
        state = self._states[at] or (
            AgreementState.AGREED if is_active else AgreementState.EXPIRED
        )
        return Agreement(
            agreement_id=self.id_at(at),
            kind=kind,
            covers=self._covered_at(at, register),
            scope=self._scopes[at] or default_scope(kind),
            target_availability=self._targets[at],
            window=self._windows[at],
            state=state,
            planned_rule=self._planned[at],
            degraded_weight=self._weights[at],
            file=self.table.file,
            row=self.table.rows[at],
            name=texts["name"],
            customer=texts["customer"],
            provider=texts["provider"],
            owner=texts["owner"],
            calendar=texts["calendar"],
            penalty=texts["penalty"],
            valid_from=moments["valid_from"],
            valid_to=moments["valid_to"],
            next_review=moments["next_review"],
        )

    def _covered_at(self, at: int, register: Register) -> tuple[str, ...]:
        shown, stored = (cells[at] for cells in self._covers)
        keys, names = split_list(stored), split_list(shown)
        pairs: Sequence[tuple[str, str]]
        pairs = (
            list(zip(keys, names, strict=True))
            if len(keys) == len(names)
            else [(k, "") for k in keys]
        )
        covers = (register.resolve(Reference(key, name))[0] or key for key, name in pairs)
        return tuple(covers) or self.time_targets.cis_at(at)


def take_always_open(context: LoadContext) -> None:
    """Empty the calendar of agreements whose schedule only says "always", in words.

    To be called when all calendars of the export are known: one of that name would count.
    """
    known = {calendar.calendar_id for calendar in context.records.calendars}
    agreements = context.records.agreements
    for number, agreement in enumerate(agreements):
        words = agreement.calendar
        if words and words not in known and words.casefold() in context.rules.always_words:
            agreements[number] = replace(agreement, calendar="")


def _name_of(reference: Reference) -> str:
    return reference.key or reference.name


def _shown(text: str, register: Register) -> str:
    return register.names_of_records.get(text, text) if is_sys_id(text) else text


def _read_percentage(text: str) -> Decimal:
    """Return the target of a service commitment: ServiceNow's field is a percentage."""
    try:
        return read_fraction(text)
    except InvalidQuantityError:
        return read_fraction(f"{text}%")
