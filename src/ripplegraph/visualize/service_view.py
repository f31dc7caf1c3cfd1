"""The page of a service or an outage as a value: a notebook shows it, a script writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import statuses_under
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.visualize.pages import ViewQuestion, render_view_page

_HEIGHT = 640


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """The page of a service or an outage; a notebook shows it in place, without a network."""

    html: str

    def _repr_html_(self) -> str:
        """Return the page in a frame that can neither reach the notebook nor the network."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-downloads" '
            f'title="ripplegraph" width="100%" height="{_HEIGHT}"></iframe>'
        )


def view(
    graph: ServiceGraph,
    service: str | None = None,
    scenario: Scenario | None = None,
    *,
    at: datetime | None = None,
    redact: bool = False,
) -> ServiceView:
    """Return the page of a service, or of all that an outage fells, to mail or to show.

    Parameters
    ----------
    service
        Text that names a CI; None for all services that fall by the scenario.
    scenario
        What is out, see :func:`ripplegraph.scenario_of`; None for nothing.
    at
        Moment asked about, aware: adds the time slider over the outages before it.
    redact
        True to replace names, ids, owners and suppliers.

    Raises
    ------
    UnknownCiError
        If the text names no CI.
    AmbiguousCiError
        If it names several.
    InvalidScenarioError
        If there is neither a service nor anything that is out.
    MissingExtraError
        If jinja2 is not installed: ``pip install ripplegraph[html]``.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.propagation.scenario import scenario_of
    >>> "shop rests on" in view(graph_of("shop -> db"), "shop").html
    True
    >>> graph = graph_of("shop -> db; mail -> db", services=("shop", "mail"))
    >>> "2 services are down" in view(graph, scenario=scenario_of(graph, down=["db"])).html
    True
    """
    statuses = None if scenario is None else statuses_under(graph, scenario)
    question = ViewQuestion(
        service=service, scenario=scenario, statuses=statuses, moment=at, is_redacted=redact
    )
    return ServiceView(html=render_view_page(graph, question))
