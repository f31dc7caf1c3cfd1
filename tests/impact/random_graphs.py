"""Small random graphs with groups, weights, soft members and cycles."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit, Status, Strength
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph

_STRENGTHS = st.sampled_from([Strength.HARD, Strength.HARD, Strength.SOFT, Strength.NONE])
_WEIGHTS = st.sampled_from([None, None, Decimal("0.1"), Decimal(2), Decimal(0)])
_REQUIREMENTS = st.sampled_from(
    [
        Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(1)),
        Requirement(unit=RequirementUnit.WEIGHT, value=Decimal("1.1")),
        Requirement(unit=RequirementUnit.COUNT, value=Decimal(2)),
        Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50)),
        None,
    ]
)


@st.composite
def graphs(
    draw: st.DrawFn, *, max_cis: int = 7, is_acyclic: bool = False, grounded: bool = False
) -> ServiceGraph:
    """Draw a graph whose first CIs are services; any CI may need any other."""
    size = draw(st.integers(2, max_cis))
    records = Records()
    for number in range(size):
        kind = CiKind.SERVICE if number < 2 else CiKind.SERVER
        records.cis.append(
            source="t",
            class_name=kind.value,
            native_id=f"c{number}",
            kind=kind,
            is_logical=number == 2,
        )
    numbers = st.integers(0, size - 1)
    said: set[tuple[str, str]] = set()
    for one, other in draw(st.lists(st.tuples(numbers, numbers), max_size=3 * size)):
        dependent, dependency = (min(one, other), max(one, other)) if is_acyclic else (one, other)
        key = draw(st.sampled_from(["", "g", "h"]))
        records.dependencies.append(
            dependent=f"c{dependent}",
            dependency=f"c{dependency}",
            strength=draw(_STRENGTHS),
            group=key,
            weight=draw(_WEIGHTS) if key else None,
        )
        if key and (f"c{dependent}", key) not in said:
            said.add((f"c{dependent}", key))
            min_up = draw(_REQUIREMENTS)
            degraded_below = draw(_REQUIREMENTS)
            if degraded_below and min_up and (degraded_below.unit != min_up.unit):
                degraded_below = None
            records.groups.append(
                GroupRecord(
                    dependent=f"c{dependent}",
                    key=key,
                    min_up=min_up,
                    degraded_below=degraded_below if min_up else None,
                    grounded=grounded and draw(st.booleans()),
                )
            )
    return build_service_graph(records).graph


STATUSES = st.sampled_from(list(Status))


@st.composite
def outages(draw: st.DrawFn, graph: ServiceGraph) -> dict[int, Status]:
    """Draw own statuses of some CIs."""
    numbers = st.integers(0, graph.ci_count - 1)
    return draw(st.dictionaries(numbers, STATUSES, max_size=4))
