"""From ServiceNow's tables and documents to records, in the order in which they need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ripplegraph.graph.compilation import is_large
from ripplegraph.loaders.array_records import hold_in_arrays
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.outage_rules import apply_outage_rules
from ripplegraph.loaders.reading import RawDocument, RawTable
from ripplegraph.loaders.servicenow.agreements import Agreements
from ripplegraph.loaders.servicenow.cells import ServiceNowTable, refuse_without_ids
from ripplegraph.loaders.servicenow.changes import Changes
from ripplegraph.loaders.servicenow.cis import has_sys_id_column, owners_by_name, read_ci_table
from ripplegraph.loaders.servicenow.documents import is_servicenow_document, tables_of_document
from ripplegraph.loaders.servicenow.outages import read_outages
from ripplegraph.loaders.servicenow.register import Register
from ripplegraph.loaders.servicenow.relations import Relations
from ripplegraph.loaders.servicenow.schedules import Schedules
from ripplegraph.loaders.servicenow.tables import Role, has_sys_ids, role_of, table_of
from ripplegraph.loaders.servicenow.tickets import Tickets

EXPORT_CAP = 10_000
"""Rows at which ServiceNow cuts a list export off, in silence, unless set otherwise."""

_KINDS = {
    Role.CI: "servicenow_ci",
    Role.RELATION: "servicenow_relation",
    Role.RELATION_TYPE: "servicenow_relation_type",
    Role.ASSOCIATION: "servicenow_association",
    Role.AGREEMENT: "servicenow_agreement",
    Role.COMMITMENT: "servicenow_agreement",
    Role.COMMITMENT_LINK: "servicenow_commitment_link",
    Role.OUTAGE: "servicenow_outage",
    Role.CHANGE: "servicenow_change",
    Role.TASK_CI: "servicenow_task_ci",
    Role.TASK_OUTAGE: "servicenow_task_outage",
    Role.TICKET: "servicenow_ticket",
    Role.TASK_SLA: "servicenow_task_sla",
    Role.SCHEDULE: "servicenow_schedule",
    Role.SCHEDULE_SPAN: "servicenow_schedule_span",
    Role.NAMES: "servicenow_ci",
}

Tables = dict[Role, list[ServiceNowTable]]
Steps = Sequence[tuple[Role, Callable[[ServiceNowTable], None]]]


def servicenow_claims_table(table: RawTable) -> bool:
    """Return whether a table comes from ServiceNow, by its name or its columns."""
    return table_of(table) is not None or has_sys_ids(table)


def servicenow_claims_document(document: RawDocument) -> bool:
    """Return whether a document is an answer or an export of ServiceNow."""
    return is_servicenow_document(document)


def servicenow_records(
    tables: Sequence[RawTable], documents: Sequence[RawDocument], context: LoadContext
) -> None:
    """Add what the tables and documents of a ServiceNow export hold to the records."""
    made: list[RawTable] = []
    for document in documents:
        of_document = tables_of_document(document, context)
        for raw in of_document:
            context.ledger.register(raw.file, raw.rows)
        if not of_document:
            context.ledger.register(document.file, ())
        made.extend(of_document)
    apply_outage_rules([*tables, *made], context)
    read = _tables_by_role([*tables, *made], context)
    register = Register(context.records.cis)
    _read_names(read[Role.NAMES], register)
    for table in sorted(read[Role.CI], key=has_sys_id_column, reverse=True):
        read_ci_table(table, register)
    owners_by_name(register)
    if is_large(len(register.cis), sum(map(len, read[Role.RELATION]))):
        hold_in_arrays(register.cis)  # compiled code takes it from there
    _read_relations(read, register, context)
    _read_schedules(read, register, context)
    _read_agreements(read, register, context)
    for table in read[Role.OUTAGE]:
        read_outages(table, register)
    _read_changes(read, register, context)
    _read_tickets(read, register, context)


def _tables_by_role(tables: Sequence[RawTable], context: LoadContext) -> Tables:
    """Return the tables that give something, by role; the others are reported and done."""
    read: Tables = {role: [] for role in Role}
    for table in tables:
        name, count = table_of(table), len(table.rows)
        if count == 0:
            text = f"{name or table.name!r} has no rows"
            context.found.add("empty-table", text, file=table.file)
            continue
        if count == EXPORT_CAP:
            text = f"exactly {EXPORT_CAP:,} rows: the export was probably cut off there"
            context.found.add("export-cut-off", text, file=table.file, row=table.rows[-1])
        if name is None or role_of(name) is Role.NOT_USED:
            _report_not_used(table, name, context)
        else:
            role = role_of(name)
            table.name = name
            read[role].append(ServiceNowTable(table, _KINDS[role], context))
    return read


def _report_not_used(table: RawTable, name: str | None, context: LoadContext) -> None:
    if name is None:
        code, text = "unknown-table", "records of ServiceNow of no kind that ripplegraph knows"
    else:
        code, text = "table-not-used", f"{name} gives nothing that ripplegraph uses"
    row, count = table.rows[0], len(table.rows)
    context.found.add(code, text, file=table.file, row=row, count=count)
    context.ledger.refuse_all(table)


def _read_names(tables: Sequence[ServiceNowTable], register: Register) -> None:
    """Read tables of teams and companies: what the ids in other tables are called."""
    for table in tables:
        ids, names = table.raw_texts("sys_id"), table.texts("name", literal=True)
        if not any(ids):
            refuse_without_ids(table)
            continue
        for at in table.usable_positions():
            if not ids[at] or not names[at]:
                text = f"a record of {table.name} has no {'name' if ids[at] else 'sys_id'}"
                table.refuse(at, "missing-id", f"{text}; it was not used")
                continue
            kept = register.names_of_records.setdefault(ids[at], names[at])
            if kept == names[at]:
                table.context.ledger.use(table.file, table.rows[at])
            else:
                text = f"{ids[at]} is called {kept!r} and {names[at]!r}: the second was not used"
                table.refuse(at, "conflicting-records", text)


def _run(read: Tables, steps: Steps) -> None:
    for role, read_table in steps:
        for table in read[role]:
            read_table(table)


def _read_relations(read: Tables, register: Register, context: LoadContext) -> None:
    relations = Relations(register, context)
    for table in read[Role.RELATION_TYPE]:
        relations.read_types(table)
    relations.read_relations(read[Role.RELATION])
    relations.read_associations(read[Role.ASSOCIATION])
    relations.finish()


def _read_agreements(read: Tables, register: Register, context: LoadContext) -> None:
    agreements = Agreements(register, context)
    steps: Steps = (
        (Role.AGREEMENT, agreements.read_definitions),
        (Role.COMMITMENT, agreements.read_commitments),
        (Role.COMMITMENT_LINK, agreements.read_commitment_links),
    )
    _run(read, steps)
    agreements.finish()


def _read_schedules(read: Tables, register: Register, context: LoadContext) -> None:
    schedules = Schedules(register, context)
    steps: Steps = (
        (Role.SCHEDULE, schedules.read_schedules),
        (Role.SCHEDULE_SPAN, schedules.read_spans),
    )
    _run(read, steps)
    schedules.finish()


def _read_changes(read: Tables, register: Register, context: LoadContext) -> None:
    changes = Changes(register, context)
    steps: Steps = (
        (Role.CHANGE, changes.read_changes),
        (Role.TASK_CI, changes.read_task_cis),
        (Role.TASK_OUTAGE, changes.read_task_outages),
    )
    _run(read, steps)
    changes.finish()


def _read_tickets(read: Tables, register: Register, context: LoadContext) -> None:
    tickets = Tickets(register, context)
    steps: Steps = (
        (Role.TICKET, tickets.read_incidents),
        (Role.TASK_SLA, tickets.read_clocks),
    )
    _run(read, steps)
    tickets.finish()
