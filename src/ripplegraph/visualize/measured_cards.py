"""What the page of reports shows of each SLA: its figures in words, and its charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil, floor

from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.design import DesignComparison
from ripplegraph.impact.timeline.status_intervals import StatusInterval
from ripplegraph.impact.timeline.sums import Party, party_of
from ripplegraph.impact.timeline.values import Attribution, LevelReport, Verdict
from ripplegraph.impact.timeline.wording import seconds_words
from ripplegraph.visualize.charts.availability_trend import availability_trend
from ripplegraph.visualize.charts.bars import BarRow, bar_chart
from ripplegraph.visualize.charts.burn_down import burn_down_chart
from ripplegraph.visualize.charts.drawing import Chart
from ripplegraph.visualize.charts.outage_strip import StripWindow, outage_strip
from ripplegraph.visualize.zoned_times import ZonedTimes

MOST_BARS = 12
_MONTH_SECONDS = 30 * 86_400
_ORDER = (Verdict.MISSED, Verdict.OPEN, Verdict.NO_DATA, Verdict.MET, Verdict.NO_TARGET)
_LOOK_OF_PARTY = {
    Party.THIRD_PARTY: "planned",
    Party.INTERNAL: "degraded",
    Party.UNKNOWN: "excluded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one CI took of the downtime."""

    name: str
    teams: tuple[str, ...]
    answering: str
    words: str
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCard:
    """One report as the page shows it."""

    report: LevelReport
    anchor: str
    times: ZonedTimes
    used_words: str
    strip: Chart
    burn_down: Chart | None
    trend: Chart | None
    contributions: Chart | None
    design: Chart | None
    design_note: str
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSources:
    """From what the cards are made, besides the reports."""

    graph: ServiceGraph
    now: datetime
    intervals: Mapping[CiId, Sequence[StatusInterval]]
    comparisons: Mapping[CiId, DesignComparison]


def report_cards(reports: Sequence[LevelReport], sources: CardSources) -> tuple[ReportCard, ...]:
    """Return the cards, the worst first."""
    ordered = sorted(reports, key=_badness)
    return tuple(_card(place, one, sources) for place, one in enumerate(ordered, start=1))


def _badness(report: LevelReport) -> tuple[int, Fraction, str, str, datetime]:
    budget, left = report.budget_seconds, report.budget_left_seconds
    share = left / budget if budget and left is not None else left or Fraction(1)
    name = report.service_name or report.service
    place = _ORDER.index(report.verdict)
    return place, share, name, report.agreement.agreement_id, report.window_start


def _card(place: int, report: LevelReport, sources: CardSources) -> ReportCard:
    times = ZonedTimes(name=report.time_zone)
    window = StripWindow(
        start=report.window_start, end=report.window_end, now=sources.now, times=times
    )
    budget = report.budget_seconds
    return ReportCard(
        report=report,
        anchor=f"report-{place}",
        times=times,
        used_words=_used_words(report.used_seconds / budget) if budget else "-",
        strip=outage_strip(sources.intervals.get(report.service, ()), window),
        burn_down=burn_down_chart(report, sources.now, times),
        trend=availability_trend(report.trend, report.target),
        contributions=_contributions(report),
        design=_design(report, sources.comparisons.get(report.service)),
        design_note=_design_note(sources.comparisons.get(report.service)),
        shares=tuple(_shares(report, sources.graph)),
    )


def _used_words(share: Fraction) -> str:
    """Return a share of the budget as percent; only one used up to the second says 100%."""
    tenths = floor(share * 1000) if share <= 1 else ceil(share * 1000)
    return f"{tenths / 10:.1f}%".replace(".0%", "%")


def _contributions(report: LevelReport) -> Chart | None:
    """Return a bar per agreement that answers for downtime, with who that is."""
    rows = list(_answered(report.attribution))
    shown, rest = rows[:MOST_BARS], rows[MOST_BARS:]
    if rest:
        seconds = sum(int(one.value) for one in rest)
        words = seconds_words(seconds)
        shown.append(BarRow(name=f"{len(rest)} more", value=seconds, words=words, look="excluded"))
    return bar_chart(shown, words="Downtime by who answers for it")


def _answered(rows: Sequence[Attribution]) -> Iterator[BarRow]:
    seconds: dict[tuple[str, Party], int] = {}
    for row in rows:
        party, answering = party_of(row), row.answering
        who = "no agreement: " + (row.supplier or row.owner_team or "nobody named")
        if answering is not None:
            name = answering.name or answering.agreement_id
            kind = answering.kind.value.upper()
            who = name if name.upper().startswith(kind) else f"{kind} {name}"
        seconds[who, party] = seconds.get((who, party), 0) + row.seconds
    for (who, party), amount in sorted(seconds.items(), key=lambda one: (-one[1], one[0])):
        words = f"{seconds_words(amount)}, {party.value}"
        yield BarRow(name=who, value=amount, words=words, look=_LOOK_OF_PARTY[party])


def _design(report: LevelReport, found: DesignComparison | None) -> Chart | None:
    """Return what the target allows, the design expects and was measured, scaled to 30 days."""
    rows = []
    if report.target is not None:
        rows.append(_month_row("the target allows", float(1 - report.target), "design"))
    if found is not None and found.derived is not None:
        name = f"the design expects ({found.label.value})"
        rows.append(_month_row(name, 1 - found.derived, "planned"))
    if report.availability is not None:
        look = "down" if report.verdict is Verdict.MISSED else "up"
        rows.append(
            _month_row("measured, scaled to 30 days", float(1 - report.availability), look)
        )
    return bar_chart(rows, words="Downtime scaled to 30 days") if len(rows) > 1 else None


def _design_note(found: DesignComparison | None) -> str:
    if found is None or found.derived is not None:
        return ""
    words = f"The design gives no single number: it is {found.label.value}"
    return f"{words}. `ripplegraph availability` says what is missing."


def _month_row(name: str, unavailability: float, look: str) -> BarRow:
    seconds = unavailability * _MONTH_SECONDS
    return BarRow(name=name, value=seconds, words=seconds_words(round(seconds)), look=look)


def _shares(report: LevelReport, graph: ServiceGraph) -> Iterator[Share]:
    for one in report.attribution:
        answering = one.answering
        number = graph.resolve(one.ci_id)
        yield Share(
            name=graph.cis.name[number] or graph.cis.native_id[number],
            teams=tuple(filter(None, (one.owner_team, one.supplier))),
            answering="no agreement" if answering is None else answering.agreement_id,
            words=seconds_words(one.seconds),
            percent=100 * one.seconds / report.down_seconds,
        )
