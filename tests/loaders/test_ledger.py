"""The row ledger: rows in = rows used + rows reported."""

from __future__ import annotations

import pytest

from ripplegraph.graph.findings import FileTally
from ripplegraph.loaders.ledger import RowLedger
from ripplegraph.loaders.reading import RawTable


def test_every_row_is_used_or_reported() -> None:
    ledger = RowLedger()
    ledger.register("b.csv", [2, 3, 4])
    ledger.register("a.csv", [2])
    ledger.use("b.csv", 2)
    ledger.refuse("b.csv", 3)
    ledger.use("b.csv", 4)
    ledger.use_all(RawTable(name="a", file="a.csv", columns={"id": ["x"]}, rows=[2]))
    ledger.take_back([("b.csv", 4), ("elsewhere.csv", 9)])
    assert ledger.knows("a.csv")
    assert not ledger.knows("elsewhere.csv")
    assert ledger.tallies() == (
        FileTally(file="a.csv", rows_read=1, rows_used=1, rows_reported=0),
        FileTally(file="b.csv", rows_read=3, rows_used=1, rows_reported=2),
    )


def test_a_row_that_is_used_in_part_counts_as_used() -> None:
    ledger = RowLedger()
    ledger.register("a.csv", [2])
    ledger.refuse_all(RawTable(name="a", file="a.csv", columns={"id": ["x"]}, rows=[2]))
    ledger.use("a.csv", 2)
    assert ledger.tallies() == (
        FileTally(file="a.csv", rows_read=1, rows_used=1, rows_reported=0),
    )


def test_a_row_that_nobody_accounts_for_is_a_bug_and_raises() -> None:
    ledger = RowLedger()
    ledger.register("a.csv", [2, 3])
    ledger.use("a.csv", 2)
    with pytest.raises(AssertionError, match=r"neither used nor reported \[3\]"):
        ledger.tallies()


def test_a_row_that_was_never_read_is_a_bug_and_raises() -> None:
    ledger = RowLedger()
    ledger.use("a.csv", 2)
    with pytest.raises(AssertionError, match=r"never read \[2\]"):
        ledger.tallies()
