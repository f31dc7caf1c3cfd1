"""The view of one service as one offline page: SVG that reads without scripts, one small module.

CI names are other people's text: they reach the page escaped, by an autoescaping template, and
are never markup. Styles and the script run by their hashes; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ripplegraph.visualize.page_parts import (
    hash_source,
    markup_of,
    part,
    stylesheet,
    template_environment,
)
from ripplegraph.visualize.scene import Scene
from ripplegraph.visualize.svg_picture import Picture, picture_of

if TYPE_CHECKING:
    from markupsafe import Markup

_WHOLE = "All CIs"
_PATH = "Impact path"
_PLAIN = re.compile(r"[ -~]*")


def render_svg_page(scene: Scene, path: Scene | None = None) -> str:
    """Return one self-contained HTML page.

    Parameters
    ----------
    scene
        All that the page shows.
    path
        The impact path alone, on which the page opens; None if nothing is out.
    """
    drawn, hidden = len(scene.boxes), scene.hidden_cis
    whole = f"{drawn} of {drawn + hidden} CIs" if hidden else _WHOLE
    pictures: Sequence[Picture] = [picture_of("all", whole, scene)]
    if path is not None and len(path.boxes) < len(scene.boxes):
        pictures = [picture_of("path", _PATH, path), *pictures]
    environment = template_environment()
    environment.filters |= {"isolated": _isolated, "plain": "{:g}".format}
    return environment.get_template("svg_view.html.j2").render(
        scene=scene,
        pictures=pictures,
        policy=markup_of(svg_page_policy()),
        style=markup_of(_style()),
        script=markup_of(part("svg_view.js")),
    )


def svg_page_policy() -> str:
    """Return the content security policy of every page: script and style by hash, no network."""
    return (
        f"default-src 'none'; script-src {hash_source(part('svg_view.js'))}; "
        f"style-src {hash_source(_style())}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _style() -> str:
    return stylesheet("palette.css", "parts.css", "picture.css", "svg_view.css")


def _isolated(text: str) -> str | Markup:
    """Return a text so that its own direction stays inside it; plain ASCII needs no mark-up."""
    if _PLAIN.fullmatch(text):
        return text
    return markup_of("<bdi>%s</bdi>") % text  # escapes what it puts in
