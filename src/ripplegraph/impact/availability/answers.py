"""The questions: how available is a service, what brings it down, and which CIs matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import isclose

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability import fault_tree_answers
from ripplegraph.impact.availability.fault_tree_cut_sets import cut_sets_of
from ripplegraph.impact.availability.group_importance import group_importances, group_reasons
from ripplegraph.impact.availability.importance_totals import group_totals_of
from ripplegraph.impact.availability.importance_values import (
    CiImportance,
    CiTotal,
    ImportanceAnswer,
)
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.questions import Asked, ask
from ripplegraph.impact.availability.tree_importance import importance_of
from ripplegraph.impact.availability.values import (
    AvailabilityAnswer,
    Basis,
    CutSetsAnswer,
    ExplainAnswer,
    Label,
    ServiceAvailability,
)


def availability(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> AvailabilityAnswer:
    """Return the availability of services.

    Parameters
    ----------
    graph
        The graph.
    services
        Texts that name CIs, services or any other; None for every service.
    at
        Aware; dependencies and agreements that hold then count. None leaves dates out.
    options
        Level, bases, defaults and budgets.

    Returns
    -------
    AvailabilityAnswer
        One row per service, labelled.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.
    InvalidScenarioError
        If a shared cause is asked for by a column that no CI has.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.options import Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> (row,) = availability(graph_of("shop -> db"), options=options).services
    >>> (row.availability, row.label.value)
    (0.75, 'exact')
    """
    asked = ask(graph, services, at, options)
    answer = fault_tree_answers.availability_of(asked.compiled)
    slopes = asked.slopes()
    rows = tuple(asked.completed(place, row, slopes) for place, row in enumerate(answer.services))
    beneath = sorted({ci for cone in asked.grounds.structure.cones for ci in cone})
    counts = Counter(asked.grounds.own[ci].basis.value for ci in beneath)
    return AvailabilityAnswer(
        services=rows,
        level=options.level,
        basis_counts=dict(sorted(counts.items())),
        assumptions=asked.grounds.assumptions(),
    )


def cut_sets(
    graph: ServiceGraph,
    service: str,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    max_order: int | None = None,
    min_probability: float | None = None,
) -> CutSetsAnswer:
    """Return the minimal cut sets of a service, likeliest first, and its minimal path sets.

    Parameters
    ----------
    graph, at, options
        As for :func:`availability`, also for what is raised.
    service
        Text that names a CI.
    max_order
        Most CIs of a cut set; None for no limit but the number of sets.
    min_probability
        Sets less likely are left out, a fraction; sets of unknown probability stay.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> found = cut_sets(graph_of("shop -> db & web; web -> h1 | h2"), "shop")
    >>> [one.cis for one in found.cut_sets][-1]
    ('t:server:h1', 't:server:h2')
    """
    asked = ask(graph, [service], at, options)
    answer = cut_sets_of(asked.compiled, max_order=max_order, min_probability=min_probability)
    number = asked.grounds.numbers[0]
    return replace(
        answer,
        native_id=graph.cis.native_id[number],
        name=graph.cis.name[number],
        assumptions=(*asked.grounds.assumptions(), *answer.assumptions),
    )


def importance(
    graph: ServiceGraph,
    service: str | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    group_by: str = "",
    limit: int = 10_000,
) -> ImportanceAnswer:
    """Return what each CI means to a service (None: to every service).

    Parameters
    ----------
    graph, at, options
        As for :func:`availability`, also for what is raised. CIs of unknown availability are
        taken as perfect.
    service
        Text that names a CI; None for every service.
    group_by
        ``class``, ``team``, ``supplier`` or ``tag``: also what CIs that share it mean together.
    limit
        Most rows, and most totals.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.options import Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> [one.minutes for one in importance(graph_of("shop -> db"), options=options).rows]
    [131400.0]
    """
    asked = ask(graph, None if service is None else [service], at, options)
    is_estate = service is None
    answer = importance_of(asked.compiled, limit=limit, with_totals=is_estate)
    groups = group_importances(asked, group_by, answer.labels) if group_by else ()
    return replace(
        answer,
        service=None if is_estate else graph.ci_ids[asked.grounds.numbers[0]],
        rows=tuple(_named_row(asked, row) for row in answer.rows),
        totals=tuple(_named_total(asked, one) for one in answer.totals),
        groups=groups,
        group_totals=group_totals_of(groups) if is_estate else (),
        assumptions=(
            *asked.grounds.assumptions(),
            *answer.assumptions[1:],
            *(group_reasons(asked, groups) if group_by else ()),
        ),
    )


def _named_row(asked: Asked, row: CiImportance) -> CiImportance:
    """Return a row with the names and times of its CI; a shared cause has none."""
    own = asked.grounds.own_of(row.ci_id)
    if own is None:
        return row
    return replace(
        row,
        native_id=own.native_id,
        name=own.name,
        mtbf_hours=own.mtbf_hours,
        mean_down_time_hours=own.mean_down_time_hours,
    )


def _named_total(asked: Asked, one: CiTotal) -> CiTotal:
    own = asked.grounds.own_of(one.ci_id)
    return one if own is None else replace(one, native_id=own.native_id, name=own.name)


def explain(
    graph: ServiceGraph,
    service: str,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> ExplainAnswer:
    """Return where the availability of a service comes from.

    Parameters
    ----------
    graph, at, options
        As for :func:`availability`, also for what is raised.
    service
        Text that names a CI.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.options import Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> [one.ci_id for one in explain(graph_of("shop -> db"), "shop", options=options).inputs]
    ['t:server:db']
    """
    asked = ask(graph, [service], at, options)
    answer = fault_tree_answers.explanation_of(asked.compiled)
    row = asked.completed(0, answer.service, asked.slopes())
    contributions = []
    for one in answer.contributions:
        own = asked.grounds.own_of(one.ci_id)
        contributions.append(
            replace(one, basis=None, detail="shared cause")
            if own is None
            else replace(
                one, native_id=own.native_id, name=own.name, basis=own.basis, detail=own.detail
            )
        )
    return replace(
        answer,
        service=row,
        contributions=tuple(contributions),
        inputs=tuple(
            asked.grounds.own[ci]
            for ci in asked.grounds.structure.cones[0]
            if asked.grounds.own[ci].basis is not Basis.LOGICAL
        ),
        spreadsheet=_spreadsheet(row),
        assumptions=(*asked.grounds.assumptions(), *answer.assumptions[1:], *_unknown(row)),
    )


def _unknown(row: ServiceAvailability) -> tuple[str, ...]:
    """Return what an explanation leaves open where CIs are of unknown availability."""
    if row.label is not Label.INCOMPLETE:
        return ()
    return (
        "What is of unknown availability counts as perfect in where the downtime comes from: the"
        " shares make up the lower end. What a spreadsheet would have said cannot be told.",
    )


def _spreadsheet(row: ServiceAvailability) -> tuple[str, ...]:
    """Return what the naive formulas say, and by how much they miss."""
    said = []
    for value, formula in (
        (row.naive_product, "The product over all CIs beneath, redundancy ignored"),
        (row.naive_tree, "Series and k-out-of-n formulas along the tree, shared CIs twice"),
    ):
        if value is None or row.unavailability is None:
            continue
        minutes = (1.0 - value - row.unavailability) * 525_600
        word = "more" if minutes > 0 else "less"
        missed = f"{abs(minutes):,.{0 if abs(minutes) >= 100 else 3}f} minutes of downtime a year"
        # sums and products of rounded numbers differ in their last digits
        is_same = isclose(1.0 - value, row.unavailability, rel_tol=1e-9, abs_tol=1e-15)
        by = "the same downtime" if is_same else f"{missed} {word}"
        said.append(f"{formula}: {100 * value:.9g}% available, {by}.")
    return tuple(said)
