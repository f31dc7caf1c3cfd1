"""Builds docs/cli.md from the command line app itself, so that the two cannot differ."""

from __future__ import annotations

import inspect
from typing import Any

HEAD = """\
# Command line reference

Generated from the code by `make docs`; `make lint` checks it.

Answers go to stdout: tables for people, `--json` and `--csv` for programs.
Messages, progress and errors go to stderr.
Off a terminal nothing is wrapped, cut or coloured. `-` reads standard input.

Exit codes: 0 done; 1 the answer is bad news, only where asked with `--fail-on`; 2 could not run.
"""


def cli_reference() -> str:
    """Return the page: one section per command."""
    import typer  # noqa: PLC0415
    from ripplegraph.cli.main import app  # noqa: PLC0415

    parts = [HEAD]
    _add_command(parts, "ripplegraph", typer.main.get_command(app), ())
    return "\n".join(parts).rstrip() + "\n"


def _add_command(parts: list[str], path: str, command: Any, inherited: tuple[str, ...]) -> None:
    children = getattr(command, "commands", {})
    parts.append(f"## `{path}`\n")
    parts.append(_text(command.help) + "\n")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = [path, *(_argument(one) for one in arguments)]
    usage += ["[OPTIONS]"] if options else []
    usage += ["COMMAND ..."] if children else []
    parts.append(f"```text\n{' '.join(usage)}\n```\n")
    rows = [f"| `{_argument(one)}` | {_text(getattr(one, 'help', ''))} |" for one in arguments]
    rows += [
        f"| {_option(one)} | {_text(one.help)}{_default(one)} |"
        for one in options
        if not one.hidden and one.name not in inherited
    ]
    if rows:
        parts.append("\n".join(["| | |", "|---|---|", *rows]) + "\n")
    for name, child in children.items():
        if not child.hidden:
            _add_command(parts, f"{path} {name}", child, inherited)


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.human_readable_name or argument.name).upper().strip("[]")
    name = name.removesuffix("...")
    name += "..." if argument.nargs == -1 else ""
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> str:
    spellings = ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return spellings
    return f"{spellings} `{(option.metavar or option.type.name).upper()}`"


def _default(option: Any) -> str:
    value = option.default
    if option.is_flag or value is None or callable(value) or value in ("", (), []):
        return ""
    return f" Default: `{getattr(value, 'value', value)}`."


def _text(text: str | None) -> str:
    """Return a help text on one line, fit for a table cell."""
    return " ".join(inspect.cleandoc(text or "").replace("\b", "").replace("|", "\\|").split())
