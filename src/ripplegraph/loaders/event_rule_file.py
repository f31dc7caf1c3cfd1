"""The file of event rules as users write it: which CI an event is about, and what it opens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ripplegraph.errors import EventRuleFileError
from ripplegraph.graph.event_rules import (
    DEFAULT_EVENT_RULES,
    CiRule,
    EventRules,
    SourceRules,
    Step,
    pattern_flaw,
    template_flaw,
)
from ripplegraph.graph.outages import OutageKind
from ripplegraph.loaders.mapping.file import first_problem, yaml_of

_MOST_BYTES = 1_000_000
_NOTHING = "ignore"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExtractStep(_Part):
    """Takes what a pattern finds: its first group, else all of it."""

    extract: Annotated[str, Field(min_length=1)]


class CiRulePart(_Part):
    """One way to name a CI."""

    match: str
    steps: list[Step | ExtractStep] = []
    class_name: str = Field(default="", alias="class")


class SourcePart(_Part):
    """The rules of one source."""

    cis: Annotated[list[CiRulePart], Field(max_length=100)] | None = None
    severities: dict[str, OutageKind | Literal["ignore"]] | None = None


class EventRuleFile(_Part):
    """A whole file: sources by name, ``*`` for those that are not named."""

    version: Literal[1]
    sources: dict[str, SourcePart] = Field(min_length=1)


def read_event_rules(path: Path | str) -> EventRules:
    """Return the rules of a file, checked; what it does not say of a source stays as shipped."""
    label = str(path)
    content = yaml_of(_text_of(Path(path), label), lambda *why: EventRuleFileError(label, *why))
    if not isinstance(content, dict):
        raise EventRuleFileError(label, "it is no table of settings", "Start it with `version: 1`")
    try:
        file = EventRuleFile.model_validate(content)
    except ValidationError as exc:
        raise EventRuleFileError(label, *first_problem(exc, "a file of event rules")) from exc
    said = {name: _source(name, part, label) for name, part in sorted(file.sources.items())}
    return EventRules(sources={**DEFAULT_EVENT_RULES.sources, **said})


def _text_of(path: Path, label: str) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise EventRuleFileError(label, "it is larger than 1 MB", "Give a rule file")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        advice = "Give the path of a file"
        raise EventRuleFileError(label, "there is no such file", advice) from exc
    except (OSError, ValueError) as exc:
        reason = f"it cannot be read ({exc})"
        raise EventRuleFileError(label, reason, "Save it as UTF-8 text") from exc


def _source(name: str, part: SourcePart, label: str) -> SourceRules:
    shipped = DEFAULT_EVENT_RULES.of(name)
    cis = shipped.cis
    if part.cis is not None:
        cis = tuple(
            _rule(rule, f"sources.{name}.cis.{number}", label)
            for number, rule in enumerate(part.cis, start=1)
        )
    severities = shipped.severities
    if part.severities is not None:
        severities = {
            severity.casefold(): None if kind == _NOTHING else OutageKind(kind)
            for severity, kind in part.severities.items()
        }
    return SourceRules(cis=cis, severities=severities)


def _rule(rule: CiRulePart, place: str, label: str) -> CiRule:
    flaw = template_flaw(rule.match)
    if flaw:
        reason = f"{place}.match: {flaw}, got {rule.match!r:.60}"
        raise EventRuleFileError(label, reason, "Write a label in braces: {labels.instance}")
    steps = tuple(
        step if isinstance(step, Step) else _pattern(step.extract, place, label)
        for step in rule.steps
    )
    return CiRule(template=rule.match, steps=steps, class_name=rule.class_name)


def _pattern(text: str, place: str, label: str) -> re.Pattern[str]:
    flaw = pattern_flaw(text)
    if flaw:
        reason = f"{place}.steps: {flaw}, got {text!r:.60}"
        raise EventRuleFileError(label, reason, "Write a simpler pattern")
    return re.compile(text)
