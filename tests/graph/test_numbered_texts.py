"""Texts of big columns numbered: by the kernel, plain and compiled, as by a dictionary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph.columns import CodedColumn, TextColumn, coded
from ripplegraph.graph.kernels_texts import NO_NUMBER, cell_kernel, hash_texts, words_of
from ripplegraph.graph.look_up import numbers_by_text, shared_texts
from ripplegraph.graph.numbered_texts import (
    MANY_TEXTS,
    TextTable,
    alike,
    as_texts,
    coded_texts,
    numbered_texts,
    table_of,
)

TEXTS = st.lists(st.text(max_size=4), max_size=30)


def numbered_by_dictionary(columns: list[list[str]]) -> tuple[list[str], list[list[int]]]:
    numbers: dict[str, int] = {}
    codes = [[numbers.setdefault(text, len(numbers)) for text in column] for column in columns]
    return list(numbers), codes


def numbered(columns: list[list[str]], *, is_compiled: bool) -> tuple[list[str], list[list[int]]]:
    held = [TextColumn.of(column) for column in columns]
    texts, codes = numbered_texts(held, is_compiled=is_compiled)
    return list(texts), [of_column.tolist() for of_column in codes]


@pytest.mark.parametrize("is_compiled", [False, True])
@given(columns=st.lists(TEXTS, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_texts_have_the_numbers_of_a_dictionary(
    columns: list[list[str]], *, is_compiled: bool
) -> None:
    assert numbered(columns, is_compiled=is_compiled) == numbered_by_dictionary(columns)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_table_grows_for_many_and_for_long_texts(*, is_compiled: bool) -> None:
    many = [f"{number % 5000:x}" for number in range(8000)]
    columns = [many, ["long" * 20_000, "1f", "long" * 20_000], many[::-1]]
    assert numbered(columns, is_compiled=is_compiled) == numbered_by_dictionary(columns)


SAME_MARKS = [  # found among half a million texts
    ("262066-web", "833700-web"),
    ("14081903-w", "431616-web"),
    ("906890-web", "762017365-we"),  # of two lengths
]


def marks_of(texts: list[str]) -> list[int]:
    """Return the 31 bits by which the kernel tells texts apart before it compares them."""
    column, hashes = TextColumn.of([*texts, "slack..."]), np.empty(len(texts) + 1, dtype=np.int64)
    cell_kernel(hash_texts, is_compiled=False)(
        words_of(column.buffer),
        column.starts[:-1].view(np.int64),
        column.lengths[:-1].view(np.int32),
        hashes,
    )
    return [int(one) & 0x7FFF_FFFF for one in hashes[:-1]]


@pytest.mark.parametrize("pair", SAME_MARKS)
@pytest.mark.parametrize("is_compiled", [False, True])
def test_texts_with_one_mark_stay_apart(pair: tuple[str, str], *, is_compiled: bool) -> None:
    first, second = pair
    assert marks_of([first]) == marks_of([second])
    columns = [[first, second, "web", first], [second, first, second + "1"]]
    assert numbered(columns, is_compiled=is_compiled) == numbered_by_dictionary(columns)


def test_texts_that_a_table_lacks_are_told_and_not_added() -> None:
    table = TextTable(is_compiled=False)
    table.number(TextColumn.of(["web", "db"]))
    assert table.find_all(TextColumn.of(["db", "san"])).tolist() == [1, NO_NUMBER]
    assert (len(table), table[1]) == (2, "db")


def test_long_columns_share_one_table_of_texts() -> None:
    cells = [f"ci-{number % 777}" for number in range(MANY_TEXTS)]
    first, second = coded_texts([TextColumn.of(cells), TextColumn.of(["ci-5", "other"])])
    assert first.values is second.values
    assert len(first.values) == 778
    assert (first == cells, list(second)) == (True, ["ci-5", "other"])


def test_columns_join_the_table_of_the_first_one() -> None:
    table = TextTable(is_compiled=False)
    held = CodedColumn(table, table.number(TextColumn.of(["web", "db"])))
    again, more, others = coded_texts(
        [held, TextColumn.of(["db", "san"]), CodedColumn(("lb", "web"), np.array([1, 0]))]
    )
    assert again is held
    assert (table_of(more), table_of(others)) == (table, table)
    assert (more.codes.tolist(), others.codes.tolist()) == ([1, 2], [0, 3])
    assert list(as_texts(others)) == ["web", "lb"]


@given(texts=st.lists(st.sampled_from(["", "a", "b", "ä", "ab"]), max_size=12))
def test_shared_texts_are_those_that_stand_twice(texts: list[str]) -> None:
    wanted = [(at, text) for at, text in enumerate(texts) if texts.count(text) > 1]
    for column in (texts, TextColumn.of(texts), coded(texts)):
        assert shared_texts(column) == wanted


@given(texts=st.lists(st.sampled_from(["", "a", "b", "ä", "ab"]), max_size=12))
def test_ci_numbers_by_text_are_those_of_a_list(texts: list[str]) -> None:
    held, plain = numbers_by_text(TextColumn.of(texts)), numbers_by_text(texts)
    assert held.several == plain.several
    alone = set(texts) - set(plain.several)
    assert {text: held.one[text] for text in alone} == {text: plain.one[text] for text in alone}
    assert np.all([text in held.one for text in texts])


@pytest.mark.parametrize("is_compiled", [False, True])
@given(texts=st.lists(st.text("ab:é", max_size=20)))
@settings(deadline=None)
def test_cells_that_share_a_text_are_among_those_alike(
    texts: list[str], *, is_compiled: bool
) -> None:
    shared = [at for at, text in enumerate(texts) if texts.count(text) > 1]
    found = alike(TextColumn.of(texts), is_compiled=is_compiled).tolist()
    assert set(shared) <= set(found)
    assert found == sorted(set(found))
    if not shared:
        assert found == []  # other texts are alike by chance only, and not so few
