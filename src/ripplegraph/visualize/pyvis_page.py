"""The view of a service or an outage through pyvis: a network for notebooks, an offline page.

CI names are other people's text. So the page comes from our own template with autoescape, data
stands in a JSON block, styles and scripts run by their hashes only, and nothing is fetched.
pyvis' own template is never used: it runs scripts that hide in titles and headings.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.errors import MissingExtraError
from ripplegraph.graph.model import Status, Strength
from ripplegraph.visualize.appearance import (
    KIND_WORDS,
    STATUS_COLOURS,
    STATUS_ICONS,
    STATUS_MEANINGS,
    STATUS_WORDS,
)
from ripplegraph.visualize.facts import Fact
from ripplegraph.visualize.page_parts import (
    PAGE_EXTRA,
    hash_source,
    markup_of,
    part,
    stylesheet,
    template_environment,
)
from ripplegraph.visualize.view_model import Box, Line, Scene

if TYPE_CHECKING:
    from jinja2 import Environment
    from pyvis.network import Network

_VIS_SCRIPT = "lib/vis-9.1.2/vis-network.min.js"
_FILL = {
    Status.UP: "#ffffff",
    Status.AT_RISK: "#fff8db",
    Status.DEGRADED: "#fff0e0",
    Status.DOWN: "#fdeceb",
}
_OPTIONS: dict[str, object] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {
        "hover": True,
        "dragNodes": False,
        "multiselect": False,
        "selectConnectedEdges": False,
        "tooltipDelay": 100000000,
    },
    "nodes": {"font": {"size": 14, "color": "#1b2430"}},
    "edges": {"selectionWidth": 0, "hoverWidth": 0},
}


def to_pyvis(scene: Scene) -> Network:
    """Return the scene as a pyvis network with fixed places, no physics and a safe template.

    Parameters
    ----------
    scene
        What :func:`ripplegraph.build_scene` returns.

    Returns
    -------
    pyvis.network.Network
        Nodes carry the number of the CI (of a pool: of its first member) as text. Whatever
        pyvis writes of it (``generate_html``, ``show``, ``write_html``) is our offline page.

    Raises
    ------
    MissingExtraError
        If pyvis is not installed: ``pip install ripplegraph[html]``.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.visualize.scene import build_scene
    >>> to_pyvis(build_scene(graph_of("shop -> db"), "shop")).num_edges()
    1
    """
    try:
        from pyvis.network import Network
    except ImportError as error:
        raise MissingExtraError(*PAGE_EXTRA) from error
    network = Network(directed=True, cdn_resources="in_line", height="100%")
    network.templateEnv = _environment(scene)
    network.path = "view.html.j2"
    network.options = _OPTIONS
    for box in scene.boxes:
        network.add_node(str(box.number), **_node_options(scene, box))
    for line in scene.lines:
        network.add_edge(str(line.dependent), str(line.dependency), **_edge_options(line))
    return network


def render_page(scene: Scene) -> str:
    """Return one self-contained HTML page: the picture, the facts on click, and the table."""
    network = to_pyvis(scene)
    page: str = network.generate_html(notebook=False)
    return page


def page_policy() -> str:
    """Return the content security policy of every page: scripts and styles by hash, no network."""
    scripts = f"{hash_source(_vis_script())} {hash_source(part('view.js'))}"
    return (
        f"default-src 'none'; script-src {scripts}; style-src {hash_source(_style())}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _style() -> str:
    return stylesheet("palette.css", "view.css")


def _node_options(scene: Scene, box: Box) -> dict[str, object]:
    return {
        "label": f"{STATUS_ICONS[box.status]} {box.name}\n{STATUS_WORDS[box.status]}",
        "shape": "box",
        "x": box.x,
        "y": box.y,
        "fixed": True,
        "widthConstraint": scene.box_width - 20,
        "borderWidth": 1 if box.status is Status.UP else 3,
        "color": {"background": _FILL[box.status], "border": STATUS_COLOURS[box.status]},
    }


def _edge_options(line: Line) -> dict[str, object]:
    return {
        "arrows": "from",  # towards the dependent: the way of the impact
        "color": STATUS_COLOURS[Status.DOWN] if line.is_on_path else "#8794a3",
        "width": 4 if line.is_on_path else 1,
        "dashes": line.effect is not Strength.HARD,
        "smooth": {"enabled": True, "type": "cubicBezier", "forceDirection": "vertical"},
    }


def _environment(scene: Scene) -> Environment:
    """Return a template environment that holds the page's own parts and their policy."""
    environment = template_environment()
    environment.globals.update(
        scene=scene,
        facts_on_box=facts_on_box,
        picture=_picture(scene),
        policy=markup_of(page_policy()),  # these four are ours or pyvis', never data
        style=markup_of(_style()),
        vis_script=markup_of(_vis_script()),
        own_script=markup_of(part("view.js")),
        network_options=_OPTIONS,
    )
    return environment


def _picture(scene: Scene) -> dict[str, object]:
    """Return what the script draws and explains, as plain values."""
    return {
        "top": scene.boxes[0].number,
        "hiddenCis": scene.hidden_cis,
        "width": scene.width,
        "height": scene.height,
        "boxWidth": scene.box_width,
        "boxHeight": scene.box_height,
        "bands": [
            {"title": band.title, "top": band.top, "bottom": band.bottom} for band in scene.bands
        ],
        "boxes": [_box_values(box) for box in scene.boxes],
        "lines": [_line_values(line) for line in scene.lines],
    }


def _box_values(box: Box) -> dict[str, object]:
    return {
        "id": str(box.number),
        "name": box.name,
        "kind": KIND_WORDS[box.kind],
        "status": box.status.word,
        "statusWords": STATUS_WORDS[box.status],
        "icon": STATUS_ICONS[box.status],
        "meaning": STATUS_MEANINGS[box.status],
        "isRootCause": box.is_root_cause,
        "ownTrouble": box.own_trouble,
        "detail": box.detail,
        "rules": box.rules,
        "why": box.why,
        "needs": box.needs,
        "neededBy": box.needed_by,
        "hiddenCount": box.hidden_count,
        "facts": facts_on_box(box),
        "search": " ".join((box.name, box.ci_id, *(v for _, v in facts_on_box(box)))).casefold(),
    }


def facts_on_box(box: Box) -> tuple[Fact, ...]:
    """Return the facts of a CI, or the members of a pool with those that are not up."""
    if not box.members:
        return box.facts
    names = [
        one.name if one.status is Status.UP else f"{one.name} ({STATUS_WORDS[one.status]})"
        for one in box.members
    ]
    return (("Members", ", ".join(names)),)


def _line_values(line: Line) -> dict[str, object]:
    return {
        "dependent": str(line.dependent),
        "dependency": str(line.dependency),
        "points": line.points,
        "effect": line.effect.word,
        "passed": line.passed.word,
        "isOnPath": line.is_on_path,
        "isOnChain": line.is_on_shortest_chain,
    }


@cache
def _vis_script() -> str:
    """Return the vis-network script out of the pyvis package, licence notice and all."""
    from pyvis import network

    script = Path(network.__file__).with_name("templates").joinpath(_VIS_SCRIPT).read_text("utf-8")
    return script.partition("//# sourceMappingURL=")[0]  # a page in one file has no map to fetch
