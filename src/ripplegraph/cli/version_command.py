"""``version``: which ripplegraph runs on which Python."""

from __future__ import annotations

import platform

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.options import Output
from ripplegraph.cli.output import Answer, Table, write_answer, write_text


@bundled
def version(output: Output) -> None:
    """Print the version."""
    from ripplegraph.api.schemas import VersionOut

    number, python = _version(), platform.python_version()
    answer = Answer(
        parts=lambda: [f"ripplegraph {number}"],
        model=lambda: VersionOut(ripplegraph=number, python=python),
        csv=lambda: Table(columns=("ripplegraph", "python"), rows=[(number, python)]),
    )
    write_answer(answer, output.form)


def write_version() -> None:
    """Print the version, as ``--version`` does."""
    write_text(f"ripplegraph {_version()}\n")


def _version() -> str:
    from importlib.metadata import version as version_of

    return version_of("ripplegraph")
