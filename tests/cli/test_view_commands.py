"""The commands ``view`` and ``serve``."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop_export import AGREEMENTS, AT, run_cli, write_shop
from ripplegraph.cli.serve_command import address_of
from ripplegraph.errors import SettingsError


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


def test_view_writes_a_page_and_replaces_an_old_one(shop: str, tmp_path: Path) -> None:
    target = tmp_path / "shop.html"
    target.write_text("old", encoding="utf-8")
    result = run_cli("view", shop, "Web Shop", "-o", str(target), "--down", "san-1")
    assert result.exit_code == 0, result.stderr
    assert f"wrote {target}" in result.stderr
    page = target.read_text(encoding="utf-8")
    assert "Web Shop" in page
    assert page.lstrip().lower().startswith("<!doctype html>")


def test_view_to_stdout_writes_only_the_page(shop: str) -> None:
    result = run_cli("view", shop, "shop", "-o", "-")
    assert result.stdout.lstrip().lower().startswith("<!doctype html>")
    assert result.stderr == ""


def test_view_of_an_agreement_shows_what_it_promises_on(shop: str) -> None:
    of_service = run_cli("view", shop, "shop-gold", "-o", "-", "--at", AT).stdout
    assert of_service
    for name in ("SLA-1", "Gold"):
        assert run_cli("view", shop, name, "-o", "-", "--at", AT).stdout == of_service


def test_view_of_an_agreement_on_several_cis_names_them(tmp_path: Path) -> None:
    shop = Path(write_shop(tmp_path / "shop"))
    wide = AGREEMENTS.replace(
        "UPC-1,UPC,Support,,Datavault,san-1", "UPC-1,UPC,Support,,D,san-1;db"
    )
    (shop / "agreements.csv").write_text(wide)
    result = run_cli("view", str(shop), "Support", "-o", "-")
    assert result.exit_code == 2
    assert "names 2 CIs" in result.stderr


def test_view_without_a_service_shows_all_that_falls(shop: str) -> None:
    page = run_cli("view", shop, "-o", "-", "--down", "san-1").stdout
    assert "<h1>What falls with " in page
    assert "is down: " in page
    result = run_cli("view", shop, "-o", "-")
    assert result.exit_code == 2
    assert "nothing is out. Name a CI that is, or a service" in result.stderr


def test_view_of_an_unknown_service_writes_nothing(shop: str, tmp_path: Path) -> None:
    target = tmp_path / "shop.html"
    assert run_cli("view", shop, "shopp", "-o", str(target)).exit_code == 2
    assert not target.exists()


def test_view_into_a_file_without_a_name_is_refused(shop: str) -> None:
    result = run_cli("view", shop, "shop", "-o", "")
    assert result.exit_code == 2
    assert "--output is empty" in result.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", "127.1"])
def test_serve_refuses_a_host_that_is_no_loopback(shop: str, host: str) -> None:
    result = run_cli("serve", shop, "--host", host)
    assert result.exit_code == 2
    assert "no loopback address" in result.stderr


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1"), ("[::1]", "::1")],
)
def test_loopback_hosts_become_their_address(host: str, address: str) -> None:
    assert address_of(host, has_keys=False) == address


def test_refused_host_names_the_option() -> None:
    with pytest.raises(SettingsError, match="no loopback address") as caught:
        address_of("10.0.0.1", has_keys=False)
    assert caught.value.setting == "--host"


def test_with_keys_any_address_is_served() -> None:
    assert address_of("0.0.0.0", has_keys=True) == "0.0.0.0"
    with pytest.raises(SettingsError, match="is no address"):
        address_of("example.org", has_keys=True)
