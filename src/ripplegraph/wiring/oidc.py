"""Tokens of an identity provider: the settings in a file, and where its keys are fetched."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ripplegraph.errors import SettingsError

if TYPE_CHECKING:
    from ripplegraph.api.oidc import OidcSettings, OidcTokens

_SECONDS = 5.0


def oidc_tokens(path: Path) -> OidcTokens:
    """Return what tells who sends a token, by the settings in a file.

    Key sets in a file are read now, so that a wrong one is told at the start; those at an
    address are fetched when the first token comes.
    """
    from ripplegraph.api.oidc import OidcTokens, ProviderKeys, key_set

    settings = _settings_in(path)
    if settings.jwks_file is None:
        fetch = _fetcher(settings.jwks_url or "")
    else:
        file = path.parent / settings.jwks_file
        fetch = file.read_bytes
        try:
            key_set(fetch())
        except (OSError, ValueError) as exc:
            advice = "Name a file with the key set (JWKS) of the provider"
            reason = f"{file} holds no key set"
            raise SettingsError(setting="jwks_file", reason=reason, advice=advice) from exc
    return OidcTokens(settings, ProviderKeys(fetch, monotonic))


def _settings_in(path: Path) -> OidcSettings:
    from pydantic import ValidationError

    from ripplegraph.api.oidc import OidcSettings

    advice = "docs/serving.md shows what it holds"
    try:
        return OidcSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as exc:
        reason = f"{path} cannot be read"
        raise SettingsError(setting="--oidc", reason=reason, advice=advice) from exc
    except tomllib.TOMLDecodeError as exc:
        reason = f"{path} is no TOML: {exc}"
        raise SettingsError(setting="--oidc", reason=reason, advice=advice) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = "/".join(map(str, first["loc"])) or "the whole"
        reason = f"{path} is wrong in {place}: {first['msg']}"
        raise SettingsError(setting="--oidc", reason=reason, advice=advice) from exc


def _fetcher(address: str) -> Callable[[], bytes]:
    """Return what fetches a key set from an address that the operator named; no redirects."""
    from ripplegraph.api.oidc import LARGEST_KEY_SET

    parts = urlsplit(address)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    if not host or not (is_secure or (parts.scheme == "http" and _is_loopback(host))):
        reason = f"{address!r} is no https address"
        advice = "Name the provider's https address; plain http is for this machine only"
        raise SettingsError(setting="jwks_url", reason=reason, advice=advice)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def fetch() -> bytes:
        kind = HTTPSConnection if is_secure else HTTPConnection
        connection = kind(host, parts.port, timeout=_SECONDS)
        try:
            connection.request("GET", target, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                msg = f"the provider answers {answer.status}"
                raise ValueError(msg)
            return answer.read(LARGEST_KEY_SET + 1)
        except HTTPException as error:
            msg = "the provider does not speak HTTP"
            raise ValueError(msg) from error
        finally:
            connection.close()

    return fetch


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
