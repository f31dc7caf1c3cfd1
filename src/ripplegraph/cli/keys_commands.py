"""``keys``: who may ask the API. A key is shown once, when it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from secrets import token_bytes
from typing import Annotated

import typer

from ripplegraph.cli.help_texts import PlainCommand
from ripplegraph.cli.output import Table, plain_text, write_message, write_text
from ripplegraph.errors import SettingsError
from ripplegraph.settings import read_settings
from ripplegraph.wiring import moment_in, pepper, read_key_file, write_key_file

app = typer.Typer(
    help="Keys of the API: who may ask, what, and until when.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class ScopeWord(StrEnum):
    """What a key may do."""

    READ = "read"
    EVENTS = "events"
    WRITE = "write"
    ADMIN = "admin"


KeysFile = Annotated[
    str | None,
    typer.Option("--keys", metavar="FILE", help="The file of keys (RIPPLEGRAPH_KEYS)."),
]


@app.command(cls=PlainCommand)
def create(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whose key it is.")],
    scope: Annotated[
        list[ScopeWord], typer.Option("--scope", help="What it may do; repeatable.")
    ] = [ScopeWord.READ],  # noqa: B006 - typer copies it
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="TAG",
            help="See only services that carry it, and what they rest on; repeatable.",
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="ISO 8601, with its zone.")
    ] = None,
    keys: KeysFile = None,
) -> None:
    """Make a key and print it: it cannot be shown again."""
    from ripplegraph.api.callers import Scope
    from ripplegraph.api.keys import KeyFile, new_key

    path = _path(keys)
    held = read_key_file(path, may_be_missing=True)
    shown, kept = new_key(
        key_id=token_bytes(6),
        secret=token_bytes(32),
        pepper=pepper(),
        name=name,
        scopes=[Scope(one.value) for one in scope],
        expires=None if expires is None else _time_to_come(expires),
        tags=tag or (),
    )
    write_key_file(path, KeyFile(keys=(*held.keys, kept)))
    write_text(f"{shown}\n")
    write_message(f"kept in {path}; this is the only time that the key is shown")


@app.command("list", cls=PlainCommand)
def list_keys(keys: KeysFile = None) -> None:
    """List the keys: whose, what they may do and see, until when; never the keys themselves."""
    rows = [
        (
            one.key_id,
            one.name,
            ", ".join(one.scopes),
            "-" if one.tags is None else ", ".join(one.tags),
            "-" if one.expires is None else one.expires.astimezone(UTC).isoformat(),
            "yes" if one.is_enabled else "no",
        )
        for one in read_key_file(_path(keys)).keys
    ]
    columns = ("id", "name", "scopes", "tags", "expires", "enabled")
    write_text(plain_text([Table(columns=columns, rows=rows)]))


@app.command(cls=PlainCommand)
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `keys list` shows.")],
    keys: KeysFile = None,
) -> None:
    """Take a key out of the file; a running server forgets it when it is started again."""
    from ripplegraph.api.keys import KeyFile

    path = _path(keys)
    held = read_key_file(path)
    left = tuple(one for one in held.keys if one.key_id != key_id)
    if len(left) == len(held.keys):
        advice = "`ripplegraph keys list` shows them"
        raise SettingsError(setting="ID", reason=f"{path} holds no key {key_id!r}", advice=advice)
    write_key_file(path, KeyFile(keys=left))
    write_message(f"revoked {key_id}")


def _time_to_come(text: str) -> datetime:
    """Return when a key expires; who made one that nobody can use would learn it much later."""
    expires = moment_in(text, "--expires")
    if expires <= datetime.now(UTC):
        reason, advice = f"{text!r} is over already", "Name a time to come"
        raise SettingsError(setting="--expires", reason=reason, advice=advice)
    return expires


def _path(keys: str | None) -> Path:
    text = keys or read_settings().keys
    if not text:
        advice = "Say --keys FILE or set RIPPLEGRAPH_KEYS"
        raise SettingsError(setting="--keys", reason="no file of keys is named", advice=advice)
    return Path(text)
