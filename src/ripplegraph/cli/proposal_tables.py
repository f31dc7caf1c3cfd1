"""What to do about a miss, as tables: one agreement alone, all together, redundancy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import NOTHING, percent_words
from ripplegraph.impact.agreements.values import ProposalKind
from ripplegraph.visualize.availability_words import amount_words, availability_words

if TYPE_CHECKING:
    from ripplegraph.impact.agreements.values import Proposal, ProposedChange

_RULES = {
    "equal_factor": "equal factor",
    "equal_targets": "equal targets",
    "proportional": "by contribution",
}


def proposal_parts(proposals: Sequence[Proposal]) -> Iterator[Part]:
    """Yield a table for each kind of proposal; each was computed anew."""
    by_kind = {kind: [one for one in proposals if one.kind is kind] for kind in ProposalKind}
    alone = by_kind[ProposalKind.SINGLE_AGREEMENT]
    if alone:
        columns = ("agreement", "today", "needed", "then", "verdict")
        rows = [_alone_row(one) for one in alone]
        yield Table(columns=columns, rows=rows, title="What one agreement alone would need")
    if by_kind[ProposalKind.ALLOCATION]:
        yield _together(by_kind[ProposalKind.ALLOCATION])
    doubled = by_kind[ProposalKind.REDUNDANCY]
    if doubled:
        yield Table(
            columns=("CI", "saves a window", "then", "verdict"),
            rows=[_doubled_row(one) for one in doubled],
            title="What an independent twin of a single point of failure would save",
        )


def _together(proposals: Sequence[Proposal]) -> Table:
    """Return the targets that all agreements together would need, a column for each rule."""
    changes = {change.id: change for one in proposals for change in one.changes}
    columns = ("agreement", "today", *(_RULES[one.rule] for one in proposals))
    rows: list[tuple[str, ...]] = []
    for ident in sorted(changes):
        raised = [{one.id: one for one in proposal.changes} for proposal in proposals]
        needed = [_targets(one[ident])[1] if ident in one else "stays" for one in raised]
        rows.append((_name(changes[ident]), _targets(changes[ident])[0], *needed))
    then = [f"{availability_words(one.independent.upper)}, {one.verdict}" for one in proposals]
    rows.append(("then", "", *then))
    return Table(columns=columns, rows=rows, title="What all of them together would need")


def _doubled_row(one: Proposal) -> tuple[str, ...]:
    return (
        _name(one.changes[0]),
        f"{amount_words(one.saved_minutes)} min",
        availability_words(one.independent.upper),
        one.verdict.value,
    )


def _alone_row(one: Proposal) -> tuple[str, ...]:
    (change,) = one.changes
    today, then = _targets(change)
    return (
        _name(change),
        today,
        then if one.is_enough else "cannot alone",
        availability_words(one.independent.upper),
        one.verdict.value,
    )


def _name(change: ProposedChange) -> str:
    name = change.name or change.id
    is_named = change.kind == "ci" or name.casefold().startswith(change.kind.casefold())
    return name if is_named else f"{change.kind} {name}"


def _targets(change: ProposedChange) -> tuple[str, str]:
    today, then = (
        NOTHING if one is None else percent_words(one)
        for one in (change.target_today, change.target_then)
    )
    return today, then
