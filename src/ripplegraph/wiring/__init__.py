"""The one place that names concrete adapters: which loader, store, page and server are used.

Adapters are imported when they are used, so that ``--help`` stays fast.
"""

from __future__ import annotations

from ripplegraph.wiring.copies import back_up, restore
from ripplegraph.wiring.kernels import keep_kernels
from ripplegraph.wiring.key_files import pepper, read_key_file, write_key_file
from ripplegraph.wiring.memory import return_freed_memory
from ripplegraph.wiring.moments import moment_in
from ripplegraph.wiring.serving import build_app, run_app, served_estate
from ripplegraph.wiring.sources import (
    ExportSource,
    StoredSource,
    check_mapping,
    explain_source,
    find_fault_trees,
    load_options,
    mapping_text,
    open_source,
    shipped_mappings,
)
from ripplegraph.wiring.stores import (
    is_estate,
    is_server_address,
    newest_number,
    open_estate,
    open_journal,
    revision_number,
    sole_server,
)
from ripplegraph.wiring.writing import (
    native_text,
    open_psa_text,
    openslo_text,
    pdf_of_reports,
    render_reports,
    render_view,
    write_sla_workbook,
    write_tables,
)

__all__ = [
    "ExportSource",
    "StoredSource",
    "back_up",
    "build_app",
    "check_mapping",
    "explain_source",
    "find_fault_trees",
    "is_estate",
    "is_server_address",
    "keep_kernels",
    "load_options",
    "mapping_text",
    "moment_in",
    "native_text",
    "newest_number",
    "open_estate",
    "open_journal",
    "open_psa_text",
    "open_source",
    "openslo_text",
    "pdf_of_reports",
    "pepper",
    "read_key_file",
    "render_reports",
    "render_view",
    "restore",
    "return_freed_memory",
    "revision_number",
    "run_app",
    "served_estate",
    "shipped_mappings",
    "sole_server",
    "write_key_file",
    "write_sla_workbook",
    "write_tables",
]
