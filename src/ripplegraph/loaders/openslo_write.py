"""Write verdicts on SLAs as OpenSLO v1 documents, for tools that work with those.

https://github.com/OpenSLO/OpenSLO: a Service for each service, an SLO for each SLA of it. The
verdict stands in annotations, whose values are texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.impact.agreements.values import SlaAnswer, SlaVerdict, Unavailability

Document = dict[str, object]

_LONGEST_NAME = 63
_LONGEST_DESCRIPTION = 1_050
_DURATIONS = {WindowUnit.MONTH: "1M", WindowUnit.QUARTER: "1Q", WindowUnit.YEAR: "1Y"}


def openslo_text(answer: SlaAnswer) -> str:
    """Return verdicts as OpenSLO documents in YAML."""
    import yaml

    text: str = yaml.safe_dump_all(
        _documents(answer), sort_keys=False, allow_unicode=True, explicit_start=True, width=99
    )
    return text


def _documents(answer: SlaAnswer) -> Iterator[Document]:
    names = _Names()
    services: dict[str, str] = {}
    for one in answer.slas:
        if one.service not in services:
            services[one.service] = names.free(one.native_id or one.name)
            yield _document("Service", services[one.service], one.name, {})
    for one in answer.slas:
        yield _slo(one, names, services[one.service])


def _slo(one: SlaVerdict, names: _Names, service: str) -> Document:
    agreement = one.agreement
    title = agreement.name or agreement.agreement_id
    customer = f" for {agreement.customer}" if agreement.customer else ""
    document = _document(
        "SLO",
        names.free(f"{agreement.agreement_id}-{service}"),
        title,
        {
            "description": f"{title}{customer}"[:_LONGEST_DESCRIPTION],
            "service": service,
            "indicatorRef": f"{service[: _LONGEST_NAME - 13]}-availability",
            "timeWindow": [_time_window(agreement.window, one)],
            "budgetingMethod": "Timeslices",
            "objectives": [
                {
                    "displayName": "availability",
                    "target": float(one.target),
                    "timeSliceTarget": 1.0,
                    "timeSliceWindow": "1m",
                }
            ],
        },
    )
    metadata = document["metadata"]
    assert isinstance(metadata, dict)
    metadata["annotations"] = _annotations(one)
    return document


def _document(kind: str, name: str, title: str, spec: Document) -> Document:
    return {
        "apiVersion": "openslo/v1",
        "kind": kind,
        "metadata": {"name": name, "displayName": title or name},
        "spec": spec,
    }


def _time_window(window: Window, one: SlaVerdict) -> Document:
    if window.unit is WindowUnit.ROLLING:
        return {"duration": f"{window.days}d", "isRolling": True}
    start = f"{one.window_start:%Y-%m-%d %H:%M:%S}"
    return {
        "duration": _DURATIONS[window.unit],
        "calendar": {"startTime": start, "timeZone": "UTC"},
        "isRolling": False,
    }


def _annotations(one: SlaVerdict) -> dict[str, str]:
    said = {
        "agreement": one.agreement.agreement_id,
        "ci-id": one.service,
        "verdict": one.verdict.value,
        "verdict-contractual-worst": one.verdict_contractual_worst.value,
        "expected-availability": _available(one.independent),
        "contractual-worst-availability": _available(one.contractual_worst),
        "budget-minutes": repr(one.budget_minutes),
        "headroom-minutes": " .. ".join(map(repr, dict.fromkeys(one.headroom_minutes))),
    }
    if one.agreement.calendar:
        said["service-time"] = one.agreement.calendar
    return {f"ripplegraph/{name}": value for name, value in said.items()}


def _available(one: Unavailability) -> str:
    return " .. ".join(map(repr, dict.fromkeys((1.0 - one.upper, 1.0 - one.lower))))


class _Names:
    """Names as RFC 1123 has them; each is given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def free(self, text: str) -> str:
        """Return a name that reads like a text and is not given yet."""
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST_NAME].rstrip("-")
        name, count = stem or "unnamed", 1
        while name in self._given:
            count += 1
            name = f"{stem[: _LONGEST_NAME - 5].rstrip('-')}-{count}"
        self._given.add(name)
        return name
