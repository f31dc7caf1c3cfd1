"""Writes ACME in the generic shape: one CSV per table, ids that people can read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from acme_model import Ci, CiClass, Company, How

CALENDARS = (
    ("24x7", "Europe/Berlin", "Mon-Sun 00:00-24:00", ""),
    ("office", "Europe/Berlin", "Mon-Fri 08:00-18:00", "DE-HE"),
    ("stores", "Europe/Berlin", "Mon-Sat 07:00-22:00; Sun 10:00-18:00", ""),
)

_RELIABILITY = {  # mtbf_hours, mttr_hours: what the makers state, not what was measured
    CiClass.ESX: ("60000", "6"),
    CiClass.SWITCH: ("150000", "4"),
    CiClass.FIREWALL: ("90000", "6"),
    CiClass.STORAGE_ARRAY: ("250000", "4"),
    CiClass.UPS: ("120000", "8"),
}


def write_generic(acme: Company, folder: Path) -> None:
    """Write every table of the company into a folder."""
    write_csv(
        folder / "cis.csv",
        "id,name,class,owner_team,supplier,lifecycle,environment,criticality,"
        "availability,mtbf_hours,mttr_hours,tags,location",
        (_ci_row(ci) for ci in acme.cis),
    )
    write_csv(
        folder / "relations.csv", "dependent,dependency,type,strength,group", _relation_rows(acme)
    )
    write_csv(folder / "groups.csv", "dependent,group,min_up", _group_rows(acme))
    write_csv(
        folder / "agreements.csv",
        "id,kind,name,customer,provider,owner,covers,scope,target_availability,window,calendar,"
        "state,valid_from,valid_to,next_review,penalty",
        _agreement_rows(acme),
    )
    write_calendars(folder)
    write_process(folder, str)
    write_csv(
        folder / "outages.csv",
        "ci,start,end,kind,cause,source,external_id",
        (
            (o.ci, o.start, o.end, o.kind, o.cause, "ServiceNow", o.number)
            for o in acme.interruptions
        ),
    )


def write_calendars(folder: Path) -> None:
    """Write the agreed service times."""
    write_csv(folder / "calendars.csv", "id,time_zone,weekly,holidays", CALENDARS)


COSTS = (("online-shop", "420"), ("store-checkout", "180"), ("payments", "60"))
"""What a minute of downtime of a service costs, in EUR."""

IMPROVEMENTS = (
    ("SIP-7", "second payment provider", "payments", "review", "Service Level Management",
     "2027-03-31", "planned", "300", ""),
    ("SIP-5", "certificates renewed by script", "identity", "problem", "Workplace Services",
     "2026-11-15", "in progress", "120", ""),
    ("SIP-4", "mail disks watched", "email", "problem", "Workplace Services",
     "2026-10-31", "done", "60", "38"),
)  # fmt: skip


def write_process(folder: Path, id_of: Callable[[str], str]) -> None:
    """Write costs and the improvement plan, services by the ids of the format."""
    write_csv(
        folder / "service_costs.csv",
        "service,per_minute,currency",
        ((id_of(service), amount, "EUR") for service, amount in COSTS),
    )
    write_csv(
        folder / "improvements.csv",
        "id,action,service,origin,owner,due,state,expected_minutes,realised_minutes",
        ((one[0], one[1], id_of(one[2]), *one[3:]) for one in IMPROVEMENTS),
    )


def write_csv(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    """Write one CSV file, UTF-8, LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _ci_row(ci: Ci) -> tuple[str, ...]:
    mtbf, mttr = _RELIABILITY.get(ci.ci_class, ("", ""))
    tags = "database" if ci.team == "Database Services" else ""
    availability = "99.99%" if ci.ci_class is CiClass.DATA_CENTER else ""
    reliability = (availability, mtbf, mttr)
    who = (ci.team, ci.supplier, ci.lifecycle, ci.environment, ci.criticality)
    return (ci.ident, ci.name, ci.ci_class.word, *who, *reliability, tags, ci.location)


def _relation_rows(acme: Company) -> Iterable[tuple[str, ...]]:
    for need in acme.needs:
        how = need.how
        label = how.relation_type.split("::")[0].lower()
        yield (need.dependent, need.dependency, label, how.strength, how.group)


def _group_rows(acme: Company) -> Iterable[tuple[str, ...]]:
    clusters = {CiClass.CLUSTER, CiClass.VCENTER_CLUSTER}
    for ci in acme.cis:
        if ci.ci_class in clusters:
            yield (ci.ident, "members", ci.min_up or "1")
    powered = {need.dependent for need in acme.needs if need.how is How.POWERED}
    yield from ((ident, "power", "1") for ident in sorted(powered))


def _agreement_rows(acme: Company) -> Iterable[tuple[str, ...]]:
    for one in acme.promises:
        covers = "tag:database" if one.ident == "ola-database" else ";".join(one.covers)
        target = f"{one.target_percent}%"
        times = (one.state, one.valid_from, one.valid_to, one.next_review)
        who = (one.customer, one.provider, one.owner)
        terms = (covers, one.scope, target, one.window, one.calendar)
        yield (one.ident, one.kind, one.name, *who, *terms, *times, one.penalty)
