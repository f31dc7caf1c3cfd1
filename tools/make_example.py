"""Writes the two examples: one fictitious company in ServiceNow's shape and in the generic one.

Run it again and get the same bytes: there is no clock and no chance in it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from acme_agreements import add_agreements, add_outages
from acme_generic import write_generic
from acme_model import Company
from acme_platform import add_platform
from acme_servicenow import write_servicenow
from acme_services import add_services

EXAMPLES = Path(__file__).parents[1] / "examples"


def build_acme() -> Company:
    """Return the whole company."""
    acme = Company()
    add_platform(acme)
    add_services(acme)
    add_agreements(acme)
    add_outages(acme)
    return acme


def write_examples(folder: Path) -> None:
    """Write both examples below a folder."""
    acme = build_acme()
    for name, write in (("acme", write_servicenow), ("acme-csv", write_generic)):
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        write(acme, target)


def main() -> None:
    """Write to ``--into``, by default ``examples/`` of the project."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--into", type=Path, default=EXAMPLES, metavar="FOLDER")
    write_examples(parser.parse_args().into)


if __name__ == "__main__":
    main()
