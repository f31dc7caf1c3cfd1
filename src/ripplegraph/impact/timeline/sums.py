"""Downtime summed over SLAs: by team, supplier, agreement, change, CI; per customer and in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ripplegraph.graph.agreements import AgreementKind
from ripplegraph.impact.timeline.values import Attribution, LevelReport

PORTFOLIO = "portfolio"
NOBODY = ""


class Party(StrEnum):
    """Who answers for downtime: a third party, an internal department, or nobody says."""

    THIRD_PARTY = "third party"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SummedSeconds:
    """Seconds of downtime of several SLAs that somebody answers for.

    Parameters
    ----------
    scope, name
        ``portfolio`` with "", or ``customer`` with the customer's name.
    by
        ``ci``, ``team``, ``supplier``, ``agreement``, ``change`` or ``party``: each alone is a
        partition of the same seconds.
    key
        The id or name; "" for those without one.
    seconds
        Summed over SLAs: one second in which two SLAs were down counts twice.
    slas
        Number of SLAs that it hit.
    """

    scope: str
    name: str
    by: str
    key: str
    seconds: int
    slas: int


def party_of(row: Attribution) -> Party:
    """Return who answers for a CI: by its agreement, else by its supplier or team."""
    if row.answering is not None:
        is_third = row.answering.kind is AgreementKind.UPC
        return Party.THIRD_PARTY if is_third else Party.INTERNAL
    if row.supplier:
        return Party.THIRD_PARTY
    return Party.INTERNAL if row.owner_team else Party.UNKNOWN


def summed_seconds(reports: Sequence[LevelReport]) -> tuple[SummedSeconds, ...]:
    """Return the downtime of SLAs by everyone who answers for it.

    Returns
    -------
    tuple[SummedSeconds, ...]
        The portfolio, then each customer; of each partition the most seconds first.
    """
    customers = sorted({one.agreement.customer for one in reports if one.agreement.customer})
    found = list(_sums(PORTFOLIO, "", reports))
    for customer in customers:
        found.extend(
            _sums(
                "customer",
                customer,
                [one for one in reports if one.agreement.customer == customer],
            )
        )
    return tuple(found)


def _sums(scope: str, name: str, reports: Iterable[LevelReport]) -> Iterator[SummedSeconds]:
    seconds: dict[tuple[str, str], int] = {}
    slas: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for report in reports:
        for row in report.attribution:
            for by, key, amount in _keys(row):
                seconds[by, key] = seconds.get((by, key), 0) + amount
                slas.setdefault((by, key), set()).add(
                    (report.service, report.agreement.agreement_id)
                )
    order = ("party", "team", "supplier", "agreement", "change", "ci")
    for by, key in sorted(seconds, key=lambda one: (order.index(one[0]), -seconds[one], one[1])):
        yield SummedSeconds(
            scope=scope,
            name=name,
            by=by,
            key=key,
            seconds=seconds[by, key],
            slas=len(slas[by, key]),
        )


def _keys(row: Attribution) -> Iterator[tuple[str, str, int]]:
    answering = row.answering
    yield "ci", row.ci_id, row.seconds
    yield "team", row.owner_team, row.seconds
    yield "supplier", row.supplier, row.seconds
    yield "agreement", NOBODY if answering is None else answering.agreement_id, row.seconds
    yield "party", party_of(row).value, row.seconds
    for change, amount in row.changes.items():
        yield "change", change, amount
    rest = row.seconds - sum(row.changes.values())
    if rest:
        yield "change", NOBODY, rest
