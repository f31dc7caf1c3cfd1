"""Load an export: read its files, map each with the loader that knows it, build the graph."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ripplegraph.errors import StrictFindingError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.findings import Finding, LoadReport, Severity, sorted_findings
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.context import LoadContext, LoadOptions
from ripplegraph.loaders.document_plan import document_plan
from ripplegraph.loaders.generic import (
    generic_kind_of,
    generic_records,
    is_complete_generic,
    tables_of_document,
)
from ripplegraph.loaders.generic_plan import generic_plan
from ripplegraph.loaders.itop import itop_claims_document, itop_claims_table, itop_records
from ripplegraph.loaders.mapping import load_mapping
from ripplegraph.loaders.native import is_native, native_records
from ripplegraph.loaders.openslo import openslo_claims_document, openslo_records
from ripplegraph.loaders.outage_rules import (
    apply_outage_rules,
    is_ruled,
    read_outage_rules,
)
from ripplegraph.loaders.reading import RawDocument, RawExport, RawTable, ReadLimits, read_export
from ripplegraph.loaders.servicenow import (
    servicenow_claims_document,
    servicenow_claims_table,
    servicenow_records,
    take_always_open,
)
from ripplegraph.loaders.times import TimeReader
from ripplegraph.loaders.upptime import (
    upptime_claims_document,
    upptime_claims_table,
    upptime_records,
)

GENERIC_MAPPING = "generic"
ITOP_MAPPING = "itop"
SERVICENOW_MAPPING = "servicenow-default"


@dataclass(slots=True, kw_only=True)
class _Claims:
    """Which loader takes which table and document of an export."""

    native: list[RawDocument] = field(default_factory=list)
    servicenow_tables: list[RawTable] = field(default_factory=list)
    servicenow_documents: list[RawDocument] = field(default_factory=list)
    itop_tables: list[RawTable] = field(default_factory=list)
    itop_documents: list[RawDocument] = field(default_factory=list)
    upptime_tables: list[RawTable] = field(default_factory=list)
    upptime_documents: list[RawDocument] = field(default_factory=list)
    openslo: list[RawDocument] = field(default_factory=list)
    generic: list[RawTable] = field(default_factory=list)
    unknown: list[RawTable] = field(default_factory=list)
    of_documents: list[RawTable] = field(default_factory=list)
    findings: list[tuple[str, str, str]] = field(default_factory=list)


def load_export(
    paths: Sequence[Path | str],
    options: LoadOptions | None = None,
    *,
    stdin: BinaryIO | None = None,
) -> ServiceGraph:
    """Return the graph of an export; ``graph.report`` holds its files and findings.

    ``paths`` name one export: a folder, a zip or files; ``-`` is ``stdin``. Raises errors of
    ``ripplegraph.errors`` only: an export that cannot be read, a wrong mapping file, a wrong
    time zone, and with ``strict`` the first finding of severity ``error``.
    """
    return load_explained(paths, options, stdin=stdin)[0]


def load_explained(
    paths: Sequence[Path | str],
    options: LoadOptions | None = None,
    *,
    stdin: BinaryIO | None = None,
) -> tuple[ServiceGraph, Counter[tuple[str, str, str, str]]]:
    """Return the graph, and how often which rule took a relation.

    A key is (rule, relation type, parent class, child class).
    """
    with _without_collector():
        return _loaded(paths, options or LoadOptions(), stdin)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the garbage collector: a load makes many objects that stay, and hardly a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _loaded(
    paths: Sequence[Path | str], options: LoadOptions, stdin: BinaryIO | None
) -> tuple[ServiceGraph, Counter[tuple[str, str, str, str]]]:
    times = TimeReader(options.time_zone, options.day_first)
    generic_rules = load_mapping(options.mapping, default=GENERIC_MAPPING)
    raw = read_export(
        [Path(path) for path in paths],
        limits=options.limits or ReadLimits(),
        progress=options.progress,
        stdin=stdin,
        plan=generic_plan(generic_rules),
        document_plan=document_plan,
    )
    rules = () if options.outage_rules is None else read_outage_rules(options.outage_rules)
    context = LoadContext(rules=generic_rules, times=times, options=options, outage_rules=rules)
    _stop_if_strict(raw.findings, options)
    _map_export(raw, context)
    found_before = raw.findings
    del raw  # its cells are in the records: big ones shall not stand beside the graph
    return _graph_of(found_before, context), context.explained


def _map_export(raw: RawExport, context: LoadContext) -> None:
    claims = _claims_of(raw)
    for table in (*raw.tables, *claims.of_documents):
        _enter(table, context)
    apply_outage_rules([*claims.generic, *claims.unknown], context)
    for table in claims.unknown:
        if is_ruled(table, context):
            continue
        text = f"{table.name!r} is no table that ripplegraph knows"
        if not table.columns:
            text = "the list is no table that ripplegraph knows"
        context.found.add(
            "unknown-table", text, file=table.file, row=1, count=len(table.rows) or 1
        )
        context.ledger.refuse_all(table)
    for code, text, file in claims.findings:
        context.found.add(code, text, file=file)
    _map_source_systems(claims, context)
    for document in claims.native:
        native_records(document, context)
    generic_records(claims.generic, context)
    upptime_records(claims.upptime_tables, claims.upptime_documents, context)
    openslo_records(claims.openslo, context)  # last: its services may be CIs of other tables
    take_always_open(context)
    _report_unused_rules(context)


def _map_source_systems(claims: _Claims, context: LoadContext) -> None:
    """Map the tables and documents of systems that have mappings of their own."""
    if claims.servicenow_tables or claims.servicenow_documents:
        rules = load_mapping(context.options.mapping, default=SERVICENOW_MAPPING)
        servicenow_records(
            claims.servicenow_tables, claims.servicenow_documents, replace(context, rules=rules)
        )
    if claims.itop_tables or claims.itop_documents:
        rules = load_mapping(context.options.mapping, default=ITOP_MAPPING)
        itop_records(claims.itop_tables, claims.itop_documents, replace(context, rules=rules))


def _report_unused_rules(context: LoadContext) -> None:
    """Report the outage rules that took no table: a misspelled name would be missed."""
    for rule in context.outage_rules:
        name = rule.name or ", ".join(rule.table)
        if name not in context.ruled:
            text = f"outage rule {name!r} took no table: no name fits {', '.join(rule.table)!r}"
            context.found.add("unused-rule", text, file=str(context.options.outage_rules))


def _claims_of(raw: RawExport) -> _Claims:
    claims = _Claims()
    for table in raw.tables:
        if is_complete_generic(table):
            claims.generic.append(table)
        elif itop_claims_table(table):
            claims.itop_tables.append(table)
        elif upptime_claims_table(table):
            claims.upptime_tables.append(table)
        elif servicenow_claims_table(table):
            claims.servicenow_tables.append(table)
        else:
            (claims.generic if generic_kind_of(table) else claims.unknown).append(table)
    for document in raw.documents:
        _claim_document(document, claims)
    return claims


def _claim_document(document: RawDocument, claims: _Claims) -> None:
    if is_native(document):
        claims.native.append(document)
    elif itop_claims_document(document):
        claims.itop_documents.append(document)
    elif upptime_claims_document(document):
        claims.upptime_documents.append(document)
    elif openslo_claims_document(document):
        claims.openslo.append(document)
    elif servicenow_claims_document(document):
        claims.servicenow_documents.append(document)
    else:
        held = tables_of_document(document)
        claims.generic.extend(held.generic)
        claims.unknown.extend(held.others)
        claims.of_documents.extend([*held.generic, *held.others])
        claims.findings.extend(held.findings)


def _enter(table: RawTable, context: LoadContext) -> None:
    """Enter the rows of a table in the ledger; a label that stands already gets a number."""
    label, again = table.file, 1
    while context.ledger.knows(table.file):
        again += 1
        table.file = f"{label} ({again})"
    context.ledger.register(table.file, table.rows)


def _graph_of(found_before: Sequence[Finding], context: LoadContext) -> ServiceGraph:
    context.records.findings[:] = [*found_before, *context.found.findings()]
    _stop_if_strict(context.records.findings, context.options)
    result = build_service_graph(context.records)
    _stop_if_strict(result.findings, context.options)
    context.ledger.take_back(context.carried.in_files(result.refused))
    report = LoadReport(files=context.ledger.tallies(), findings=sorted_findings(result.findings))
    return result.graph.with_report(report)


def _stop_if_strict(findings: Sequence[Finding], options: LoadOptions) -> None:
    errors = (one for one in sorted_findings(findings) if one.severity is Severity.ERROR)
    first = next(errors, None) if options.strict else None
    if first is not None:
        raise StrictFindingError(first.code, first.message, first.file, first.row)
