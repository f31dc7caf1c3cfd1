"""The catalogue of findings: every code once, with its severity, meaning and advice.

docs/findings.md is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an answer is wrong or missing, doubtful, or just worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """What a finding code means and what to do about it."""

    severity: Severity
    meaning: str
    advice: str


def _rule(severity: Severity, meaning: str, advice: str) -> FindingRule:
    return FindingRule(severity=severity, meaning=meaning, advice=advice)


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

FINDING_CATALOGUE: dict[str, FindingRule] = {
    # reading a file
    "unreadable-file": _rule(_E, "The file cannot be read.", "Export it again."),
    "limit-exceeded": _rule(_E, "The file exceeds a limit.", "Split it, or raise the limit."),
    "broken-file": _rule(
        _E, "The file breaks off or is malformed.", "Export it again; what could be read was used."
    ),
    "error-answer": _rule(
        _E, "The file holds an error answer of the source system.", "Export it again."
    ),
    "unknown-table": _rule(
        _W,
        "The file or sheet is no table that ripplegraph knows.",
        "Name it as documented, or map its columns.",
    ),
    "table-not-used": _rule(
        _I, "A known table that gives no CIs, relations, agreements or outages.", "Nothing to do."
    ),
    "empty-table": _rule(_I, "The table has no rows.", "Check the export if rows were expected."),
    "export-cut-off": _rule(
        _W,
        "Exactly 10,000 rows: the export was probably cut off.",
        "Raise the export limit, export again.",
    ),
    "encoding-guessed": _rule(
        _W, "The file is not UTF-8; another encoding was used.", "Export as UTF-8."
    ),
    "replaced-characters": _rule(
        _W, "Characters were replaced or dropped (NUL, invalid bytes).", "Export as UTF-8."
    ),
    "duplicate-column": _rule(
        _W, "A column name stands twice.", "Rename one column; the first was used."
    ),
    "missing-column": _rule(
        _E, "A column that the table needs is missing.", "Add it, or name it in the mapping file."
    ),
    "ragged-row": _rule(
        _W, "A row has more or fewer cells than the header.", "Check the quoting of that row."
    ),
    # reading a record
    "missing-id": _rule(_E, "A record has no id and no name.", "Add the id column to the export."),
    "id-from-name": _rule(
        _W,
        "The export has no id column; names serve as ids.",
        "Add the id column (sys_id) to the export.",
    ),
    "missing-reference": _rule(
        _E, "A relation names only one CI, or none.", "Complete or delete the relation."
    ),
    "name-only-reference": _rule(
        _W, "A reference gives a name but no id.", "Export references with their values."
    ),
    "reference-by-name": _rule(
        _I,
        "References were resolved by unique name, since the export gives no ids for them.",
        "Export references with their values.",
    ),
    "invalid-value": _rule(
        _W, "A cell does not hold what its column needs.", "Correct the cell; it was left empty."
    ),
    "unusable-record": _rule(
        _E,
        "A record lacks a value that it cannot do without, or the value cannot be read.",
        "Correct the cell; the record was not used.",
    ),
    "invalid-availability": _rule(
        _E, "A cell is no availability.", "Write a fraction (0.9995) or a percent (99.95%)."
    ),
    "invalid-requirement": _rule(
        _E, "A group requirement cannot be read, or is 0.", "Write 2, 50%, count:2, all or any."
    ),
    "invalid-weight": _rule(
        _E, "A weight is negative or no number.", "Write a number >= 0; 1 was used."
    ),
    "invalid-strength": _rule(
        _E, "A dependency strength is unknown.", "Write hard, soft or none; hard was used."
    ),
    "naive-time": _rule(
        _E,
        "A time has no zone, and no zone was given.",
        "Load with --timezone; the time was left empty.",
    ),
    "time-in-fold": _rule(
        _W,
        "A local time exists twice: clocks go back over it (daylight saving).",
        "Export in UTC; the first was used, or the second where only that ends after its start.",
    ),
    "time-in-gap": _rule(
        _W,
        "A local time does not exist: clocks go forward over it (daylight saving).",
        "Export in UTC; the time as far behind the change was used.",
    ),
    "ambiguous-date": _rule(
        _E, "A date may be day-first or month-first.", "Load with --day-first or --month-first."
    ),
    "reversed-times": _rule(
        _E, "The end lies before the start.", "Correct the record; it was not used."
    ),
    "zero-length-outage": _rule(
        _W, "An outage ends the moment it starts.", "Correct its times; it was not used."
    ),
    "unknown-relation-type": _rule(
        _W, "No mapping rule knows the relation type.", "Add a rule; until then it has no impact."
    ),
    "unknown-class": _rule(
        _I, "No mapping rule knows the class.", "Add a class rule; it counts as 'other'."
    ),
    "unknown-agreement-kind": _rule(
        _E,
        "The agreement kind is none of SLA, OLA, UPC, SLR.",
        "Correct the kind; it was not used.",
    ),
    "unknown-time-zone": _rule(
        _E, "The time zone is no IANA zone.", "Write an IANA name such as Europe/Berlin."
    ),
    "unknown-field": _rule(
        _W,
        "Records have a field that their table does not know.",
        "Correct its name; further facts about a CI stand under attributes.",
    ),
    "change-without-window": _rule(
        _I,
        "Change requests give no planned window: not scheduled, or without times or CI.",
        "Nothing to do; the mapping says which states count (change_states).",
    ),
    "ticket-without-outage": _rule(
        _I, "Tickets are no outages by the rule file.", "Nothing to do, or mend the rule."
    ),
    "commit-without-status": _rule(
        _I, "Commits of a status log tell no change of status.", "Nothing to do."
    ),
    "outage-placed": _rule(
        _W,
        "The source tells minutes down per day, not when: they were put at the start of the day.",
        "Add the log of status changes, which tells the moments.",
    ),
    "slo-not-availability": _rule(
        _I, "An SLO compares a value with a limit; it is no availability.", "Nothing to do."
    ),
    "slo-counts-events": _rule(
        _I,
        "An SLO counts good events; its share was taken for a share of time.",
        "Nothing to do where load is even; else agree a share of time.",
    ),
    "unused-rule": _rule(
        _W, "A rule of the rule file took no table.", "Correct its table pattern."
    ),
    "unused-link": _rule(
        _I, "Links name a record that gives nothing to the graph.", "Nothing to do."
    ),
    "pauses-placed": _rule(
        _I,
        "The export tells how long a clock stood still, not when: it was put at the last pause.",
        "Give the pauses in a table tickets, if their hours matter.",
    ),
    "unsupported-span": _rule(
        _W,
        "A schedule entry repeats in a way that a calendar cannot say.",
        "Write the calendar in a table calendars; the entry was not used.",
    ),
    "failed-record": _rule(
        _W, "The source system marked the record as failed.", "Export it again."
    ),
    "merged-record": _rule(_I, "Several records of one CI were merged.", "Nothing to do."),
    "conflicting-records": _rule(
        _W,
        "Records of one CI contradict each other.",
        "Correct the source; the first value was kept.",
    ),
    "not-in-folder": _rule(
        _I, "A file in the folder is no export file and was passed over.", "Nothing to do."
    ),
    # building the graph
    "duplicate-id": _rule(
        _E, "Two records have one id.", "Delete or renumber one; the first was kept."
    ),
    "duplicate-name": _rule(
        _W, "Several CIs of one class have one name.", "Merge or rename them."
    ),
    "duplicate-relation": _rule(_W, "A relation stands twice.", "Delete one; the first was kept."),
    "self-relation": _rule(
        _W, "A CI depends on itself.", "Delete the relation; it has no effect."
    ),
    "dangling-reference": _rule(
        _E,
        "A relation names a CI that the export does not hold.",
        "Add its record; a stub stands for it.",
    ),
    "ambiguous-id": _rule(
        _E,
        "A native id fits CIs of several classes.",
        "Write the full ci_id; the record was not used.",
    ),
    "dangling-outage": _rule(
        _E,
        "An outage names a CI that the export does not hold.",
        "Add the CI; the outage was not used.",
    ),
    "duplicate-outage": _rule(
        _W, "An outage stands twice, alike in every field.", "Delete one; the first was kept."
    ),
    "live-outage-recorded": _rule(
        _I,
        "An outage that came in live stands in the export too.",
        "Nothing to do: it counts once, as the export tells it if that tells its end.",
    ),
    "overlapping-outages": _rule(
        _I,
        "Outages of one CI and kind overlap.",
        "Check for one outage told twice; all are kept, and each second counts once.",
    ),
    "dangling-record": _rule(
        _E,
        "A record of the process names an agreement or service that the export does not hold.",
        "Correct the reference; the record was not used.",
    ),
    "dangling-ticket": _rule(
        _W,
        "A ticket names a CI or service that the export does not hold.",
        "Add the CI; the reference was left out, the ticket kept.",
    ),
    "ticket-without-ci": _rule(
        _I,
        "Tickets name no CI and no service.",
        "Name one; such tickets count for no agreement.",
    ),
    "duplicate-record": _rule(
        _W, "A record of the process stands twice.", "Delete one; the first was kept."
    ),
    "dangling-cover": _rule(
        _E, "An agreement covers something that the export does not hold.", "Correct its covers."
    ),
    "dangling-group": _rule(
        _E, "A group names a CI or key without relations.", "Correct the group; it was not used."
    ),
    "duplicate-group": _rule(_E, "A group is defined twice.", "Delete one; the first was kept."),
    "duplicate-agreement": _rule(
        _E, "Two agreements in force at once have one id.", "Renumber one; the first was kept."
    ),
    "duplicate-calendar": _rule(
        _E, "Two calendars have one id.", "Renumber one; the first was kept."
    ),
    "unknown-calendar": _rule(
        _E,
        "An agreement names a calendar that the export does not hold.",
        "Add the calendar; 24x7 was assumed.",
    ),
    "unknown-holidays": _rule(
        _W,
        "A calendar names a region whose holidays are not known.",
        "Write a region such as DE or DE-BY, or dates; no holidays of it were taken off.",
    ),
    "mixed-strengths": _rule(
        _W, "One group holds hard and soft members.", "Give all one strength; the strictest holds."
    ),
    "requirement-above-size": _rule(
        _E, "A group needs more than it has.", "Lower min_up; all members are needed."
    ),
    "requirement-units-mixed": _rule(
        _E,
        "min_up and degraded_below use different units.",
        "Use one unit; degraded_below was left out.",
    ),
    "weight-out-of-range": _rule(
        _E,
        "Weights of a group are too large or too finely divided.",
        "Use simpler weights; all members are needed.",
    ),
    # what validate() finds in the graph
    "cluster-without-requirement": _rule(
        _W,
        "A group has no requirement of its own in the data.",
        "Say how many members must be up.",
    ),
    "cycle": _rule(
        _W, "CIs depend on each other in a circle.", "Check each relation of the path."
    ),
    "self-supported-cycle": _rule(
        _W,
        "A circle through a redundancy group can hold itself up.",
        "Mark the group grounded, or mend it.",
    ),
    "orphan": _rule(_I, "CIs have no relation at all.", "Relate or retire them."),
    "service-without-sla": _rule(
        _W,
        "A service has no SLA, nor has an offering of it.",
        "Agree one, or say that none is needed.",
    ),
    "sla-without-cis": _rule(_E, "An SLA covers no CI.", "Correct its covers."),
    "agreement-without-cis": _rule(_E, "An OLA, UPC or SLR covers no CI.", "Correct its covers."),
    "sla-not-on-service": _rule(
        _W,
        "An SLA or SLR covers a CI that is no service.",
        "Cover the service that customers use, or make the class a service class.",
    ),
    "service-without-dependencies": _rule(
        _W, "A service with an SLA rests on nothing.", "Relate it to what it runs on."
    ),
    "coverage-mismatch": _rule(
        _W,
        "An agreement does not cover all hours of one that rests on it.",
        "Agree hours that cover them; outside them nothing is promised.",
    ),
    "window-mismatch": _rule(
        _W,
        "An agreement is measured over another window than one that rests on it.",
        "Agree on one window and time zone, or count with all of its budget at once.",
    ),
    "agreement-state-differs": _rule(
        _W,
        "The state of an agreement is not the one that it came into last.",
        "Correct one of them; its last change of state counts.",
    ),
    "agreement-overlap": _rule(
        _W, "Two agreements of one kind cover one CI.", "Decide which one holds."
    ),
    "several-customers": _rule(
        _I,
        "Agreements with several customers cover one service.",
        "Nothing to do: each holds for its customer.",
    ),
    "ola-not-backed": _rule(
        _W,
        "An OLA promises more than the underpinning contract behind it.",
        "Lower the OLA's target, or raise the contract's.",
    ),
    "agreement-dates": _rule(_E, "An agreement ends before it begins.", "Correct its dates."),
    "agreement-expired": _rule(_W, "An agreement has ended.", "Renew or retire it."),
    "agreement-review-overdue": _rule(_W, "An agreement's review is overdue.", "Hold the review."),
    "retired-dependency": _rule(
        _W,
        "A live CI depends on a retired one: kept, no impact.",
        "Delete the relation or revive the CI.",
    ),
    "test-dependency": _rule(
        _W, "A live CI depends on a test CI: kept, no impact.", "Relate it to the live CI."
    ),
    "stale-ci": _rule(_W, "CIs were not confirmed for a long time.", "Rediscover or retire them."),
    "relation-not-valid": _rule(
        _I, "Relations are outside their dates of validity: kept, no impact.", "Nothing to do."
    ),
    # what the verdicts on SLAs find
    "inclusive-shared": _rule(
        _I,
        "An agreement promises a CI with all beneath it, some of which is needed otherwise too.",
        "Nothing to do: shared CIs count once, the promise keeps the rest.",
    ),
    "promise-not-possible": _rule(
        _W,
        "What an inclusive promise shares with others alone breaks it.",
        "Lower the target, or raise those beneath.",
    ),
}

CODES_OF_DAMAGE = frozenset({"unreadable-file", "limit-exceeded", "broken-file", "error-answer"})
"""Codes of findings that say that a file, or a part of it, is damaged or was not read."""
