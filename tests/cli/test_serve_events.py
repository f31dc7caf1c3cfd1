"""``serve --event-rules`` and the settings of events."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cli.shop_export import run_cli, write_shop
from ripplegraph.errors import SettingsError
from ripplegraph.graph.event_rules import DEFAULT_EVENT_RULES
from ripplegraph.settings import read_settings
from ripplegraph.wiring.event_options import event_options


def test_a_wrong_file_of_event_rules_is_refused_at_the_start(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nsources: {a: {cis: [{match: ci}]}}", encoding="utf-8")
    result = run_cli("serve", write_shop(tmp_path / "shop"), "--event-rules", str(rules))
    assert result.exit_code == 2
    assert "sources.a.cis.1.match: it has no label in braces" in result.stderr


def test_the_environment_sets_what_events_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, rules = tmp_path / "secrets", tmp_path / "rules.yaml"
    secrets.write_text("pagerduty=abc\n", encoding="utf-8")
    rules.write_text("version: 1\nsources: {mine: {severities: {x: ignore}}}", encoding="utf-8")
    monkeypatch.setenv("RIPPLEGRAPH_EVENT_SECRETS_FILE", str(secrets))
    monkeypatch.setenv("RIPPLEGRAPH_EVENT_RULES", str(rules))
    monkeypatch.setenv("RIPPLEGRAPH_WEBHOOK_HOSTS", "Hooks.Internal, 10.0.0.5:8080,")
    monkeypatch.setenv("RIPPLEGRAPH_WEBHOOK_PRIVATE", "1")
    monkeypatch.setenv("RIPPLEGRAPH_KEEP_OUTAGES_DAYS", "90")
    options = event_options()
    assert options.secrets == {"pagerduty": "abc"}
    assert options.rules.of("mine").kind_of("x") is None
    assert options.webhook_rules.allowed_hosts == {"hooks.internal", "10.0.0.5:8080"}
    assert options.webhook_rules.allow_private
    assert options.keep_outages == timedelta(days=90)
    assert "abc" not in repr(read_settings()) + repr(options)


def test_without_settings_events_are_as_shipped_and_webhooks_go_to_public_addresses_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RIPPLEGRAPH_EVENT_RULES", raising=False)
    options = event_options()
    assert options.rules is DEFAULT_EVENT_RULES
    assert not options.secrets
    assert not options.webhook_rules.allow_private


@pytest.mark.parametrize("text", ["0", "a year", "36501", "1.5"])
def test_a_wrong_number_of_days_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPPLEGRAPH_KEEP_OUTAGES_DAYS", text)
    with pytest.raises(SettingsError, match=r"KEEP_OUTAGES_DAYS.*no number of days"):
        event_options()


def test_a_wrong_flag_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPPLEGRAPH_WEBHOOK_PRIVATE", "perhaps")
    with pytest.raises(SettingsError, match="WEBHOOK_PRIVATE"):
        event_options()
