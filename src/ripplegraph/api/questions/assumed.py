"""What a question on availability may assume beside the data, in an address or in a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from ripplegraph.api.questions.asked import AtQuery, CiText
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import (
    DEFAULT_BASES,
    AvailabilityOptions,
    CommonCauses,
    Reliability,
)
from ripplegraph.impact.availability.values import Basis

MOST_STATED = 1_000
"""CIs, classes or columns that a question may state something of."""

Fraction = Annotated[Decimal, Field(ge=0, le=1, max_digits=30, strict=False)]
BasisWord = Literal["agreement", "measured", "agreement_time", "declared", "class_default"]
BasisWords = Annotated[
    list[BasisWord],
    Field(
        max_length=len(DEFAULT_BASES),
        description="Where the own availability of a CI is looked for, in this order.",
    ),
]
_DIGITS = r"[0-9]{0,20}\.?[0-9]{1,30}"


def fraction_of(text: str) -> Decimal:
    """Return the fraction that a text writes; a ``ValueError`` says that it is none."""
    with suppress(InvalidOperation):  # NaN cannot be compared
        fraction = Decimal(text)
        if 0 <= fraction <= 1:
            return fraction
    msg = "a fraction from 0 to 1 is wanted, such as 0.999"
    raise ValueError(msg)


def split_fraction(text: str) -> tuple[str, Decimal]:
    """Return a name and the fraction that a text ``NAME=FRACTION`` gives it."""
    name, _, fraction = text.rpartition("=")
    return name.strip(), fraction_of(fraction)


def split_range(text: str) -> tuple[str, tuple[float, float]]:
    """Return a name, and its lowest and highest unavailability, of ``NAME=LOW..HIGH``."""
    name, _, ends = text.rpartition("=")
    worst, best = map(fraction_of, ends.split(".."))
    if worst > best:
        msg = "the lower availability comes first, as in CI=0.99..0.999"
        raise ValueError(msg)
    return name.strip(), (float(1 - best), float(1 - worst))


def _split_column(text: str) -> tuple[str, Decimal | None]:
    name, equals, share = text.rpartition("=")
    return (name.strip(), fraction_of(share)) if equals else (text.strip(), None)


def _split_by(split: Callable[[str], object]) -> AfterValidator:
    """Return the check that a text can be split; the text itself is kept."""

    def checked(text: str) -> str:
        split(text)
        return text

    return AfterValidator(checked)


NamedFraction = Annotated[
    str,
    Field(max_length=1_100, pattern=rf"^.*\S.*={_DIGITS}$"),
    _split_by(split_fraction),
]
NamedRange = Annotated[
    str,
    Field(max_length=1_200, pattern=rf"^.*\S.*={_DIGITS}\.\.{_DIGITS}$"),
    _split_by(split_range),
]
FailureGroup = Annotated[
    str,
    Field(max_length=300, pattern=rf"^[^=]*[^=\s][^=]*(={_DIGITS})?$"),
    _split_by(_split_column),
]


class InputsQuery(AtQuery):
    """Where the own availability of CIs comes from, as parameters of an address."""

    bases: BasisWords = Field(default=[])
    class_default: list[NamedFraction] = Field(
        default=[],
        max_length=MOST_STATED,
        description="CLASS=FRACTION, the own availability of CIs of a class that have none.",
    )
    own_availability: list[NamedFraction] = Field(
        default=[],
        max_length=MOST_STATED,
        description="CI=FRACTION, what if this were the own availability of a CI.",
    )

    def with_inputs(
        self, graph: ServiceGraph, options: AvailabilityOptions
    ) -> AvailabilityOptions:
        """Return options that hold what is said here."""
        return with_inputs(
            graph,
            options,
            bases=self.bases,
            class_defaults=dict(map(split_fraction, self.class_default)),
            own=dict(map(split_fraction, self.own_availability)),
        )


class InputsIn(BaseModel):
    """The same, as part of a body."""

    bases: BasisWords = []
    class_defaults: Annotated[
        dict[CiText, Fraction],
        Field(
            max_length=MOST_STATED,
            description="By class: own availability of CIs that have none, a fraction in [0, 1].",
        ),
    ] = {}
    own_availability: Annotated[
        dict[CiText, Fraction],
        Field(max_length=MOST_STATED, description="By CI: a fraction in [0, 1]."),
    ] = {}

    def with_inputs(
        self, graph: ServiceGraph, options: AvailabilityOptions
    ) -> AvailabilityOptions:
        """Return options that hold what is said here."""
        return with_inputs(
            graph,
            options,
            bases=self.bases,
            class_defaults=self.class_defaults,
            own=self.own_availability,
        )


def with_inputs(
    graph: ServiceGraph,
    options: AvailabilityOptions,
    *,
    bases: Sequence[BasisWord],
    class_defaults: Mapping[str, Decimal],
    own: Mapping[str, Decimal],
) -> AvailabilityOptions:
    """Return options that say where the own availability of CIs comes from."""
    return replace(
        options,
        bases=tuple(map(Basis, bases)) or options.bases,
        class_defaults={name: _stated(one) for name, one in class_defaults.items()},
        own={graph.resolve(ci): _stated(one) for ci, one in own.items()},
    )


def shared_causes(
    columns: Sequence[str], *, is_any: bool, beta: Decimal | None
) -> tuple[CommonCauses, ...]:
    """Return the causes that CIs share by columns: each its own share of failures, else ``beta``.

    Raises ``ValueError`` where ``beta`` is the share of nothing.
    """
    named = list(columns) or (["failure_group"] if is_any else [])
    if beta is not None and all("=" in column for column in named):
        msg = "beta says something only with common_causes, or a failure_group without a share"
        raise ValueError(msg)
    otherwise = CommonCauses().beta if beta is None else float(beta)
    return tuple(
        CommonCauses(attribute=name, beta=otherwise if share is None else float(share))
        for name, share in map(_split_column, named)
    )


def _stated(availability: Decimal) -> Reliability:
    return Reliability(unavailability=float(1 - availability))
