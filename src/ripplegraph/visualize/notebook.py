"""How values show themselves in notebooks: as HTML tables and pictures, names always as text.

The core knows nothing of notebooks: :func:`show_in_notebooks` gives its classes the method that
notebooks ask for. The facade calls it when it hands out a graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.values import AvailabilityAnswer, ServiceAvailability
from ripplegraph.impact.propagation.values import ImpactAnswer
from ripplegraph.visualize.appearance import KIND_WORDS, STATUS_ICONS, STATUS_WORDS
from ripplegraph.visualize.availability_words import amount_words, interval_words

_MOST_ROWS = 50


def show_in_notebooks() -> None:
    """Let graphs, impact answers and availability answers show themselves in notebooks."""
    for shown, method in (
        (ServiceGraph, _graph_html),
        (ImpactAnswer, _impact_html),
        (AvailabilityAnswer, _availability_html),
        (ServiceAvailability, _service_html),
    ):
        type.__setattr__(shown, "_repr_html_", method)


def _graph_html(graph: ServiceGraph) -> str:
    cis = graph.cis
    rows = [
        (cis.name[number], KIND_WORDS[cis.kind[number]], cis.owner_team[number])
        for number in graph.service_numbers
    ]
    caption = (
        f"{graph.ci_count:,} CIs, {graph.dependency_count:,} dependencies, "
        f"{len(graph.agreements):,} agreements, {len(graph.outages):,} outages; "
        f"{len(rows):,} services"
    )
    return _table(caption, ("Service", "Kind", "Owner team"), rows)


def _impact_html(answer: ImpactAnswer) -> str:
    rows = [
        (
            one.name,
            f"{STATUS_ICONS[one.status]} {STATUS_WORDS[one.status]}",
            ", ".join(one.root_cis),
            ", ".join(one.sla_ids),
        )
        for one in answer.impacted
    ]
    out = ", ".join(answer.scenario.cis) or "nothing"
    caption = f"Out: {out}. {len(rows):,} impacted; {answer.cis_not_up:,} CIs are not up."
    notes = "".join(f"<p>{escape(note)}</p>" for note in answer.notes)
    return _table(caption, ("CI", "Status", "Root causes", "SLAs"), rows) + notes


def _availability_html(answer: AvailabilityAnswer) -> str:
    rows = [_availability_row(one) for one in answer.services]
    notes = "".join(f"<li>{escape(note)}</li>" for note in answer.assumptions)
    return _table("Availability", _AVAILABILITY_HEADS, rows) + f"<ul>{notes}</ul>"


def _service_html(row: ServiceAvailability) -> str:
    return _table("Availability", _AVAILABILITY_HEADS, [_availability_row(row)])


_AVAILABILITY_HEADS = ("Service", "Availability", "How far to trust it", "Down, minutes a year")


def _availability_row(row: ServiceAvailability) -> tuple[str, ...]:
    minutes = row.downtime_minutes_per_year
    return (
        row.name,
        interval_words(row.lower, row.upper),
        f"{row.label.value}: {row.method}",
        amount_words(minutes),
    )


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of texts; further rows are counted, not dropped without a word."""
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows[:_MOST_ROWS])
    left = len(rows) - _MOST_ROWS
    more = f'<tr><td colspan="{len(heads)}">and {left:,} more rows</td></tr>' if left > 0 else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{_cells('th', heads)}</tr></thead>"
        f"<tbody>{body}{more}</tbody></table>"
    )


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}><bdi>{escape(text)}</bdi></{tag}>" for text in texts)
