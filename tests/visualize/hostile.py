"""Names as nobody should write them into a CMDB, and somebody does."""

from __future__ import annotations

from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind
from ripplegraph.graph.records import Records
from ripplegraph.graph.service_graph import ServiceGraph

HOSTILE_NAMES = (
    "<script>window.__pwn=1</script>",
    "<img src=x onerror=window.__pwn=1>",
    '"><svg onload=window.__pwn=1>',
    "</script><script>window.__pwn=1</script>",
    "<!--<script>window.__pwn=1//",
    "<a href=javascript:window.__pwn=1>href</a>",
    "'-window.__pwn=1-'",
    "{{ 7 * 7 }}{% for x in y %}",
    "${window.__pwn=1}",
    "javascript:window.__pwn=1",
    "__proto__",
    "line\u2028break\u2029here",
    "right\u202eto left",
    "null\x00byte",
    "a" * 5000,
    "&lt;script&gt;",
    "😀 naïve Ünïcode ﷽",
    "]]>",
    "",
)


def hostile_graph() -> ServiceGraph:
    """Return a graph in which every text that a view shows is hostile."""
    records = Records()
    for number, name in enumerate(HOSTILE_NAMES):
        records.cis.append(
            source=name or "s",
            class_name=name or "c",
            native_id=f"{number}{name}",
            name=name,
            kind=CiKind.SERVICE if number == 0 else CiKind.SERVER,
            owner_team=name,
            supplier=name,
            tags=(name,),
            file=name,
            row=number,
        )
    ids = records.cis.native_id
    for native_id in ids[1:]:
        records.dependencies.append(
            dependent=ids[0], dependency=native_id, relation_type=native_id, file=native_id
        )
    for number, name in enumerate(HOSTILE_NAMES):
        agreement = Agreement(
            agreement_id=f"{number}{name}",
            kind=AgreementKind.OLA,
            name=name,
            provider=name,
            covers=(ids[number],),
        )
        records.agreements.append(agreement)
    return build_service_graph(records).graph


def plain_graph() -> ServiceGraph:
    """Return a small graph with a group and a shared storage."""
    return build_service_graph(
        records_of_text(
            "shop -> web & db; web -> 2 of (h1, h2, h3); h1 -> san; h2 -> san; db -> san"
        )
    ).graph
