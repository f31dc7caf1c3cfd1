"""How a wrong command line is refused: exit 2 with the usage of the command."""

from __future__ import annotations

from typing import NoReturn

import typer


def refuse_usage(message: str) -> NoReturn:
    """Refuse a command line that contradicts itself or says too little."""
    raise typer.BadParameter(message)


def refuse_empty(option: str, value: str) -> None:
    """Refuse an option whose value is empty, as an unset variable of a script leaves it."""
    if not value.strip():
        refuse_usage(f"{option} is empty")
