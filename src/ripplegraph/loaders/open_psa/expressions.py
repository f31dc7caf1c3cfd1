"""Expressions of basic events at their mean: numbers, parameters, distributions, arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.open_psa.definitions import (
    Definition,
    Definitions,
    attribute,
    name_of,
    parts_of,
    refusal,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

MISSION_TIME_HOURS = 8760.0
"""Mission time where none is said, one year: the default of SCRAM too."""

_MOST_NESTED = 150
_MEND = "Mend the expression."


def _exponential(rate: float, hours: float) -> float:
    return -math.expm1(-rate * hours)


def _glm(gamma: float, rate: float, repair: float, hours: float) -> float:
    total = rate + repair
    return (rate - (rate - gamma * total) * math.exp(-total * hours)) / total


def _weibull(scale: float, shape: float, start: float, hours: float) -> float:
    return 0.0 if hours <= start else -math.expm1(-(((hours - start) / scale) ** shape))


def _periodic_test(rate: float, interval: float, first: float, hours: float) -> float:
    """Return the probability of failure since the last test, which repairs at once."""
    if hours <= first:
        return _exponential(rate, hours)
    since = math.fmod(hours - first, interval)
    return _exponential(rate, since or interval)


def _lognormal(*given: float) -> float:
    """Return the mean: given itself with error factor and level, else of mu and sigma."""
    return given[0] if len(given) == 3 else math.exp(given[0] + given[1] ** 2 / 2)


def _subtracted(first: float, *others: float) -> float:
    return first - math.fsum(others)


def _divided(first: float, *others: float) -> float:
    return first / math.prod(others)


_Calculation = Callable[..., float]
_ANY = 10**9
_CALCULATIONS: dict[str, tuple[int, int, _Calculation]] = {
    "exponential": (2, 2, _exponential),
    "GLM": (4, 4, _glm),
    "Weibull": (4, 4, _weibull),
    "periodic-test": (4, 4, _periodic_test),
    "uniform-deviate": (2, 2, lambda least, most: (least + most) / 2),
    "normal-deviate": (2, 2, lambda mean, _: mean),
    "lognormal-deviate": (2, 3, _lognormal),
    "gamma-deviate": (2, 2, lambda shape, scale: shape * scale),
    "beta-deviate": (2, 2, lambda alpha, beta: alpha / (alpha + beta)),
    "neg": (1, 1, lambda one: -one),
    "add": (1, _ANY, lambda *given: math.fsum(given)),
    "sub": (1, _ANY, _subtracted),
    "mul": (1, _ANY, lambda *given: math.prod(given)),
    "div": (1, _ANY, _divided),
    "mod": (2, 2, lambda one, other: float(int(one) % int(other))),
    "pow": (2, 2, lambda base, exponent: float(base**exponent)),
    "min": (1, _ANY, lambda *given: min(given)),
    "max": (1, _ANY, lambda *given: max(given)),
    "mean": (1, _ANY, lambda *given: math.fsum(given) / len(given)),
    "not": (1, 1, lambda one: float(not one)),
    "and": (1, _ANY, lambda *given: float(all(given))),
    "or": (1, _ANY, lambda *given: float(any(given))),
    "eq": (2, 2, lambda one, other: float(one == other)),
    "df": (2, 2, lambda one, other: float(one != other)),
    "lt": (2, 2, lambda one, other: float(one < other)),
    "gt": (2, 2, lambda one, other: float(one > other)),
    "leq": (2, 2, lambda one, other: float(one <= other)),
    "geq": (2, 2, lambda one, other: float(one >= other)),
    "ite": (3, 3, lambda is_true, then, other: then if is_true else other),
    "pi": (0, 0, lambda: math.pi),
    "abs": (1, 1, abs),
    "ceil": (1, 1, lambda one: float(math.ceil(one))),
    "floor": (1, 1, lambda one: float(math.floor(one))),
    **{
        name: (1, 1, getattr(math, name))
        for name in ("acos", "asin", "atan", "cos", "cosh", "exp", "log", "log10", "sin", "sinh")
    },
    **{name: (1, 1, getattr(math, name)) for name in ("tan", "tanh", "sqrt")},
}
"""How many arguments each expression takes, least and most, and its value at their means."""

_CONSTANTS = frozenset({"float", "int", "bool", "constant"})


@dataclass(slots=True, kw_only=True)
class Evaluator:
    """Values of expressions; each parameter is worked out once."""

    definitions: Definitions
    mission_time_hours: float = MISSION_TIME_HOURS
    units: set[str] = field(default_factory=set)
    _parameters: dict[str, float] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _depth: int = 0

    def value_of(self, definition: Definition) -> float | None:
        """Return what a definition is worth, None if it says nothing."""
        body = definition.body()
        if len(body) > 1:
            definition.refuse("is defined by several expressions", _MEND)
        return self.value(body[0], definition) if body else None

    def value(self, element: _Element, within: Definition) -> float:
        """Return the value of one expression that stands within a definition."""
        self._depth += 1
        if self._depth > _MOST_NESTED:
            limit = f"expressions and parameters are nested over more than {_MOST_NESTED} levels"
            raise LimitExceededError(within.file, limit, "Write the values in.")
        value = self._value(element, within)
        self._depth -= 1
        return value

    def _value(self, element: _Element, within: Definition) -> float:
        tag = name_of(element)
        if tag in _CONSTANTS:
            return _constant(element, within.file)
        if tag == "system-mission-time":
            return self.mission_time_hours
        if tag == "parameter":
            return self._parameter(element, within)
        if tag == "switch":
            return self._switch(element, within)
        if tag == "histogram":
            return self._histogram(element, within)
        return self._calculated(element, tag, within)

    def _calculated(self, element: _Element, tag: str, within: Definition) -> float:
        if tag not in _CALCULATIONS:
            advice = "Give the probability as a number, or by a supported expression."
            reason = f"<{tag}> in {within.kind} {within.ident!r} is not supported"
            raise refusal(within.file, element, reason, advice)
        least, most, calculation = _CALCULATIONS[tag]
        parts = parts_of(element)
        if not least <= len(parts) <= most:
            wanted = str(least) if least == most else f"at least {least}"
            reason = f"<{tag}> has {len(parts)} arguments; supported: {wanted}"
            raise refusal(within.file, element, reason, _MEND)
        given = [self.value(one, within) for one in parts]
        try:
            return calculation(*given)
        except (ValueError, ArithmeticError, TypeError) as error:
            shown = ", ".join(f"{one:g}" for one in given)
            reason = f"<{tag}> has no value at {shown} ({error})"
            raise refusal(within.file, element, reason, _MEND) from error

    def _parameter(self, element: _Element, within: Definition) -> float:
        name = attribute(element, "name", within.file)
        found = self.definitions.find_parameter(name, within.scope)
        if found is None:
            reason = f"parameter {name!r} is not defined"
            raise refusal(within.file, element, reason, "Define it, or add its file.")
        if found.ident in self._parameters:
            return self._parameters[found.ident]
        if found.ident in self._open:
            circle = " -> ".join([*self._open[self._open.index(found.ident) :], found.ident])
            found.refuse(f"is defined by itself ({circle})", _MEND)
        self._note_unit(found)
        self._open.append(found.ident)
        value = self.value_of(found)
        self._open.pop()
        if value is None:
            found.refuse("has no expression", _MEND)
        self._parameters[found.ident] = value
        return value

    def _note_unit(self, parameter: Definition) -> None:
        unit = str(parameter.element.get("unit", ""))
        if unit in ("years", "years-1", "fit", "demands"):
            self.units.add(unit)

    def _switch(self, element: _Element, within: Definition) -> float:
        *cases, default = parts_of(element)
        for case in cases:
            condition, outcome = _pair(case, within)
            if self.value(condition, within):
                return self.value(outcome, within)
        return self.value(default, within)

    def _histogram(self, element: _Element, within: Definition) -> float:
        first, *bins = parts_of(element)
        bound, total, weighted = self.value(first, within), 0.0, 0.0
        for one in bins:
            upper, weight = (self.value(part, within) for part in _pair(one, within))
            weighted += (bound + upper) / 2 * weight
            total, bound = total + weight, upper
        if total <= 0:
            raise refusal(within.file, element, "<histogram> has no weight", _MEND)
        return weighted / total


def _constant(element: _Element, file: str) -> float:
    text = attribute(element, "value", file)
    if text in ("true", "false"):
        return float(text == "true")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise refusal(file, element, f"{text!r} is no number", _MEND)
    return value


def _pair(element: _Element, within: Definition) -> Sequence[_Element]:
    parts = parts_of(element)
    if len(parts) != 2:
        reason = f"<{name_of(element)}> has {len(parts)} parts and needs 2"
        raise refusal(within.file, element, reason, _MEND)
    return parts
