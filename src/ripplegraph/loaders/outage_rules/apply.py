"""Apply outage rules to tables of tickets: every row ends as used or reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import Ticket
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.outage_rule_file import OutageRule
from ripplegraph.loaders.outage_rules.cells import Condition, RuleCells
from ripplegraph.loaders.outage_spans import span_flaw
from ripplegraph.loaders.process_quantities import read_priority
from ripplegraph.loaders.reading import RawTable
from ripplegraph.loaders.times import TimeReader

Span = tuple[datetime, datetime | None]
_NEVER = datetime.min.replace(tzinfo=UTC)
_SOURCE = "outage-rules"


def rule_of(table: RawTable, rules: Iterable[OutageRule]) -> OutageRule | None:
    """Return the first rule whose table pattern fits the name of a table."""
    return next(
        (
            rule
            for rule in rules
            if any(fnmatchcase(table.name, pattern.casefold()) for pattern in rule.table)
        ),
        None,
    )


def is_ruled(table: RawTable, context: LoadContext) -> bool:
    """Return whether a rule takes a table."""
    return rule_of(table, context.outage_rules) is not None


def apply_outage_rules(tables: Sequence[RawTable], context: LoadContext) -> None:
    """Add the outages that the rules see in these tables; their rows are in the ledger."""
    for table in tables:
        rule = rule_of(table, context.outage_rules)
        if rule is not None and len(table):
            context.ruled.add(rule.name or ", ".join(rule.table))
            _RuledTable(table, rule, context).read()


class _RuledTable:
    """One table under one rule."""

    def __init__(self, table: RawTable, rule: OutageRule, context: LoadContext) -> None:
        self._table, self._rule, self._context = table, rule, context
        zone = rule.time_zone or context.options.time_zone
        day_first = context.options.day_first if rule.day_first is None else rule.day_first
        self._cells = RuleCells(table, context, TimeReader(zone, day_first))
        self._left_out: dict[str, list[int]] = {}

    def read(self) -> None:
        """Read the table ticket by ticket."""
        missing = [column for column in self._rule.columns if not self._cells.has(column)]
        if missing:
            text = f"the outage rule needs columns that are not there: {', '.join(missing)}"
            count = len(self._table)
            self._context.found.add(
                "missing-column", text, file=self._table.file, row=1, count=count
            )
            self._context.ledger.refuse_all(self._table)
            return
        self._when = Condition(self._rule.when, self._cells)
        joined: list[int] = []
        for ticket, positions in self._tickets().items():
            joined.extend(positions[:-1])
            self._read_ticket(ticket, positions)
        if joined:
            text = "rows tell more of a ticket than one can; each ticket was read as a whole"
            self._report("merged-record", text, joined)
        for text, positions in self._left_out.items():
            code = "ticket-without-outage" if text.startswith("tickets") else "missing-reference"
            self._report(code, text, positions)

    def _tickets(self) -> dict[str, list[int]]:
        """Return the positions of each ticket's rows, in the order of their updates."""
        found: dict[str, list[int]] = {}
        for at, ticket in enumerate(self._cells.texts(self._rule.ticket)):
            if ticket:
                found.setdefault(ticket, []).append(at)
            else:
                self._leave_out("a row names no ticket", [at])
        column = self._rule.events.at if self._rule.events else self._rule.updated
        if column:
            for positions in found.values():
                if len(positions) > 1:
                    positions.sort(key=self._updated)
        return found

    def _updated(self, at: int) -> datetime:
        column = self._rule.events.at if self._rule.events else self._rule.updated
        return self._cells.moment([column], at) or _NEVER

    def _read_ticket(self, ticket: str, positions: list[int]) -> None:
        rule, cells, last = self._rule, self._cells, positions[-1]
        has_ticket = self._add_ticket(ticket, last)
        if has_ticket:
            self._use(positions)
        if not self._when.fits(last):
            self._leave_out("tickets that are no outage by the rule file", positions)
            return
        ci = cells.first(rule.ci, last)
        if not ci:
            self._leave_out("by the rule file an outage, but it names no CI", positions)
            return
        spans = self._spans(ticket, positions)
        if spans is None:
            return
        if not spans:
            self._leave_out(
                "tickets without start, or still open, as the rule file says", positions
            )
            return
        self._add_ci(ci, last)
        place = (self._table.file, self._table.rows[last])
        for start, end in spans:
            self._context.records.outages.append(
                Outage(
                    ci=ci,
                    start=start,
                    end=end,
                    kind=rule.kind,
                    cause=cells.first(rule.cause, last),
                    source=self._context.options.source or rule.name or _SOURCE,
                    external_id=ticket,
                    file=place[0],
                    row=place[1],
                )
            )
        self._use(positions)
        if not has_ticket:
            rows = [(self._table.file, self._table.rows[at]) for at in positions]
            self._context.carried.add(place, rows)

    def _spans(self, ticket: str, positions: list[int]) -> list[Span] | None:
        """Return from when to when a ticket was an outage; None if its row was refused."""
        rule, cells, last = self._rule, self._cells, positions[-1]
        spans: list[Span] = []
        if rule.events is not None:
            spans = self._spans_of_events(positions)
        elif start := cells.moment(rule.start, last):
            end = cells.moment(rule.end, last)
            if end is None and cells.first(rule.end, last):
                self._refuse(
                    "unusable-record", f"ticket {ticket!r}: its end is unusable", positions
                )
                return None
            spans = [(start, end)]
        kept: list[Span] = []
        for span in spans:
            flaw = span_flaw(*span)
            if flaw:
                self._refuse(flaw[0], f"ticket {ticket!r} was not used: {flaw[1]}", positions)
                return None
            if span[1] is not None or rule.still_open == "keep":
                kept.append(span)
        return kept

    def _spans_of_events(self, positions: list[int]) -> list[Span]:
        """Return the spans between the events that start and end an outage, by the rule."""
        events = self._rule.events
        if events is None:
            return []
        starts, ends = (Condition(part, self._cells) for part in (events.start, events.end))
        spans: list[Span] = []
        since: datetime | None = None
        for at in positions:
            moment = self._cells.moment([events.at], at)
            if moment is None:
                continue
            if since is None:
                since = moment if starts.fits(at) else None
            elif ends.fits(at):
                if since < moment:
                    spans.append((since, moment))
                since = None
        return spans if since is None else [*spans, (since, None)]

    def _add_ticket(self, ticket: str, at: int) -> bool:
        part, cells = self._rule.tickets, self._cells
        opened = cells.moment(part.opened, at) if part else None
        if part is None or opened is None:
            return False
        responded, resolved = cells.moment(part.responded, at), cells.moment(part.resolved, at)
        if min(responded or opened, resolved or opened) < opened:
            return False
        self._context.records.tickets.append(
            Ticket(
                ticket_id=ticket,
                ci=cells.first(self._rule.ci, at),
                service=cells.first(part.service, at),
                priority=read_priority(cells.first(part.priority, at)),
                opened=opened,
                responded=responded,
                resolved=resolved,
                team=cells.first(part.team, at),
                file=self._table.file,
                row=self._table.rows[at],
            )
        )
        self._add_ci(cells.first(self._rule.ci, at), at)
        return True

    def _add_ci(self, ci: str, at: int) -> None:
        """Make the CI that a ticket names, once, if the rule says so."""
        new = self._rule.new_cis
        if new is None or not ci or ci in self._context.made_cis:
            return
        self._context.made_cis.add(ci)
        class_name = new.class_name or self._cells.texts(new.class_column)[at] or "ci"
        decision = self._context.rules.ci_class(class_name)
        self._context.records.cis.append(
            source=self._context.options.source or _SOURCE,
            class_name=class_name,
            native_id=ci,
            kind=decision.kind,
            is_logical=decision.is_logical,
            file=self._table.file,
            row=self._table.rows[at],
        )

    def _use(self, positions: Iterable[int]) -> None:
        for at in positions:
            self._context.ledger.use(self._table.file, self._table.rows[at])

    def _leave_out(self, text: str, positions: Sequence[int]) -> None:
        self._left_out.setdefault(text, []).extend(positions)
        for at in positions:
            self._context.ledger.refuse(self._table.file, self._table.rows[at])

    def _refuse(self, code: str, text: str, positions: Sequence[int]) -> None:
        self._report(code, text, positions)
        for at in positions:
            self._context.ledger.refuse(self._table.file, self._table.rows[at])

    def _report(self, code: str, text: str, positions: Sequence[int]) -> None:
        rows = [self._table.rows[at] for at in positions]
        self._context.found.add(code, text, file=self._table.file, row=min(rows), count=len(rows))
