"""Writes ACME as a ServiceNow administrator would export it: four shapes in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from acme_generic import write_calendars, write_csv, write_process
from acme_model import Ci, CiClass, Company, How, Interruption, Promise

EXPORTED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CET = timedelta(hours=1)

_SERVERS = {CiClass.LINUX, CiClass.WINDOWS, CiClass.ESX}
_CLUSTERS = {CiClass.CLUSTER, CiClass.VCENTER_CLUSTER}
_SERVICES = {CiClass.BUSINESS_SERVICE, CiClass.APPLICATION_SERVICE}


def write_servicenow(acme: Company, folder: Path) -> None:
    """Write every table of the company into a folder."""
    by_class: dict[CiClass, list[Ci]] = {kind: [] for kind in CiClass}
    for ci in acme.cis:
        by_class[ci.ci_class].append(ci)
    _write_cis(by_class, folder)
    write_csv(
        folder / "cmdb_ci_cluster.csv",
        "sys_id,name,sys_class_name,install_status,support_group,location,u_min_up",
        (
            (
                sys_id(ci.ident),
                ci.name,
                ci.ci_class.label,
                ci.lifecycle,
                ci.team,
                ci.location,
                ci.min_up,
            )
            for ci in _of(by_class, _CLUSTERS)
        ),
    )
    servers = [_server(ci) for ci in _of(by_class, _SERVERS)]
    _write_json(folder / "cmdb_ci_server.json", {"result": servers})
    _write_unload(folder / "cmdb_ci_service.xml", map(_service, _of(by_class, _SERVICES)))
    names = {ci.ident: ci for ci in acme.cis}
    offerings = (_offering(ci, names) for ci in by_class[CiClass.OFFERING])
    _write_unload(folder / "service_offering.xml", offerings)
    _write_relations(acme, names, folder)
    _write_agreements(acme, names, folder)
    outages = [_outage(one, names) for one in acme.interruptions]
    _write_json(folder / "cmdb_ci_outage.json", {"records": outages})
    _write_incidents(acme, folder)
    _write_changes(acme, folder)
    write_calendars(folder)
    write_process(folder, sys_id)


def sys_id(ident: str) -> str:
    """Return the 32 hexadecimal digits that stand for an id, the same on every run."""
    return md5(f"acme/{ident}".encode(), usedforsecurity=False).hexdigest()


def _of(by_class: Mapping[CiClass, list[Ci]], kinds: set[CiClass]) -> list[Ci]:
    return [ci for kind, cis in by_class.items() if kind in kinds for ci in cis]


def _write_cis(by_class: Mapping[CiClass, list[Ci]], folder: Path) -> None:
    """Write the list export of the base table: display values, class labels."""
    elsewhere = _SERVERS | _CLUSTERS | _SERVICES | {CiClass.OFFERING}
    rows = [ci for kind, cis in by_class.items() if kind not in elsewhere for ci in cis]
    write_csv(
        folder / "cmdb_ci.csv",
        "sys_id,name,sys_class_name,install_status,environment,support_group,vendor,"
        "business_criticality,location",
        (
            (
                sys_id(ci.ident),
                ci.name,
                ci.ci_class.label,
                ci.lifecycle,
                ci.environment,
                ci.team,
                ci.supplier,
                ci.criticality,
                ci.location,
            )
            for ci in rows
        ),
    )


def _server(ci: Ci) -> dict[str, object]:
    """Return a Table API record as ``sysparm_display_value=all`` without links gives it."""
    status = {"In Use": "1", "Retired": "7"}[ci.lifecycle]
    seen = EXPORTED - timedelta(days=ci.seen_days_ago, minutes=len(ci.ident) * 7)
    return {
        "sys_id": _both(sys_id(ci.ident)),
        "name": _both(ci.name),
        "sys_class_name": _both(ci.ci_class.label, ci.ci_class.table),
        "install_status": _both(ci.lifecycle, status),
        "environment": _both(ci.environment, ci.environment.lower()),
        "support_group": _reference(ci.team),
        "vendor": _reference(ci.supplier),
        "location": _reference(ci.location),
        "last_discovered": _both(_stamp(seen + CET), _stamp(seen)),
    }


def _both(display: str, value: str | None = None) -> dict[str, str]:
    return {"display_value": display, "value": display if value is None else value}


def _reference(name: str) -> dict[str, str]:
    return _both(name, sys_id(f"record/{name}") if name else "")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


# --- unload XML ------------------------------------------------------------------------------

_Cell = str | tuple[str, str]


def _service(ci: Ci) -> tuple[str, dict[str, _Cell]]:
    return ci.ci_class.table, {
        "sys_id": sys_id(ci.ident),
        "name": ci.name,
        "sys_class_name": ci.ci_class.table,
        "busines_criticality": ci.criticality,
        "install_status": "1",
        "environment": "",
        "support_group": (ci.team, sys_id(f"record/{ci.team}")),
    }


def _offering(ci: Ci, names: Mapping[str, Ci]) -> tuple[str, dict[str, _Cell]]:
    table, cells = _service(ci)
    parent: _Cell = (names[ci.parent].name, sys_id(ci.parent))
    return table, {**cells, "parent": parent}


def _write_unload(path: Path, records: Iterable[tuple[str, Mapping[str, _Cell]]]) -> None:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<unload unload_date="{_stamp(EXPORTED)}">',
    ]
    for table, cells in records:
        lines.append(f'<{table} action="INSERT_OR_UPDATE">')
        for name, cell in cells.items():
            if isinstance(cell, tuple):
                lines.append(f"<{name} display_value={quoteattr(cell[0])}>{cell[1]}</{name}>")
            else:
                lines.append(f"<{name}>{escape(cell)}</{name}>" if cell else f"<{name}/>")
        lines.append(f"</{table}>")
    path.write_text("\n".join([*lines, "</unload>", ""]), encoding="utf-8")


# --- relations -------------------------------------------------------------------------------


def _write_relations(acme: Company, names: Mapping[str, Ci], folder: Path) -> None:
    types = sorted({how.relation_type for how in How if "::" in how.relation_type})
    write_csv(
        folder / "cmdb_rel_type.csv",
        "sys_id,name,parent_descriptor,child_descriptor",
        ((sys_id(f"type/{name}"), name, *name.split("::")) for name in types),
    )
    relations = []
    for need in acme.needs:
        ends = (need.dependent, need.dependency)
        if need.how in {How.ASSOCIATED, How.OFFERED}:
            continue
        parent, child = ends if need.how.dependent_is_parent else ends[::-1]
        relations.append(
            {
                "sys_id": sys_id(f"{parent}/{child}/{need.how.name}"),
                "parent": _linked("cmdb_ci", parent),
                "type": _linked("cmdb_rel_type", f"type/{need.how.relation_type}"),
                "child": _linked("cmdb_ci", child),
                "u_strength": need.how.strength if need.how is How.SOFT else "",
            }
        )
    _write_json(folder / "cmdb_rel_ci.json", {"result": relations})
    write_csv(
        folder / "svc_ci_assoc.csv",
        "service_id,ci_id",
        (
            (names[need.dependent].name, names[need.dependency].name)
            for need in acme.needs
            if need.how is How.ASSOCIATED
        ),
    )


def _linked(table: str, ident: str) -> dict[str, str]:
    """Return a reference as the Table API gives it by default: link and value."""
    value = sys_id(ident)
    return {"link": f"https://acme.example/api/now/table/{table}/{value}", "value": value}


def _write_json(path: Path, document: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Write one record per line, so that differences can be read."""
    ((name, records),) = document.items()
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text(f'{{"{name}":[\n{lines}\n]}}\n', encoding="utf-8")


# --- agreements, outages, tickets ------------------------------------------------------------


def _write_agreements(acme: Company, names: Mapping[str, Ci], folder: Path) -> None:
    """Write SLAs as service commitments of offerings, the rest as SLA definitions."""
    slas = [one for one in acme.promises if one.kind == "SLA"]
    commitments = {"result": [_commitment(one) for one in slas]}
    _write_json(folder / "service_commitment.json", commitments)
    write_csv(
        folder / "service_offering_commitment.csv",
        "service_offering,service_commitment",
        ((names[covered].name, one.name) for one in slas for covered in one.covers),
    )
    write_csv(
        folder / "contract_sla.csv",
        "name,type,vendor,u_provider,u_owner,u_covers,u_scope,u_target_availability,"
        "u_window,schedule,u_valid_from,u_valid_to,u_next_review",
        (_contract_row(one) for one in acme.promises if one.kind != "SLA"),
    )


def _commitment(one: Promise) -> dict[str, object]:
    """Return a Table API record as ``sysparm_display_value=true`` gives it: no values.

    The caller asked for these fields only, without the sys_id; names serve as ids then.
    """
    return {
        "name": one.name,
        "type": "Availability",
        "availability": one.target_percent,
        "schedule": _shown("cmn_schedule", one.calendar),
        "u_customer": _shown("core_company", one.customer),
        "u_provider": one.provider,
        "u_owner": _shown("sys_user_group", one.owner),
        "u_valid_from": one.valid_from,
        "u_valid_to": one.valid_to,
        "u_next_review": one.next_review,
        "u_penalty": one.penalty,
    }


def _shown(table: str, name: str) -> dict[str, str]:
    link = f"https://acme.example/api/now/table/{table}/{sys_id(f'record/{name}')}"
    return {"display_value": name, "link": link}


def _contract_row(one: Promise) -> tuple[str, ...]:
    kind, vendor = ("OLA", "") if one.kind == "OLA" else ("Underpinning contract", one.provider)
    covers = ";".join(map(sys_id, one.covers))
    who = (one.name, kind, vendor, one.provider, one.owner)
    terms = (covers, one.scope, f"{one.target_percent}%", one.window, one.calendar)
    return (*who, *terms, one.valid_from, one.valid_to, one.next_review)


def _outage(one: Interruption, names: Mapping[str, Ci]) -> dict[str, str]:
    """Return a JSONv2 record: database values, times in UTC."""
    kinds = {"unplanned": "outage", "planned": "planned", "degradation": "degradation"}
    return {
        "sys_id": sys_id(one.number),
        "number": one.number,
        "cmdb_ci": sys_id(one.ci),
        "type": kinds[one.kind],
        "begin": one.start.replace("T", " ").removesuffix("Z"),
        "end": one.end.replace("T", " ").removesuffix("Z"),
        "details": one.cause,
        "__status": "success",
    }


_TICKETS = (
    # number, opened, responded, resolved, what, priority, state, CI, service, team
    ("INC0043870", "2026-10-02 16:04", "2026-10-02 16:11", "2026-10-02 17:31",
     "Payments take a minute", "2 - High", "Closed", "paybridge", "Online Shop", "Shop Platform"),
    ("INC0043921", "2026-10-21 06:44", "2026-10-21 06:58", "2026-10-21 07:09",
     "Nobody can log in", "1 - Critical", "Closed", "active-directory", "Online Shop",
     "Workplace Services"),
    ("INC0043988", "2026-11-12 09:21", "2026-11-12 10:32", "2026-11-12 10:55",
     "Product pages show errors", "2 - High", "Closed", "pim-1", "Online Shop", "Shop Platform"),
    ("INC0044107", "2026-11-20 06:47", "2026-11-20 07:05", "",
     "Checkout slow", "2 - High", "In Progress", "paybridge", "Online Shop", "Shop Platform"),
    ("INC0044109", "2026-11-20 07:02", "", "",
     "Shop database alarm", "3 - Moderate", "New", "pg-shop-db-2", "", "Database Services"),
    ("INC0044112", "2026-11-20 08:15", "2026-11-20 08:20", "2026-11-20 08:41",
     "Intranet page missing", "4 - Low", "Resolved", "intranet-web-1", "", "Workplace Services"),
)  # fmt: skip
_CHANGES = (
    # number, CI, start, end, state, approved, what
    ("CHG0030254", "fra-core-1", "2026-11-22 22:00", "2026-11-23 01:00", "Scheduled",
     "2026-11-13 10:00", "firmware of the core switch"),
    ("CHG0030260", "san-1", "2026-11-29 20:00", "2026-11-30 00:00", "Scheduled",
     "2026-11-18 14:20", "controller replacement"),
    ("CHG0030266", "erp-app-2", "2026-12-05 06:00", "2026-12-05 08:00", "Authorize",
     "", "memory upgrade"),
)  # fmt: skip


def _write_incidents(acme: Company, folder: Path) -> None:
    ids = {ci.name: sys_id(ci.ident) for ci in acme.cis}
    write_csv(
        folder / "incident.csv",
        "number,opened_at,u_responded_at,resolved_at,short_description,priority,state,cmdb_ci,"
        "business_service,assignment_group",
        (
            (number, *map(_seconds, (opened, responded, resolved)), what, priority, state,
             ids[ci], ids.get(service, ""), team)
            for (number, opened, responded, resolved, what, priority, state, ci, service, team)
            in _TICKETS
        ),
    )  # fmt: skip


def _write_changes(acme: Company, folder: Path) -> None:
    ids = {ci.name: sys_id(ci.ident) for ci in acme.cis}
    write_csv(
        folder / "change_request.csv",
        "number,cmdb_ci,start_date,end_date,state,approval_set,short_description",
        (
            (number, ids[ci], _seconds(start), _seconds(end), state, _seconds(approved), what)
            for number, ci, start, end, state, approved, what in _CHANGES
        ),
    )


def _seconds(clock: str) -> str:
    return clock and f"{clock}:00"
