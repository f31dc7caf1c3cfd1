"""Which iTop class a table holds, and the tables in an answer of the REST interface."""

from __future__ import annotations

from collections.abc import Mapping

from ripplegraph.loaders.mapping.rules import spelled
from ripplegraph.loaders.reading import RawDocument, RawTable, table_from_records

FUNCTIONAL_CIS = (
    "ApplicationSolution", "BusinessProcess", "DatabaseSchema", "DBServer", "Enclosure", "Farm",
    "Hypervisor", "IPPhone", "Middleware", "MiddlewareInstance", "MobilePhone", "NAS",
    "NetworkDevice", "OtherSoftware", "PC", "PCSoftware", "PDU", "Peripheral", "Phone",
    "PowerConnection", "PowerSource", "Printer", "Rack", "SANSwitch", "Server", "StorageSystem",
    "Tablet", "TapeLibrary", "VirtualMachine", "WebApplication", "WebServer",
)  # fmt: skip
"""Classes whose ids are those of one table, ``FunctionalCI``."""

OTHER_CIS = ("LogicalVolume", "NASFileSystem", "Service", "Tape")
"""Further classes that are CIs, each with ids of its own."""

LINKS = (
    "lnkApplicationSolutionToBusinessProcess", "lnkApplicationSolutionToFunctionalCI",
    "lnkConnectableCIToNetworkDevice", "lnkFunctionalCIToService", "lnkSanToDatacenterDevice",
    "lnkServerToVolume", "lnkVirtualDeviceToVolume",
)  # fmt: skip
AGREEMENTS = (
    "CoverageWindow", "CustomerContract", "lnkCustomerContractToService",
    "lnkFunctionalCIToProviderContract", "lnkProviderContractToService", "lnkSLAToSLT",
    "Organization", "ProviderContract", "SLA", "SLT",
)  # fmt: skip
RELATED = "core/get_related"

_CLASSES = {name.casefold(): name for name in (*FUNCTIONAL_CIS, *OTHER_CIS, *LINKS, *AGREEMENTS)}
_MARKS = frozenset({"org_id_friendlyname", "finalclass", "id_(primary_key)", "friendlyname"})


def class_of(table: RawTable) -> str:
    """Return the iTop class whose objects a table holds; an unknown one as it is written."""
    return _CLASSES.get(table.name, table.name)


def is_ci_table(table: RawTable) -> bool:
    """Return whether the objects of a table are CIs."""
    name = class_of(table)
    columns = {spelled(column) for column in table.columns}
    return name in FUNCTIONAL_CIS or name in OTHER_CIS or "business_criticity" in columns


def itop_claims_table(table: RawTable) -> bool:
    """Return whether a table is a set of iTop, or a CSV export of one of its classes."""
    if {"@alias", "@id"} <= table.columns.keys():
        return True
    columns = {spelled(column) for column in table.columns}
    is_known = table.name in _CLASSES
    return is_known and bool(
        columns & _MARKS or (table.name.startswith("lnk") and len(columns) >= 2)
    )


def itop_claims_document(document: RawDocument) -> bool:
    """Return whether a document is an answer of iTop's REST interface."""
    data = document.data
    if not isinstance(data, Mapping) or "code" not in data:
        return False
    objects = data.get("objects")
    return isinstance(objects, Mapping) and all("::" in str(key) for key in objects)


def tables_of_document(document: RawDocument) -> list[RawTable]:
    """Return a table for each class of an answer, and one for the relations of get_related."""
    data = document.data
    objects = data.get("objects") if isinstance(data, Mapping) else None
    by_class: dict[str, list[dict[str, object]]] = {}
    for key, entry in (objects if isinstance(objects, Mapping) else {}).items():
        class_name, _, number = str(key).partition("::")
        fields = entry.get("fields") if isinstance(entry, Mapping) else None
        record = {str(name): value for name, value in _mapping(fields).items()}
        by_class.setdefault(class_name, []).append({**record, "@id": number})
    tables = [
        table_from_records(name, f"{document.file}#{name}", records)
        for name, records in by_class.items()
    ]
    relations = data.get("relations") if isinstance(data, Mapping) else None
    rows: list[dict[str, object]] = [
        {"source": str(source), "impacted": str(_mapping(target).get("key", ""))}
        for source, targets in _mapping(relations).items()
        for target in (targets if isinstance(targets, list) else ())
    ]
    if rows:
        tables.append(table_from_records(RELATED, f"{document.file}#relations", rows))
    return tables


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}
