"""From iTop's tables to records, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Sequence

from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_cis import operating_state
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.itop.agreements import Agreements
from ripplegraph.loaders.itop.register import Register
from ripplegraph.loaders.itop.relations import Relations
from ripplegraph.loaders.itop.tables import (
    AGREEMENTS,
    LINKS,
    RELATED,
    class_of,
    is_ci_table,
    itop_claims_document,
    itop_claims_table,
    tables_of_document,
)
from ripplegraph.loaders.reading import RawDocument, RawTable

__all__ = ["itop_claims_document", "itop_claims_table", "itop_records"]

SOURCE = "itop"
_KIND = "itop"
_ORGANISATION = "Organization"


def itop_records(
    tables: Sequence[RawTable], documents: Sequence[RawDocument], context: LoadContext
) -> None:
    """Add what an iTop export holds to the records."""
    made: list[RawTable] = []
    for document in documents:
        of_document = tables_of_document(document)
        for one in of_document:
            context.ledger.register(one.file, one.rows)
        made.extend(of_document)
    register = Register()
    every = [(raw, GenericTable(raw, _KIND, context)) for raw in (*tables, *made)]
    cis = [pair for pair in every if is_ci_table(pair[0])]
    others = [pair for pair in every if not is_ci_table(pair[0])]
    relations, agreements = Relations(register, context), Agreements(register, context)
    for raw, table in others:
        if class_of(raw) == _ORGANISATION:  # first: others name them by id
            agreements.read(raw, table)
    for raw, table in cis:
        _read_cis(class_of(raw), table, register)
    for raw, table in cis:
        relations.read_references(class_of(raw), table)
    for raw, table in others:
        _read_other(raw, table, relations, agreements)
    relations.finish()
    agreements.finish()


def _read_other(
    raw: RawTable, table: GenericTable, relations: Relations, agreements: Agreements
) -> None:
    name = class_of(raw)
    if name in LINKS or name == RELATED:
        relations.read_links(name, table)
    elif name in AGREEMENTS and name != _ORGANISATION:
        agreements.read(raw, table)
    elif name != _ORGANISATION:
        _report_not_used(raw, table.context)


def _read_cis(class_name: str, table: GenericTable, register: Register) -> None:
    """Add the CIs of a class; ``finalclass`` tells the class of an object more exactly."""
    if not table.has_columns("id"):
        return
    context = table.context
    ids, names = table.texts("id", literal=True), table.texts("name", literal=True)
    classes, states = table.texts("class"), table.texts("status")
    criticalities, orgs = table.texts("criticality"), table.texts("org")
    for at, number in enumerate(ids):
        own_class = classes[at] or class_name
        if not number:
            table.refuse(at, "missing-id", f"a {own_class} has no id; it was not used")
            continue
        decision = context.rules.ci_class(own_class)
        context.records.cis.append(
            source=context.options.source or SOURCE,
            class_name=own_class,
            native_id=register.enter(own_class, number, names[at]),
            name=names[at],
            kind=decision.kind,
            is_logical=decision.is_logical,
            state=operating_state(context.rules, states[at], ""),
            lifecycle=states[at],
            criticality=criticalities[at],
            owner_team=register.organisations.get(orgs[at], orgs[at]),
            file=table.file,
            row=table.rows[at],
        )
        table.use_at([at])


def _report_not_used(table: RawTable, context: LoadContext) -> None:
    if not len(table):
        return
    text = f"{class_of(table)} gives nothing that ripplegraph uses"
    count = len(table)
    context.found.add("table-not-used", text, file=table.file, row=table.rows[0], count=count)
    context.ledger.refuse_all(table)
