"""One self-contained page of reports on service levels: strips, burn-down, contributions.

Names are other people's text: the template escapes whatever it prints, nothing is fetched, no
script runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.status_intervals import StatusInterval
from ripplegraph.impact.timeline.sums import PORTFOLIO, SummedSeconds, summed_seconds
from ripplegraph.impact.timeline.values import LevelReport, OutageClass, ReportAnswer
from ripplegraph.impact.timeline.wording import percent_floor, seconds_words
from ripplegraph.visualize.page_parts import hash_source, markup_of, part, template_environment

WIDTH, HEIGHT = 1000, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of a strip, in units of its width, with its class and what it says."""

    left: float
    width: float
    look: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one CI took of the downtime, as a bar of up to 100."""

    name: str
    team: str
    answering: str
    words: str
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCard:
    """One report as the page shows it."""

    report: LevelReport
    anchor: str
    strip: tuple[Bar, ...]
    burn_down: str
    zero: float
    is_overdrawn: bool
    shares: tuple[Share, ...]


def render_measured_page(
    answer: ReportAnswer,
    graph: ServiceGraph,
    intervals: Mapping[CiId, Sequence[StatusInterval]],
) -> str:
    """Return the page; ``intervals`` are those of each service reported."""
    cards = [
        _card(place, one, graph, intervals.get(one.service, ()), answer.now)
        for place, one in enumerate(answer.reports, start=1)
    ]
    template = template_environment().get_template("measured.html.j2")
    return template.render(
        answer=answer,
        cards=cards,
        totals=[one for one in summed_seconds(answer.reports) if _is_shown(one)],
        seconds_words=seconds_words,
        percent_floor=percent_floor,
        moment_words=_moment_words,
        target_words=_target_words,
        chain_words=lambda chain: " → ".join(_name(graph, ci) for ci in chain),
        policy=measured_page_policy(),
        style=markup_of(part("measured.css")),
        width=WIDTH,
        height=HEIGHT,
    )


def measured_page_policy() -> str:
    """Return the content security policy of the page: its own style, nothing else."""
    style = hash_source(part("measured.css"))
    return f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'"


def _is_shown(one: SummedSeconds) -> bool:
    return one.scope == PORTFOLIO and one.by in {"party", "team", "supplier"} and bool(one.key)


def _card(
    place: int,
    report: LevelReport,
    graph: ServiceGraph,
    intervals: Sequence[StatusInterval],
    now: datetime,
) -> ReportCard:
    points, zero = _burn_down(report, now)
    return ReportCard(
        report=report,
        anchor=f"report-{place}",
        strip=tuple(_strip(report, intervals, now)),
        burn_down=points,
        zero=zero,
        is_overdrawn=(report.budget_left_seconds or 0) < 0,
        shares=tuple(_shares(report, graph)),
    )


def _strip(
    report: LevelReport, intervals: Sequence[StatusInterval], now: datetime
) -> Iterator[Bar]:
    start, length = report.window_start, _length(report)
    for one in intervals:
        begin = max(one.start or start, start)
        end = min(one.end or now, report.window_end)
        if begin >= end:
            continue
        left = WIDTH * (begin - start).total_seconds() / length
        width = WIDTH * (end - begin).total_seconds() / length
        words = f"{one.status.word} {_moment_words(one.start)} to {_moment_words(one.end)}"
        yield Bar(left=left, width=max(width, 1.0), look=_look(one), title=words)


def _look(one: StatusInterval) -> str:
    if one.status is not Status.DOWN:
        return one.status.word
    if one.counts_as_down:
        return "down"
    return "planned" if one.in_maintenance else "excluded"


def _length(report: LevelReport) -> float:
    return (report.window_end - report.window_start).total_seconds()


def _burn_down(report: LevelReport, now: datetime) -> tuple[str, float]:
    """Return the points of the budget left up to now, and the height of an empty budget."""
    last = min(report.window_end, now)
    budget = report.budget_seconds
    if not budget:
        return "", HEIGHT
    least = min(Fraction(0), report.budget_left_seconds or Fraction(0))
    span = float(budget - least)

    def point(moment: datetime, left: Fraction) -> str:
        x = WIDTH * (moment - report.window_start).total_seconds() / _length(report)
        y = HEIGHT * float(budget - left) / span
        return f"{min(max(x, 0.0), WIDTH):.1f},{y:.1f}"

    left, points = budget, [point(report.window_start, budget)]
    for one in report.outages:
        if one.outage_class is not OutageClass.COUNTED:
            continue
        points.append(point(one.start, left))
        left -= one.seconds
        points.append(point(one.end or last, left))
    final = report.budget_left_seconds or Fraction(0)
    points.append(point(last, final))
    return " ".join(points), HEIGHT * float(budget) / span


def _shares(report: LevelReport, graph: ServiceGraph) -> Iterator[Share]:
    for one in report.attribution:
        answering = one.answering
        yield Share(
            name=_name(graph, one.ci_id),
            team=" / ".join(text for text in (one.owner_team, one.supplier) if text),
            answering="no agreement" if answering is None else answering.agreement_id,
            words=seconds_words(one.seconds),
            percent=100 * one.seconds / report.down_seconds,
        )


def _name(graph: ServiceGraph, ci_id: CiId) -> str:
    number = graph.resolve(ci_id)
    return graph.cis.name[number] or graph.cis.native_id[number]


def _target_words(target: Decimal | None) -> str:
    return "-" if target is None else f"{(target * 100).normalize():f}%"


def _moment_words(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%SZ")
