"""The command line as a process: exit codes, streams, help, completion, start-up."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.shop_export import AT, CIS, run_cli, run_process, write_shop
from ripplegraph.cli.main import app, run
from ripplegraph.errors import SettingsError
from ripplegraph.settings import Settings, read_settings


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


def test_answer_goes_to_stdout_whole_and_plain_and_nothing_to_stderr(shop: str) -> None:
    done = run_process(
        "impact", shop, "san-1", "--at", AT, environment={"COLUMNS": "20", "FORCE_COLOR": "1"}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert b"Web Shop -> Orders DB -> SAN 1\n" in done.stdout


def test_bad_news_exits_1_and_what_cannot_run_exits_2(shop: str) -> None:
    assert run_process("impact", shop, "san-1", "--fail-on", "down").returncode == 1
    unknown = run_process("impact", shop, "san-2")
    assert (unknown.returncode, unknown.stdout) == (2, b"")
    assert unknown.stderr.startswith(b"ripplegraph: error: ")
    assert run_process("impakt", shop).returncode == 2
    assert run_process("impact", shop, "--no-such-option").returncode == 2


def test_same_input_gives_the_same_bytes_whatever_the_hash_seed(shop: str) -> None:
    arguments = ("impact", shop, "web-1", "db", "--at", AT, "--json")
    one, two = (
        run_process(*arguments, environment={"PYTHONHASHSEED": seed}) for seed in ("1", "2")
    )
    assert one.stdout == two.stdout != b""


def test_stdin_and_ascii_streams_do_not_break_names(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "umlauts", cis=CIS + "lager,Lager Süd 東,service,,,\n")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    table = run_process("impact", folder, "lager", environment=ascii_only)
    assert table.returncode == 0
    assert b"Lager S\\xfcd" in table.stdout
    answer = run_process("impact", folder, "lager", "--json", environment=ascii_only)
    assert json.loads(answer.stdout)["impacted"][0]["name"] == "Lager Süd 東"


def test_closed_pipe_ends_quietly(shop: str) -> None:
    command = (
        f'"{sys.executable}" -m ripplegraph show "{shop}" --json | true; echo ${{PIPESTATUS[0]}}'
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stdout.strip() == b"0"
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_help_imports_nothing_heavy() -> None:
    heavy = ("numpy", "numba", "networkx", "polars", "rich", "fastapi", "yaml", "lxml")
    code = (
        "import sys; from ripplegraph.cli.main import app\n"
        "try: app(['impact', '--help'])\n"
        "except SystemExit as exc: assert not exc.code\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=60
    )
    assert done.stderr.strip() == b"[]"
    assert b"--with-open-outages" in done.stdout


def test_small_impact_imports_neither_numba_nor_polars_nor_networkx(shop: str) -> None:
    heavy = ("numba", "networkx", "polars", "rich", "fastapi", "openpyxl", "numpy.ma")
    code = (
        "import sys; from ripplegraph.cli.main import app\n"
        f"try: app(['impact', {shop!r}, 'san-1'])\n"
        "except SystemExit as exc: assert not exc.code\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=60
    )
    assert done.stderr.strip() == b"[]"


def test_every_command_has_help_for_itself_and_its_options() -> None:
    listed = run_cli("--help").stdout
    for command in (
        "load", "check", "impact", "why", "show", "services", "export", "view", "serve",
        "version", "mapping",
    ):  # fmt: skip
        assert f"  {command} " in listed
        result = run_cli(command, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.stdout


def test_help_names_arguments_as_they_are_typed() -> None:
    for command in ("load", "impact", "why", "show"):
        text = run_cli(command, "--help").stdout
        assert "list[" not in text
        assert "<str>" not in text
        assert "[[" not in text
        assert " []" not in text
    assert "{SOURCE} [CI]..." in run_cli("impact", "--help").stdout


def _completed(words: str) -> list[str]:
    environment = {
        "_RIPPLEGRAPH_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    result = CliRunner().invoke(app, [], prog_name="ripplegraph", env=environment)
    return result.stdout.split()


def test_shell_completes_ids_and_names_of_the_export(shop: str) -> None:
    assert _completed(f"ripplegraph impact {shop} web") == ["web-1", "web-2"]
    assert _completed(f"ripplegraph why {shop} shop --down Ord") == ["Orders\\", "DB"]
    assert _completed(f"ripplegraph impact {shop} zzz") == []


def test_shell_completion_without_a_readable_export_is_silent() -> None:
    assert _completed("ripplegraph impact /nowhere web") == []
    assert _completed("ripplegraph impact - web") == []


def test_defect_exits_2_with_its_trace_and_never_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["ripplegraph", "version"])
    monkeypatch.setitem(sys.modules, "ripplegraph.api.schemas", None)  # a broken installation
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 2
    assert "defect of ripplegraph" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "library", "extra"),
    [
        ("view", "ripplegraph_html", "html"),
        ("serve", "uvicorn", "api"),
        ("serve", "fastapi", "api"),
    ],
)
def test_missing_extra_exits_2_and_says_what_to_install(
    shop: str, monkeypatch: pytest.MonkeyPatch, command: str, library: str, extra: str
) -> None:
    if command == "view":
        pytest.importorskip("jinja2")
        _hide(monkeypatch, "jinja2", "ripplegraph.visualize.pyvis_page")
        result = run_cli("view", shop, "shop", "-o", "-")
    else:
        _hide(monkeypatch, library, "ripplegraph.api.app")
        result = run_cli("serve", shop, "--port", "0")
    assert result.exit_code == 2
    assert f"ripplegraph[{extra}]" in result.stderr


def _hide(monkeypatch: pytest.MonkeyPatch, library: str, home: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    for name in [one for one in sys.modules if one.startswith((home, "ripplegraph.api.routes"))]:
        monkeypatch.delitem(sys.modules, name)


def test_mistyped_command_suggests_the_right_one() -> None:
    result = run_cli("impcat", "x")
    assert result.exit_code == 2
    assert "impact" in result.stderr


def test_settings_come_from_the_environment_and_options_win() -> None:
    assert read_settings({}) == Settings()
    assert read_settings(
        {
            "RIPPLEGRAPH_TIMEZONE": "Europe/Berlin",
            "RIPPLEGRAPH_DAY_FIRST": "1",
            "RIPPLEGRAPH_PORT": "8080",
            "RIPPLEGRAPH_LIMITS": "rows=20, memory_bytes = 4000000000,",
            "RIPPLEGRAPH_MAPPING": "  ",
            "OTHER": "x",
        }
    ) == Settings(
        time_zone="Europe/Berlin",
        day_first=True,
        port=8080,
        limits=(("rows", 20), ("memory_bytes", 4_000_000_000)),
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RIPPLEGRAPH_DAY_FIRST", "perhaps", "neither 1 nor 0"),
        ("RIPPLEGRAPH_PORT", "99999", "is no port"),
        ("RIPPLEGRAPH_LIMITS", "rows", "'rows' sets no limit"),
        ("RIPPLEGRAPH_LIMITS", "rows=0", "'rows=0' sets no limit"),
        ("RIPPLEGRAPH_LIMITS", "rows=20,depth=deep", "'depth=deep' sets no limit"),
        ("RIPPLEGRAPH_TIMEZON", "x", "is no setting of ripplegraph"),
    ],
)
def test_wrong_setting_exits_2_and_names_it(
    shop: str, name: str, value: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        read_settings({name: value})
    assert caught.value.setting == name
    done = run_process("load", shop, environment={name: value})
    assert done.returncode == 2
    assert name in done.stderr.decode()
    assert message in done.stderr.decode()


def test_serve_answers_on_loopback_until_it_is_stopped(shop: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "ripplegraph", "serve", shop, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        body = _first_answer(f"http://127.0.0.1:{port}/v1/services", server)
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert body["schema"] == "ripplegraph/services/1"


def _first_answer(url: str, server: subprocess.Popen[bytes]) -> dict[str, object]:
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                body: dict[str, object] = json.load(answer)
                return body
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as exc:
            if not isinstance(exc.reason, ConnectionError):
                raise
            time.sleep(0.1)
    pytest.fail(f"no answer; the server says {server.poll()}")
