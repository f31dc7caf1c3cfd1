"""The rule file as users write it: its pydantic models, and reading it from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ripplegraph.errors import RuleFileError
from ripplegraph.graph.outages import OutageKind
from ripplegraph.loaders.mapping.file import Patterns, first_problem, yaml_of
from ripplegraph.loaders.times import zone_of

MAX_RULES_BYTES = 1_000_000


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [] if value is None else [value]


Columns = Annotated[list[str], BeforeValidator(_as_list)]
"""One column or a list of them; the first that is not empty in a row counts."""
Conditions = dict[str, Patterns]
"""Columns with the patterns of which one must fit; all columns must fit."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class EventPart(_Part):
    """For event logs: which rows start an outage, which end it, and the column of their time."""

    at: str
    start: Conditions
    end: Conditions


class NewCiPart(_Part):
    """Makes the CIs that tickets name: their class, or the column that holds it."""

    class_name: str = Field(default="", alias="class")
    class_column: str = ""


class TicketPart(_Part):
    """Makes tickets too: the columns of their fields."""

    opened: Columns
    responded: Columns = []
    resolved: Columns = []
    priority: Columns = []
    service: Columns = []
    team: Columns = []


class OutageRule(_Part):
    """Which tickets of which tables are outages of which CI, and from when to when."""

    name: str = ""
    table: Patterns
    ticket: str
    ci: Columns = Field(min_length=1)
    when: Conditions = {}
    start: Columns = []
    end: Columns = []
    events: EventPart | None = None
    updated: str = ""
    kind: OutageKind = OutageKind.UNPLANNED
    cause: Columns = []
    still_open: Literal["keep", "leave_out"] = "keep"
    time_zone: str | None = None
    day_first: bool | None = None
    new_cis: NewCiPart | None = None
    tickets: TicketPart | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        event = [self.events.at, *self.events.start, *self.events.end] if self.events else []
        return tuple(dict.fromkeys((self.ticket, *self.when, *event)))


class RuleFile(_Part):
    """A whole rule file; of several rules that fit a table the first takes it."""

    version: Literal[1]
    rules: list[OutageRule] = Field(min_length=1)


def read_outage_rules(path: Path | str) -> tuple[OutageRule, ...]:
    """Return the rules of a file, checked; raises RuleFileError."""
    label = str(path)
    content = yaml_of(_text_of(Path(path), label), lambda *why: RuleFileError(label, *why))
    if not isinstance(content, dict):
        raise RuleFileError(label, "it is no table of settings", "Start it with `version: 1`")
    try:
        rules = tuple(RuleFile.model_validate(content).rules)
    except ValidationError as exc:
        raise RuleFileError(label, *first_problem(exc, "a rule file")) from exc
    for number, rule in enumerate(rules, start=1):
        _check(rule, f"rules.{number}", label)
    return rules


def _text_of(path: Path, label: str) -> str:
    try:
        if path.stat().st_size > MAX_RULES_BYTES:
            raise RuleFileError(label, "it is larger than 1 MB", "Give a rule file")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise RuleFileError(label, "there is no such file", "Give the path of a file") from exc
    except (OSError, ValueError) as exc:
        raise RuleFileError(label, f"it cannot be read ({exc})", "Save it as UTF-8 text") from exc


def _check(rule: OutageRule, place: str, label: str) -> None:
    """Refuse a rule that contradicts itself."""
    if (rule.events is None) == (not rule.start):
        reason = f"{place} needs either start (columns) or events"
        raise RuleFileError(label, reason, "Say from when an outage lasts, in one way")
    if rule.time_zone is not None and zone_of(rule.time_zone) is None:
        reason = f"{place}.time_zone: {rule.time_zone!r} is no time zone"
        raise RuleFileError(label, reason, "Write an IANA name such as Europe/Berlin")
    new = rule.new_cis
    if new is not None and bool(new.class_name) == bool(new.class_column):
        reason = f"{place}.new_cis needs either class or class_column"
        raise RuleFileError(label, reason, "Say the class of the CIs that tickets name")
