"""Write agreements as OpenSLO: a service and an SLO for each, with notes such as its verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b

from ripplegraph.graph.agreements import Agreement, WindowUnit

_NOT_IN_NAME = re.compile(r"[^a-z0-9-]+", re.ASCII)
_LONGEST_NAME = 63  # of an RFC 1123 label, which OpenSLO asks of metadata.name
_DURATIONS = {WindowUnit.MONTH: "1M", WindowUnit.QUARTER: "1Q", WindowUnit.YEAR: "1Y"}
_PREFIX = "ripplegraph.dev/"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSloEntry:
    """One agreement on one service, with notes that become annotations (``verdict: met``)."""

    agreement: Agreement
    service_id: str
    service_name: str = ""
    time_zone: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


def openslo_text(entries: Iterable[OpenSloEntry]) -> str:
    """Return OpenSLO v1, a document for each service and SLO; those without a target are left out.

    The same entries give the same text. ``metadata.name`` is the id in the letters that OpenSLO
    allows; ids that would become the same are told apart by a short hash.
    """
    import yaml

    written = [one for one in entries if one.agreement.target_availability is not None]
    services = {one.service_id: one.service_name or one.service_id for one in written}
    names = _names(sorted(services))
    ids = _names([_slo_id(one) for one in written])
    documents: list[dict[str, object]] = [
        {
            "apiVersion": "openslo/v1",
            "kind": "Service",
            "metadata": {"name": names[service], "displayName": shown},
            "spec": {"description": f"{shown}, {service}"},
        }
        for service, shown in sorted(services.items())
    ]
    documents.extend(_slo(one, ids[_slo_id(one)], names[one.service_id]) for one in written)
    text: str = yaml.dump_all(
        documents, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return text


def _slo(entry: OpenSloEntry, name: str, service: str) -> dict[str, object]:
    agreement = entry.agreement
    notes = {"agreement": agreement.agreement_id, "kind": agreement.kind.value, **entry.notes}
    target = agreement.target_availability or Decimal(0)
    return {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {
            "name": name,
            "displayName": agreement.name or agreement.agreement_id,
            "annotations": {f"{_PREFIX}{key}": value for key, value in sorted(notes.items())},
        },
        "spec": {
            "description": f"Availability of {entry.service_name or entry.service_id}",
            "service": service,
            "indicatorRef": f"{service}-availability"[:_LONGEST_NAME].strip("-"),
            "timeWindow": [_window(entry)],
            "budgetingMethod": "Timeslices",
            "objectives": [
                {
                    "displayName": "Availability",
                    "target": float(target),
                    "timeSliceTarget": 1.0,
                    "timeSliceWindow": "1m",
                }
            ],
        },
    }


def _window(entry: OpenSloEntry) -> dict[str, object]:
    window = entry.agreement.window
    if window.unit is WindowUnit.ROLLING:
        return {"duration": f"{window.days}d", "isRolling": True}
    start = entry.agreement.valid_from
    day = f"{start:%Y-01-01}" if start else "2026-01-01"
    zone = entry.time_zone or entry.agreement.time_zone or "UTC"
    return {
        "duration": _DURATIONS[window.unit],
        "isRolling": False,
        "calendar": {"startTime": f"{day} 00:00:00", "timeZone": zone},
    }


def _slo_id(entry: OpenSloEntry) -> str:
    return f"{entry.agreement.agreement_id} {entry.service_id}"


def _names(ids: Iterable[str]) -> dict[str, str]:
    """Return a name in OpenSLO's letters for each id, different for different ids."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in ids:
        if one in names:
            continue
        name = _NOT_IN_NAME.sub("-", one.casefold()).strip("-")[:_LONGEST_NAME].strip("-")
        if not name or name in taken or len(one) > _LONGEST_NAME:
            digest = blake2b(one.encode("utf-8", "replace"), digest_size=4).hexdigest()
            name = f"{name[: _LONGEST_NAME - 9].strip('-')}-{digest}".strip("-")
        taken.add(name)
        names[one] = name
    return names
