"""What ``mapping`` and ``version`` answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out


class MappingsOut(Out):
    """The mappings that ship with ripplegraph."""

    schema_: Literal["ripplegraph/mappings/1"] = Field(
        default="ripplegraph/mappings/1", serialization_alias="schema"
    )
    mappings: list[str]


class ExplainedOut(Out):
    """How often one rule took one relation type between two classes."""

    rule: str
    relation_type: str
    parent_class: str
    child_class: str
    count: int


class MappingExplainOut(Out):
    """Which rule took each relation type, and how often; most frequent first."""

    schema_: Literal["ripplegraph/mapping-explain/1"] = Field(
        default="ripplegraph/mapping-explain/1", serialization_alias="schema"
    )
    relations: list[ExplainedOut]

    @classmethod
    def of(cls, explained: Mapping[tuple[str, str, str, str], int]) -> MappingExplainOut:
        """Shape the counts of one load."""
        in_order = sorted(explained.items(), key=lambda item: (-item[1], item[0]))
        return cls(
            relations=[
                ExplainedOut(
                    rule=rule,
                    relation_type=relation_type,
                    parent_class=parent_class,
                    child_class=child_class,
                    count=count,
                )
                for (rule, relation_type, parent_class, child_class), count in in_order
            ]
        )


class VersionOut(Out):
    """Versions of ripplegraph and of the Python that runs it."""

    schema_: Literal["ripplegraph/version/1"] = Field(
        default="ripplegraph/version/1", serialization_alias="schema"
    )
    ripplegraph: str
    python: str
