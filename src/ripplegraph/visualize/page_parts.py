"""What pages are made of: files beside this module, their hashes, and the template environment."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.errors import MissingExtraError
from ripplegraph.visualize.appearance import (
    KIND_WORDS,
    STATUS_ICONS,
    STATUS_MEANINGS,
    STATUS_WORDS,
)
from ripplegraph.visualize.page_script import short_script

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PAGE_EXTRA = ("The HTML view", "html")
"""Feature and extra, for the error when a library is missing."""

_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_BLANKS = re.compile(r" *([={};,>?|&]) *")

_LEADING_ZERO = re.compile(r"(?<![\w.#-])0\.(?=\d)")

_LINKS = re.compile(r"^(?:import .*;\n|export )", re.MULTILINE)
"""What joins modules, and has no meaning where they stand in one script."""

_TEMPLATES = Path(__file__).with_name("templates")


def template_environment() -> Environment:
    """Return an environment that escapes whatever a template prints."""
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(*PAGE_EXTRA) from error
    environment = Environment(
        loader=FunctionLoader(part), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(
        status_words=STATUS_WORDS,
        status_icons=STATUS_ICONS,
        status_meanings=STATUS_MEANINGS,
        kind_words=KIND_WORDS,
    )
    return environment


def markup_of(text: str) -> Markup:
    """Return text that a template prints as it is: our own files and pyvis', never data."""
    from markupsafe import Markup  # noqa: PLC0415 - an extra

    return Markup(text)


@cache
def part(name: str) -> str:
    """Return one of our own files, without indents, empty lines and lines of comment only."""
    lines = map(str.strip, _TEMPLATES.joinpath(name).read_text(encoding="utf-8").splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    if name.endswith((".css", ".js")):
        kept = [_narrow(line) for line in kept]
    if name.endswith(".css"):
        kept = [
            _LEADING_ZERO.sub(".", line.replace(": ", ":")).replace(";}", "}") for line in kept
        ]
    return "\n".join(kept) + "\n"


@cache
def script_part(*names: str) -> str:
    """Return our own modules as one script, as short as it can be; those imported come first."""
    texts = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in names)
    return short_script("".join(_LINKS.sub("", text) for text in texts))


def _narrow(line: str) -> str:
    """Return a line of a style or script without blanks that mean nothing; texts stay as they are.

    Lines with a regular expression or an unfinished text are left alone.
    """
    if "/" in line or "`" in line:
        return line
    parts = _QUOTED.split(line)
    parts[::2] = [_BLANKS.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts)


@cache
def stylesheet(*names: str) -> str:
    """Return several of our own style files as one: one ``<style>``, one hash.

    Every page starts with ``palette.css`` (colours by status, light, dark and printed) and
    ``parts.css`` (headings, buttons, badges, tables); ``picture.css`` is for pictures of a scene.
    """
    return "".join(map(part, names))


@cache
def hash_source(text: str) -> str:
    """Return how a content security policy names a script or style by its content."""
    digest = b64encode(sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
