"""Columns held in arrays read like the lists that they stand for."""

from __future__ import annotations

import pickle
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripplegraph.graph.columns import (
    ArrayColumn,
    CodedColumn,
    NumberColumn,
    TextColumn,
    as_list,
    as_numbers,
    coded,
    joined,
    smallest_type,
    taken,
)
from ripplegraph.graph.sparse_texts import SparseTexts

TEXTS = st.lists(st.text(max_size=6), max_size=12)


@given(TEXTS, st.data())
def test_text_column_reads_as_the_list_that_it_was_made_of(
    texts: list[str], data: st.DataObject
) -> None:
    column = TextColumn.of(texts)
    numbers = data.draw(
        st.lists(st.integers(0, len(texts) - 1), max_size=9) if texts else st.just([])
    )
    part = data.draw(st.slices(len(texts)))
    assert list(column) == texts
    assert column == texts
    assert [column[at] for at in range(-len(texts), len(texts))] == texts + texts
    assert list(column[part]) == texts[part]
    assert list(column.take(numbers)) == [texts[at] for at in numbers]
    assert list(column.take(numbers).compacted()) == [texts[at] for at in numbers]


@given(TEXTS, TEXTS)
def test_columns_join_whatever_holds_them(first: list[str], second: list[str]) -> None:
    for one in (first, TextColumn.of(first), coded(first)):
        for other in (second, TextColumn.of(second), coded(second)):
            assert list(joined(one, other)) == first + second


@given(TEXTS)
def test_coded_column_has_each_value_once_in_the_order_of_first_use(texts: list[str]) -> None:
    for column in (coded(texts), coded(TextColumn.of(texts))):
        assert column.values == tuple(dict.fromkeys(texts))
        assert list(column) == texts
        assert coded(column) is column
        assert list(column.map(len)) == [len(text) for text in texts]
        assert column.flags(bool).tolist() == [bool(text) for text in texts]


@given(TEXTS, st.text(max_size=6))
def test_text_is_found_wherever_it_stands(texts: list[str], other: str) -> None:
    column = TextColumn.of(texts)
    for wanted in {*texts, other}:
        places = [at for at, text in enumerate(texts) if text == wanted]
        assert column.numbers_of(wanted).tolist() == places


@given(TEXTS)
def test_sparse_texts_are_the_cells_that_are_not_empty(texts: list[str]) -> None:
    filled = {at: text for at, text in enumerate(texts) if text}
    for column in (TextColumn.of(texts), coded(texts)):
        sparse = SparseTexts(column)
        assert dict(sparse) == filled
        assert len(sparse) == len(filled)
        assert len(texts) not in sparse
        assert dict(sparse.take(slice(1, None))) == {
            at - 1: text for at, text in filled.items() if at
        }


def test_pickled_text_column_holds_its_own_bytes_only() -> None:
    column = TextColumn.of(["x" * 100_000, "db"])[1:]
    assert len(pickle.dumps(column)) < 2_000
    assert pickle.loads(pickle.dumps(column)) == ["db"]


def test_column_of_one_value_costs_no_memory_and_stays_so_when_cells_are_taken() -> None:
    column = CodedColumn.constant("cis.csv", 5)
    for same in (column, column.take([4, 0, 1, 2, 3]), joined(column[:2], column[2:])):
        assert isinstance(same, CodedColumn)
        assert same == ["cis.csv"] * 5
        assert same.codes.strides == (0,)


def test_numbers_are_read_as_an_array_from_every_sort_of_column() -> None:
    for column in ([2, 4, 6], range(2, 7, 2), NumberColumn(np.array([2, 4, 6], np.uint32))):
        assert as_numbers(column).tolist() == [2, 4, 6]
        assert (list(column), column[-1]) == ([2, 4, 6], 6)
        assert list(taken(column, np.array([2, 0]))) == [6, 2]
        assert list(taken(column, slice(1, 3))) == [4, 6]
        assert list(joined(column, NumberColumn(np.array([8])))) == [2, 4, 6, 8]


def test_joining_nothing_gives_the_column_itself() -> None:
    column = TextColumn.of(["a"])
    assert joined(column, []) is column
    assert joined([], column) is column


def test_as_list_gives_a_list_as_it_is_and_reads_a_column() -> None:
    cells = ["a", "b"]
    assert as_list(cells) is cells
    assert as_list(TextColumn.of(cells)) == cells


@pytest.mark.parametrize(
    "column",
    [TextColumn.of(["a"]), coded(["a"]), NumberColumn(np.array([1]))],
    ids=lambda column: type(column).__name__,
)
def test_column_held_in_arrays_refuses_changes_and_cells_beyond_its_end(
    column: ArrayColumn[object],
) -> None:
    with pytest.raises(TypeError, match="does not change; take as_list of it"):
        column[0] = "b"
    with pytest.raises(TypeError, match="does not change"):
        del column[0]
    with pytest.raises(TypeError, match="does not change"):
        column.append("b")
    with pytest.raises(IndexError, match="has 1 cells, there is none at 1"):
        column[1]
    with pytest.raises(TypeError, match="unhashable"):
        hash(column)
    assert column != "a"
    assert column != 1
    assert column != []


@pytest.mark.parametrize(
    ("count", "name"),
    [(0, "uint8"), (256, "uint8"), (257, "uint16"), (65_536, "uint16"), (65_537, "uint32")],
)
def test_codes_have_the_smallest_type_that_numbers_the_values(count: int, name: str) -> None:
    assert smallest_type(count).__name__ == name


@given(st.lists(st.text(st.sampled_from("a:é"), max_size=4)), st.randoms())
def test_texts_that_hold_a_character_are_found_wherever_they_lie(
    texts: list[str], random: Random
) -> None:
    expected = [(at, text) for at, text in enumerate(texts) if ":" in text]
    column = TextColumn.of(texts)
    assert list(column.holding(":")) == expected
    order = random.sample(range(len(texts)), len(texts))
    moved = TextColumn.of([texts[at] for at in order]).take(np.argsort(order))
    assert list(moved.holding(":")) == expected
    halves = TextColumn.of(["x:" + text for text in texts])
    within = TextColumn(halves.buffer, halves.starts + np.uint64(2), column.lengths)
    assert list(within.holding(":")) == expected


def test_a_column_and_more_texts_of_the_same_bytes_share_them() -> None:
    both = TextColumn.of(["web", "db", "san"])
    longer = both.take([0, 1]).extended(both.take([2, 0]))
    assert longer == ["web", "db", "san", "web"]
    assert longer.buffer is both.buffer
