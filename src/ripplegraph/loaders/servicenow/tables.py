"""Which ServiceNow table a file, sheet or record list is."""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import PurePosixPath

from ripplegraph.loaders.mapping.rules import spelled
from ripplegraph.loaders.reading import RawTable


class Role(Enum):
    """What a ServiceNow table gives to the graph."""

    CI = auto()
    RELATION = auto()
    RELATION_TYPE = auto()
    ASSOCIATION = auto()
    AGREEMENT = auto()
    COMMITMENT = auto()
    COMMITMENT_LINK = auto()
    OUTAGE = auto()
    CHANGE = auto()
    TASK_CI = auto()
    TASK_OUTAGE = auto()
    TICKET = auto()
    TASK_SLA = auto()
    SCHEDULE = auto()
    SCHEDULE_SPAN = auto()
    NAMES = auto()
    NOT_USED = auto()


_ROLES = {
    "cmdb_rel_ci": Role.RELATION,
    "cmdb_rel_type": Role.RELATION_TYPE,
    "svc_ci_assoc": Role.ASSOCIATION,
    "service_offering": Role.CI,
    "contract_sla": Role.AGREEMENT,
    "service_commitment": Role.COMMITMENT,
    "service_offering_commitment": Role.COMMITMENT_LINK,
    "cmdb_ci_outage": Role.OUTAGE,
    "change_request": Role.CHANGE,
    "task_ci": Role.TASK_CI,
    "task_outage": Role.TASK_OUTAGE,
    "incident": Role.TICKET,
    "task_sla": Role.TASK_SLA,
    "cmn_schedule": Role.SCHEDULE,
    "cmn_schedule_span": Role.SCHEDULE_SPAN,
    "sys_user_group": Role.NAMES,
    "core_company": Role.NAMES,
    "sys_user": Role.NAMES,
}

_NOT_USED = (
    "problem", "problem_task", "change_task", "task", "sc_request", "sc_req_item", "sc_task",
    "sn_customerservice_case",
    "sn_install_base_item", "alm_asset", "alm_hardware", "alm_license", "ast_contract",
    "cmdb_model", "cmdb_serial_number", "cmdb_software_instance", "cmdb_rel_person",
    "cmdb_rel_group", "cmdb_rel_user_type", "cmn_location",
    "cmn_department", "sys_choice", "sys_db_object", "sys_dictionary", "sys_audit",
    "sys_user_grmember", "sla", "ola", "em_event", "em_alert", "kb_knowledge",
    "discovery_status", "service_availability", "service_sla_result",
    "identification_engine_answer", "cmdb_class_metadata", "activity_stream",
    "install_base_answer",
)  # fmt: skip

_KNOWN = {**_ROLES, **dict.fromkeys(_NOT_USED, Role.NOT_USED)}

_BY_COLUMNS = (
    (frozenset({"parent_descriptor", "child_descriptor"}), "cmdb_rel_type"),
    (frozenset({"parent", "type", "child"}), "cmdb_rel_ci"),
    (frozenset({"service_id", "ci_id"}), "svc_ci_assoc"),
    (frozenset({"service_offering", "service_commitment"}), "service_offering_commitment"),
    (frozenset({"incident_state"}), "incident"),
    (frozenset({"cmdb_ci", "begin", "end"}), "cmdb_ci_outage"),
)
"""Columns by which a table of another name is known, best first."""

_SHEETS_WITHOUT_NAME = re.compile(r"(page|sheet|tabelle|feuil)[ _]?\d*", re.ASCII)
_TECHNICAL = re.compile(r"[a-z0-9_]+", re.ASCII)


def is_technical(text: str) -> bool:
    """Return whether a text is the name of a table, not its label."""
    return _TECHNICAL.fullmatch(text) is not None


def is_known_table(name: str) -> bool:
    """Return whether this is the name of a ServiceNow table."""
    return _table_named(name) is not None


def table_of(table: RawTable) -> str | None:
    """Return the name of the ServiceNow table that this is, or None."""
    named = next((found for name in _names_of(table) if (found := _table_named(name))), None)
    if named:
        return named
    spellings = {spelled(column.partition(".")[0]): column for column in table.columns}
    if "sys_class_name" in spellings:
        return _table_of_classes(table)
    return next((name for columns, name in _BY_COLUMNS if columns <= spellings.keys()), None)


def has_sys_ids(table: RawTable) -> bool:
    """Return whether the table holds records of ServiceNow, whatever they are."""
    return any(spelled(column.partition(".")[0]) == "sys_id" for column in table.columns)


def role_of(table_name: str) -> Role:
    """Return what a table of this name gives; tables of CIs are the rest."""
    return _KNOWN.get(table_name, Role.CI)


def _names_of(table: RawTable) -> list[str]:
    """Return the names that a table goes by: its own, and for a nameless sheet the file's."""
    stem = PurePosixPath(table.file.partition("#")[0]).stem.casefold()
    if _SHEETS_WITHOUT_NAME.fullmatch(table.name):
        return [stem]
    return [table.name]


def _table_named(name: str) -> str | None:
    """Return the table that a name means: exactly, or with something behind ("incident (2)")."""
    word = name.casefold().strip()
    if word in _KNOWN:
        return word
    begins = [
        known for known in _KNOWN if word.startswith(known) and not word[len(known)].isalnum()
    ]
    if begins:
        return max(begins, key=len)
    if word.startswith(("cmdb_ci", "u_cmdb_ci")):
        return re.sub(r"[\s(-].*", "", word)
    return None


def _table_of_classes(table: RawTable) -> str | None:
    """Return the table of records that tell their class, which stands in each of them."""
    classes: set[str] = set()
    for column, cells in table.columns.items():
        if spelled(column) in {"sys_class_name", "sys_class_name.value"}:
            classes.update(cell for cell in cells if cell)
    known = {_KNOWN.get(name) for name in classes}
    if known and not known & {None, Role.CI}:
        return min(classes) if len(known) == 1 else "task"
    is_ci = any("cmdb_ci" in name or not is_technical(name) for name in classes)
    return "cmdb_ci" if is_ci or Role.CI in known else None
