"""The package's facade: cheap to import, and every name is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ripplegraph
from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.context import LoadOptions

_EXAMPLE = Path(__file__).parents[2] / "examples" / "acme-csv"


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    code = (
        "import sys, ripplegraph; "
        "print([m for m in sys.modules if m.startswith('ripplegraph.') or m == 'numpy'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_loading_a_small_csv_export_imports_no_heavy_reader() -> None:
    code = (
        "import sys, ripplegraph; ripplegraph.load(sys.argv[1]); heavy = "
        "('polars', 'lxml', 'openpyxl', 'networkx', 'numba'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(_EXAMPLE)], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in ripplegraph.__all__:
        assert callable(getattr(ripplegraph, name)), name
    assert set(ripplegraph.__all__) <= set(dir(ripplegraph))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ripplegraph.nonsense


def test_limits_are_set_by_their_names() -> None:
    assert ripplegraph.load(_EXAMPLE, limits={"rows": 1_000}).report.rows_read > 10
    with pytest.raises(LimitExceededError, match=r"more than 3 rows \(rows\)"):
        ripplegraph.load(_EXAMPLE / "cis.csv", limits={"rows": 3})


def test_limits_written_as_floats_are_whole_numbers() -> None:
    many = dict.fromkeys(("cell_chars", "line_chars", "memory_bytes"), 1e6)
    assert ripplegraph.load(_EXAMPLE, limits=many).report.rows_read > 10
    with pytest.raises(LimitExceededError, match=r"more than 3 rows \(rows\)"):
        ripplegraph.load(_EXAMPLE / "cis.csv", limits={"rows": 3.0})
    assert ripplegraph.load(_EXAMPLE, limits={"seconds": 0.5}).report.rows_read > 10


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"memory": 1}, "'memory' is no limit; known are file_bytes,"),
        ({"rows": 0}, "rows has to"),
        ({"rows": 2.5}, "rows has to be a whole number, got 2.5"),
        ({"rows": float("inf")}, "rows has to be a whole number, got inf"),
        ({"rows": float("nan")}, "rows has to be above zero, got nan"),
    ],
)
def test_a_limit_that_is_none_is_a_value_error(limits: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ripplegraph.load(_EXAMPLE, limits=limits)


def test_a_notebook_loads_an_export_and_asks_what_falls() -> None:
    graph = ripplegraph.load(_EXAMPLE, source="acme")
    assert graph.ci_ids[0].startswith("acme:")
    most_needed = max(
        range(graph.ci_count), key=lambda number: len(graph.edges_to_dependents(number))
    )
    scenario = ripplegraph.scenario_of(graph, down=[graph.ci_ids[most_needed]])
    answer = ripplegraph.impact(graph, scenario)
    assert answer.cis_not_up >= 1
    everything = ripplegraph.impact(graph, scenario, all_cis=True)
    assert len(everything.impacted) >= len(answer.impacted)


def test_the_options_of_load_are_those_of_the_loaders() -> None:
    assert LoadOptions() == LoadOptions(
        mapping=None, time_zone=None, day_first=None, source=None, strict=False
    )
