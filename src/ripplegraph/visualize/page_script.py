"""Our own script as a page carries it: without comments and blanks, with short names. Pure.

For scripts in the plain style of this project: every statement ends with a semicolon, no class,
no ``eval``, no method in an object literal, nothing put into template texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum, auto
from itertools import count, product
from string import ascii_letters

_TOKEN = re.compile(
    r"""(?P<blank>(?:\s|//[^\n]*|/\*.*?\*/)+)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)
    |(?P<word>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*)|(?P<sign>=>|\.{3}|\?\.|.)""",
    re.DOTALL | re.VERBOSE,
)
_EXPRESSION = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_ENDS_VALUE = re.compile(r"[\w$)\]}\"'`]$")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "as async await break case catch class const continue default delete do else export "
        "extends finally for from function get if import in instanceof let new null of return "
        "set static super switch this throw true false try typeof undefined var void while with "
        "yield",
    )
)
_BEFORE_BLOCKS = frozenset([")", "=>", "else", "do", "try", "finally", ";", "{", "}"])


class _Place(Enum):
    VALUE = auto()
    PART = auto()
    SHORTHAND = auto()


def short_script(script: str) -> str:
    r"""Return a script that does the same in fewer letters; texts and expressions stay.

    Examples
    --------
    >>> short_script('const total = "a // b"; // said\nprint(total + 1, one.total);')
    'const a="a // b";print(a+1,one.total);'
    >>> short_script("const total = first / 2;\nprint(total);")
    'const a=first/2;print(a);'
    """
    tokens = tuple(_tokens(script))
    if any(token.startswith("`") and "${" in token for token in tokens):
        msg = "A template text with something put into it cannot be shortened. Join texts by +."
        raise ValueError(msg)
    code = [token for token in tokens if not token.isspace()]
    places = tuple(_places(code))
    names = _short_names(code, places)
    renamed = [_renamed(token, place, names) for token, place in zip(code, places, strict=True)]
    return "".join(_joined(tokens, iter(renamed)))


def _renamed(token: str, place: _Place, names: Mapping[str, str]) -> str:
    if token not in names or place is _Place.PART:
        return token
    return f"{token}:{names[token]}" if place is _Place.SHORTHAND else names[token]


def _tokens(script: str) -> Iterator[str]:
    """Yield tokens; blanks and comments as one blank or, over the end of a line, one line end."""
    place, before = 0, ""
    while place < len(script):
        found = _TOKEN.match(script, place)
        assert found is not None
        if found.group() == "/" and (not _ENDS_VALUE.search(before) or before == "return"):
            found = _EXPRESSION.match(script, place)
            assert found is not None
        place = found.end()
        if found.lastgroup == "blank":
            yield "\n" if "\n" in found.group() else " "
            continue
        before = found.group()
        yield before


def _joined(tokens: Sequence[str], code: Iterator[str]) -> Iterator[str]:
    """Yield the tokens with the few blanks and line ends that mean something."""
    before, blank = ";", ""
    for token in tokens:
        if token.isspace():
            blank = token
            continue
        now = next(code)
        if blank == "\n" and before[-1] not in ";{,([" and now[0] not in ")]};,.":
            yield "\n"
        elif blank and (
            _both(before[-1], now[0], r"[\w$]") or _both(before[-1], now[0], r"[+/-]")
        ):
            yield " "
        yield now
        before, blank = now, ""


def _both(one: str, other: str, pattern: str) -> bool:
    return bool(re.match(pattern, one) and re.match(pattern, other))


def _short_names(code: Sequence[str], places: Sequence[_Place]) -> dict[str, str]:
    """Return new names for what the script declares; names of others are nobody's new name."""
    words = Counter(
        token
        for token, place in zip(code, places, strict=True)
        if place is not _Place.PART and _WORD.fullmatch(token)
    )
    declared = _declared(code) - _RESERVED
    fresh = _fresh(_RESERVED | (set(words) - declared))
    return dict(zip(sorted(declared, key=lambda name: (-words[name], name)), fresh, strict=False))


def _fresh(taken: Collection[str]) -> Iterator[str]:
    for length in count(1):
        for letters in product(ascii_letters, repeat=length):
            if (name := "".join(letters)) not in taken:
                yield name


def _declared(code: Sequence[str]) -> set[str]:
    names: set[str] = set()
    for place, token in enumerate(code):
        if token in {"const", "let", "function"}:
            names |= _bound(code, place + 1)
        elif token == "(":
            end = _end(code, place)
            is_function = code[place - 2 : place - 1] == ["function"]
            if is_function or code[end + 1 : end + 2] == ["=>"]:
                names |= _bound(code, place)
    return names


def _bound(code: Sequence[str], start: int) -> set[str]:
    """Return the names of a name or pattern; what stands behind ``=`` is a value, no name."""
    if code[start] not in _CLOSING:
        return {code[start]}
    return {
        code[place]
        for place in range(start + 1, _end(code, start))
        if _WORD.fullmatch(code[place]) and code[place - 1] in {"(", "[", "{", ",", "...", ":"}
    }


def _end(code: Sequence[str], start: int) -> int:
    depth = 0
    for place in range(start, len(code)):
        depth += (code[place] in _CLOSING) - (code[place] in _CLOSING.values())
        if depth == 0:
            return place
    msg = f"A script does not close the {code[start]} of token {start}."
    raise ValueError(msg)


def _places(code: Sequence[str]) -> Iterator[_Place]:
    """Yield what each token is: a part of an object by name, that and a value, or a value."""
    brackets: list[str] = []
    for place, token in enumerate(code):
        before = code[place - 1] if place else ";"
        after = code[place + 1] if place + 1 < len(code) else ";"
        is_entry = brackets[-1:] == ["object"] and before in {"{", ","}
        if token in _CLOSING:
            is_block = token == "{" and before in _BEFORE_BLOCKS
            brackets.append("object" if token == "{" and not is_block else token)
        elif token in _CLOSING.values():
            brackets.pop()
        if is_entry and after == "(":
            msg = f"The method {token} in an object cannot be shortened. Make it a function."
            raise ValueError(msg)
        if before in {".", "?."} or (is_entry and after == ":"):
            yield _Place.PART
        else:
            yield _Place.SHORTHAND if is_entry and after in {",", "}", "="} else _Place.VALUE
