"""How findings name things, so that a person knows which CI or agreement is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.records import CiColumns

_LISTED = 5
_STEPS = 12


def ci_words(cis: CiColumns, number: int) -> str:
    """Return the name of a CI in quotes, with its native id where that is another.

    Examples
    --------
    >>> cis = CiColumns()
    >>> cis.append(source="snow", class_name="server", native_id="7f2a", name="web-1")
    >>> ci_words(cis, 0)
    "'web-1' (7f2a)"
    """
    name, native_id = cis.name[number], cis.native_id[number]
    return repr(name) if name == native_id else f"{name!r} ({_printable(native_id)})"


def agreement_words(agreement: Agreement) -> str:
    """Return kind and id of an agreement, with its name where that is another."""
    words = f"{agreement.kind} {agreement.agreement_id!r}"
    has_name = agreement.name and agreement.name != agreement.agreement_id
    return f"{words} ({_printable(agreement.name)})" if has_name else words


def list_words(words: Sequence[str], *, limit: int = _LISTED) -> str:
    """Return the first few words with commas, and how many more there are.

    Examples
    --------
    >>> list_words(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    return _listed(words[:limit], len(words))


def list_ci_words(cis: CiColumns, numbers: Sequence[int]) -> str:
    """Return the words of the first few CIs with commas, and how many more there are.

    Examples
    --------
    >>> cis = CiColumns()
    >>> for number in range(7):
    ...     cis.append(source="snow", class_name="server", native_id=f"h{number}")
    >>> list_ci_words(cis, range(7))
    "'h0', 'h1', 'h2', 'h3', 'h4' and 2 more"
    """
    return _listed([ci_words(cis, number) for number in numbers[:_LISTED]], len(numbers))


def _listed(first: Sequence[str], count: int) -> str:
    more = count - len(first)
    listed = ", ".join(first)
    return f"{listed} and {more} more" if more > 0 else listed


def count_words(count: int, one: str, many: str) -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> count_words(1, "CI", "CIs"), count_words(2, "CI", "CIs")
    ('1 CI', '2 CIs')
    """
    return f"{count:,} {one if count == 1 else many}"


def path_words(steps: Sequence[str]) -> str:
    """Return a path as ``a -> b -> c``; the middle of a long one is counted, not shown.

    Examples
    --------
    >>> path_words(["a", "b", "a"])
    'a -> b -> a'
    """
    hidden = len(steps) - _STEPS
    if hidden <= 0:
        return " -> ".join(steps)
    half = _STEPS // 2
    return " -> ".join((*steps[:half], f"({hidden} more)", *steps[-half:]))


def place_words(file: str, row: int) -> str:
    """Return where a record stands, to go on a sentence; "" if it comes from no file.

    Examples
    --------
    >>> f"it stands{place_words('cis.csv', 12)}"
    'it stands at cis.csv:12'
    """
    return f" at {file}:{row}" if file else ""


def day_words(moment: datetime) -> str:
    """Return the day of a moment, ISO 8601."""
    return moment.date().isoformat()


def writable(name: str) -> str:
    r"""Return the name of a file as a text that UTF-8 can write: what it cannot, as an escape.

    Examples
    --------
    >>> writable("stra\udcdfe.zip")  # Latin-1 on a system of UTF-8
    'stra\\udcdfe.zip'
    """
    return name.encode("utf-8", "backslashreplace").decode()


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]
