"""The mapping file as users write it: its pydantic models, and reading it from YAML."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ripplegraph.errors import MappingFileError
from ripplegraph.graph.agreements import AgreementKind, AgreementState
from ripplegraph.graph.model import CiKind
from ripplegraph.graph.outages import OutageKind

MAX_MAPPING_BYTES = 1_000_000
_SHIPPED = files("ripplegraph.loaders.mapping") / "shipped"


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Patterns = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
"""One pattern or a list of them; ``*`` stands for anything."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class RelationMatch(_Part):
    """Which relations a rule takes: by type, and by the classes of parent and child."""

    type: Patterns
    parent_class: Patterns = ["*"]
    child_class: Patterns = ["*"]


class GroupPart(_Part):
    """Puts the dependencies that a rule makes into a redundancy group of one side."""

    on: Literal["parent", "child"]
    rule: Literal["all", "any", "k_of_n", "percent"] = "k_of_n"
    min_up: str | None = None
    key: str = "members"
    grounded: bool = False


class RelationPart(_Part):
    """One relation rule: what matches, and which way failure flows."""

    match: RelationMatch
    impact: Literal["none", "child_to_parent", "parent_to_child", "both"]
    strength: Literal["hard", "soft"] = "hard"
    group: GroupPart | None = None


class ClassPart(_Part):
    """One class rule: which class names and labels are of which kind."""

    match: Patterns
    kind: CiKind
    logical: bool | None = None


class MappingFile(_Part):
    """A whole mapping file; lists of ``extends`` follow the file's own, which win."""

    version: Literal[1]
    extends: str | None = None
    relations: list[RelationPart] = []
    classes: list[ClassPart] = []
    columns: dict[str, dict[str, Patterns]] = {}
    null_words: list[str] = []
    retired_words: list[str] = []
    retired_codes: dict[str, Patterns] = {}
    test_words: list[str] = []
    always_words: list[str] = []
    relation_type_ids: dict[str, str] = {}
    outage_types: dict[str, OutageKind] = {}
    agreement_types: dict[str, AgreementKind] = {}
    agreement_states: dict[str, AgreementState] = {}
    change_states: dict[str, Literal["planned", "none"]] = {}


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with ripplegraph, sorted."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def mapping_text(name_or_path: str | Path) -> str:
    """Return the text of a shipped mapping or of a user's file; raises MappingFileError."""
    if isinstance(name_or_path, str) and name_or_path in shipped_mappings():
        return (_SHIPPED / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    path = Path(name_or_path)
    label = str(name_or_path)
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise MappingFileError(label, "it is larger than 1 MB", "Give a mapping file")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        known = ", ".join(shipped_mappings())
        advice = f"Give the path of a file, or one of the shipped: {known}"
        raise MappingFileError(label, "there is no such file", advice) from exc
    except (OSError, ValueError) as exc:
        raise MappingFileError(
            label, f"it cannot be read ({exc})", "Save it as UTF-8 text"
        ) from exc


def read_mapping_file(name_or_path: str | Path) -> MappingFile:
    """Return one mapping file, checked, without what it extends; raises MappingFileError."""
    label = str(name_or_path)
    text = mapping_text(name_or_path)
    content = yaml_of(text, lambda *why: MappingFileError(label, *why))
    if not isinstance(content, dict):
        raise MappingFileError(label, "it is no table of settings", "Start it with `version: 1`")
    try:
        return MappingFile.model_validate(content)
    except ValidationError as exc:
        raise MappingFileError(label, *first_problem(exc, "a mapping file")) from exc


def first_problem(error: ValidationError, called: str) -> tuple[str, str]:
    """Return what is wrong first in a file of settings, and what to do."""
    problems = error.errors(include_url=False, include_context=False)
    first = problems[0]
    place = ".".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"])
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"{place} is no setting of {called}{more}", "Delete or rename it"
    if first["type"] == "missing":
        return f"{place} is missing{more}", "Add it"
    return f"{place}: {first['msg'].lower()}, got {first['input']!r:.60}{more}", "Correct it"


class _MappingLoader(yaml.CSafeLoader):
    """YAML with only true and false as booleans: ``on`` is a word."""


_MappingLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def yaml_of(text: str, error: Callable[[str, str], Exception]) -> Any:
    """Return what YAML settings hold; ``error`` makes what is raised if they cannot be read."""
    try:
        _refuse_aliases(text, error)
        return yaml.load(text, Loader=_MappingLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        place = getattr(exc, "problem_mark", None)
        where = f" in line {place.line + 1}" if place is not None else ""
        problem = getattr(exc, "problem", None) or "it nests too deep or holds a wrong value"
        reason = f"it is no YAML{where}: {problem}"
        raise error(reason, "Correct it") from exc


def _refuse_aliases(text: str, error: Callable[[str, str], Exception]) -> None:
    """Refuse aliases, with which a small file unfolds into gigabytes."""
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            reason = f"it uses the alias *{event.anchor}"
            raise error(reason, "Write the content out")
