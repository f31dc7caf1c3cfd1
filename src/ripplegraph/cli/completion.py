"""Shell completion of CI names and ids, from the export that the command line names."""

from __future__ import annotations

import typer

MOST_SUGGESTIONS = 200
_PLAIN = frozenset("_./@%+,:-")  # beside letters and digits: no shell reads anything into them
_QUOTES = ("'", '"')
_ALIVE_IN_QUOTES = frozenset("'\"\\$`!")


class Offered(str):
    """A candidate as it shall stand on the command line.

    Typer keeps only candidates that start with what was typed; a quoted one need not.
    """

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        """Return True: what does not fit what was typed was left out before."""
        return True


def complete_ci(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return native ids, else names, of the export that start with what was typed.

    A name comes from an export, so none is offered that a shell could take for a command.
    """
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
        if shown := _offered(fitting):
            return shown
    return []


def _offered(texts: set[str]) -> list[str]:
    """Return the texts that the shell at hand can be offered, quoted for it."""
    from ripplegraph.settings import read_typed_word

    typed = read_typed_word()
    quoted = (quoted_for(typed, one) for one in sorted(texts) if one.isprintable())
    shown: list[str] = [Offered(one) for one in quoted if one]
    return shown[:MOST_SUGGESTIONS]


def quoted_for(typed: str | None, text: str) -> str:
    """Return a text as bash shall hold it, "" if it cannot be offered.

    ``typed`` is the word as typed in bash so far, quotes included; None in any other shell,
    where only texts without special characters are offered.
    """
    if all(one.isalnum() or one in _PLAIN for one in text):
        return text
    if typed is None:
        return ""
    if typed.startswith(_QUOTES):  # bash keeps the opening quote and closes it
        return "" if _ALIVE_IN_QUOTES.intersection(text) else text
    return "".join(one if one.isalnum() or one in _PLAIN else f"\\{one}" for one in text)
