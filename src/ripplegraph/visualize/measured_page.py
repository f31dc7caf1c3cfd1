"""One self-contained page of reports on service levels: the document of a review meeting.

Names are other people's text: the template escapes whatever it prints, charts escape what they
draw, nothing is fetched, no script runs.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.design import DesignComparison
from ripplegraph.impact.timeline.status_intervals import StatusInterval
from ripplegraph.impact.timeline.sums import PORTFOLIO, SummedSeconds, summed_seconds
from ripplegraph.impact.timeline.values import ReportAnswer, Verdict
from ripplegraph.impact.timeline.wording import percent_floor, seconds_words
from ripplegraph.visualize.charts.availability_trend import window_words
from ripplegraph.visualize.charts.drawing import Chart
from ripplegraph.visualize.charts.outage_strip import strip_keys
from ripplegraph.visualize.measured_cards import CardSources, ReportCard, report_cards
from ripplegraph.visualize.page_parts import (
    hash_source,
    markup_of,
    stylesheet,
    template_environment,
)
from ripplegraph.visualize.zoned_times import ZonedTimes

if TYPE_CHECKING:
    from markupsafe import Markup

_MOST_IN_TITLE = 3
"""So many services are named in the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """What a page of reports is about.

    Parameters
    ----------
    intervals
        Those of each service reported.
    comparisons
        Design beside measured of the services for which it was asked.
    customer
        For whom it is; "" for everybody.
    services
        On which it is, where some were named; else it is on all.
    """

    answer: ReportAnswer
    intervals: Mapping[CiId, Sequence[StatusInterval]]
    comparisons: Sequence[DesignComparison] = ()
    customer: str = ""
    services: tuple[CiId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPart:
    """The part of the page that is about one customer."""

    name: str
    cards: tuple[ReportCard, ...]
    totals: tuple[SummedSeconds, ...]


def render_measured_page(
    page: ReportPage, graph: ServiceGraph, *, is_for_print: bool = False
) -> str:
    """Return the page; for print, charts are images, which do without the style of the page."""
    answer = page.answer
    sources = CardSources(
        graph=graph,
        now=answer.now,
        intervals=page.intervals,
        comparisons={one.service: one for one in page.comparisons},
    )
    cards = report_cards(answer.reports, sources)
    sums = summed_seconds(answer.reports)
    verdicts = Counter(one.verdict for one in answer.reports)
    return (
        template_environment()
        .get_template("measured.html.j2")
        .render(
            page=page,
            subject=_subject(page, graph),
            answer=answer,
            cards=cards,
            parts=tuple(_parts(cards, sums)),
            totals=[one for one in sums if one.scope == PORTFOLIO and _is_shown(one)],
            windows=_windows(answer),
            verdicts=[(one, verdicts[one]) for one in Verdict if verdicts[one]],
            chart=_as_image if is_for_print else _as_svg,
            key=_as_key_image if is_for_print else _as_svg,
            strip_keys=strip_keys(),
            seconds_words=seconds_words,
            percent_floor=percent_floor,
            times=_times_of(cards),
            zones={card.times for card in cards},
            target_words=_target_words,
            chain_names=lambda chain: [_name(graph, ci) for ci in chain],
            policy=measured_page_policy(),
            style=markup_of(_style()),
        )
    )


def measured_page_policy() -> str:
    """Return the content security policy of the page: its own style, nothing else."""
    return (
        f"default-src 'none'; style-src {hash_source(_style())}; "
        "base-uri 'none'; form-action 'none'"
    )


def _style() -> str:
    return stylesheet("palette.css", "measured.css")


def _subject(page: ReportPage, graph: ServiceGraph) -> list[str]:
    """Return the names of the services in the title; many are told by their number."""
    names = [_name(graph, one) for one in page.services]
    return names if len(names) <= _MOST_IN_TITLE else [f"{len(names)} services"]


def _windows(answer: ReportAnswer) -> list[str]:
    """Return the windows reported, each once, the earliest first."""
    spans = sorted({(one.window_start, one.window_end) for one in answer.reports})
    return list(dict.fromkeys(window_words(start, end) for start, end in spans))


def _is_shown(one: SummedSeconds) -> bool:
    return one.by in {"party", "team", "supplier"} and bool(one.key)


def _parts(cards: Sequence[ReportCard], sums: Sequence[SummedSeconds]) -> Iterator[CustomerPart]:
    """Yield the customers by name; SLAs that name none stand last."""
    names = {card.report.agreement.customer for card in cards}
    for name in sorted(names, key=lambda one: (not one, one.casefold(), one)):
        yield CustomerPart(
            name=name,
            cards=tuple(card for card in cards if card.report.agreement.customer == name),
            totals=tuple(one for one in sums if one.name == name and name and _is_shown(one)),
        )


def _as_svg(chart: Chart) -> Markup:
    return markup_of(chart.svg)


def _as_image(chart: Chart) -> Markup:
    return _image(chart, "chart", chart.words)


def _as_key_image(chart: Chart) -> Markup:
    return _image(chart, "key", "")  # its words stand beside it


def _image(chart: Chart, css: str, words: str) -> Markup:
    encoded = b64encode(chart.svg.encode()).decode("ascii")
    alt = escape(words, quote=True)
    return markup_of(f'<img class="{css}" alt="{alt}" src="data:image/svg+xml;base64,{encoded}">')


def _name(graph: ServiceGraph, ci_id: CiId) -> str:
    number = graph.resolve(ci_id)
    return graph.cis.name[number] or graph.cis.native_id[number]


def _target_words(target: Decimal | None) -> str:
    return "-" if target is None else f"{(target * 100).normalize():f}%"


def _times_of(cards: Sequence[ReportCard]) -> ZonedTimes:
    """Return the times of all reports if they are of one zone, else those of UTC."""
    found = {card.times for card in cards}
    return found.pop() if len(found) == 1 else ZonedTimes()
