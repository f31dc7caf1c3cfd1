"""What is written: pages, workbooks, tables and documents."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.wiring.extras import missing_extra

if TYPE_CHECKING:
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.agreements.values import SlaAnswer
    from ripplegraph.impact.availability.fault_trees import FaultTrees
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.visualize.measured_page import ReportPage


def render_view(  # noqa: PLR0913 - the question of a view
    graph: ServiceGraph,
    service: str | None,
    scenario: Scenario | None,
    *,
    limit: int | None = None,
    renderer: str = "svg",
    is_redacted: bool = False,
    at: datetime | None = None,
) -> str:
    """Return the page of a service, coloured by a scenario if any, or of all that it fells."""
    try:
        from ripplegraph.visualize.pages import ViewQuestion, render_view_page
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "view", "html") from exc
    from ripplegraph.impact.propagation.fixpoint import statuses_under

    statuses = None if scenario is None else statuses_under(graph, scenario)
    question = ViewQuestion(
        service=service,
        scenario=scenario,
        statuses=statuses,
        limit=limit,
        renderer=renderer,
        is_redacted=is_redacted,
        moment=at,
    )
    return render_view_page(graph, question)


def render_reports(page: ReportPage, graph: ServiceGraph) -> str:
    """Return the HTML page of reports on service levels."""
    from ripplegraph.visualize.measured_page import render_measured_page

    return render_measured_page(page, graph)


def pdf_of_reports(page: ReportPage, graph: ServiceGraph) -> bytes:
    """Return the PDF of reports on service levels."""
    from ripplegraph.visualize.measured_page import render_measured_page
    from ripplegraph.visualize.pdf import pdf_of

    return pdf_of(render_measured_page(page, graph, is_for_print=True))


def native_text(graph: ServiceGraph, form: str = "json") -> str:
    """Return the graph as ripplegraph's own JSON or YAML."""
    from ripplegraph.loaders.native_write import native_text as text_of

    return text_of(graph, "yaml" if form == "yaml" else "json")


def write_sla_workbook(answer: SlaAnswer, path: Path) -> None:
    """Write verdicts on SLAs as a workbook."""
    from ripplegraph.visualize.sla_workbook import write_sla_workbook as write

    write(answer, path)


def openslo_text(answer: SlaAnswer) -> str:
    """Return verdicts on SLAs as OpenSLO documents."""
    from ripplegraph.loaders.openslo_write import openslo_text as text

    return text(answer)


def open_psa_text(trees: FaultTrees) -> str:
    """Return fault trees as one Open-PSA document."""
    from ripplegraph.loaders.open_psa import open_psa_text as text_of

    return text_of(trees)


def write_tables(graph: ServiceGraph, path: Path) -> None:
    """Write the graph as a folder of CSV files, or as one XLSX workbook."""
    from ripplegraph.loaders.tables_out import write_tables as write

    write(graph, path)
