"""The impact room: what falls when CIs fail, and why.

``ripplegraph.impact`` is this package and, for notebooks, also the question: the package can be
called like :func:`ripplegraph.impact.propagation.answers.impact`. (A function of that name in
the facade would be replaced as soon as any module of this room is imported.)
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.impact.propagation.values import ImpactAnswer


class _CallableRoom(ModuleType):
    """The package as a module that can be called."""

    def __call__(
        self,
        graph: ServiceGraph,
        scenario: Scenario,
        *,
        all_cis: bool = False,
        at: datetime | None = None,
    ) -> ImpactAnswer:
        """Return the answer of :func:`ripplegraph.impact.propagation.answers.impact`."""
        from ripplegraph.impact.propagation.answers import impact  # noqa: PLC0415 - loads on use

        return impact(graph, scenario, all_cis=all_cis, at=at)


sys.modules[__name__].__class__ = _CallableRoom
