"""Near misses: what a person may have meant, also among very many spellings."""

from __future__ import annotations

from difflib import get_close_matches
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph.look_up import near_misses

FEW_BUT_NOT_ALL = [f"{kind}-{number:04}" for kind in ("web", "db") for number in range(1_200)]
"""More than are compared letter by letter, of which one kind is not."""


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("webdWEBD-0123\u00df\U0001f600"), max_size=12))
def test_near_misses_are_those_of_difflib_where_few_spellings_may_be_near(text: str) -> None:
    others = [f"{number:040}" for number in range(2_100)]  # too long to be near
    spellings = ["web-1", "Web-12", "db-3", "wEB\u00df", "\U0001f600\U0001f600-1", "0", ""]
    by_key = {one.casefold(): one for one in (*spellings, *others)}
    wanted = text.casefold()
    close = get_close_matches(wanted, by_key, n=3, cutoff=0.7) if wanted else []
    inside = sorted(key for key in by_key if wanted and wanted in key)[:3]
    expected = tuple(dict.fromkeys(by_key[key] for key in (*close, *inside)))[:3]
    assert near_misses(text, [[*spellings, *others]]) == expected


def test_letters_decide_which_spellings_are_compared() -> None:
    assert near_misses("bd-0007", [FEW_BUT_NOT_ALL])[0] == "db-0007"


@pytest.mark.parametrize("seed", range(5))
def test_one_wrong_letter_among_many_alike_spellings_is_found(seed: int) -> None:
    rng = Random(seed)
    ids = ["".join(rng.choices("0123456789abcdef", k=12)) for _ in range(70_000)]
    meant = rng.choice(ids)
    at = rng.randrange(12)
    typed = f"{meant[:at]}g{meant[at + 1 :]}"
    assert meant in near_misses(typed, [ids])


def test_swapped_letters_among_many_alike_spellings_are_found() -> None:
    names = [f"virtual-{number:05}.example.org" for number in range(10_000)]
    assert near_misses("virtual-04321.exmaple.org", [names])[0] == "virtual-04321.example.org"


def test_spellings_that_hold_the_text_follow_near_ones() -> None:
    names = [f"host-{number:05}" for number in range(3_000)]
    assert near_misses("0299", [names]) == ("host-00299", "host-02990", "host-02991")


def test_spelling_with_half_a_character_is_no_obstacle() -> None:
    names = [f"host-{number:05}\ud800" for number in range(3_000)]
    assert near_misses("host-00042", [names])[0] == "host-00042\ud800"


def test_nothing_is_near_to_nothing() -> None:
    assert near_misses("", [["web"], [""]]) == ()
