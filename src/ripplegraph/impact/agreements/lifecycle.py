"""Where agreements stand in their life: states, sign-off, time to agree, reviews, ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ripplegraph.graph.agreements import Agreement, AgreementState
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.graph.process_records import AgreementStateChange
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words, day_words

_DAY = timedelta(days=1)
_UNDER_WAY = (AgreementState.DRAFT, AgreementState.NEGOTIATING)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLife:
    """Where one agreement stands at a moment.

    Parameters
    ----------
    agreement
        The version in force, else the one that was or will be.
    state
        At the moment: by its last change, else as the agreement says; ``expired`` after its end.
    is_in_force
        Agreed, begun and not ended.
    begun_at
        When work on it began: its first draft or negotiation since it was last agreed on.
    signed_at, signed_by
        When it was last agreed on, and by whom.
    days_to_agree
        From the begin of the work to the signature; None if not signed, or the begin is unknown.
    days_open
        How long work on it has been going on, for one not agreed on yet.
    review_due
        Its next review; None if none is planned.
    last_review
        The last review held.
    is_review_overdue
        Whether the review is due and was not held since.
    days_to_end
        Until ``valid_to``, negative after it; None without an end.
    """

    agreement: Agreement
    state: AgreementState
    is_in_force: bool
    begun_at: datetime | None
    signed_at: datetime | None
    signed_by: str
    days_to_agree: float | None
    days_open: float | None
    review_due: datetime | None
    last_review: datetime | None
    is_review_overdue: bool
    days_to_end: float | None

    @property
    def is_up_to_date(self) -> bool:
        """Whether it is in force and its review is not overdue."""
        return self.is_in_force and not self.is_review_overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleAnswer:
    """All agreements, those whose review or end calls first, and findings on their states."""

    at: datetime
    lives: tuple[AgreementLife, ...]
    findings: tuple[Finding, ...]


def lifecycle(graph: ServiceGraph, *, at: datetime) -> LifecycleAnswer:
    """Return where every agreement stands at a moment, one row for all versions of one id.

    Parameters
    ----------
    at
        Aware; later changes of state and later reviews do not count.

    Raises
    ------
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> lifecycle(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC)).lives
    ()
    """
    if at.tzinfo is None:
        msg = f"at needs a time zone, got {at.isoformat()}"
        raise ValueError(msg)
    changes = _by_agreement(graph.agreement_states, at)
    reviews: dict[str, datetime] = {}
    for review in graph.reviews:
        if review.at <= at:
            reviews[review.agreement] = max(review.at, reviews.get(review.agreement, review.at))
    collector = FindingCollector()
    lives = []
    for versions in _versions(graph.agreements).values():
        agreement = _version_at(versions, at)
        history = changes.get(agreement.agreement_id, [])
        _check_state(agreement, history, collector)
        lives.append(_life(agreement, history, reviews.get(agreement.agreement_id), at))
    return LifecycleAnswer(
        at=at,
        lives=tuple(sorted(lives, key=_calling_first)),
        findings=sorted_findings(collector.findings()),
    )


def _by_agreement(
    changes: Iterable[AgreementStateChange], at: datetime
) -> dict[str, list[AgreementStateChange]]:
    found: dict[str, list[AgreementStateChange]] = {}
    for change in sorted(changes, key=lambda one: one.at):
        if change.at <= at:
            found.setdefault(change.agreement, []).append(change)
    return found


def _versions(agreements: Iterable[Agreement]) -> Mapping[str, list[Agreement]]:
    found: dict[str, list[Agreement]] = {}
    for agreement in agreements:
        found.setdefault(agreement.agreement_id, []).append(agreement)
    return found


def _version_at(versions: Sequence[Agreement], at: datetime) -> Agreement:
    """Return the version whose dates hold at a moment, else the last before, else the first."""
    begun = [one for one in versions if one.valid_from is None or one.valid_from <= at]
    if not begun:
        return min(versions, key=_begin)
    return max(begun, key=lambda one: (one.valid_to is None or at < one.valid_to, _begin(one)))


def _begin(agreement: Agreement) -> float:
    return 0.0 if agreement.valid_from is None else agreement.valid_from.timestamp()


def _life(
    agreement: Agreement,
    history: Sequence[AgreementStateChange],
    last_review: datetime | None,
    at: datetime,
) -> AgreementLife:
    state = history[-1].state if history else agreement.state
    has_ended = agreement.valid_to is not None and agreement.valid_to <= at
    if has_ended and state is AgreementState.AGREED:
        state = AgreementState.EXPIRED
    has_begun = agreement.valid_from is None or agreement.valid_from <= at
    in_force = state is AgreementState.AGREED and has_begun
    begun_at, signed = _negotiation(history)
    due = agreement.next_review
    overdue = due is not None and due < at and (last_review is None or last_review < due)
    is_under_way = state in _UNDER_WAY and begun_at is not None
    return AgreementLife(
        agreement=agreement,
        state=state,
        is_in_force=in_force,
        begun_at=begun_at,
        signed_at=None if signed is None else signed.at,
        signed_by="" if signed is None else signed.by,
        days_to_agree=_days(begun_at, None if signed is None else signed.at),
        days_open=_days(begun_at, at) if is_under_way else None,
        review_due=due,
        last_review=last_review,
        is_review_overdue=overdue and state is not AgreementState.EXPIRED,
        days_to_end=_days(at, agreement.valid_to),
    )


def _negotiation(
    history: Sequence[AgreementStateChange],
) -> tuple[datetime | None, AgreementStateChange | None]:
    """Return when the last work towards an agreement began, and the signature that ended it.

    A new draft of what was signed before begins anew, and has no signature yet.
    """
    begun: datetime | None = None
    signed: AgreementStateChange | None = None
    for change in history:
        if change.state in _UNDER_WAY:
            if begun is None or signed is not None:
                begun, signed = change.at, None
        elif change.state is AgreementState.AGREED and signed is None:
            signed = change
    return begun, signed


def _days(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start) / _DAY


def _calling_first(life: AgreementLife) -> tuple[bool, float, float, str]:
    due = life.review_due.timestamp() if life.review_due and life.is_review_overdue else 0.0
    left = float("inf") if life.days_to_end is None else life.days_to_end
    over = life.state is AgreementState.EXPIRED
    return over, due if life.is_review_overdue else float("inf"), left, life.agreement.agreement_id


def _check_state(
    agreement: Agreement, history: Sequence[AgreementStateChange], collector: FindingCollector
) -> None:
    """Report an agreement whose own state is not the one that it came into last."""
    if not history or history[-1].state is agreement.state:
        return
    last = history[-1]
    text = (
        f"{agreement_words(agreement)} is {agreement.state.value} in its own record, but "
        f"{last.state.value} since {day_words(last.at)}"
    )
    collector.add("agreement-state-differs", text, file=last.file, row=last.row)
