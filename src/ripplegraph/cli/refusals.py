"""How a wrong command line is refused: exit 2 with the usage of the command."""

from __future__ import annotations

from typing import NoReturn

import typer


def refuse_usage(message: str) -> NoReturn:
    """Refuse a command line that contradicts itself or says too little."""
    raise typer.BadParameter(message)
