"""Answer which services fall when this CI does, and whether the SLA still holds.

``graph = ripplegraph.load("export.zip")``, then functions: ``ripplegraph.impact(graph, ...)``.
Names load their modules on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ripplegraph.graph.networkx_bridge import from_networkx, to_networkx
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.graph.service_time import service_time
    from ripplegraph.graph.validation import validate
    from ripplegraph.impact.agreements.allocating import allocate
    from ripplegraph.impact.agreements.ceilings import target_ceilings
    from ripplegraph.impact.agreements.fits import agreement_fits
    from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_report
    from ripplegraph.impact.agreements.time_targets import time_verdicts
    from ripplegraph.impact.agreements.verdict import requirement_verdicts, sla_verdicts
    from ripplegraph.impact.availability.answers import (
        availability,
        cut_sets,
        explain,
        importance,
    )
    from ripplegraph.impact.availability.single_points import single_points_of_failure
    from ripplegraph.impact.availability.uncertainty import uncertainty
    from ripplegraph.impact.propagation.answers import impact, impacted_services, why, why_not
    from ripplegraph.impact.propagation.scenario import scenario_of
    from ripplegraph.impact.timeline.report import service_level_reports
    from ripplegraph.impact.timeline.timeline import timeline_of
    from ripplegraph.impact.timeline.windows import parse_window
    from ripplegraph.loaders.native_write import write_native
    from ripplegraph.loaders.tables_out import write_tables
    from ripplegraph.visualize.frames import to_frame
    from ripplegraph.visualize.pyvis_page import to_pyvis
    from ripplegraph.visualize.scene import build_outage_scene, build_scene
    from ripplegraph.visualize.service_view import view

__version__ = "0.1.0"

__all__ = [
    "ServiceGraph",
    "agreement_fits",
    "allocate",
    "availability",
    "build_outage_scene",
    "build_scene",
    "cut_sets",
    "explain",
    "from_networkx",
    "impact",
    "impacted_services",
    "importance",
    "lifecycle_report",
    "load",
    "parse_window",
    "requirement_verdicts",
    "scenario_of",
    "service_level_reports",
    "service_time",
    "single_points_of_failure",
    "sla_verdicts",
    "target_ceilings",
    "time_verdicts",
    "timeline_of",
    "to_frame",
    "to_networkx",
    "to_pyvis",
    "uncertainty",
    "validate",
    "view",
    "why",
    "why_not",
    "write_native",
    "write_tables",
]

_HOMES = {
    "ServiceGraph": "ripplegraph.graph.service_graph",
    "agreement_fits": "ripplegraph.impact.agreements.fits",
    "allocate": "ripplegraph.impact.agreements.allocating",
    "availability": "ripplegraph.impact.availability.answers",
    "build_outage_scene": "ripplegraph.visualize.scene",
    "build_scene": "ripplegraph.visualize.scene",
    "cut_sets": "ripplegraph.impact.availability.answers",
    "explain": "ripplegraph.impact.availability.answers",
    "from_networkx": "ripplegraph.graph.networkx_bridge",
    "impacted_services": "ripplegraph.impact.propagation.answers",
    "importance": "ripplegraph.impact.availability.answers",
    "lifecycle_report": "ripplegraph.impact.agreements.lifecycle_metrics",
    "parse_window": "ripplegraph.impact.timeline.windows",
    "requirement_verdicts": "ripplegraph.impact.agreements.verdict",
    "scenario_of": "ripplegraph.impact.propagation.scenario",
    "service_level_reports": "ripplegraph.impact.timeline.report",
    "service_time": "ripplegraph.graph.service_time",
    "single_points_of_failure": "ripplegraph.impact.availability.single_points",
    "sla_verdicts": "ripplegraph.impact.agreements.verdict",
    "target_ceilings": "ripplegraph.impact.agreements.ceilings",
    "time_verdicts": "ripplegraph.impact.agreements.time_targets",
    "timeline_of": "ripplegraph.impact.timeline.timeline",
    "to_frame": "ripplegraph.visualize.frames",
    "to_networkx": "ripplegraph.graph.networkx_bridge",
    "to_pyvis": "ripplegraph.visualize.pyvis_page",
    "uncertainty": "ripplegraph.impact.availability.uncertainty",
    "validate": "ripplegraph.graph.validation",
    "view": "ripplegraph.visualize.service_view",
    "why": "ripplegraph.impact.propagation.answers",
    "why_not": "ripplegraph.impact.propagation.answers",
    "write_native": "ripplegraph.loaders.native_write",
    "write_tables": "ripplegraph.loaders.tables_out",
}


def load(  # noqa: PLR0913 - one per way to read
    *paths: str | Path,
    mapping: str | Path | None = None,
    time_zone: str | None = None,
    day_first: bool | None = None,
    source: str | None = None,
    strict: bool = False,
    outage_rules: str | Path | None = None,
    limits: Mapping[str, float] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ServiceGraph:
    """Return the graph of one export: a folder, a zip or files; ``report`` says what was read.

    Parameters
    ----------
    mapping
        Name of a shipped mapping, or the path of a mapping file; None takes the format's own.
    time_zone
        IANA zone of times without one; without it such times are findings.
    day_first
        How to read ``03/04/2026``; None makes it a finding.
    source
        First part of every ``ci_id``; None takes the format's name.
    strict
        True to raise :class:`ripplegraph.errors.StrictFindingError` at the first error finding.
    outage_rules
        Path of a rule file that says which tickets of incident logs are outages; None for none.
    limits
        What reading may cost, by the names of the limits in the data model; those not named, and
        all of them with None, are the defaults. The environment's ``RIPPLEGRAPH_LIMITS`` is for
        commands only.
    progress
        Called with a label, the bytes done and the bytes in all.

    Raises
    ------
    ripplegraph.errors.RippleGraphError
        If the export, the mapping or the rule file cannot be read, a limit is exceeded, or with
        ``strict`` at a finding.
    ValueError
        If no limit has a name in ``limits``, or one is not above zero, or not a whole number of
        what it counts.

    Examples
    --------
    >>> load("examples/acme", limits={"memory_bytes": 2e9}).ci_count > 0
    True
    """
    from ripplegraph.graph.compilation import CompilePolicy, compile_with_default
    from ripplegraph.loaders.context import LoadOptions
    from ripplegraph.loaders.load import load_export
    from ripplegraph.loaders.reading import limits_with
    from ripplegraph.settings import kernel_cache_folder
    from ripplegraph.visualize.notebook import show_in_notebooks

    show_in_notebooks()
    compile_with_default(CompilePolicy(cache_folder=kernel_cache_folder()))
    options = LoadOptions(
        mapping=mapping,
        time_zone=time_zone,
        day_first=day_first,
        source=source,
        strict=strict,
        outage_rules=outage_rules,
        limits=None if limits is None else limits_with(limits),
        progress=progress,
    )
    return load_export(paths, options)


def __getattr__(name: str) -> object:
    if name == "impact":  # the package itself, which can be called (see its docstring)
        return import_module("ripplegraph.impact")
    if name not in _HOMES:
        msg = f"module 'ripplegraph' has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
