"""What every question may say: CIs, the moment, the revision."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from ripplegraph.api.schemas import Out
from ripplegraph.graph.askable_moments import FIRST_YEAR, LAST_YEAR, is_askable
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.zone_offsets import zone_named

CiText = Annotated[str, Field(min_length=1, max_length=1000)]
CiTexts = Annotated[list[CiText], Field(max_length=10_000)]

Clock = Callable[[], datetime]

_LARGEST_NUMBER = 2**53


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one so far away that windows around it are none is no value."""
    if not is_askable(moment):
        msg = f"the moment lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
        raise ValueError(msg)
    return moment.astimezone(UTC)


def _no_number(value: object) -> object:
    """Refuse a number: it would count as seconds since 1970, which nobody means."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value
    msg = "a moment is a time with its zone, such as 2026-11-23T03:00Z"
    raise ValueError(msg)


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]


def _number_or_time(value: object) -> object:
    """Return what a text means: the number of a revision, else a time with its zone."""
    if value is None:
        return None
    with suppress(ValueError, OverflowError):  # both say the same below
        found = _read(value) if isinstance(value, str) else value
        if isinstance(found, datetime) and found.tzinfo is not None:
            return found.astimezone(UTC)
        if type(found) is int and 1 <= found <= _LARGEST_NUMBER:
            return found
    msg = "a revision is a number from 1 on, or a time with its zone (2026-11-23T03:00Z)"
    raise ValueError(msg)


def _read(text: str) -> int | datetime:
    return int(text) if text.isascii() and text.isdecimal() else datetime.fromisoformat(text)


_StrictMoment = Annotated[AwareDatetime, Field(strict=True)]
RevisionText = Annotated[
    Annotated[int, Field(ge=1, le=_LARGEST_NUMBER)] | _StrictMoment | None,
    BeforeValidator(_number_or_time),
    Field(
        description="A revision of the store, by number or time; else the newest, with live "
        "outages.",
    ),
]


def _known_zone(name: str) -> str:
    try:
        zone_named(name)
    except ValueError as error:
        msg = "an IANA name of a time zone is wanted, such as Europe/Berlin"
        raise ValueError(msg) from error
    return name


TimeZone = Annotated[
    str,
    Field(max_length=100, description="IANA zone in which windows begin and end; UTC if none."),
    AfterValidator(_known_zone),
]


class AtQuery(BaseModel):
    """What every GET may ask: the moment, else now. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    is_over_time: ClassVar[bool] = False
    """Whether it needs all dependencies, not only those in effect at the moment."""

    at: Annotated[Moment | None, Field(description="The moment asked about; else now.")] = None
    revision: RevisionText = None


class Question(AtQuery):
    """A question that needs nothing but the graph and the moment."""

    @abstractmethod
    def answer(self, graph: ServiceGraph, moment: datetime) -> Out:
        """Return the answer."""
