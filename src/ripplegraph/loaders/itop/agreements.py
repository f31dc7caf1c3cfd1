"""iTop's contracts, SLAs and coverage windows as agreements, time targets and calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState
from ripplegraph.graph.calendars import MINUTES_PER_DAY, Calendar, WeeklyInterval
from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_agreements import default_scope
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.itop.register import FUNCTIONAL_CI, Register
from ripplegraph.loaders.itop.tables import class_of
from ripplegraph.loaders.process_quantities import read_priority
from ripplegraph.loaders.quantities import read_fraction
from ripplegraph.loaders.reading import RawTable

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,9})?)\s*%", re.ASCII)
_MINUTES = {"minutes": 1, "minute": 1, "hours": 60, "hour": 60, "days": 1440, "day": 1440}
_STATES = {
    "production": AgreementState.AGREED,
    "implementation": AgreementState.NEGOTIATING,
    "obsolete": AgreementState.EXPIRED,
}
_NOTHING = frozenset({"", "0"})
_LONGEST_TEXT = 1000


@dataclass(slots=True, kw_only=True)
class _Target:
    """One SLT: a time for a priority of incidents."""

    priority: str
    is_response: bool
    minutes: float


@dataclass(slots=True, kw_only=True)
class _Service:
    """A service under a customer contract."""

    contract: str
    service: str
    sla: str
    window: str
    file: str
    row: int


@dataclass(slots=True)
class Agreements:
    """Collects contracts, SLAs and their links, in whatever order the tables come."""

    register: Register
    context: LoadContext
    _contracts: dict[str, Agreement] = field(default_factory=dict)
    _supplied: dict[str, Agreement] = field(default_factory=dict)
    _covered: dict[str, list[str]] = field(default_factory=dict)
    _links: list[tuple[str, str, int]] = field(default_factory=list)
    _services: list[_Service] = field(default_factory=list)
    _slas: dict[str, str] = field(default_factory=dict)
    _targets: dict[str, _Target] = field(default_factory=dict)
    _targets_of: dict[str, list[str]] = field(default_factory=dict)
    _windows: dict[str, str] = field(default_factory=dict)

    def read(self, raw: RawTable, table: GenericTable) -> None:
        """Read one table."""
        readers: Mapping[str, Callable[[GenericTable], None]] = {
            "Organization": self._read_organisations,
            "CustomerContract": self._read_customer_contracts,
            "ProviderContract": self._read_provider_contracts,
            "lnkCustomerContractToService": self._read_services,
            "lnkFunctionalCIToProviderContract": self._read_supplied_cis,
            "lnkProviderContractToService": self._read_supplied_services,
            "SLA": self._read_slas,
            "SLT": self._read_targets,
            "lnkSLAToSLT": self._read_target_links,
            "CoverageWindow": self._read_windows,
        }
        readers[class_of(raw)](table)

    def finish(self) -> None:
        """Add the agreements: one for each customer contract and SLA, and the supplier's."""
        of_contract: dict[tuple[str, str, str], list[_Service]] = {}
        for one in self._services:
            if one.contract in self._contracts:
                key = (one.contract, one.sla, one.window)
                of_contract.setdefault(key, []).append(one)
                self.context.ledger.use(one.file, one.row)
            else:
                text = f"a service is linked to contract {one.contract!r}, which is not there"
                self.context.found.add("dangling-cover", text, file=one.file, row=one.row)
                self.context.ledger.refuse(one.file, one.row)
        for (contract, sla, window), services in of_contract.items():
            self._add_sla(self._contracts[contract], sla, window, services)
        bare = self._contracts.keys() - {key[0] for key in of_contract}
        agreements = self.context.records.agreements
        agreements.extend(self._contracts[contract] for contract in sorted(bare))
        for number, agreement in self._supplied.items():
            agreements.append(replace(agreement, covers=tuple(self._covered.get(number, ()))))
        for number, file, row in self._links:
            if number in self._supplied:
                self.context.ledger.use(file, row)
            else:
                text = f"provider contract {number!r} is not there: its link was not used"
                self.context.found.add("dangling-cover", text, file=file, row=row)
                self.context.ledger.refuse(file, row)

    def _add_sla(
        self, contract: Agreement, sla: str, window: str, services: list[_Service]
    ) -> None:
        name = self._slas.get(sla, "")
        agreement_id = f"{contract.agreement_id}/SLA::{sla}" if sla else contract.agreement_id
        if window and window != "0":
            agreement_id = f"{agreement_id}/CoverageWindow::{window}"
        self.context.records.agreements.append(
            replace(
                contract,
                agreement_id=agreement_id,
                name=f"{contract.name}: {name}" if name else contract.name,
                covers=tuple(self.register.find("Service", one.service) for one in services),
                calendar=self._windows.get(window, ""),
            )
        )
        self._add_time_targets(agreement_id, sla, contract)

    def _add_time_targets(self, agreement_id: str, sla: str, contract: Agreement) -> None:
        times: dict[str, dict[bool, float]] = {}
        for number in self._targets_of.get(sla, ()):
            target = self._targets.get(number)
            if target is not None:
                of_priority = times.setdefault(target.priority, {})
                known = of_priority.get(target.is_response, target.minutes)
                of_priority[target.is_response] = min(known, target.minutes)
        for priority, minutes in sorted(times.items()):
            self.context.records.time_targets.append(
                TimeTarget(
                    agreement=agreement_id,
                    priority=priority,
                    response_minutes=minutes.get(True),
                    resolution_minutes=minutes.get(False),
                    file=contract.file,
                    row=contract.row,
                )
            )

    def _read_organisations(self, table: GenericTable) -> None:
        if table.has_columns("id"):
            names = table.texts("name", literal=True)
            for at, number in enumerate(table.texts("id", literal=True)):
                self.register.organisations.setdefault(number, names[at])
                table.use_at([at])

    def _read_customer_contracts(self, table: GenericTable) -> None:
        for at, agreement in self._contracts_of(table, AgreementKind.SLA):
            number = table.texts("id", literal=True)[at]
            self._keep(table, at, agreement, number, self._contracts)

    def _read_provider_contracts(self, table: GenericTable) -> None:
        slas, coverages = table.texts("sla"), table.texts("coverage")
        for at, agreement in self._contracts_of(table, AgreementKind.UPC):
            penalty = "; ".join(filter(None, (slas[at], coverages[at])))[:_LONGEST_TEXT]
            number = table.texts("id", literal=True)[at]
            supplied = replace(
                agreement, target_availability=_target_in(slas[at]), penalty=penalty
            )
            self._keep(table, at, supplied, number, self._supplied)

    def _keep(
        self, table: GenericTable, at: int, agreement: Agreement, number: str,
        kept: dict[str, Agreement],
    ) -> None:  # fmt: skip
        if number in kept:
            text = f"{agreement.agreement_id} stands already"
            table.refuse(at, "duplicate-agreement", text)
        else:
            kept[number] = agreement
            table.use_at([at])

    def _contracts_of(
        self, table: GenericTable, kind: AgreementKind
    ) -> list[tuple[int, Agreement]]:
        """Return the usable contracts of a table, with their positions."""
        if not table.has_columns("id"):
            return []
        ids, names = table.texts("id", literal=True), table.texts("name", literal=True)
        orgs, providers = table.texts("org"), table.texts("provider")
        states, owners = table.texts("status"), self.register.organisations
        starts, ends = table.moments("start_date"), table.moments("end_date")
        found: list[tuple[int, Agreement]] = []
        for at, number in enumerate(ids):
            start, end = starts[at], ends[at]
            if not number:
                table.refuse(at, "missing-id", "a contract has no id; it was not used")
            elif start is not None and end is not None and end <= start:
                text = f"contract {names[at]!r}: its end is not after its start"
                table.refuse(at, "reversed-times", text)
            else:
                agreement = Agreement(
                    agreement_id=f"{_CLASS[kind]}::{number}",
                    kind=kind,
                    name=names[at],
                    customer=owners.get(orgs[at], orgs[at]),
                    provider=owners.get(providers[at], providers[at]),
                    scope=default_scope(kind),
                    state=_STATES.get(states[at].casefold(), AgreementState.AGREED),
                    valid_from=start,
                    valid_to=end,
                    file=table.file,
                    row=table.rows[at],
                )
                found.append((at, agreement))
        return found

    def _read_services(self, table: GenericTable) -> None:
        if not table.has_columns("customercontract_id", "service_id"):
            return
        contracts = table.texts("customercontract_id", literal=True)
        services = table.texts("service_id", literal=True)
        slas, windows = table.texts("sla_id"), table.texts("coveragewindow_id")
        for at in range(len(table)):
            if contracts[at] in _NOTHING or services[at] in _NOTHING:
                text = "a link names no contract or no service"
                table.refuse(at, "missing-reference", text)
                continue
            self._services.append(
                _Service(
                    contract=contracts[at],
                    service=services[at],
                    sla="" if slas[at] in _NOTHING else slas[at],
                    window="" if windows[at] in _NOTHING else windows[at],
                    file=table.file,
                    row=table.rows[at],
                )
            )

    def _read_supplied_cis(self, table: GenericTable) -> None:
        self._read_supplied(table, "functionalci_id", FUNCTIONAL_CI)

    def _read_supplied_services(self, table: GenericTable) -> None:
        self._read_supplied(table, "service_id", "Service")

    def _read_supplied(self, table: GenericTable, column: str, root: str) -> None:
        if not table.has_columns("providercontract_id", column):
            return
        contracts = table.texts("providercontract_id", literal=True)
        for at, cell in enumerate(table.texts(column, literal=True)):
            if contracts[at] in _NOTHING or cell in _NOTHING:
                text = "a link names no contract or nothing that it covers"
                table.refuse(at, "missing-reference", text)
                continue
            self._covered.setdefault(contracts[at], []).append(self.register.find(root, cell))
            self._links.append((contracts[at], table.file, table.rows[at]))

    def _read_slas(self, table: GenericTable) -> None:
        if table.has_columns("id"):
            names = table.texts("name", literal=True)
            for at, number in enumerate(table.texts("id", literal=True)):
                self._slas.setdefault(number, names[at])
                table.use_at([at])

    def _read_targets(self, table: GenericTable) -> None:
        """Read ``SLT``: times to own (tto) and to resolve (ttr) of incidents."""
        if not table.has_columns("id", "metric", "value"):
            return
        ids, metrics = table.texts("id", literal=True), table.texts("metric")
        values, units = table.texts("value"), table.texts("unit")
        priorities, requests = table.texts("priority"), table.texts("request_type")
        for at, number in enumerate(ids):
            metric, minutes = metrics[at].casefold(), _minutes(values[at], units[at])
            if requests[at].casefold() not in {"incident", ""}:
                text = f"SLT {number!r} is for {requests[at]!r}, no incident; it was not used"
                table.refuse(at, "table-not-used", text)
            elif metric not in {"tto", "ttr"} or minutes is None:
                text = f"SLT {number!r} was not used: its metric, value or unit cannot be read"
                table.refuse(at, "unusable-record", text)
            else:
                self._targets[number] = _Target(
                    priority=read_priority(priorities[at]),
                    is_response=metric == "tto",
                    minutes=minutes,
                )
                table.use_at([at])

    def _read_target_links(self, table: GenericTable) -> None:
        if table.has_columns("sla_id", "slt_id"):
            targets = table.texts("slt_id", literal=True)
            for at, sla in enumerate(table.texts("sla_id", literal=True)):
                self._targets_of.setdefault(sla, []).append(targets[at])
                table.use_at([at])

    def _read_windows(self, table: GenericTable) -> None:
        """Read ``CoverageWindow``: from and to in decimal hours, 0 to 0 is closed."""
        if not table.has_columns("id"):
            return
        ids, names = table.texts("id", literal=True), table.texts("name", literal=True)
        cells = [[table.texts(f"{day}_{end}") for end in ("start", "end")] for day in _DAYS]
        for at, number in enumerate(ids):
            try:
                hours = [[_hours(column[at]) for column in pair] for pair in cells]
                weekly = tuple(
                    WeeklyInterval(weekday=day, start_minute=start, end_minute=end)
                    for day, (start, end) in enumerate(hours)
                    if (start, end) != (0, 0)
                )
            except ValueError:
                text = f"coverage window {names[at]!r} was not used: its hours cannot be read"
                table.refuse(at, "unusable-record", text)
                continue
            if not weekly:
                text = f"coverage window {names[at]!r} was not used: it is closed all week"
                table.refuse(at, "unusable-record", text)
                continue
            calendar_id = names[at] or f"CoverageWindow::{number}"
            self._windows.setdefault(number, calendar_id)
            self.context.records.calendars.append(
                Calendar(
                    calendar_id=calendar_id, weekly=weekly, file=table.file, row=table.rows[at]
                )
            )
            table.use_at([at])


_CLASS = {AgreementKind.SLA: "CustomerContract", AgreementKind.UPC: "ProviderContract"}


def _hours(text: str) -> int:
    """Return the minute of the day of decimal hours (18.5) or of a clock (18:30)."""
    if ":" in text:
        hours, minutes = (int(part) for part in text.split(":", 1))
        return hours * 60 + minutes
    try:
        minute = Decimal(text.replace(",", ".") or "0") * 60
        found = int(minute)
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(text) from error
    if not 0 <= found <= MINUTES_PER_DAY or found != minute:
        raise ValueError(text)
    return found


def _minutes(value: str, unit: str) -> float | None:
    factor = _MINUTES.get(unit.casefold() or "minutes")
    return int(value) * float(factor) if factor and value.isdecimal() and len(value) < 9 else None


def _target_in(text: str) -> Decimal | None:
    """Return the availability that a free text names: its only percentage."""
    found = _PERCENT.findall(text[:_LONGEST_TEXT])
    try:
        return read_fraction(f"{found[0]}%") if len(found) == 1 else None
    except InvalidQuantityError:
        return None
