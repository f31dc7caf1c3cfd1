"""The workbook of verdicts: what its sheets hold, formulas that are ours only, and its limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from impact.agreements.promises import AT, agreed, promise, sla, stating
from ripplegraph.errors import LimitExceededError
from ripplegraph.impact.agreements.values import SlaAnswer
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.visualize import sla_workbook
from ripplegraph.visualize.sla_workbook import write_sla_workbook


def answer() -> SlaAnswer:
    graph = agreed(
        "shop -> =CMD() & b & c",
        sla("0.995", name="Gold"),
        promise("sla-2", "shop", None),
        promise("ola-1", "b", "0.99"),
        promise("ola-2", "b", "0.999"),
    )
    return sla_verdicts(graph, at=AT, options=stating(graph, **{"=CMD()": 0.001}))


def test_each_sheet_holds_numbers_and_texts_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "slas.xlsx"
    write_sla_workbook(answer(), path)
    book = load_workbook(path)
    assert book.sheetnames == [
        "Verdicts", "Contributions", "Inputs", "Proposals", "Spreadsheet beside exact", "About",
    ]  # fmt: skip
    heads = [cell.value for cell in book["Verdicts"][1]]
    row = dict(zip(heads, [cell.value for cell in book["Verdicts"][2]], strict=True))
    assert (row["verdict"], row["agreement"], row["target"]) == ("missed", "Gold", 0.995)
    assert row["expected availability, least"] == 0.0
    names = [cell for cell in book["Inputs"]["D"] if cell.value == "=CMD()"]
    assert [cell.data_type for cell in names] == ["s"]
    texts = [cell.value for cell in book["About"]["A"]]
    assert {"moment", "rests on", "not judged", "agreement-overlap"} <= set(texts)


def test_the_product_of_a_spreadsheet_stands_as_a_formula_beside_the_exact_answer(
    tmp_path: Path,
) -> None:
    path = tmp_path / "slas.xlsx"
    write_sla_workbook(answer(), path)
    page = load_workbook(path)["Spreadsheet beside exact"]
    formulas = [cell.value for row in page for cell in row if cell.data_type == "f"]
    assert formulas == ["=PRODUCT(D2:D4)", "=(1-D5)*43200.0"]
    titles = [row[2].value for row in page]
    assert titles[-3:] == ["exact, at most", "target", None] or "target" in titles


def test_a_service_that_rests_on_nothing_has_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_sla_workbook(sla_verdicts(agreed("shop .> b", sla()), at=AT), path)
    page = load_workbook(path)["Spreadsheet beside exact"]
    assert all(cell.data_type != "f" for row in page for cell in row)


def test_a_sheet_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sla_workbook, "_LONGEST_SHEET", 3)
    with pytest.raises(LimitExceededError, match="Contributions") as caught:
        write_sla_workbook(answer(), tmp_path / "slas.xlsx")
    assert "--csv" in str(caught.value)
