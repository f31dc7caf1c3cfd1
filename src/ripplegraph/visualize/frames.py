"""Answers as data frames: one row per record, one column per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import ConfigurationItem, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.importance_values import CiImportance, ImportanceAnswer
from ripplegraph.impact.availability.values import (
    AvailabilityAnswer,
    CutSet,
    CutSetsAnswer,
    ServiceAvailability,
)
from ripplegraph.impact.propagation.values import ImpactAnswer, ImpactedCi

if TYPE_CHECKING:
    from polars import DataFrame

Cell = str | int | float | bool | Decimal | datetime | list[str] | None


def to_frame(answer: object) -> DataFrame:
    """Return an answer, or a sequence of records, as a polars data frame.

    Parameters
    ----------
    answer
        A graph (its CIs), the answer of ``impact``, ``availability``, ``importance`` or
        ``cut_sets``, or a sequence of records of one sort, such as SLA verdicts.

    Returns
    -------
    polars.DataFrame
        One row per record, one column per field, in their order; agreements as their ids,
        statuses as words, and what fits no cell as its text.

    Raises
    ------
    TypeError
        If the answer has no rows.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> to_frame(graph_of("shop -> db"))["name"].to_list()
    ['shop', 'db']
    """
    import polars  # noqa: PLC0415 - takes half a second

    records, kind = _records(answer)
    if not records:
        return polars.DataFrame(schema=[] if kind is None else [one.name for one in fields(kind)])
    rows = [_row(record) for record in records]
    return polars.DataFrame(rows, infer_schema_length=None, strict=False)


def _records(answer: object) -> tuple[Sequence[object], type | None]:
    """Return the records of an answer, and of which class they are (None if nobody can know)."""
    if isinstance(answer, ServiceGraph):
        return [answer.ci(number) for number in range(answer.ci_count)], ConfigurationItem
    if isinstance(answer, ImpactAnswer):
        return answer.impacted, ImpactedCi
    if isinstance(answer, AvailabilityAnswer):
        return answer.services, ServiceAvailability
    if isinstance(answer, ImportanceAnswer):
        return answer.rows, CiImportance
    if isinstance(answer, CutSetsAnswer):
        return answer.cut_sets, CutSet
    if isinstance(answer, Sequence) and all(map(is_dataclass, answer)):
        return answer, None
    msg = (
        f"{type(answer).__name__} has no rows. Pass a graph, an answer with rows, "
        "or a list of records"
    )
    raise TypeError(msg)


def _row(record: object) -> Mapping[str, Cell]:
    assert is_dataclass(record)
    return {one.name: _cell(getattr(record, one.name)) for one in fields(record)}


def _cell(value: object) -> Cell:
    if isinstance(value, Status | Strength):
        return value.word
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | int | float | Decimal | datetime):
        return value
    if isinstance(value, Agreement):
        return value.agreement_id
    if isinstance(value, tuple | list | frozenset):
        texts = [str(_cell(one)) for one in value]
        return texts if isinstance(value, tuple | list) else sorted(texts)
    return str(value)
