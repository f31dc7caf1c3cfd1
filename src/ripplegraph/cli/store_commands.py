"""``store``: revisions of an estate, what differs between them, and care of the file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.help_texts import PlainCommand
from ripplegraph.cli.options import Authorship, Output
from ripplegraph.cli.output import Answer, write_answer, write_message, write_text
from ripplegraph.cli.session import provenance_of
from ripplegraph.cli.words import counted
from ripplegraph.errors import UnreadableFileError
from ripplegraph.wiring import back_up, is_estate, open_estate, revision_number
from ripplegraph.wiring import restore as restore_backup

if TYPE_CHECKING:
    from ripplegraph.graph.ports import EstateStore

app = typer.Typer(
    help="Stores: the revisions of an estate, what differs, backup and care.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Store = Annotated[
    str, typer.Argument(metavar="STORE", help="A store, as `load EXPORT --into STORE` made it.")
]
_REVISION = "A revision: its number, or a time."


@app.command(cls=PlainCommand)
@bundled
def revisions(store: Store, output: Output) -> None:
    """List the revisions of a store, the newest first."""
    form = output.form
    found = _estate(store).revisions()
    from ripplegraph.api.schemas import RevisionsOut
    from ripplegraph.cli.store_tables import revisions_csv, revisions_parts

    write_answer(
        Answer(
            parts=lambda: revisions_parts(found),
            model=lambda: RevisionsOut.of(found),
            csv=lambda: revisions_csv(found),
        ),
        form,
    )


@app.command(cls=PlainCommand)
@bundled
def diff(
    store: Store,
    old: Annotated[str, typer.Argument(metavar="OLD", help=_REVISION)],
    output: Output,
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help=f"{_REVISION} Default: the newest.")
    ] = None,
) -> None:
    """List the records that were added, changed and removed between two revisions."""
    form = output.form
    estate = _estate(store)
    first = revision_number(estate, old) or 0
    last = revision_number(estate, new) or estate.revisions()[-1].number
    found = estate.differences(first, last)
    from ripplegraph.api.schemas import DifferencesOut
    from ripplegraph.cli.store_tables import differences_csv, differences_parts

    write_answer(
        Answer(
            parts=lambda: differences_parts(first, last, found),
            model=lambda: DifferencesOut.of(first, last, found),
            csv=lambda: differences_csv(found),
        ),
        form,
    )


@app.command(cls=PlainCommand)
@bundled
def audit(store: Store, output: Output) -> None:
    """List what was done to a store: each import and each pruning, sealed in a chain."""
    form = output.form
    found = _estate(store).audit()
    from ripplegraph.api.schemas import AuditOut
    from ripplegraph.cli.store_tables import audit_csv

    write_answer(
        Answer(
            parts=lambda: [audit_csv(found)] if found else ["Nothing was done to the store yet."],
            model=lambda: AuditOut.of(found),
            csv=lambda: audit_csv(found),
        ),
        form,
    )


@app.command(cls=PlainCommand)
def migrate(store: Store) -> None:
    """Bring a store of an older ripplegraph up to date, as the next import would."""
    before, after = _estate(store).migrate()
    told = f"schema {after} already" if before == after else f"schema {after}, before {before}"
    write_message(f"{store} has {told}")


@app.command(cls=PlainCommand)
def verify(store: Store) -> None:
    """Check the store, its audit, its journal and the newest revision; exit 1 if damaged."""
    estate = _estate(store)
    damage = estate.damage()
    if not damage:
        write_text(f"{store} is sound ({', '.join(estate.versions())}).\n")
        return
    write_text("".join(f"- {sentence}\n" for sentence in damage))
    raise typer.Exit(1)


@app.command(cls=PlainCommand)
def backup(
    store: Store, target: Annotated[str, typer.Argument(metavar="FILE", help="A new file.")]
) -> None:
    """Write a copy of a store to a file; it is whole even while an import runs."""
    _estate(store)
    back_up(store, target)
    write_message(f"wrote {target}")


@app.command(cls=PlainCommand)
def restore(
    backup: Annotated[str, typer.Argument(metavar="FILE", help="What `store backup` wrote.")],
    into: Annotated[
        str, typer.Option("--into", metavar="STORE", help="A new file, or an empty Neo4j.")
    ],
) -> None:
    """Write a backup, with all revisions and the journal, into a store that is empty yet."""
    restore_backup(backup, into)
    write_message(f"restored {backup} into {into}")


@app.command(cls=PlainCommand)
@bundled
def prune(
    store: Store,
    authorship: Authorship,
    keep_from: Annotated[
        str, typer.Option("--keep-from", metavar="REVISION", help="The oldest one to keep.")
    ],
) -> None:
    """Forget the revisions before one; those that are kept read as before."""
    estate = _estate(store)
    oldest = revision_number(estate, keep_from) or 0
    gone = estate.prune(oldest, provenance_of(authorship, datetime.now(UTC)))
    words = counted(gone, "row is", "rows are")
    write_message(f"kept the revisions from {oldest} on; {words} gone")


def _estate(store: str) -> EstateStore:
    if not is_estate(store):
        advice = "Make one: ripplegraph load EXPORT --into estate.db"
        raise UnreadableFileError(store, "it is no store", advice)
    return open_estate(store)
