"""The command ``ripplegraph``: its commands, its exit codes and its error messages.

Exit 0: done. 1: the answer is bad news, only with ``--fail-on`` or ``--fail-below``. 2: could
not run.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ripplegraph.cli import (
    agreement_commands,
    availability_commands,
    impact_commands,
    keys_commands,
    load_commands,
    mapping_commands,
    measured_commands,
    outlook_commands,
    serve_command,
    show_commands,
    sla_commands,
    store_commands,
    version_command,
    view_commands,
    warm_up_command,
)
from ripplegraph.cli.help_texts import PlainCommand
from ripplegraph.cli.interrupts import EXIT_INTERRUPTED, STOPPED, InCommand
from ripplegraph.cli.output import write_message
from ripplegraph.errors import RippleGraphError, UnknownCiError

EXIT_COULD_NOT_RUN = 2


class CommandGroup(TyperGroup):
    """Commands whose errors become one line on stderr and exit code 2."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the command line; ``--help`` and ``--version`` write here already."""
        with _errors_told():
            return super().make_context(*args, **options)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override] # typer's own context
        """Run a command; an error about data, files or options is told, not traced."""
        with _errors_told():
            return super().invoke(ctx)


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        with InCommand():
            yield
    except BrokenPipeError:
        _drop_stdout()
        raise typer.Exit(0) from None
    except (RippleGraphError, OSError) as exc:
        write_message(f"ripplegraph: error: {_words_of(exc)}")
        _drop_what_cannot_be_written()
        raise typer.Exit(EXIT_COULD_NOT_RUN) from exc
    except KeyboardInterrupt:
        write_message(STOPPED)
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _words_of(error: Exception) -> str:
    """Return what an error says, with the command for what it advises."""
    if isinstance(error, UnknownCiError) and not error.suggestions:
        return f"{error} `ripplegraph show --search` does."
    return str(error)


app = typer.Typer(
    name="ripplegraph",
    cls=CommandGroup,
    help="Say which services fall when a CI does, and whether the SLA still holds.",
    epilog="Exit codes: 0 done, 1 the answer is bad news (only with --fail-on or --fail-below),"
    " 2 could not run.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version_asked(asked: bool) -> None:
    if asked:
        version_command.write_version()
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version_asked, help="Print the version."
        ),
    ] = False,
) -> None:
    """Say which services fall when a CI does, and whether the SLA still holds."""


app.command(cls=PlainCommand, short_help="Read an export; show rows per file and what it holds.")(
    load_commands.load
)
app.command(cls=PlainCommand, short_help="List every finding of an export, and what to do.")(
    load_commands.check
)
app.command(cls=PlainCommand, short_help="Say which services and SLAs fall, and why.")(
    impact_commands.impact
)
app.command(cls=PlainCommand, short_help="Say why a service is not up, or what still holds it.")(
    impact_commands.why
)
app.command(cls=PlainCommand, short_help="Say how available services are, with a label.")(
    availability_commands.availability
)
app.command(cls=PlainCommand, short_help="List what brings a service down, likeliest first.")(
    availability_commands.cutsets
)
app.command(cls=PlainCommand, short_help="Say which CIs matter, by minutes at stake.")(
    availability_commands.importance
)
app.command(cls=PlainCommand, short_help="List the CIs that alone bring services down.")(
    availability_commands.spof
)
app.command(cls=PlainCommand, short_help="Say where the availability of a service comes from.")(
    availability_commands.explain
)
app.command(cls=PlainCommand, short_help="Say whether the targets of SLAs can be kept, and why.")(
    sla_commands.sla
)
app.command(cls=PlainCommand, short_help="Say whether a requirement could be agreed to.")(
    sla_commands.slr
)
app.command(cls=PlainCommand, short_help="Say what agreements must promise for a target.")(
    sla_commands.allocate
)
app.command(cls=PlainCommand, short_help="Say whether times to respond and resolve can be kept.")(
    agreement_commands.times
)
app.command(cls=PlainCommand, short_help="List agreements with state, review and metrics.")(
    agreement_commands.agreements
)
app.command(cls=PlainCommand, short_help="Report on SLAs: measured, to the second.")(
    measured_commands.report
)
app.command(cls=PlainCommand, short_help="Show when services were not up, and why.")(
    measured_commands.timeline
)
app.command(cls=PlainCommand, short_help="List what would gain most for the SLAs.")(
    measured_commands.improve
)
app.command(cls=PlainCommand, short_help="Show what is not up at a moment, and fix first.")(
    outlook_commands.at
)
app.command(cls=PlainCommand, short_help="List the SLAs that were missed, and through whom.")(
    outlook_commands.breaches
)
app.command(cls=PlainCommand, short_help="Say how likely each SLA will be missed.")(
    outlook_commands.forecast
)
app.command(cls=PlainCommand, short_help="Show one CI, or list CIs.")(show_commands.show)
app.command(cls=PlainCommand, short_help="List the services with SLAs, customers, owners.")(
    show_commands.services
)
app.command(cls=PlainCommand, short_help="Write JSON, YAML, XLSX or CSV tables.")(
    load_commands.export
)
app.add_typer(mapping_commands.app, name="mapping")
app.add_typer(store_commands.app, name="store")
app.add_typer(keys_commands.app, name="keys")
app.command(cls=PlainCommand, short_help="Write an HTML page of a service or an outage.")(
    view_commands.view
)
app.command(cls=PlainCommand, short_help="Serve the API on this machine.")(serve_command.serve)
app.command(name="warm-up", cls=PlainCommand, short_help="Compile ahead what large exports need.")(
    warm_up_command.warm_up
)
app.command(cls=PlainCommand, short_help="Print the version.")(version_command.version)


def run() -> None:
    """Run the command line and exit: a crash exits 2, never 1, which means bad news."""
    _occupy_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="ripplegraph")
    except Exception:
        traceback.print_exc()
        write_message("ripplegraph: this is a defect of ripplegraph; please report it")
        sys.exit(EXIT_COULD_NOT_RUN)


def _occupy_closed_streams() -> None:
    """Let a stream that was closed by the caller lead nowhere.

    Otherwise the next file that is opened would take its place. ``sys.stdin`` and ``sys.stdout``
    stay None, so that who needs them can tell.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives on


def _drop_what_cannot_be_written() -> None:
    """Let the interpreter end quietly although stdout takes no more, such as a full disk."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        _drop_stdout()


def _drop_stdout() -> None:
    """Let the interpreter end quietly although the reader of stdout is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
