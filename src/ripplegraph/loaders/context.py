"""What every loader is handed: where its records, findings and row marks go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.loaders.carried_places import CarriedPlaces
from ripplegraph.loaders.ledger import RowLedger
from ripplegraph.loaders.times import TimeReader

if TYPE_CHECKING:
    from ripplegraph.loaders.mapping.rules import MappingRules
    from ripplegraph.loaders.outage_rule_file import OutageRule
    from ripplegraph.loaders.reading import ReadLimits

Progress = Callable[[str, int, int], None]
"""Called with a label, the bytes done and the bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How to load an export.

    ``mapping`` is the name of a shipped mapping or the path of a mapping file; None takes the
    one of the format. ``time_zone`` is the IANA zone of times without one; ``day_first`` tells
    how to read ``03/04/2026``; ``source`` names the source system in every ``ci_id``;
    ``outage_rules`` is the path of a rule file for incident logs.
    """

    mapping: str | Path | None = None
    time_zone: str | None = None
    day_first: bool | None = None
    source: str | None = None
    strict: bool = False
    outage_rules: str | Path | None = None
    limits: ReadLimits | None = None
    progress: Progress | None = None


@dataclass(slots=True, kw_only=True)
class LoadContext:
    """Where the loaders of one export put what they make, and what they look things up in.

    ``explained`` counts how often which rule took a relation: ``(rule, relation type, parent
    class, child class)``. ``carried`` tells for a place that a native file carries on from an
    earlier export in which rows of the native file it stands. ``assumed_groups`` are those that a
    mapping rule makes of generic relations; they count where no ``groups`` table says otherwise.
    ``ruled`` names the outage rules that took a table, ``made_cis`` the CIs that they made.
    """

    rules: MappingRules
    times: TimeReader
    options: LoadOptions = field(default_factory=LoadOptions)
    records: Records = field(default_factory=Records)
    found: FindingCollector = field(default_factory=FindingCollector)
    ledger: RowLedger = field(default_factory=RowLedger)
    explained: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    carried: CarriedPlaces = field(default_factory=CarriedPlaces)
    assumed_groups: dict[tuple[str, str], GroupRecord] = field(default_factory=dict)
    outage_rules: tuple[OutageRule, ...] = ()
    ruled: set[str] = field(default_factory=set)
    made_cis: set[str] = field(default_factory=set)
