"""``mapping``: which way each relation type carries failure, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.help_texts import PlainCommand
from ripplegraph.cli.options import Loading, Output, Sources
from ripplegraph.cli.output import Answer, Table, write_answer, write_text
from ripplegraph.cli.session import options_of
from ripplegraph.settings import read_settings
from ripplegraph.wiring import check_mapping, explain_source, mapping_text, shipped_mappings

app = typer.Typer(
    help="Mapping files: which way each relation type carries failure.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
MappingName = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A shipped mapping, or the path of a mapping file.",
        autocompletion=lambda incomplete: [
            name for name in shipped_mappings() if name.startswith(incomplete)
        ],
    ),
]


@app.command("list", cls=PlainCommand)
@bundled
def list_mappings(output: Output) -> None:
    """List the mappings that ship with ripplegraph."""
    from ripplegraph.api.schemas import MappingsOut

    names = shipped_mappings()
    table = Table(columns=("mapping",), rows=[(name,) for name in names])
    answer = Answer(
        parts=lambda: [table],
        model=lambda: MappingsOut(mappings=list(names)),
        csv=lambda: table,
    )
    write_answer(answer, output.form)


@app.command(cls=PlainCommand)
def show(mapping: MappingName) -> None:
    """Print a mapping file as it is: a start for one of your own."""
    write_text(mapping_text(mapping))


@app.command(cls=PlainCommand)
def check(mapping: MappingName) -> None:
    """Check a mapping file; exit 2 if it is wrong."""
    write_text(f"{check_mapping(mapping)} is a valid mapping.\n")


@app.command(cls=PlainCommand)
@bundled
def explain(sources: Sources, loading: Loading, output: Output) -> None:
    """Say which rule took each relation type of an export, and how often."""
    form = output.form
    options = options_of(loading, read_settings(), None)
    explained = explain_source([*sources, *loading.also], options)
    from ripplegraph.api.schemas import MappingExplainOut

    out = MappingExplainOut.of(explained)
    rows = [
        (str(one.count), one.relation_type, one.parent_class, one.child_class, one.rule)
        for one in out.relations
    ]
    table = Table(
        columns=("count", "relation type", "parent class", "child class", "rule"), rows=rows
    )
    columns = ("count", "relation_type", "parent_class", "child_class", "rule")
    answer = Answer(
        parts=lambda: [table] if rows else ["The export holds no relations that a mapping takes."],
        model=lambda: out,
        csv=lambda: Table(columns=columns, rows=rows),
    )
    write_answer(answer, form)
