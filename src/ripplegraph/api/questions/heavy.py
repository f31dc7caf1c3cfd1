"""Questions that may be asked as jobs, by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ripplegraph.api.questions.agreements import AllocationQuery, RequirementQuery
from ripplegraph.api.questions.asked import Question
from ripplegraph.api.questions.availability import (
    CutSetsOfQuery,
    EstateImportanceQuery,
    ExplainOfQuery,
    ServicesQuery,
    SinglePointsQuery,
)
from ripplegraph.api.questions.incident import IncidentIn
from ripplegraph.api.questions.service_levels import (
    BreachesQuery,
    CeilingsQuery,
    ForecastQuery,
    ImproveQuery,
    ReportQuery,
    SlaQuery,
    StateQuery,
    TimelineQuery,
)
from ripplegraph.api.questions.what_if import SlaWhatIfThen, WhatIfIn
from ripplegraph.api.schemas import Out
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.service_graph import ServiceGraph

HeavyQuestion = Question | IncidentIn | SlaWhatIfThen | WhatIfIn
HEAVY_QUESTIONS: Mapping[str, type[HeavyQuestion]] = {
    "allocation": AllocationQuery,
    "availability": ServicesQuery,
    "breaches": BreachesQuery,
    "ceilings": CeilingsQuery,
    "cut-sets": CutSetsOfQuery,
    "explanation": ExplainOfQuery,
    "forecast": ForecastQuery,
    "importance": EstateImportanceQuery,
    "improvements": ImproveQuery,
    "incident": IncidentIn,
    "reports": ReportQuery,
    "requirements": RequirementQuery,
    "single-points": SinglePointsQuery,
    "slas": SlaQuery,
    "slas-what-if": SlaWhatIfThen,
    "state": StateQuery,
    "timeline": TimelineQuery,
    "what-if": WhatIfIn,
}


def answer_of(graph: ServiceGraph, question: HeavyQuestion, moment: datetime) -> Out:
    """Return the answer to a question at a moment, from a graph with dependencies of all times."""
    return question.answer(graph if question.is_over_time else graph_at(graph, moment), moment)
