"""Shell completion of CI names and ids, from the export that the command line names."""

from __future__ import annotations

import typer

MOST_SUGGESTIONS = 200


def complete_ci(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return native ids, else names, of the export that start with what was typed."""
    from ripplegraph.errors import RippleGraphError
    from ripplegraph.settings import read_settings
    from ripplegraph.wiring import load_options, open_source

    # while the value of an option is typed, arguments are not parsed yet: they stand in args
    source = ctx.params.get("source") or next(iter(ctx.args), None)
    if not source or source == "-":
        return []
    also = ctx.params.get("also") or []
    try:
        options = load_options(
            read_settings(),
            mapping=ctx.params.get("mapping"),
            time_zone=ctx.params.get("timezone"),
            day_first=ctx.params.get("day_first"),
        )
        cis = open_source([source, *also], options).read().cis
    except (RippleGraphError, OSError):
        return []
    wanted = incomplete.casefold()
    for spellings in (cis.native_id, cis.name):
        fitting = {one for one in spellings if one.casefold().startswith(wanted)}
        shown = sorted(one for one in fitting if one.isprintable())
        if shown:
            return shown[:MOST_SUGGESTIONS]
    return []
