"""The commands of ``keys``, and serving with them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cli.shop_export import run_cli, write_shop
from ripplegraph.wiring import read_key_file


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a file of keys that is not there yet, and a pepper."""
    monkeypatch.setenv("RIPPLEGRAPH_PEPPER", "p" * 32)
    return str(tmp_path / "keys.json")


def created(keys: str, *more: str) -> str:
    result = run_cli("keys", "create", "--keys", keys, "--name", "ops", *more)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_key_is_shown_once_and_kept_as_a_hash(keys: str) -> None:
    shown = created(keys)
    text = Path(keys).read_text(encoding="utf-8")
    assert shown.startswith("rg_")
    assert shown.rpartition("_")[2] not in text
    assert stat.S_IMODE(Path(keys).stat().st_mode) == 0o600


def test_keys_are_listed_and_revoked(keys: str) -> None:
    first = created(keys).split("_")[1]
    created(keys, "--scope", "admin", "--expires", "2030-01-01T00:00Z")
    listed = run_cli("keys", "list", "--keys", keys).stdout
    assert first in listed
    assert "2030-01-01" in listed
    assert run_cli("keys", "revoke", first, "--keys", keys).exit_code == 0
    assert first not in run_cli("keys", "list", "--keys", keys).stdout


def test_a_key_may_be_limited_to_tags(keys: str) -> None:
    created(keys, "--tag", "customer:acme", "--tag", "environment:prod")
    created(keys)
    [limited, whole] = read_key_file(Path(keys)).keys
    assert limited.tags == ("customer:acme", "environment:prod")
    assert whole.tags is None
    assert "customer:acme, environment:prod" in run_cli("keys", "list", "--keys", keys).stdout


def test_a_key_that_would_have_expired_already_is_not_made(keys: str) -> None:
    result = run_cli(
        "keys", "create", "--keys", keys, "--name", "ops", "--expires", "2020-01-01T00:00Z"
    )
    assert result.exit_code == 2
    assert "is over already" in result.stderr
    assert not Path(keys).exists()


def test_revoking_what_is_not_there_is_an_error(keys: str) -> None:
    created(keys)
    result = run_cli("keys", "revoke", "000000000000", "--keys", keys)
    assert result.exit_code == 2
    assert "holds no key" in result.stderr


@pytest.mark.parametrize(("text", "words"), [("soon", "no time"), ("2030-01-01", "no time zone")])
def test_a_wrong_expiry_is_an_error(keys: str, text: str, words: str) -> None:
    result = run_cli("keys", "create", "--keys", keys, "--name", "x", "--expires", text)
    assert result.exit_code == 2
    assert words in result.stderr


def test_without_a_pepper_no_key_is_made(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPPLEGRAPH_PEPPER", "short")
    result = run_cli("keys", "create", "--keys", keys, "--name", "x")
    assert result.exit_code == 2
    assert "RIPPLEGRAPH_PEPPER_FILE" in result.stderr
    assert "short" not in result.stderr


def test_no_file_of_keys_is_an_error() -> None:
    result = run_cli("keys", "list")
    assert result.exit_code == 2
    assert "no file of keys is named" in result.stderr


@pytest.mark.parametrize("text", ["", "{}x", '{"keys": [{"name": "x"}]}'])
def test_a_broken_file_of_keys_is_an_error(keys: str, tmp_path: Path, text: str) -> None:
    Path(keys).write_text(text, encoding="utf-8")
    result = run_cli("serve", write_shop(tmp_path / "shop"), "--keys", keys)
    assert result.exit_code == 2
    assert "no file of keys" in result.stderr


def test_serving_with_a_file_without_keys_is_refused(keys: str, tmp_path: Path) -> None:
    Path(keys).write_text('{"keys": []}', encoding="utf-8")
    result = run_cli("serve", write_shop(tmp_path / "shop"), "--keys", keys, "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "holds no key yet" in result.stderr


def test_serving_with_a_missing_file_is_refused(keys: str, tmp_path: Path) -> None:
    result = run_cli("serve", write_shop(tmp_path / "shop"), "--keys", keys)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_server_with_keys_is_made(
    keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    created(keys)
    ran: list[tuple[str, int, object]] = []
    monkeypatch.setattr(
        "ripplegraph.cli.serve_command.run_app",
        lambda _app, *, host, port, on_ready: ran.append((host, port, on_ready)),
    )
    folder = write_shop(tmp_path / "shop")
    result = run_cli("serve", folder, "--keys", keys, "--host", "0.0.0.0", "--port", "8123")
    assert result.exit_code == 0, result.output
    assert ran == [("0.0.0.0", 8123, None)]
