"""The JSON answers of the commands and of the API, one model each, with their JSON Schemas."""

from __future__ import annotations

from ripplegraph.api.schemas.agreement_life import AgreementsOut
from ripplegraph.api.schemas.agreement_times import TimesOut
from ripplegraph.api.schemas.agreements import (
    AllocationOut,
    CeilingsOut,
    SlaOut,
    SlasOut,
)
from ripplegraph.api.schemas.availability import (
    AvailabilityOut,
    CutSetsOut,
    ExplainOut,
    ImportanceOut,
    SinglePointsOut,
)
from ripplegraph.api.schemas.base import AgreementOut, CiRef, Out, ScenarioOut
from ripplegraph.api.schemas.calls import AuditedCallsOut
from ripplegraph.api.schemas.cis import (
    CiOut,
    CiPageOut,
    CisOut,
    NeighbourhoodOut,
    ServiceOut,
    ServicesOut,
)
from ripplegraph.api.schemas.impact import ImpactedOut, ImpactOut, WhyNotOut, WhyOut
from ripplegraph.api.schemas.incident import IncidentAnswerOut
from ripplegraph.api.schemas.jobs import ImportOut, JobOut, JobProgressOut, JobsOut
from ripplegraph.api.schemas.load import CheckOut, FindingOut, LoadOut
from ripplegraph.api.schemas.management import ImproveOut
from ripplegraph.api.schemas.mapping import MappingExplainOut, MappingsOut, VersionOut
from ripplegraph.api.schemas.measured import ReportOut, TimelineOut
from ripplegraph.api.schemas.outlook import BreachesOut, ForecastOut, StateOut
from ripplegraph.api.schemas.overview import CallerOut, OverviewOut
from ripplegraph.api.schemas.scene import SceneOut
from ripplegraph.api.schemas.store import AuditOut, DifferencesOut, RevisionsOut
from ripplegraph.api.schemas.what_if import WhatIfOut

__all__ = [
    "AgreementOut",
    "AgreementsOut",
    "AllocationOut",
    "AuditOut",
    "AuditedCallsOut",
    "AvailabilityOut",
    "BreachesOut",
    "CallerOut",
    "CeilingsOut",
    "CheckOut",
    "CiOut",
    "CiPageOut",
    "CiRef",
    "CisOut",
    "CutSetsOut",
    "DifferencesOut",
    "ExplainOut",
    "FindingOut",
    "ForecastOut",
    "ImpactOut",
    "ImpactedOut",
    "ImportOut",
    "ImportanceOut",
    "ImproveOut",
    "IncidentAnswerOut",
    "JobOut",
    "JobProgressOut",
    "JobsOut",
    "LoadOut",
    "MappingExplainOut",
    "MappingsOut",
    "NeighbourhoodOut",
    "Out",
    "OverviewOut",
    "ReportOut",
    "RevisionsOut",
    "ScenarioOut",
    "SceneOut",
    "ServiceOut",
    "ServicesOut",
    "SinglePointsOut",
    "SlaOut",
    "SlasOut",
    "StateOut",
    "TimelineOut",
    "TimesOut",
    "VersionOut",
    "WhatIfOut",
    "WhyNotOut",
    "WhyOut",
    "json_schemas",
]

_ANSWERS: tuple[type[Out], ...] = (
    AuditOut,
    ImproveOut,
    AgreementsOut,
    AuditedCallsOut,
    TimesOut,
    BreachesOut,
    ForecastOut,
    StateOut,
    AllocationOut,
    CeilingsOut,
    AvailabilityOut,
    CallerOut,
    CheckOut,
    CiOut,
    CiPageOut,
    CisOut,
    CutSetsOut,
    DifferencesOut,
    ExplainOut,
    ImpactOut,
    ImportanceOut,
    IncidentAnswerOut,
    ImportOut,
    JobOut,
    JobsOut,
    LoadOut,
    MappingExplainOut,
    MappingsOut,
    NeighbourhoodOut,
    OverviewOut,
    RevisionsOut,
    SceneOut,
    ServicesOut,
    SinglePointsOut,
    SlasOut,
    ReportOut,
    TimelineOut,
    VersionOut,
    WhatIfOut,
    WhyNotOut,
    WhyOut,
)


def json_schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema of each answer, by name and version: ``impact-1``."""
    schemas: dict[str, dict[str, object]] = {}
    for model in _ANSWERS:
        name = str(model.model_fields["schema_"].default).removeprefix("ripplegraph/")
        schema = model.model_json_schema(mode="serialization", by_alias=True)
        dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        schemas[name.replace("/", "-")] = dialect | schema
    return schemas
