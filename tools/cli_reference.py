"""Builds docs/cli.md from the command line app itself, so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HEAD = """\
# Command line reference

Generated from the code by `make docs`; `make test` checks it.

Answers go to stdout: tables for people, `--json` and `--csv` for programs.
Messages, progress and errors go to stderr.
Off a terminal nothing is wrapped, cut or coloured. `-` reads standard input.

Exit codes: 0 done; 1 the answer is bad news, only where asked with `--fail-on` or `--fail-below`;
2 could not run.
"""


def cli_reference() -> str:
    """Return the page: the help text of every command."""
    import typer
    from typer.testing import CliRunner

    from ripplegraph.cli.main import app

    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})
    parts = [HEAD]
    for path in _paths(typer.main.get_command(app), ()):
        shown = runner.invoke(app, [*path, "--help"], prog_name="ripplegraph")
        if shown.exit_code != 0:
            message = f"ripplegraph {' '.join(path)} --help ended with {shown.exit_code}"
            raise RuntimeError(message) from shown.exception
        lines = "\n".join(line.rstrip() for line in shown.stdout.strip().splitlines())
        parts.append(f"## `{' '.join(['ripplegraph', *path])}`\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def _paths(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, the app itself first."""
    yield path
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from _paths(child, (*path, name))
