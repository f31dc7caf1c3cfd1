"""The entry point of the command ``ripplegraph``: Ctrl-C first, then everything else."""

from __future__ import annotations

from ripplegraph.cli.interrupts import install


def run() -> None:
    """Run the command line and exit."""
    install()
    from ripplegraph.cli.main import run as run_commands

    run_commands()
