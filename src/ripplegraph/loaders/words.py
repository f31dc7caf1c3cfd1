"""Words of a fixed choice, as users write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from ripplegraph.errors import InvalidQuantityError

Word = TypeVar("Word", bound=StrEnum)

_CALLED = {
    "AgreementState": "an agreement state",
    "CiKind": "a kind of CI",
    "ImprovementState": "a state of an improvement",
    "OperatingState": "an operating state",
    "OutageKind": "a kind of outage",
    "Scope": "an agreement scope",
}


def word_reader(
    words: type[Word], further: Mapping[str, Word] | None = None
) -> Callable[[str], Word]:
    """Return a reader of the words of an enum, and of a mapping's, whatever their case."""
    mapped = further or {}

    def read(text: str) -> Word:
        word = text.strip().casefold()
        try:
            return mapped[word] if word in mapped else words(word)
        except ValueError as error:
            wanted = f"Write {', '.join(words)}"
            raise InvalidQuantityError(text[:60], _CALLED[words.__name__], wanted) from error

    return read


def choice_reader(wanted: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """Return a reader of one of a few words, whatever their case."""

    def read(text: str) -> str:
        word = text.strip().casefold()
        if word not in choices:
            advice = f"Write {', '.join(choices[:-1])} or {choices[-1]}"
            raise InvalidQuantityError(text[:60], wanted, advice)
        return word

    return read
