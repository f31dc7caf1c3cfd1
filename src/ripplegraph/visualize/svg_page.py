"""The view of a service or an outage as one offline page: SVG that needs no script, one module.

CI names are other people's text: they reach the page escaped, by an autoescaping template, and
are never markup. Styles and the script run by their hashes; nothing is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.appearance import KIND_WORDS, bands_below
from ripplegraph.visualize.moments import Moments
from ripplegraph.visualize.page_parts import (
    hash_source,
    markup_of,
    script_part,
    stylesheet,
    template_environment,
)
from ripplegraph.visualize.print_sheets import sheets_of
from ripplegraph.visualize.service_numbers import ServiceNumbers, stake_words
from ripplegraph.visualize.slider import Slider, slider_of
from ripplegraph.visualize.svg_picture import picture_of
from ripplegraph.visualize.view_model import Box, Level, Scene

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_NAMED = 2_000
"""So many CIs that have no row in the table can be found by their names, the others cannot."""

_MOST_STAKES = 6
_COLUMNS = frozenset({"Kind", "Class", "Owner team"})
"""Facts that have a column of their own in the table, or stand above their rows."""
_PLAIN = re.compile(r"[ -~]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """What a page shows: pictures from the smallest to the largest, numbers, and its slider.

    ``whole`` are all CIs that belong to it, ``statuses`` those that are not up.
    """

    graph: ServiceGraph
    scenes: tuple[Scene, ...]
    whole: Collection[int] = frozenset()
    statuses: Mapping[int, Status] = field(default_factory=dict)
    numbers: ServiceNumbers = field(default_factory=ServiceNumbers)
    moments: Moments | None = None


def render_svg_page(content: PageContent) -> str:
    """Return one self-contained HTML page."""
    scenes = [_with_numbers(scene, content.numbers) for scene in content.scenes]
    pictures = [picture_of(scene.level.value, _title(scene), scene) for scene in scenes]
    rows = {box.number: box for scene in scenes for box in scene.boxes if not box.members}
    service = scenes[-1].service
    kind = None if service is None else content.graph.cis.kind[service]
    slider = None
    if content.moments is not None:
        slider = slider_of(content.graph, pictures, content.whole, content.moments)
    types = sorted({line.relations for picture in pictures for line in picture.lines} - {""})
    environment = template_environment()
    environment.filters |= {"isolated": isolated, "plain": "{:g}".format}
    return environment.get_template("svg_view.html.j2").render(
        scene=scenes[-1],
        pictures=pictures,
        columns=_COLUMNS,
        sheets={picture.key: sheets_of(picture) for picture in pictures},
        rows=sorted(rows.values(), key=lambda box: (box.y, box.x)),
        bands=[one for one in bands_below(kind) if one[0] in {box.kind for box in rows.values()}],
        numbers=content.numbers,
        stakes=content.numbers.stakes[:_MOST_STAKES],
        stake_words=stake_words,
        names=content.graph.cis.name,
        moments=None if slider is None else slider.moments,
        types={text: number for number, text in enumerate(types)},
        data=markup_of(_script_text({"types": types} | _data(content, rows, slider))),
        policy=markup_of(svg_page_policy()),
        style=markup_of(_style()),
        script=markup_of(_script()),
    )


def svg_page_policy() -> str:
    """Return the content security policy of every page: script and style by hash, no network."""
    return (
        f"default-src 'none'; script-src {hash_source(_script())}; "
        f"style-src {hash_source(_style())}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def isolated(text: str) -> str | Markup:
    """Return a text so that its own direction stays inside it; plain ASCII needs no mark-up."""
    if _PLAIN.fullmatch(text):
        return text
    return markup_of("<bdi>%s</bdi>") % text  # escapes what it puts in


def _script() -> str:
    return script_part("picture.js", "svg_view.js")


def _style() -> str:
    return stylesheet("palette.css", "parts.css", "picture.css", "svg_view.css")


def _title(scene: Scene) -> str:
    shown = scene.ci_count - scene.hidden_cis
    of_all = f"{shown} of {scene.ci_count}" if scene.hidden_cis else f"{shown}"
    return {
        Level.PATH: f"Impact path ({of_all})",
        Level.FOLDED: f"Pools folded ({of_all})",
        Level.ALL: f"All CIs ({of_all})",
    }[scene.level]


def _with_numbers(scene: Scene, numbers: ServiceNumbers) -> Scene:
    def fuller(box: Box) -> Box:
        return replace(box, facts=(*numbers.by_ci.get(box.number, ()), *box.facts))

    return replace(scene, boxes=tuple(box if box.members else fuller(box) for box in scene.boxes))


def _data(
    content: PageContent,
    rows: Collection[int],
    slider: Slider | None,
) -> dict[str, object]:
    """Return what the script cannot read off the page: CIs without a row, and the slider."""
    cis, ids = content.graph.cis, content.graph.ci_ids
    others = sorted(set(content.whole) - set(rows))
    data: dict[str, object] = {
        "others": [
            [
                number,
                cis.name[number],
                int(content.statuses.get(number, Status.UP)),
                KIND_WORDS[cis.kind[number]],
                ids[number],
            ]
            for number in others[:MOST_NAMED]
        ],
        "unnamed": max(0, len(others) - MOST_NAMED),
    }
    return data | ({} if slider is None else dict(slider.data))


def _script_text(data: object) -> str:
    """Return JSON that can stand in a script element: no character of it ends one."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
