"""The product's own format, JSON or YAML: read without loss what ``native_write`` wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ripplegraph.errors import InvalidQuantityError, UnreadableFileError
from ripplegraph.graph.agreements import Agreement, AgreementState, Scope, Window
from ripplegraph.graph.calendars import Calendar, CalendarException
from ripplegraph.graph.model import CiKind, OperatingState, Strength
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.process_records import PROCESS_KINDS
from ripplegraph.graph.records import GroupRecord
from ripplegraph.loaders.array_records import in_blocks
from ripplegraph.loaders.calendar_texts import read_exception
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_agreements import (
    agreement_kind,
    default_scope,
    read_level,
    read_planned_rule,
)
from ripplegraph.loaders.generic_cis import UNSAID_CLASS, operating_state
from ripplegraph.loaders.native_format import SCHEMA, SCHEMA_FAMILY, SECTIONS
from ripplegraph.loaders.native_record import NativeRecord
from ripplegraph.loaders.native_short_forms import add_time_targets
from ripplegraph.loaders.outage_spans import end_after, span_flaw
from ripplegraph.loaders.process_quantities import read_amount, read_count, read_minutes
from ripplegraph.loaders.process_tables import NATIVE_READERS
from ripplegraph.loaders.quantities import (
    read_flag,
    read_fraction,
    read_hours,
    read_operating_hours,
    read_requirement,
    read_strength,
    read_weekly,
    read_weight,
    read_window,
    split_list,
)
from ripplegraph.loaders.reading import PackedRecords
from ripplegraph.loaders.times import read_zone, zone_of
from ripplegraph.loaders.words import word_reader

if TYPE_CHECKING:
    from ripplegraph.loaders.reading import RawDocument


def is_native(document: RawDocument) -> bool:
    """Return whether a parsed document says that it is in the product's own format."""
    data = document.data
    schema = data.get("schema") if isinstance(data, Mapping) else None
    return isinstance(schema, str) and schema.startswith(SCHEMA_FAMILY)


def native_records(document: RawDocument, context: LoadContext) -> None:
    """Add the records of a document in the product's own format.

    Raises :class:`UnreadableFileError` if a later version of the format wrote it.
    """
    data = document.data
    if not isinstance(data, Mapping):
        return
    if data["schema"] != SCHEMA:
        reason = f"its schema is {data['schema']!r}, this version reads {SCHEMA!r}"
        raise UnreadableFileError(document.file, reason, "Read it with a newer ripplegraph")
    source = data.get("source")
    for section in SECTIONS:
        if section in PROCESS_KINDS and section not in data:
            continue
        _read_section(document, section, data.get(section, []), context, str(source or ""))
    for name in sorted(str(name) for name in data):
        if name not in {"schema", "source", *SECTIONS}:
            text = f"the format has no section {name[:60]!r}; it was not read"
            context.found.add("unknown-table", text, file=f"{document.file}#{name[:60]}")


def _read_section(
    document: RawDocument, section: str, entries: object, context: LoadContext, source: str
) -> None:
    label = f"{document.file}#{section}"
    if not isinstance(entries, (list, PackedRecords)):
        context.found.add("broken-file", f"section {section} is no list", file=label)
        return
    context.ledger.register(label, range(1, len(entries) + 1))
    unknown: dict[str, list[int]] = {}
    hints: dict[str, str] = {}
    if isinstance(entries, PackedRecords):
        entries = in_blocks(entries, context.records)
    for number, data in enumerate(entries, start=1):
        if not isinstance(data, Mapping):
            text = "the record is no mapping of fields; it was not used"
            context.found.add("invalid-value", text, file=label, row=number)
            context.ledger.refuse(label, number)
            continue
        record = NativeRecord(
            data, label=label, number=number, context=context, lines=document.lines
        )
        _READERS[section](record, context, source)
        for name, hint in record.unknown_fields().items():
            unknown.setdefault(name, []).append(number)
            hints.setdefault(name, hint)
    for name, rows in sorted(unknown.items()):
        text = f"{section} have no field {name[:60]!r}; it was not read{hints[name]}"
        context.found.add("unknown-field", text, file=label, row=rows[0], count=len(rows))


def _read_ci(record: NativeRecord, context: LoadContext, source: str) -> None:
    native_id = record.text("id")
    if not native_id:
        record.refuse("missing-id", "a CI has no id; it was not used")
        return
    class_name = record.text("class") or UNSAID_CLASS
    decision = context.rules.ci_class(class_name)
    lifecycle, environment = record.text("lifecycle"), record.text("environment")
    usual_state = operating_state(context.rules, lifecycle, environment)
    file, row = record.place
    context.records.cis.append(
        source=record.text("source") or source or context.options.source or "native",
        class_name=class_name,
        native_id=native_id,
        name=record.text("name"),
        kind=record.value("kind", word_reader(CiKind), decision.kind, "invalid-value"),
        is_logical=record.value("is_logical", read_flag, decision.is_logical, "invalid-value"),
        state=record.value("state", word_reader(OperatingState), usual_state, "invalid-value"),
        owner_team=record.text("owner_team"),
        supplier=record.text("supplier"),
        lifecycle=lifecycle,
        environment=environment,
        criticality=record.text("criticality"),
        availability=record.value("availability", read_fraction, None, "invalid-availability"),
        mtbf_hours=record.value("mtbf_hours", read_operating_hours, None, "invalid-value"),
        mttr_hours=record.value("mttr_hours", read_hours, None, "invalid-value"),
        tags=record.texts("tags"),
        observed_from=record.moment("observed_from"),
        observed_to=record.moment("observed_to"),
        last_seen=record.moment("last_seen"),
        file=file,
        row=row,
        attributes=record.attributes(),
    )
    record.use()


def _read_relation(record: NativeRecord, context: LoadContext, _source: str) -> None:
    dependent, dependency = record.text("dependent"), record.text("dependency")
    if not (dependent and dependency):
        text = f"the relation names only {dependent or dependency!r}; it was not used"
        record.refuse("missing-reference", text)
        return
    file, row = record.place
    context.records.dependencies.append(
        dependent=dependent,
        dependency=dependency,
        relation_type=record.text("type"),
        strength=record.value("strength", read_strength, Strength.HARD, "invalid-strength"),
        group=record.text("group"),
        weight=record.value("weight", read_weight, None, "invalid-weight"),
        valid_from=record.moment("valid_from"),
        valid_to=record.moment("valid_to"),
        file=file,
        row=row,
    )
    record.use()


def _read_group(record: NativeRecord, context: LoadContext, _source: str) -> None:
    dependent, key = record.text("dependent"), record.text("group")
    if not (dependent and key):
        text = "the record names no dependent or no group; it was not used"
        record.refuse("missing-reference", text)
        return
    code = "invalid-requirement"
    file, row = record.place
    group = GroupRecord(
        dependent=dependent,
        key=key,
        min_up=record.value("min_up", read_requirement, None, code),
        degraded_below=record.value("degraded_below", read_requirement, None, code),
        grounded=record.value("grounded", read_flag, missing=False, code="invalid-value"),
        is_assumed=record.value("is_assumed", read_flag, missing=False, code="invalid-value"),
        file=file,
        row=row,
    )
    context.records.groups.append(group)
    record.use()


def _read_agreement(record: NativeRecord, context: LoadContext, _source: str) -> None:
    agreement_id, word = record.text("id"), record.text("kind")
    kind = agreement_kind(word, context.rules.agreement_types)
    if not agreement_id:
        record.refuse("missing-id", "an agreement has no id; it was not used")
        return
    if kind is None:
        text = f"agreement {agreement_id!r}: {word[:60]!r} is no agreement kind"
        record.refuse("unknown-agreement-kind", text)
        return
    bad, agreed = "invalid-value", AgreementState.AGREED
    file, row = record.place
    agreement = Agreement(
        agreement_id=agreement_id,
        kind=kind,
        name=record.text("name"),
        customer=record.text("customer"),
        provider=record.text("provider"),
        owner=record.text("owner"),
        covers=record.texts("covers"),
        scope=record.value("scope", word_reader(Scope), default_scope(kind), bad),
        target_availability=record.value(
            "target" if record.has("target") else "target_availability",
            read_fraction,
            None,
            "invalid-availability",
        ),
        window=record.value("window", read_window, Window(), bad),
        calendar=record.text("calendar"),
        state=record.value("state", word_reader(AgreementState), agreed, bad),
        valid_from=record.moment("valid_from"),
        valid_to=record.moment("valid_to"),
        next_review=record.moment("next_review"),
        penalty=record.text("penalty"),
        planned_rule=record.value("planned_rule", read_planned_rule, "downtime", bad),
        degraded_weight=record.value("degraded_weight", read_fraction, Decimal(0), bad),
        max_outages=record.value("max_outages", read_count, None, bad),
        longest_outage_minutes=record.value("longest_outage_minutes", read_minutes, None, bad),
        mtrs_hours=record.value("mtrs_hours", read_hours, None, bad),
        min_outage_seconds=record.value("min_outage_seconds", read_count, 0, bad),
        planned_notice_hours=record.value("planned_notice_hours", read_hours, 0.0, bad),
        fixed=record.value("fixed", read_flag, missing=False, code=bad),
        level=record.value("level", read_level, "", bad),
        penalty_per_minute=record.value("penalty_per_minute", read_amount, None, bad),
        cost_currency=record.text("cost_currency"),
        time_zone=record.value("time_zone", read_zone, "", bad),
        file=file,
        row=row,
    )
    context.records.agreements.append(agreement)
    record.use()
    add_time_targets(record, agreement_id, context)


def _read_calendar(record: NativeRecord, context: LoadContext, _source: str) -> None:
    calendar_id, time_zone = record.text("id"), record.text("time_zone")
    weekly, hours = None, record.joined("weekly")
    try:
        weekly = read_weekly(hours)
    except InvalidQuantityError as error:
        record.report("invalid-value", f"weekly: {error}", "weekly")
    file, row = record.place
    if not calendar_id:
        record.refuse("missing-id", "a calendar has no id; it was not used")
    elif time_zone and zone_of(time_zone) is None:
        text = f"calendar {calendar_id!r}: {time_zone[:60]!r} is no time zone; it was not used"
        record.refuse("unknown-time-zone", text)
    elif weekly is None:
        record.refuse("unusable-record", f"calendar {calendar_id!r} was not used")
    else:
        calendar = Calendar(
            calendar_id=calendar_id,
            time_zone=time_zone,
            weekly=weekly,
            holidays=record.texts("holidays"),
            exceptions=_exceptions(record),
            file=file,
            row=row,
        )
        context.records.calendars.append(calendar)
        record.use()


def _exceptions(record: NativeRecord) -> tuple[CalendarException, ...]:
    """Return the exceptions, a list of texts or one text with ``;`` between them."""
    kept: list[CalendarException] = []
    for entry in split_list("; ".join(record.texts("exceptions"))):
        try:
            kept.append(read_exception(entry))
        except InvalidQuantityError as error:
            text = f"exceptions: {error}; it was left out"
            record.report("invalid-value", text, "exceptions")
    return tuple(sorted(kept))


def _read_outage(record: NativeRecord, context: LoadContext, _source: str) -> None:
    ci = record.text("ci")
    start = record.moment("start", date_is_enough=False)
    end = record.moment("end", date_is_enough=False)
    if start is not None:
        end = end_after(
            start,
            end,
            record.text("end"),
            context.times,
            found=context.found,
            file=record.label,
            row=record.number,
        )
    if not ci:
        record.refuse("missing-reference", "an outage names no CI; it was not used")
    elif start is None or (end is None and record.text("end")):
        text = f"the outage of {ci!r} has no start or no readable end; it was not used"
        record.refuse("unusable-record", text)
    elif flaw := span_flaw(start, end):
        record.refuse(flaw[0], f"the outage of {ci!r} was not used: {flaw[1]}")
    else:
        file, row = record.place
        kind = record.value("kind", word_reader(OutageKind), OutageKind.UNPLANNED, "invalid-value")
        outage = Outage(
            ci=ci,
            start=start,
            end=end,
            kind=kind,
            cause=record.text("cause"),
            source=record.text("source"),
            external_id=record.text("external_id"),
            excluded=record.text("excluded"),
            announced=record.moment("announced"),
            change=record.text("change"),
            file=file,
            row=row,
        )
        context.records.outages.append(outage)
        record.use()


_READERS: Mapping[str, Callable[[NativeRecord, LoadContext, str], None]] = {
    "cis": _read_ci,
    "relations": _read_relation,
    "groups": _read_group,
    "agreements": _read_agreement,
    "calendars": _read_calendar,
    "outages": _read_outage,
    **NATIVE_READERS,
}
