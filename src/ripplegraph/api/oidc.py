"""Bearer tokens of an identity provider (OpenID Connect): who sent one, and what they may do.

A token counts if a key of the provider signed it with an algorithm that the settings name, for
our audience, and it has not expired. Nothing in a token chooses how it is checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from threading import Lock
from typing import Annotated, Any, Literal, Self

import jwt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ripplegraph.api.callers import Caller, CallerRefusal, Scope
from ripplegraph.api.keys import Tag

LONGEST_TOKEN = 8_192
"""Characters; a longer one is not even read."""

LARGEST_KEY_SET = 262_144
"""Bytes of a key set (JWKS)."""

FRESH_SECONDS = 300.0
"""How long a key set is used before it is fetched again."""

PATIENCE_SECONDS = 10.0
"""How soon after one attempt the next may be made, whoever asks: strangers send what they like."""

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures with a pair of keys only: who can check a token cannot make one."""

Text = Annotated[str, Field(min_length=1, max_length=1_000)]
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
_CHECKS = {
    "require": ["exp", "iss", "aud", "sub"],
    "verify_exp": False,  # times are checked below, against the clock that is passed in
    "verify_nbf": False,
    "verify_iat": False,
}


class OidcSettings(BaseModel):
    """Which tokens count, and what their claims mean here.

    ``scopes`` maps values of the claim ``scope_claim`` to scopes. With a ``tag_claim`` callers
    see what ``tags`` maps its values to, and nothing if it maps none; those with a value of
    ``whole_estate`` see everything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Text
    audience: Text
    jwks_url: Text | None = None
    jwks_file: Text | None = None
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256")
    leeway_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0
    name_claim: Text = "sub"
    scope_claim: Text = "scope"
    scopes: Annotated[dict[Text, Scope], Field(min_length=1)]
    tag_claim: Text | None = None
    tags: dict[Text, tuple[Tag, ...]] = {}
    whole_estate: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            msg = "name either jwks_url or jwks_file"
            raise ValueError(msg)
        if self.tag_claim is None and (self.tags or self.whole_estate):
            msg = "tags and whole_estate need a tag_claim"
            raise ValueError(msg)
        return self


class ProviderKeys:
    """The keys of a provider, fetched when they are needed; safe between threads.

    Keys that were fetched once stay in use while the provider cannot be reached.
    """

    def __init__(self, fetch: Callable[[], bytes], seconds: Callable[[], float]) -> None:
        self._fetch, self._seconds = fetch, seconds
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching = Lock()

    def key_of(self, key_id: str | None) -> jwt.PyJWK | None:
        """Return the key with this id; without an id the only one, if there is but one."""
        if self._fetched_at is None or self._seconds() - self._fetched_at > FRESH_SECONDS:
            self._refresh()
        found = self._find(key_id)
        if found is None:  # perhaps it is new
            self._refresh()
            found = self._find(key_id)
        return found

    def _find(self, key_id: str | None) -> jwt.PyJWK | None:
        meant = [key for key in self._keys if key_id is None or key.key_id == key_id]
        return meant[0] if len(meant) == 1 else None

    def _refresh(self) -> None:
        """Fetch the keys, unless that was just tried, or another thread does it."""
        if not self._fetching.acquire(blocking=self._fetched_at is None):
            return
        try:
            now = self._seconds()
            if self._tried_at is not None and now - self._tried_at < PATIENCE_SECONDS:
                return
            self._tried_at = now
            self._keys = key_set(self._fetch())
            self._fetched_at = now
        except (OSError, ValueError):  # the keys at hand stay in use
            return
        finally:
            self._fetching.release()


def key_set(text: bytes) -> tuple[jwt.PyJWK, ...]:
    """Return the keys for signatures in a JWKS document; ``ValueError`` if it is none."""
    if len(text) > LARGEST_KEY_SET:
        msg = f"a key set may have {LARGEST_KEY_SET} bytes"
        raise ValueError(msg)
    try:
        told = json.loads(text)
        entries = [one for one in told["keys"] if _is_for_signatures(one)]
        return tuple(jwt.PyJWK(one) for one in entries)
    except (KeyError, TypeError, RecursionError, jwt.PyJWTError) as error:
        msg = "this is no key set (JWKS)"
        raise ValueError(msg) from error


def _is_for_signatures(entry: Mapping[str, Any]) -> bool:
    return entry.get("kty") in _KEY_TYPES and entry.get("use", "sig") == "sig"


class OidcTokens:
    """Tells who sends a token."""

    def __init__(self, settings: OidcSettings, keys: ProviderKeys) -> None:
        self._settings, self._keys = settings, keys

    def may_wait(self, authorization: str) -> bool:
        """Return True: the keys of the provider may have to be fetched."""
        return bool(authorization)

    def caller_of(self, authorization: str, now: datetime) -> Caller | CallerRefusal:
        """Return who sends this Authorization header, or why nobody is known by it."""
        scheme, _, text = authorization.strip().partition(" ")
        token = text.strip()
        if scheme.casefold() != "bearer" or not token:
            return CallerRefusal.MISSING
        if len(token) > LONGEST_TOKEN:
            return CallerRefusal.UNKNOWN
        claims = self._claims(token)
        if claims is None:
            return CallerRefusal.UNKNOWN
        refusal = self._refusal_of_times(claims, now.timestamp())
        return self._caller(claims) if refusal is None else refusal

    def _claims(self, token: str) -> dict[str, Any] | None:
        """Return what a token says if its signature, issuer and audience are right."""
        settings = self._settings
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in settings.algorithms:
                return None
            key = self._keys.key_of(header.get("kid"))
            if key is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(settings.algorithms),
                audience=settings.audience,
                issuer=settings.issuer,
                options=_CHECKS,  # type: ignore[arg-type]  # its own TypedDict
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        return claims

    def _refusal_of_times(self, claims: Mapping[str, Any], now: float) -> CallerRefusal | None:
        leeway = self._settings.leeway_seconds
        times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
        if not all(map(_is_time, times.values())):
            return CallerRefusal.UNKNOWN
        ends = times.pop("exp")
        if ends + leeway <= now or any(begins - leeway > now for begins in times.values()):
            return CallerRefusal.EXPIRED
        return None

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        settings = self._settings
        subject = str(claims["sub"])
        name = claims.get(settings.name_claim)
        said = _values(claims.get(settings.scope_claim))
        return Caller(
            caller_id=f"oidc:{subject}"[:300],
            name=(name if isinstance(name, str) and name else subject)[:200],
            scopes=frozenset(settings.scopes[one] for one in said if one in settings.scopes),
            tags=self._tags(claims),
            until=_moment(claims["exp"] + settings.leeway_seconds),
        )

    def _tags(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        settings = self._settings
        if settings.tag_claim is None:
            return None
        said = _values(claims.get(settings.tag_claim))
        if not said.isdisjoint(settings.whole_estate):
            return None
        return frozenset(tag for one in said for tag in settings.tags.get(one, ()))


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _moment(seconds: float) -> datetime | None:
    """Return a moment from seconds since 1970, None if it lies beyond all dates."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _values(claim: object) -> frozenset[str]:
    """Return the values of a claim: a list of texts, or texts separated by blanks (RFC 8693)."""
    if isinstance(claim, str):
        return frozenset(claim.split())
    if isinstance(claim, list):
        return frozenset(one for one in claim if isinstance(one, str))
    return frozenset()
