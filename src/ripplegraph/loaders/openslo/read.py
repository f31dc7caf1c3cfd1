"""Read OpenSLO (``openslo/v1`` and ``v1alpha``): services, and SLOs that promise availability."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import Agreement, AgreementKind, Window, WindowUnit
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.native_record import text_of
from ripplegraph.loaders.quantities import read_fraction
from ripplegraph.loaders.reading import RawDocument
from ripplegraph.loaders.times import zone_of

_SOURCE = "openslo"
_DURATION = re.compile(r"(\d{1,5})\s*(mo|[mhdwMQY])", re.ASCII)
_DAYS = {"d": 1, "w": 7}
_CALENDAR_UNITS = {
    (1, "M"): WindowUnit.MONTH, (1, "m"): WindowUnit.MONTH, (1, "mo"): WindowUnit.MONTH,
    (3, "M"): WindowUnit.QUARTER, (1, "Q"): WindowUnit.QUARTER,
    (12, "M"): WindowUnit.YEAR, (1, "Y"): WindowUnit.YEAR,
}  # fmt: skip
_UNIT_LETTERS = {
    "day": "d", "week": "w", "month": "M", "quarter": "Q", "year": "Y", "hour": "h", "minute": "m",
}  # fmt: skip
_LONGEST_ROLLING_DAYS = 99_999
_SHOWN = 60

Data = Mapping[object, object]


def openslo_claims_document(document: RawDocument) -> bool:
    """Return whether a document says that it is OpenSLO."""
    data = document.data
    return isinstance(data, Mapping) and str(data.get("apiVersion", "")).startswith("openslo/")


def openslo_records(documents: Sequence[RawDocument], context: LoadContext) -> None:
    """Add the services and availability objectives of OpenSLO documents.

    A service that only an SLO names is made, unless a CI has its id or, alone, its name.
    """
    for document in documents:
        context.ledger.register(document.file, (1,))
    kinds = [(str(_part(one).get("kind", "")).casefold(), one) for one in documents]
    for kind, document in kinds:
        if kind == "service":
            _Reader(document, context).read_service()
    for kind, document in kinds:
        if kind == "slo":
            _Reader(document, context).read_slo()
        elif kind != "service":
            text = f"kind {kind[:_SHOWN]!r} gives neither a service nor an objective"
            _refuse(document, context, "table-not-used", text)


class _Reader:
    """One document."""

    def __init__(self, document: RawDocument, context: LoadContext) -> None:
        self._document, self._context = document, context
        self._metadata = _part(document, "metadata")
        self._spec = _part(document, "spec")
        self._id = _text(self._metadata, "name")
        self._name = _text(self._metadata, "displayName") or self._id

    def read_service(self) -> None:
        """Add a service; one that stands already is left as it is."""
        if not self._id:
            self._refuse("missing-id", "a service has no metadata.name")
        elif _find_ci(self._id, self._context):
            self._refuse("duplicate-id", f"service {self._id!r} stands already")
        else:
            team = _text(_mapping(self._metadata.get("labels")), "team")
            self._add_service(self._id, self._name, team)
            self._context.ledger.use(self._document.file, 1)

    def read_slo(self) -> None:
        """Add an agreement for each objective that is an availability."""
        service, context = _text(self._spec, "service"), self._context
        objectives = [
            _mapping(one) for one in _list(self._spec.get("objectives")) if _is_share_of_good(one)
        ]
        if not self._id or not service:
            self._refuse("missing-reference", "an SLO has no metadata.name or no spec.service")
            return
        if _is_threshold(self._spec) or not objectives:
            text = f"SLO {self._id!r} is no availability: it compares a value with a limit"
            self._refuse("slo-not-availability", text)
            return
        window = self._window()
        if window is None:
            return
        ci = _find_ci(service, context)
        if not ci:
            self._add_service(service, service, "")
        added = [self._add(one, n, objectives, ci or service, window)
                 for n, one in enumerate(objectives, start=1)]  # fmt: skip
        if not any(added):
            context.ledger.refuse(self._document.file, 1)
            return
        context.ledger.use(self._document.file, 1)
        if _text(self._spec, "budgetingMethod").casefold() == "occurrences":
            text = f"SLO {self._id!r} counts good events; its share was taken for a share of time"
            self._report("slo-counts-events", text)

    def _add(
        self, objective: Data, number: int, objectives: Sequence[Data], ci: str,
        window: tuple[Window, str],
    ) -> bool:  # fmt: skip
        target = self._target(objective)
        if target is None:
            return False
        is_one_of_several = len(objectives) > 1
        title = _text(objective, "displayName")
        self._context.records.agreements.append(
            Agreement(
                agreement_id=f"{self._id}-{number}" if is_one_of_several else self._id,
                kind=AgreementKind.SLA,
                name=f"{self._name} ({title})" if is_one_of_several and title else self._name,
                covers=(ci,),
                target_availability=target,
                window=window[0],
                time_zone=window[1],
                file=self._document.file,
                row=1,
            )
        )
        return True

    def _target(self, objective: Data) -> Decimal | None:
        percent = _text(objective, "targetPercent")
        text = f"{percent}%" if percent else _text(objective, "target")
        try:
            return read_fraction(text)
        except InvalidQuantityError as error:
            self._report("invalid-availability", f"SLO {self._id!r}: target: {error}")
            return None

    def _window(self) -> tuple[Window, str] | None:
        """Return the window and the zone of its calendar, None if there is no single one."""
        windows = _list(self._spec.get("timeWindow")) or _list(self._spec.get("timeWindows"))
        part = _mapping(windows[0]) if windows else {}
        if len(windows) > 1:
            text = f"SLO {self._id!r} has {len(windows)} time windows; the first counts"
            self._report("invalid-value", text)
        calendar = _mapping(part.get("calendar"))
        zone = _text(calendar, "timeZone")
        if zone and zone_of(zone) is None:
            text = f"SLO {self._id!r}: {zone[:_SHOWN]!r} is no time zone; UTC counts"
            self._report("unknown-time-zone", text)
            zone = ""
        is_rolling = part.get("isRolling") is not False and not calendar
        window = _window_of(_duration_of(part), is_rolling=is_rolling)
        if window is None:
            shown = _text(part, "duration") or str(dict(part))[:_SHOWN]
            text = f"SLO {self._id!r} was not used: its time window {shown!r} cannot be measured"
            self._refuse("unusable-record", text)
            return None
        return window, zone

    def _add_service(self, native_id: str, name: str, team: str) -> None:
        decision = self._context.rules.ci_class("service")
        self._context.records.cis.append(
            source=self._context.options.source or _SOURCE,
            class_name="service",
            native_id=native_id,
            name=name,
            kind=decision.kind,
            is_logical=decision.is_logical,
            owner_team=team,
            file=self._document.file,
            row=1,
        )

    def _report(self, code: str, text: str) -> None:
        self._context.found.add(code, text, file=self._document.file, row=1)

    def _refuse(self, code: str, text: str) -> None:
        _refuse(self._document, self._context, code, text)


def _refuse(document: RawDocument, context: LoadContext, code: str, text: str) -> None:
    context.found.add(code, text, file=document.file, row=1)
    context.ledger.refuse(document.file, 1)


def _find_ci(text: str, context: LoadContext) -> str:
    """Return the native id of the CI with this id, else of the only one with this name, or ""."""
    cis = context.records.cis
    if text in cis.native_id:
        return text
    named = [cis.native_id[at] for at, name in enumerate(cis.name) if name == text]
    return named[0] if len(named) == 1 else ""


def _is_share_of_good(objective: object) -> bool:
    part = _mapping(objective)
    return bool(part) and "value" not in part and ("target" in part or "targetPercent" in part)


def _is_threshold(spec: Data) -> bool:
    indicator = _mapping(_mapping(spec.get("indicator")).get("spec"))
    return "thresholdMetric" in indicator


def _duration_of(window: Data) -> str:
    """Return the duration of a window as ``30d``; ``v1alpha`` gives count and unit."""
    unit = _UNIT_LETTERS.get(_text(window, "unit").casefold())
    return _text(window, "duration") or (f"{_text(window, 'count')}{unit}" if unit else "")


def _window_of(duration: str, *, is_rolling: bool) -> Window | None:
    match = _DURATION.fullmatch(duration.strip())
    if match is None or not int(match[1]):
        return None
    count, unit = int(match[1]), match[2]
    if not is_rolling and (count, unit) in _CALENDAR_UNITS:
        return Window(unit=_CALENDAR_UNITS[count, unit])
    days = {"M": 30, "mo": 30, "Q": 90, "Y": 365, **_DAYS}.get(unit)
    if unit == "h" and count % 24 == 0:
        count, days = count // 24, 1
    if days is None or count * days > _LONGEST_ROLLING_DAYS:
        return None
    return Window(unit=WindowUnit.ROLLING, days=count * days)


def _part(document: RawDocument, name: str = "") -> Data:
    data = _mapping(document.data)
    return _mapping(data.get(name)) if name else data


def _mapping(value: object) -> Data:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(part: Data, name: str) -> str:
    return (text_of(part.get(name)) or "").strip()
