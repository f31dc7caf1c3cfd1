"""Write a graph in the product's own format, JSON or YAML, so that reading it loses nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import PROCESS_KINDS, ProcessRecord
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.calendar_texts import exception_text
from ripplegraph.loaders.native_format import SCHEMA, SECTIONS
from ripplegraph.loaders.process_tables import process_sections
from ripplegraph.loaders.quantities import weekly_text
from ripplegraph.loaders.whole_files import beside

Record = dict[str, object]
_ONE_WORD = re.compile(r"[A-Za-z_]+", re.ASCII)
FORMS = ("json", "yaml")


def write_native(graph: ServiceGraph, path: Path | str, *, form: str = "json") -> None:
    """Write a graph to a file in the product's own format; ``form`` is ``json`` or ``yaml``."""
    text = native_text(graph, form)
    # a lone surrogate has no UTF-8; its escape means the same in JSON and YAML
    with beside(Path(path)) as (file,):
        file.write_bytes(text.encode("utf-8", errors="backslashreplace"))


def native_text(graph: ServiceGraph, form: str = "json") -> str:
    """Return a graph in the product's own format; the same graph gives the same text.

    Raises ``ValueError`` if the form is neither ``json`` nor ``yaml``.
    """
    if form not in FORMS:
        msg = f"form must be one of {', '.join(FORMS)}, got {form!r}"
        raise ValueError(msg)
    records = records_of(graph)
    sections = {name: list(_SECTION_RECORDS[name](records)) for name in SECTIONS}
    filled = {name: section for name, section in sections.items() if section}
    return _json_text(filled) if form == "json" else _yaml_text(filled)


def _json_text(sections: Mapping[str, list[Record]]) -> str:
    """Return JSON with one record a line, so that versions of a file can be compared."""
    parts = [f'"schema": {json.dumps(SCHEMA)}']
    for name, records in sections.items():
        lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _yaml_text(sections: Mapping[str, list[Record]]) -> str:
    import yaml

    class QuotingDumper(yaml.CSafeDumper):
        """Quotes every text that is not one word of letters: readers disagree on ``0E0``."""

    def quoted(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
        style = None if _ONE_WORD.fullmatch(text) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    QuotingDumper.add_representer(str, quoted)
    data = {"schema": SCHEMA, **sections}
    text: str = yaml.dump(
        data, Dumper=QuotingDumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return text


def _ci_records(records: Records) -> Iterator[Record]:
    cis = records.cis
    attributes: dict[int, dict[str, str]] = {}
    for name, cells in sorted(cis.attributes.items()):
        for position, cell in cells.items():
            attributes.setdefault(position, {})[name] = cell
    for at in range(len(cis)):
        name = cis.name[at]
        yield _without_empty(
            source=cis.source[at],
            **{"class": cis.class_name[at]},
            id=cis.native_id[at],
            name="" if name == cis.native_id[at] else name,
            kind=cis.kind[at].value,
            is_logical=cis.is_logical[at],
            state=cis.state[at].value,
            owner_team=cis.owner_team[at],
            supplier=cis.supplier[at],
            lifecycle=cis.lifecycle[at],
            environment=cis.environment[at],
            criticality=cis.criticality[at],
            availability=_number(cis.availability[at]),
            mtbf_hours=cis.mtbf_hours[at],
            mttr_hours=cis.mttr_hours[at],
            tags=list(cis.tags[at]),
            observed_from=_moment(cis.observed_from[at]),
            observed_to=_moment(cis.observed_to[at]),
            last_seen=_moment(cis.last_seen[at]),
            attributes=attributes.get(at, {}),
            file=cis.file[at],
            row=cis.row[at] if cis.file[at] else None,
        )


def _relation_records(records: Records) -> Iterator[Record]:
    columns = records.dependencies
    for at in range(len(columns)):
        yield _without_empty(
            dependent=columns.dependent[at],
            dependency=columns.dependency[at],
            type=columns.relation_type[at],
            strength=columns.strength[at].word,
            group=columns.group[at],
            weight=_number(columns.weight[at]),
            valid_from=_moment(columns.valid_from[at]),
            valid_to=_moment(columns.valid_to[at]),
            file=columns.file[at],
            row=columns.row[at] if columns.file[at] else None,
        )


def _group_records(records: Records) -> Iterator[Record]:
    for group in records.groups:
        yield _without_empty(
            dependent=group.dependent,
            group=group.key,
            min_up=str(group.min_up or ""),
            degraded_below=str(group.degraded_below or ""),
            grounded=group.grounded or None,
            is_assumed=group.is_assumed or None,
            **_place(group),
        )


def _agreement_records(records: Records) -> Iterator[Record]:
    for agreement in records.agreements:
        yield _without_empty(
            id=agreement.agreement_id,
            kind=agreement.kind.value,
            name=agreement.name,
            customer=agreement.customer,
            provider=agreement.provider,
            owner=agreement.owner,
            covers=list(agreement.covers),
            scope=agreement.scope.value,
            target_availability=_number(agreement.target_availability),
            window=str(agreement.window),
            calendar=agreement.calendar,
            state=agreement.state.value,
            valid_from=_moment(agreement.valid_from),
            valid_to=_moment(agreement.valid_to),
            next_review=_moment(agreement.next_review),
            penalty=agreement.penalty,
            planned_rule=agreement.planned_rule,
            degraded_weight=_number(agreement.degraded_weight),
            max_outages=agreement.max_outages,
            longest_outage_minutes=agreement.longest_outage_minutes,
            mtrs_hours=agreement.mtrs_hours,
            min_outage_seconds=agreement.min_outage_seconds or None,
            planned_notice_hours=agreement.planned_notice_hours or None,
            fixed=agreement.fixed or None,
            level=agreement.level,
            penalty_per_minute=_number(agreement.penalty_per_minute),
            cost_currency=agreement.cost_currency,
            time_zone=agreement.time_zone,
            **_place(agreement),
        )


def _calendar_records(records: Records) -> Iterator[Record]:
    for calendar in records.calendars:
        yield _without_empty(
            id=calendar.calendar_id,
            time_zone=calendar.time_zone,
            weekly=weekly_text(calendar.weekly),
            holidays=list(calendar.holidays),
            exceptions=[exception_text(one) for one in calendar.exceptions],
            **_place(calendar),
        )


def _outage_records(records: Records) -> Iterator[Record]:
    for outage in records.outages:
        yield _without_empty(
            ci=outage.ci,
            start=_moment(outage.start),
            end=_moment(outage.end),
            kind=outage.kind.value,
            cause=outage.cause,
            source=outage.source,
            external_id=outage.external_id,
            excluded=outage.excluded,
            announced=_moment(outage.announced),
            change=outage.change,
            **_place(outage),
        )


def _process_records(name: str, records: Records) -> Iterator[Record]:
    for record, cells in process_sections(name, records):
        yield _without_empty(**cells, **_place(record))


_SECTION_RECORDS: Mapping[str, Callable[[Records], Iterator[Record]]] = {
    "cis": _ci_records,
    "relations": _relation_records,
    "groups": _group_records,
    "agreements": _agreement_records,
    "calendars": _calendar_records,
    "outages": _outage_records,
    **{name: partial(_process_records, name) for name in PROCESS_KINDS},
}


def _without_empty(**fields: object) -> Record:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _place(record: GroupRecord | Agreement | Calendar | Outage | ProcessRecord) -> Record:
    return {"file": record.file, "row": record.row} if record.file else {}


def _number(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
