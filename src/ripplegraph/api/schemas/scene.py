"""The picture of a service or an outage as data: boxes, lines, bands, with places and words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, StatusWord, StrengthWord
from ripplegraph.graph.model import CiKind
from ripplegraph.visualize.view_model import Band, Box, Level, Line, Member, Scene

KindWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in CiKind]})]
SceneLevel = Literal["path", "folded", "all"]


class SceneMemberOut(Out):
    """One CI of a pool that is drawn as one box."""

    ci_id: str
    name: str
    status: StatusWord
    detail: str

    @classmethod
    def of(cls, one: Member) -> SceneMemberOut:
        """Shape one member."""
        return cls(ci_id=one.ci_id, name=one.name, status=one.status.word, detail=one.detail)


class SceneBoxOut(Out):
    """One CI, or a folded pool, where it stands, and what is said of it."""

    box: int = Field(description="What lines name it by.")
    ci_id: str
    native_id: str
    name: str
    kind: KindWord
    x: float
    y: float
    status: StatusWord
    is_root_cause: bool
    own_trouble: str
    detail: str
    rules: list[str]
    why: list[str] = Field(description="From it to one root cause, by name.")
    hidden_count: int
    facts: dict[str, str]
    members: list[SceneMemberOut] = Field(description="Of a pool; else empty.")

    @classmethod
    def of(cls, one: Box) -> SceneBoxOut:
        """Shape one box."""
        return cls(
            box=one.number,
            ci_id=one.ci_id,
            native_id=one.native_id,
            name=one.name,
            kind=one.kind.value,
            x=one.x,
            y=one.y,
            status=one.status.word,
            is_root_cause=one.is_root_cause,
            own_trouble=one.own_trouble,
            detail=one.detail,
            rules=list(one.rules),
            why=list(one.why),
            hidden_count=one.hidden_count,
            facts=dict(one.facts),
            members=[SceneMemberOut.of(member) for member in one.members],
        )


class SceneLineOut(Out):
    """All relations of one box with another."""

    dependent: int
    dependency: int
    points: list[tuple[float, float]]
    effect: StrengthWord
    passed: StatusWord = Field(description="The status that reaches the dependent through it.")
    is_on_path: bool
    relations: list[str]
    hidden_between: int = Field(description="At least so many CIs between them are not shown.")

    @classmethod
    def of(cls, one: Line) -> SceneLineOut:
        """Shape one line."""
        return cls(
            dependent=one.dependent,
            dependency=one.dependency,
            points=[(x, y) for x, y in one.points],
            effect=one.effect.word,
            passed=one.passed.word,
            is_on_path=one.is_on_path,
            relations=list(one.relations),
            hidden_between=one.hidden_between,
        )


class SceneBandOut(Out):
    """All CIs of one kind, between two heights."""

    kind: KindWord
    title: str
    top: float
    bottom: float

    @classmethod
    def of(cls, one: Band) -> SceneBandOut:
        """Shape one band."""
        return cls(kind=one.kind.value, title=one.title, top=one.top, bottom=one.bottom)


class SceneOut(Out):
    """The picture of a service, or of all that an outage fells; what is not shown is counted."""

    schema_: Literal["ripplegraph/scene/1"] = Field(
        default="ripplegraph/scene/1", serialization_alias="schema"
    )
    service: int | None = Field(description="The box of the service; of an outage null.")
    title: str
    status: StatusWord
    headline: str
    scenario: str
    level: SceneLevel
    boxes: list[SceneBoxOut]
    lines: list[SceneLineOut]
    bands: list[SceneBandOut]
    width: float
    height: float
    box_width: float
    box_height: float
    ci_count: int
    relation_count: int
    hidden_cis: int
    hidden_not_up: int
    hidden_relations: int
    completeness: str

    @classmethod
    def of(cls, scene: Scene) -> SceneOut:
        """Shape one scene."""
        return cls(
            service=scene.service,
            title=scene.title,
            status=scene.status.word,
            headline=scene.headline,
            scenario=scene.scenario,
            level=Level(scene.level).value,
            boxes=[SceneBoxOut.of(one) for one in scene.boxes],
            lines=[SceneLineOut.of(one) for one in scene.lines],
            bands=[SceneBandOut.of(one) for one in scene.bands],
            width=scene.width,
            height=scene.height,
            box_width=scene.box_width,
            box_height=scene.box_height,
            ci_count=scene.ci_count,
            relation_count=scene.relation_count,
            hidden_cis=scene.hidden_cis,
            hidden_not_up=scene.hidden_not_up,
            hidden_relations=scene.hidden_relations,
            completeness=scene.completeness,
        )
