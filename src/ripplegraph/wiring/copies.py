"""Whole estates from one store to another: backups, which are files, and their way back."""

from __future__ import annotations

from pathlib import Path

from ripplegraph.errors import StoreCorruptError, UnreadableFileError
from ripplegraph.wiring.stores import address_of, is_estate, is_server_address


def back_up(store: str, target: str) -> None:
    """Write a store, with every revision, the audit and the journal, to a new file."""
    if not is_server_address(store):
        from ripplegraph.store.sqlite.estate import SqliteEstate

        SqliteEstate(Path(store)).back_up(target)
        return
    address = address_of(store)
    from ripplegraph.store.neo4j.copying import copy_out_of
    from ripplegraph.store.sqlite.copying import write_copy

    with copy_out_of(address) as copy:
        write_copy(copy, Path(target))


def restore(backup: str, into: str) -> None:
    """Write a backup into a store that holds nothing yet; a damaged one is refused."""
    if is_server_address(backup) or not is_estate(backup):
        raise UnreadableFileError(backup, "it is no backup", "Write one: ripplegraph store backup")
    from ripplegraph.store.sqlite.estate import SqliteEstate

    estate = SqliteEstate(Path(backup))
    damage = estate.damage()
    if damage:
        raise StoreCorruptError(backup, "; ".join(damage))
    if not is_server_address(into):
        estate.back_up(into)
        return
    address = address_of(into)
    from ripplegraph.store.neo4j.copying import write_copy
    from ripplegraph.store.sqlite.copying import copy_out_of

    with copy_out_of(Path(backup)) as copy:
        write_copy(copy, address)
