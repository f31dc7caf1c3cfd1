"""A small shop as a generic export, and the command line to ask about it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from ripplegraph.cli.main import app

AT = "2026-11-23T03:00:00Z"

CIS = """\
id,name,class,owner_team,supplier,lifecycle
shop,Web Shop,service,Shop Team,,
shop-gold,Shop Gold,service_offering,Shop Team,,
intranet,Intranet,service,Workplace,,
web-1,web-1,server,Linux Team,,
web-2,web-2,server,Linux Team,,
db,Orders DB,database,DBA Team,,
san-1,SAN 1,storage,Storage Team,Datavault,
-odd,Odd One,server,,,
evil,=HYPERLINK(1),service,,,
"""

RELATIONS = """\
dependent,dependency,type,strength,group
shop,web-1,runs on,,web
shop,web-2,runs on,,web
shop,db,needs,,
db,san-1,stored on,,
shop-gold,shop,offers,,
intranet,-odd,runs on,soft,
evil,-odd,runs on,,
"""

GROUPS = """\
dependent,group,min_up
shop,web,1
"""

AGREEMENTS = """\
id,kind,name,customer,provider,covers,target_availability
SLA-1,SLA,Gold,Retail,,shop-gold,99.95%
OLA-1,OLA,Storage,,Storage Team,san-1,99.9%
UPC-1,UPC,Support,,Datavault,san-1,99%
"""

OUTAGES = """\
ci,start,end,kind,cause
web-1,2026-11-23T02:00:00Z,,unplanned,kernel panic
san-1,2026-11-01T02:00:00Z,2026-11-01T03:00:00Z,unplanned,disk
"""

TABLES = {
    "cis.csv": CIS,
    "relations.csv": RELATIONS,
    "groups.csv": GROUPS,
    "agreements.csv": AGREEMENTS,
    "outages.csv": OUTAGES,
}


def write_shop(folder: Path, **changed: str) -> str:
    """Write the shop into a new folder, some tables changed; return the folder as text."""
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return str(folder)


def run_cli(*arguments: str, stdin: bytes | None = None) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(app, list(arguments), input=stdin)


def ended(code: int, *arguments: str) -> Result:
    """Run a command that ends with this exit code."""
    result = run_cli(*arguments)
    assert result.exit_code == code, result.output
    return result


def json_of(*arguments: str) -> dict[str, Any]:
    """Return the JSON answer of a command that succeeds."""
    result = run_cli(*arguments, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def run_process(
    *arguments: str, environment: dict[str, str] | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ripplegraph", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ | (environment or {}),
    )
