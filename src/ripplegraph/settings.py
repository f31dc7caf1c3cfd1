"""Settings from the environment: the defaults of options. Nothing else reads the environment.

``RIPPLEGRAPH_MAPPING``, ``RIPPLEGRAPH_TIMEZONE``, ``RIPPLEGRAPH_DAY_FIRST`` (1 or 0),
``RIPPLEGRAPH_SOURCE_NAME``, ``RIPPLEGRAPH_HOST`` and ``RIPPLEGRAPH_PORT``; for large exports
``RIPPLEGRAPH_LIMITS`` (``NAME=NUMBER``, more of them after commas); for a store in Neo4j
``RIPPLEGRAPH_NEO4J_USER`` and ``RIPPLEGRAPH_NEO4J_PASSWORD`` (or ``..._PASSWORD_FILE``); for the
keys of the API ``RIPPLEGRAPH_KEYS`` (a file),
``RIPPLEGRAPH_OIDC`` (a file) and ``RIPPLEGRAPH_PEPPER`` (or ``..._PEPPER_FILE``);
for its jobs ``RIPPLEGRAPH_JOB_LIMITS`` (``NAME=NUMBER``, more of them after commas);
for events ``RIPPLEGRAPH_EVENT_RULES`` (a file), ``RIPPLEGRAPH_EVENT_SECRETS`` (or
``..._SECRETS_FILE``), ``RIPPLEGRAPH_WEBHOOK_HOSTS``, ``RIPPLEGRAPH_WEBHOOK_PRIVATE`` (1 or 0)
and ``RIPPLEGRAPH_KEEP_OUTAGES_DAYS``;
and the system's own variables that tell where a user's caches lie, and how memory is handed out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripplegraph.errors import SettingsError

_PREFIX = "RIPPLEGRAPH_"
_NAMES = (
    "DAY_FIRST",
    "EVENT_RULES",
    "EVENT_SECRETS",
    "EVENT_SECRETS_FILE",
    "HOST",
    "JOB_LIMITS",
    "KEEP_OUTAGES_DAYS",
    "KEYS",
    "LIMITS",
    "MAPPING",
    "NEO4J_PASSWORD",
    "NEO4J_PASSWORD_FILE",
    "NEO4J_USER",
    "OIDC",
    "PEPPER",
    "PEPPER_FILE",
    "PORT",
    "SOURCE_NAME",
    "TIMEZONE",
    "WEBHOOK_HOSTS",
    "WEBHOOK_PRIVATE",
)
_OF_TESTS = "TEST_"
_MOST_DAYS = 36_500
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Defaults of options, where the environment sets them."""

    mapping: str | None = None
    time_zone: str | None = None
    day_first: bool | None = None
    source_name: str | None = None
    limits: tuple[tuple[str, int], ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    neo4j_user: str = ""
    neo4j_password: str = field(default="", repr=False)
    keys: str | None = None
    oidc: str | None = None
    job_limits: tuple[tuple[str, int], ...] = ()
    pepper: str = field(default="", repr=False)
    event_rules: str | None = None
    event_secrets: str = field(default="", repr=False)
    keep_outages_days: int = 400
    webhook_hosts: str = ""
    webhook_private: bool = False


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the environment; an unknown or wrong one is a SettingsError."""
    values = _known_values(os.environ if environment is None else environment)
    return Settings(
        mapping=values.get("MAPPING"),
        time_zone=values.get("TIMEZONE"),
        day_first=_flag("DAY_FIRST", values.get("DAY_FIRST")),
        source_name=values.get("SOURCE_NAME"),
        limits=_limits("LIMITS", values.get("LIMITS", "")),
        host=values.get("HOST", "127.0.0.1"),
        port=_port("PORT", values.get("PORT", "8000")),
        neo4j_user=values.get("NEO4J_USER", ""),
        neo4j_password=_secret("NEO4J_PASSWORD", values),
        keys=values.get("KEYS"),
        oidc=values.get("OIDC"),
        job_limits=_limits("JOB_LIMITS", values.get("JOB_LIMITS", "")),
        pepper=_secret("PEPPER", values),
        event_rules=values.get("EVENT_RULES"),
        event_secrets=_secret("EVENT_SECRETS", values),
        keep_outages_days=_days("KEEP_OUTAGES_DAYS", values.get("KEEP_OUTAGES_DAYS", "400")),
        webhook_hosts=values.get("WEBHOOK_HOSTS", ""),
        webhook_private=bool(_flag("WEBHOOK_PRIVATE", values.get("WEBHOOK_PRIVATE"))),
    )


def _known_values(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what is set and not empty, by name without prefix."""
    values: dict[str, str] = {}
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or name.startswith(_PREFIX + _OF_TESTS):
            continue
        short = name.removeprefix(_PREFIX)
        if short not in _NAMES:
            known = ", ".join(_PREFIX + one for one in _NAMES)
            raise SettingsError(name, "is no setting of ripplegraph", f"Known are {known}")
        if environment[name].strip():
            values[short] = environment[name].strip()
    return values


def _secret(name: str, values: Mapping[str, str]) -> str:
    """Return a secret from the environment, or from the file that it names; never both."""
    file = values.get(f"{name}_FILE")
    if file is None:
        return values.get(name, "")
    if name in values:
        advice = "Set one of the two"
        raise SettingsError(_PREFIX + name, f"{_PREFIX}{name}_FILE is set too", advice)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = f"{file} cannot be read"
        raise SettingsError(_PREFIX + name + "_FILE", reason, "Name a file that can") from exc


def _flag(name: str, text: str | None) -> bool | None:
    if text is None:
        return None
    if text.casefold() not in _YES | _NO:
        raise SettingsError(_PREFIX + name, f"{text!r} is neither 1 nor 0", "Write 1 or 0")
    return text.casefold() in _YES


def _days(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_DAYS):
        advice = f"Write a number of days, 1 to {_MOST_DAYS}"
        raise SettingsError(_PREFIX + name, f"{text!r} is no number of days", advice)
    return int(text)


def _limits(name: str, text: str) -> tuple[tuple[str, int], ...]:
    """Return limits of reading and what they are set to; who reads knows their names."""
    limits: list[tuple[str, int]] = []
    for part in filter(None, text.split(",")):
        limit, _, number = (word.strip() for word in part.partition("="))
        if not (number.isascii() and number.isdigit() and int(number)):
            advice = "Write NAME=NUMBER, such as memory_bytes=4000000000"
            raise SettingsError(_PREFIX + name, f"{part.strip()!r} sets no limit", advice)
        limits.append((limit, int(number)))
    return tuple(limits)


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise SettingsError(_PREFIX + name, f"{text!r} is no port", "Write 0 to 65535")
    return int(text)


def tunes_malloc(environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether somebody tunes the memory of glibc by its own variables."""
    values = os.environ if environment is None else environment
    return "MALLOC_ARENA_MAX" in values or "glibc.malloc" in values.get("GLIBC_TUNABLES", "")


def read_typed_word(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the word under completion as typed in bash, None if another shell asks."""
    values = os.environ if environment is None else environment
    if values.get("_RIPPLEGRAPH_COMPLETE") != "complete_bash":
        return None
    words, place = values.get("COMP_WORDS", "").split("\n"), values.get("COMP_CWORD", "")
    is_place = place.isascii() and place.isdigit() and int(place) < len(words)
    return words[int(place)] if is_place else ""


def kernel_cache_folder(
    environment: Mapping[str, str] | None = None, *, platform: str = sys.platform
) -> str | None:
    """Return where compiled kernels are kept: in the user's cache folder, None without one.

    ``NUMBA_CACHE_DIR``, if it is set, wins over this; numba reads it itself.
    """
    values = os.environ if environment is None else environment
    home = values.get("USERPROFILE" if platform == "win32" else "HOME", "")
    chosen = values.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    folder = Path(chosen)
    if not chosen or not folder.is_absolute():
        if not home:
            return None
        beneath = {"win32": "AppData/Local", "darwin": "Library/Caches"}.get(platform, ".cache")
        folder = Path(home) / beneath
    return str(folder / "ripplegraph" / "kernels")
