"""The tables of ``impact`` and ``why``: what an incident manager reads first stands first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import (
    NOTHING,
    agreement_words,
    chain_words,
    counted,
    group_words,
    name_words,
    names_words,
    place_words,
    remaining_words,
    status_words,
    words_or_nothing,
)
from ripplegraph.graph.model import Status
from ripplegraph.impact.propagation.behind import agreements_behind_roots

if TYPE_CHECKING:
    from datetime import datetime

    from ripplegraph.graph.model import CiId
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.impact.propagation.values import (
        FailedGroup,
        ImpactAnswer,
        ImpactedCi,
        ReasonStep,
        WhyAnswer,
        WhyNotAnswer,
    )

MOST_BRANCHES = 20
"""Branches of a reason that are followed to their roots; of more, the first step is shown."""


def impact_parts(
    answer: ImpactAnswer, graph: ServiceGraph, *, all_cis: bool, at: datetime | None = None
) -> list[Part]:
    """Return headline, impacted services, failed groups, whom to call, and notes.

    Agreements in force at ``at`` are shown behind an outage.
    """
    parts: list[Part] = [
        "\n".join([*_scenario_lines(answer.scenario, graph), _headline(answer, graph)])
    ]
    if answer.impacted:
        parts.append(_impacted_table(answer.impacted, graph, all_cis=all_cis))
    parts.extend(_groups_part(_distinct_groups(answer.impacted), graph))
    if answer.scenario.cis:
        parts.append(_call_table(answer.scenario, answer.impacted, graph, at=at))
    parts.extend(_notes_part(answer.notes))
    return parts


def impact_csv(answer: ImpactAnswer, graph: ServiceGraph) -> Table:
    """Return one row per impacted CI with everything that JSON says, lists joined by ``;``."""
    columns = (
        "ci_id", "native_id", "name", "class", "status", "because", "planned_status",
        "unplanned_status", "in_maintenance", "grounded_status", "root_cis", "failed_groups",
        "more_failures", "more_failures_is_exact", "offerings", "slas", "root_agreements",
        "owner_team", "root_owner_teams", "root_suppliers", "customers",
    )  # fmt: skip
    return Table(columns=columns, rows=[_csv_row(one, graph) for one in answer.impacted])


def why_parts(
    answer: WhyAnswer,
    why_not: WhyNotAnswer | None,
    graph: ServiceGraph,
    chain_of: Callable[[CiId], Sequence[ReasonStep]],
    *,
    at: datetime | None = None,
) -> list[Part]:
    """Return the status, the chain with its records, failed groups, and what still holds.

    ``chain_of`` gives the shortest chain from a CI to a root, to follow the other branches.
    """
    ci = answer.ci
    head = [
        *_scenario_lines(answer.scenario, graph),
        f"{name_words(graph, ci.ci_id)} is {status_words(ci)}.",
    ]
    if ci.status is not Status.UP:
        head.append(f"Because: {chain_words(graph, ci.because)}")
    parts: list[Part] = ["\n".join(head)]
    if answer.chain:
        parts.append(_steps_table("The shortest chain", answer.chain, graph))
    others = _other_steps(answer, chain_of)
    if others:
        parts.append(_steps_table("Also", others, graph))
    parts.extend(_groups_part(ci.failed_groups, graph))
    if ci.root_cis:
        parts.append(_call_table(answer.scenario, [ci], graph, only=ci.root_cis, at=at))
    if why_not is not None:
        parts.append(_why_not_text(why_not, graph))
    parts.extend(_notes_part(answer.notes))
    return parts


def _other_steps(
    answer: WhyAnswer, chain_of: Callable[[CiId], Sequence[ReasonStep]]
) -> list[ReasonStep]:
    """Return the causes beside the shortest chain, each followed to its root."""
    explained = {step.dependent for step in answer.chain} | set(answer.ci.root_cis)
    steps: list[ReasonStep] = []
    branches = [step for step in answer.causes if step not in answer.chain]
    for position, branch in enumerate(branches):
        steps.append(branch)
        if position >= MOST_BRANCHES or branch.dependency in explained:
            continue
        for step in chain_of(branch.dependency):
            if step.dependent in explained:
                break
            steps.append(step)
            explained.add(step.dependent)
    return steps


def why_csv(answer: WhyAnswer, graph: ServiceGraph) -> Table:
    """Return one row per dependency of the reason; ``in_chain`` marks the shortest chain."""
    columns = (
        "in_chain", "dependent", "dependency", "dependency_name", "dependency_status",
        "strength", "group", "relation_type", "file", "row",
    )  # fmt: skip
    steps = [*answer.chain, *(step for step in answer.causes if step not in answer.chain)]
    rows = [
        (
            "true" if step in answer.chain else "false",
            step.dependent,
            step.dependency,
            graph.cis.name[graph.resolve(step.dependency)],
            step.status.word,
            step.effect.word,
            step.group,
            step.relation_type,
            step.file,
            str(step.row),
        )
        for step in steps
    ]
    return Table(columns=columns, rows=rows)


def _scenario_lines(scenario: Scenario, graph: ServiceGraph) -> Iterator[str]:
    for word, ci_ids in (
        ("Down", scenario.down),
        ("In maintenance", scenario.maintenance),
        ("Degraded", scenario.degraded),
    ):
        if ci_ids:
            yield f"{word}: {names_words(graph, ci_ids)}"
    if not scenario.cis:
        yield "Nothing is out."


def _headline(answer: ImpactAnswer, graph: ServiceGraph) -> str:
    impacted = [one for one in answer.impacted if one.kind in _service_kinds()]
    of_all = counted(len(graph.service_numbers), "service", "services")
    not_up = f"{counted(answer.cis_not_up, 'CI is', 'CIs are')} not up."
    if not impacted:
        return f"No service is impacted, of {of_all}. {not_up}"
    counts = Counter(one.status for one in impacted)
    listed = ", ".join(
        f"{counts[status]} {status.word}" for status in sorted(counts, reverse=True)
    )
    return f"Impacted: {len(impacted)} of {of_all} ({listed}). {not_up}"


def _service_kinds() -> frozenset[object]:
    from ripplegraph.graph.model import SERVICE_KINDS

    return frozenset(SERVICE_KINDS)


def _impacted_table(
    impacted: Sequence[ImpactedCi], graph: ServiceGraph, *, all_cis: bool
) -> Table:
    """Return one row per CI; an offering that only shares its service's fate stands with it."""
    beside = {} if all_cis else _offerings_beside(impacted)
    hidden = {offering for offerings in beside.values() for offering in offerings}
    rows = [
        (
            status_words(one),
            name_words(graph, one.ci_id),
            names_words(graph, beside.get(one.ci_id, ())),
            words_or_nothing([agreement_words(sla) for sla in one.slas]),
            words_or_nothing(one.customers),
            one.owner_team or NOTHING,
            remaining_words(graph, one.more_failures),
            chain_words(graph, one.because),
        )
        for one in impacted
        if one.ci_id not in hidden
    ]
    columns = (
        "status", "ci" if all_cis else "service", "with its offerings", "SLAs", "customers",
        "owner", "failures until down", "because",
    )  # fmt: skip
    return Table(columns=columns, rows=rows)


def _offerings_beside(impacted: Sequence[ImpactedCi]) -> dict[CiId, list[CiId]]:
    """Return, by service, its offerings that have its status and have it from the service."""
    by_id = {one.ci_id: one for one in impacted}
    return {
        one.ci_id: [
            offering
            for offering in one.offerings
            if offering in by_id
            and status_words(by_id[offering]) == status_words(one)
            and by_id[offering].because[1:2] == (one.ci_id,)
        ]
        for one in impacted
    }


def _distinct_groups(impacted: Iterable[ImpactedCi]) -> list[FailedGroup]:
    groups = {
        (group.dependent, group.key): group for one in impacted for group in one.failed_groups
    }
    return [groups[key] for key in sorted(groups)]


def _groups_part(groups: Sequence[FailedGroup], graph: ServiceGraph) -> Iterator[Part]:
    if groups:
        rows = [(group.status.word, group_words(graph, group)) for group in groups]
        yield Table(columns=("status", "redundancy group"), rows=rows)


def _call_table(
    scenario: Scenario,
    impacted: Sequence[ImpactedCi],
    graph: ServiceGraph,
    *,
    only: Sequence[CiId] | None = None,
    at: datetime | None = None,
) -> Table:
    """Return the CIs that are out: whom to call about each, and what was agreed with them."""
    words = dict.fromkeys(scenario.degraded, "degraded")
    words |= dict.fromkeys(scenario.down, "down")
    words |= dict.fromkeys(scenario.maintenance, "maintenance")
    hits = Counter(root for one in impacted for root in one.root_cis)
    ci_ids = scenario.cis if only is None else only
    behind = agreements_behind_roots(graph, scenario, at=at)
    rows = []
    for ci_id in sorted(ci_ids, key=lambda one: (-hits[one], one)):
        number = graph.resolve(ci_id)
        rows.append(
            (
                words.get(ci_id, NOTHING),
                name_words(graph, ci_id),
                str(hits[ci_id]),
                graph.cis.owner_team[number] or NOTHING,
                graph.cis.supplier[number] or NOTHING,
                words_or_nothing([agreement_words(one, with_kind=True) for one in behind[ci_id]]),
            )
        )
    columns = (
        "outage",
        "whom to call about",
        "services impacted",
        "owner",
        "supplier",
        "agreements behind it",
    )
    return Table(columns=columns, rows=rows)


def _steps_table(title: str, steps: Sequence[ReasonStep], graph: ServiceGraph) -> Table:
    rows = [
        (
            step.status.word,
            name_words(graph, step.dependency),
            name_words(graph, step.dependent),
            step.effect.word,
            step.group or NOTHING,
            step.relation_type or NOTHING,
            place_words(step.file, step.row),
        )
        for step in steps
    ]
    columns = ("status", "ci", "needed by", "strength", "group", "relation", "record")
    return Table(title=title, columns=columns, rows=rows)


def _why_not_text(answer: WhyNotAnswer, graph: ServiceGraph) -> str:
    words = remaining_words(graph, answer.more_failures)
    lines = [f"Not down: more failures until down: {words}"]
    if answer.single_failures:
        single = names_words(graph, answer.single_failures)
        lines.append(f"Each of these alone would bring it down now: {single}")
    lines.extend(f"Still holds: {group_words(graph, one)}" for one in answer.holding_groups)
    return "\n".join(lines)


def _notes_part(notes: Sequence[str]) -> Iterator[Part]:
    if notes:
        yield "\n".join(f"Note: {note}" for note in notes)


def _csv_row(one: ImpactedCi, graph: ServiceGraph) -> tuple[str, ...]:
    cut = one.more_failures
    return (
        one.ci_id,
        one.native_id,
        one.name,
        one.class_name,
        one.status.word,
        ";".join(one.because),
        one.planned_status.word,
        one.unplanned_status.word,
        "true" if one.in_maintenance else "false",
        "" if one.grounded_status is None else one.grounded_status.word,
        ";".join(one.root_cis),
        ";".join(group_words(graph, group) for group in one.failed_groups),
        "" if cut is None else str(cut.count),
        "" if cut is None else str(cut.is_exact).lower(),
        ";".join(one.offerings),
        ";".join(one.sla_ids),
        ";".join(one.root_agreement_ids),
        one.owner_team,
        ";".join(one.root_owner_teams),
        ";".join(one.root_suppliers),
        ";".join(one.customers),
    )
