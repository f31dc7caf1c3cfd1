"""What programs read: whole UTF-8 whatever the locale, and streams that are closed or full."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shop_export import CIS, run_process, write_shop

LATIN = {"PYTHONIOENCODING": "latin-1"}
posix = pytest.mark.skipif(os.name != "posix", reason="closes streams as a POSIX shell does")


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop", cis=CIS + "lager,Lager Süd 東,service,,,\n")


def _shell(command: str) -> subprocess.CompletedProcess[str]:
    program = f"{shlex.quote(sys.executable)} -m ripplegraph"
    return subprocess.run(
        ["sh", "-c", command.replace("ripplegraph", program, 1)],
        capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("export", "SHOP"), ("view", "SHOP", "lager", "-o", "-"), ("show", "SHOP", "--csv"),
     ("show", "SHOP", "--json")],
)  # fmt: skip
def test_data_is_the_same_utf_8_whatever_the_encoding_of_stdout(
    shop: str, arguments: tuple[str, ...]
) -> None:
    words = [shop if one == "SHOP" else one for one in arguments]
    latin = run_process(*words, environment=LATIN)
    utf8 = run_process(*words, environment={"PYTHONIOENCODING": "utf-8"})
    assert (latin.returncode, latin.stdout) == (0, utf8.stdout)
    assert "Lager Süd 東" in latin.stdout.decode("utf-8")


@posix
def test_closed_stderr_is_no_bad_news(shop: str) -> None:
    done = _shell(f"ripplegraph impact {shop} san-1 2>&-")
    assert done.returncode == 0
    assert "Impacted: 2 of 5 services" in done.stdout
    assert _shell(f"ripplegraph impact {shop} nothing 2>&-").returncode == 2


@posix
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("impact SHOP san-1 >&-", "stdout is closed"),
        ("check SHOP --json >&-", "stdout is closed"),
        ("services - <&-", "stdin: it is closed"),
    ],
)
def test_closed_stream_that_is_needed_is_one_line_and_exit_2(
    shop: str, arguments: str, told: str
) -> None:
    done = _shell("ripplegraph " + arguments.replace("SHOP", shop))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr


@posix
def test_closed_stream_that_is_not_needed_is_no_matter(shop: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.json"
    assert _shell(f"ripplegraph export {shop} -o {target} >&- <&-").returncode == 0
    assert json.loads(target.read_text(encoding="utf-8"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", ["--help", "--version", "impact --help", "services SHOP"])
def test_full_disk_is_one_line_and_exit_2(shop: str, arguments: str) -> None:
    done = _shell("ripplegraph " + arguments.replace("SHOP", shop) + " >/dev/full")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["ripplegraph: error: [Errno 28] No space left on device"]


@posix
@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_data_on_a_terminal_holds_no_control_characters(tmp_path: Path, form: str) -> None:
    name = "\x1b[2Jred\u202egnp\x07"
    folder = write_shop(tmp_path / "hostile", cis=CIS + f"esc,{name},server,,,\n")
    arguments = ("show", folder, "--search", "esc", form)
    shown = _on_a_terminal(*arguments)
    assert not {"\x1b", "\u202e", "\x07"}.intersection(shown)
    assert r"\u001b[2Jred\u202egnp\u0007" in shown
    written = run_process(*arguments).stdout.decode("utf-8")
    if form == "--csv":
        assert name in written
    else:
        assert json.loads(written)["cis"][0]["name"] == name
        assert json.loads(shown) == json.loads(written)


def _on_a_terminal(*arguments: str) -> str:
    main, terminal = os.openpty()
    with os.fdopen(main, "rb", buffering=0) as reader:
        subprocess.run(
            [sys.executable, "-m", "ripplegraph", *arguments],
            stdout=terminal, check=True, timeout=60,
        )  # fmt: skip
        os.close(terminal)
        parts = []
        try:
            while part := reader.read(4096):
                parts.append(part)
        except OSError:  # the end of a terminal whose last writer is gone
            pass
    return b"".join(parts).decode("utf-8")
