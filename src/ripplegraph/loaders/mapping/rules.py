"""The rules of a mapping: which way a relation carries failure, and what each class is.

Rules are tried in order and the first that fits wins; the rules of the mapping that a file
extends come after its own. Every answer is kept, because CMDBs repeat few types and classes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fnmatch import translate
from pathlib import Path
from typing import TypeVar

from ripplegraph.errors import MappingFileError
from ripplegraph.graph.model import (
    CiKind,
    OperatingState,
    Requirement,
    RequirementUnit,
    Strength,
)
from ripplegraph.loaders.mapping.file import (
    ClassPart,
    GroupPart,
    MappingFile,
    RelationPart,
    read_mapping_file,
    shipped_mappings,
)

LOGICAL_KINDS = frozenset(
    {
        CiKind.BUSINESS_SERVICE,
        CiKind.SERVICE,
        CiKind.SERVICE_OFFERING,
        CiKind.CLUSTER,
        CiKind.GROUP,
        CiKind.SITE,
    }
)
"""Kinds without failures of their own, unless a class rule says otherwise."""

Value = TypeVar("Value")

_LONGEST_CHAIN = 10  # mappings that extend each other
_IMPACT_SEEN_FROM_THE_OTHER_SIDE = {
    "child_to_parent": "parent_to_child",
    "parent_to_child": "child_to_parent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDecision:
    """The redundancy group that a relation joins: it belongs to the parent or the child.

    ``min_up`` is what the rule assumes where the data names no requirement.
    """

    on: str
    key: str
    min_up: Requirement | None
    grounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationDecision:
    """What a relation means, seen from its own parent and child.

    ``impact`` is ``none``, ``child_to_parent`` (the child fails, the parent is hit),
    ``parent_to_child`` or ``both``. ``rule`` names the rule that took it; ``known`` is False
    where none did. ``flipped`` tells that the type is spelled as the inverse of the rule's.
    """

    impact: str
    strength: Strength
    group: GroupDecision | None
    rule: str
    known: bool
    flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDecision:
    """What a class is; ``known`` is False where no class rule fits."""

    kind: CiKind
    is_logical: bool
    known: bool


UNKNOWN_RELATION = RelationDecision(
    impact="none",
    strength=Strength.NONE,
    group=None,
    rule="no rule",
    known=False,
    flipped=False,
)


def spelled(text: str) -> str:
    """Return a column, class or word as it is compared: casefolded, with single underscores."""
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _class_spelling(text: str) -> str:
    """Return a class name so that names and labels agree: "Linux Server", cmdb_ci_linux_server."""
    return spelled(text).removeprefix("cmdb_ci_")


def _type_spelling(text: str) -> tuple[str, str]:
    """Return parent and child descriptor of a relation type; the second is "" for one word."""
    mark = "::" if "::" in text else ":"
    parent, _, child = text.casefold().partition(mark)
    return " ".join(parent.split()), " ".join(child.split())


def _pattern(texts: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(text) for text in texts))


class _ClassPatterns:
    """Class patterns: names or labels with ``*``, or ``kind:`` and a kind."""

    def __init__(self, patterns: Sequence[str], label: str) -> None:
        self._any = "*" in patterns
        kinds = [text[5:].strip() for text in patterns if text.casefold().startswith("kind:")]
        names = [text for text in patterns if not text.casefold().startswith("kind:")]
        unknown = [kind for kind in kinds if kind not in set(CiKind)]
        if unknown:
            known = ", ".join(kind.value for kind in CiKind)
            raise MappingFileError(label, f"{unknown[0]!r} is no kind", f"Kinds are {known}")
        self._kinds = frozenset(CiKind(kind) for kind in kinds)
        self._names = _pattern([_class_spelling(text) for text in names]) if names else None

    def fit(self, class_name: str, kind: CiKind) -> bool:
        """Return whether a class, already spelled for comparing, is one of these."""
        if self._any or kind in self._kinds:
            return True
        return self._names is not None and self._names.match(class_name) is not None


class _RelationRule:
    """One relation rule, ready to match."""

    def __init__(self, part: RelationPart, name: str, mapping: str) -> None:
        self.part, self.name = part, name
        pairs = [_type_spelling(text) for text in part.match.type]
        self._types = [(_pattern([parent]), _pattern([child])) for parent, child in pairs]
        self._parent = _ClassPatterns(part.match.parent_class, mapping)
        self._child = _ClassPatterns(part.match.child_class, mapping)
        self.group = _group_decision(part.group, name, mapping) if part.group else None

    def fits_type(self, parent_word: str, child_word: str) -> bool:
        """Return whether the type fits; a type of one word fits on the parent's word."""
        return any(
            parent.match(parent_word) and (not child_word or child.match(child_word))
            for parent, child in self._types
        )

    def fits_second_word(self, word: str) -> bool:
        """Return whether a type of one word is the child's word of this rule."""
        return any(child.match(word) and not parent.match(word) for parent, child in self._types)

    def fits_classes(self, parent: tuple[str, CiKind], child: tuple[str, CiKind]) -> bool:
        """Return whether parent and child class fit."""
        return self._parent.fit(*parent) and self._child.fit(*child)

    def decision(self, *, flipped: bool) -> RelationDecision:
        """Return what the rule says about a relation, seen from that relation's own ends."""
        impact: str = self.part.impact
        group = self.group
        if flipped:
            impact = _IMPACT_SEEN_FROM_THE_OTHER_SIDE.get(impact, impact)
            if group is not None:
                side = "child" if group.on == "parent" else "parent"
                group = GroupDecision(
                    on=side, key=group.key, min_up=group.min_up, grounded=group.grounded
                )
        strength = Strength.SOFT if self.part.strength == "soft" else Strength.HARD
        return RelationDecision(
            impact=impact,
            strength=Strength.NONE if impact == "none" else strength,
            group=group if impact != "none" else None,
            rule=self.name,
            known=True,
            flipped=flipped,
        )


def _group_decision(part: GroupPart, rule: str, mapping: str) -> GroupDecision:
    min_up = _requirement_of(part, rule, mapping)
    return GroupDecision(on=part.on, key=part.key, min_up=min_up, grounded=part.grounded)


def _requirement_of(part: GroupPart, rule: str, mapping: str) -> Requirement:
    if part.rule == "all":
        return Requirement(unit=RequirementUnit.PERCENT, value=Decimal(100))
    if part.rule == "any":
        return Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))
    text = (part.min_up or "").strip()
    unit = RequirementUnit.WEIGHT
    if part.rule == "percent" or text.endswith("%"):
        unit, text = RequirementUnit.PERCENT, text.removesuffix("%")
    elif text.startswith("count:"):
        unit, text = RequirementUnit.COUNT, text.removeprefix("count:")
    try:
        return Requirement(unit=unit, value=Decimal(text))
    except (ValueError, InvalidOperation) as exc:
        reason = f"min_up {part.min_up!r} of rule {rule} is no requirement"
        raise MappingFileError(mapping, reason, "Write 2, 50% or count:2") from exc


class MappingRules:
    """The rules of one mapping together with all that it extends."""

    def __init__(self, name: str, parts: Sequence[tuple[str, MappingFile]]) -> None:
        """Take the mapping's own file first, then those that it extends, each with its name."""
        self.name = name
        self.relation_rules = tuple(
            _RelationRule(part, f"{label} #{number}: {_shortened(part.match.type)}", label)
            for label, file in parts
            for number, part in enumerate(file.relations, start=1)
        )
        self._classes = [
            (_ClassPatterns(part.match, label), part)
            for label, file in parts
            for part in file.classes
        ]
        files = [file for _, file in parts]
        self._columns = _merged_columns(files)
        self.null_words = _words(file.null_words for file in files)
        self.retired_words = _words(file.retired_words for file in files)
        self.test_words = _words(file.test_words for file in files)
        self.always_words = _words(file.always_words for file in files)
        self.retired_codes = _merged_codes(files)
        self.relation_type_ids = _worded(file.relation_type_ids for file in files)
        self.outage_types = _worded(file.outage_types for file in files)
        self.agreement_types = _worded(file.agreement_types for file in files)
        self.change_states = _worded(file.change_states for file in files)
        self.agreement_states = _worded(file.agreement_states for file in files)
        self._relation_answers: dict[tuple[str, str, str], RelationDecision] = {}
        self._class_answers: dict[str, ClassDecision] = {}
        self._column_answers: dict[tuple[str, str, tuple[str, ...]], tuple[str, ...]] = {}

    def relation(
        self, relation_type: str, parent_class: str, child_class: str
    ) -> RelationDecision:
        """Return what a relation of this type between CIs of these classes means."""
        key = (relation_type, parent_class, child_class)
        answer = self._relation_answers.get(key)
        if answer is None:
            answer = self._relation_answers[key] = self._decide(*key)
        return answer

    def ci_class(self, class_name: str) -> ClassDecision:
        """Return what a class is, whether its name or its label is given."""
        answer = self._class_answers.get(class_name)
        if answer is None:
            answer = self._class_answers[class_name] = self._classify(_class_spelling(class_name))
        return answer

    def columns(self, table: str, field: str, columns: Collection[str]) -> tuple[str, ...]:
        """Return every column of an export that holds a field, best first."""
        key = (table, field, tuple(columns))
        answer = self._column_answers.get(key)
        if answer is None:
            present: dict[str, str] = {}
            for column in columns:
                present.setdefault(spelled(column), column)
            aliases = self._columns.get(table, {}).get(field, (spelled(field),))
            answer = tuple(present[alias] for alias in aliases if alias in present)
            self._column_answers[key] = answer
        return answer

    def column(self, table: str, field: str, columns: Collection[str]) -> str | None:
        """Return the column of an export that holds a field, or None."""
        found = self.columns(table, field, columns)
        return found[0] if found else None

    def is_null(self, text: str) -> bool:
        """Return whether a cell says that nothing is known."""
        return not text or text.casefold() in self.null_words

    def operating_state(self, cells: Mapping[str, str]) -> OperatingState:
        """Return whether a CI is live, retired or for tests, from its status fields."""
        for field, text in cells.items():
            if text.casefold() in self.retired_words or text in self.retired_codes.get(field, ()):
                return OperatingState.RETIRED
        if any(text.casefold() in self.test_words for text in cells.values()):
            return OperatingState.TEST
        return OperatingState.LIVE

    def _decide(self, relation_type: str, parent_class: str, child_class: str) -> RelationDecision:
        parent_word, child_word = _type_spelling(relation_type)
        if not parent_word and not child_word:
            return UNKNOWN_RELATION
        parent = (_class_spelling(parent_class), self.ci_class(parent_class).kind)
        child = (_class_spelling(child_class), self.ci_class(child_class).kind)
        for rule in self.relation_rules:
            if rule.fits_type(parent_word, child_word) and rule.fits_classes(parent, child):
                return rule.decision(flipped=False)
        for rule in self.relation_rules:
            is_inverse = (
                rule.fits_type(child_word, parent_word)
                if child_word
                else rule.fits_second_word(parent_word)
            )
            if is_inverse and rule.fits_classes(child, parent):
                return rule.decision(flipped=True)
        return UNKNOWN_RELATION

    def _classify(self, class_name: str) -> ClassDecision:
        for patterns, part in self._classes:
            if class_name and patterns.fit(class_name, CiKind.OTHER):
                return _class_decision(part)
        return ClassDecision(kind=CiKind.OTHER, is_logical=False, known=False)


def _shortened(types: Sequence[str]) -> str:
    return types[0] if len(types) == 1 else f"{types[0]} and {len(types) - 1} more"


def _class_decision(part: ClassPart) -> ClassDecision:
    is_logical = part.kind in LOGICAL_KINDS if part.logical is None else part.logical
    return ClassDecision(kind=part.kind, is_logical=is_logical, known=True)


def load_mapping(name_or_path: str | Path | None, *, default: str) -> MappingRules:
    """Return the rules of a shipped mapping or a user's file; raises MappingFileError."""
    name = default if name_or_path is None else name_or_path
    label = str(name)
    parts: list[tuple[str, MappingFile]] = []
    while True:
        file = read_mapping_file(name)
        parts.append((str(name), file))
        if file.extends is None:
            return MappingRules(label, parts)
        if len(parts) == _LONGEST_CHAIN or file.extends in {part[0] for part in parts}:
            reason = f"its chain of extends does not end ({file.extends!r} comes again)"
            raise MappingFileError(label, reason, "Let the last mapping extend nothing")
        name = _beside(name, file.extends)


def _beside(name: str | Path, extends: str) -> str | Path:
    """Return what a mapping extends: a shipped name, else a file beside the mapping."""
    if extends in shipped_mappings():
        return extends
    return Path(name).parent / extends


def _words(lists: Iterable[Sequence[str]]) -> frozenset[str]:
    return frozenset(word.casefold() for words in lists for word in words)


def _worded(tables: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """Return one table of words, casefolded; an earlier table wins."""
    merged: dict[str, Value] = {}
    for table in tables:
        for word, value in table.items():
            merged.setdefault(word.casefold(), value)
    return merged


def _merged_codes(files: Iterable[MappingFile]) -> dict[str, frozenset[str]]:
    merged: dict[str, frozenset[str]] = {}
    for file in files:
        for field, codes in file.retired_codes.items():
            merged[field] = merged.get(field, frozenset()).union(codes)
    return merged


def _merged_columns(files: Sequence[MappingFile]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the spellings of each field per table; the field's own name always counts."""
    merged: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in files:
        for table, fields in file.columns.items():
            for field, aliases in fields.items():
                known = merged.setdefault(table, {}).get(field, ())
                fresh = tuple(spelled(alias) for alias in aliases)
                merged[table][field] = tuple(dict.fromkeys((*known, *fresh)))
    return {
        table: {
            field: tuple(dict.fromkeys((*aliases, spelled(field))))
            for field, aliases in fields.items()
        }
        for table, fields in merged.items()
    }
