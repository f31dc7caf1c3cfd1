"""Which OLA or underpinning contract answers for a CI (semantics.md section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.service_graph import ServiceGraph

INTERNAL = (AgreementKind.OLA, AgreementKind.UPC)
"""Kinds of agreements that promise on CIs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The agreement that answers for a CI, and those that stand behind it.

    Parameters
    ----------
    agreement
        The OLA, else the contract; of several the one with the lowest target.
    backs
        The others that cover the CI.
    """

    agreement: Agreement
    backs: tuple[Agreement, ...] = ()


def answering_agreements(graph: ServiceGraph, at: datetime | None) -> Mapping[int, Answering]:
    """Return by CI number which agreement in force answers for it.

    Parameters
    ----------
    at
        Aware; None leaves dates out.

    Returns
    -------
    Mapping[int, Answering]
        CIs without an OLA or underpinning contract are left out.

    Notes
    -----
    The OLA answers, since its team manages the supplier; else the contract. One with a target
    of availability comes before one without: its number is the one that counts.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> answering_agreements(graph_of("shop -> db"), None)
    {}
    """
    covering: dict[int, list[Agreement]] = {}
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        if agreement.kind in INTERNAL and agreement.is_in_force_at(at):
            for ci in covered:
                covering.setdefault(ci, []).append(agreement)
    found: dict[int, Answering] = {}
    for ci in sorted(covering):
        first, *others = sorted(covering[ci], key=_order)
        found[ci] = Answering(agreement=first, backs=tuple(others))
    return found


def inclusive_cis(answering: Mapping[int, Answering]) -> frozenset[int]:
    """Return the CIs whose agreement promises them with everything beneath."""
    return frozenset(
        ci
        for ci, one in answering.items()
        if one.agreement.scope is Scope.INCLUSIVE and one.agreement.target_availability is not None
    )


def _order(one: Agreement) -> tuple[bool, bool, Decimal, str]:
    target = one.target_availability
    return (
        target is None,
        one.kind is not AgreementKind.OLA,
        target if target is not None else Decimal(1),
        one.agreement_id,
    )
