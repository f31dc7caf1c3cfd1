"""Completion as bash does it: what it offers is one word, and no shell text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shop_export import write_shop
from ripplegraph.cli.completion import quoted_for
from ripplegraph.settings import read_typed_word

bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")

HOSTILE = {
    "Online Shop (production)",
    "a;touch pwned",
    "b$(touch pwned)",
    "c`touch pwned`",
    "d'; touch pwned; '",
    'e" && touch pwned #',
    "f\\$(touch pwned)",
    "g*|!x",
}


def _offered(folder: str, typed: str, cwd: Path) -> list[str]:
    """Return the words that bash has on its command line after each candidate is taken."""
    command = cwd / "bin" / "ripplegraph"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ripplegraph "$@"\n')
    command.chmod(0o755)
    script = r"""
    export PATH="$1:$PATH" _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION=1
    eval "$(ripplegraph --show-completion bash)"
    COMP_WORDS=(ripplegraph impact "$2" "$3"); COMP_CWORD=3
    _ripplegraph_completion ripplegraph
    for one in "${COMPREPLY[@]}"; do eval "printf '%s\\n' $4$one$4"; done
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", str(command.parent), folder, typed,
         typed[:1] if typed.startswith(("'", '"')) else ""],
        capture_output=True, encoding="utf-8", cwd=cwd, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    rows = [f"""n-{n},"{name.replace('"', '""')}",server""" for n, name in enumerate(HOSTILE)]
    cis = "\n".join(["id,name,class", *rows, "plain-1,plain,server", ""])
    return write_shop(
        tmp_path / "hostile", cis=cis, relations="dependent,dependency\nplain-1,n-1\n",
        groups="dependent,group,min_up\n", agreements="id,kind,covers\n", outages="ci,start\n",
    )  # fmt: skip


@bash
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_taken_candidate_is_the_name_as_one_word_and_runs_nothing(
    hostile: str, tmp_path: Path, name: str
) -> None:
    assert _offered(hostile, name[:1], tmp_path) == [name]
    assert not (tmp_path / "pwned").exists()


@bash
def test_within_quotes_only_names_are_offered_that_are_text_there(
    hostile: str, tmp_path: Path
) -> None:
    assert _offered(hostile, "'Online S", tmp_path) == ["Online Shop (production)"]
    assert _offered(hostile, '"Online S', tmp_path) == ["Online Shop (production)"]
    assert _offered(hostile, '"b', tmp_path) == []
    assert _offered(hostile, "plai", tmp_path) == ["plain-1"]
    assert not (tmp_path / "pwned").exists()


def test_other_shells_are_offered_plain_words_only() -> None:
    assert quoted_for(None, "web-1.example:80") == "web-1.example:80"
    assert quoted_for(None, "Lager-S\u00fcd") == "Lager-S\u00fcd"
    assert [quoted_for(None, name) for name in HOSTILE] == [""] * len(HOSTILE)


def test_typed_word_is_known_in_bash_only() -> None:
    asked = {"_RIPPLEGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": "a\n'b c", "COMP_CWORD": "1"}
    assert read_typed_word(asked) == "'b c"
    assert read_typed_word(asked | {"COMP_CWORD": "2"}) == ""
    assert read_typed_word(asked | {"_RIPPLEGRAPH_COMPLETE": "complete_zsh"}) is None
