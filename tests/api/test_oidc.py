"""Tokens of an identity provider: real keys, a real key set over HTTP, and hostile tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.servers import NOW, ReadyGraph, serving
from api.test_api import problem_of
from api.test_keys import _READER, PEPPER, READER
from api.test_tenants import estate
from ripplegraph.api.callers import Caller, CallerRefusal, Scope
from ripplegraph.api.keys import KeyRing, KeysAndTokens
from ripplegraph.api.oidc import (
    FRESH_SECONDS,
    LARGEST_KEY_SET,
    LONGEST_TOKEN,
    PATIENCE_SECONDS,
    OidcSettings,
    OidcTokens,
    ProviderKeys,
    key_set,
)
from ripplegraph.errors import SettingsError
from ripplegraph.wiring.oidc import oidc_tokens

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

SETTINGS = """
issuer = "https://login.example.org"
audience = "ripplegraph"
{where}
name_claim = "preferred_username"
scope_claim = "roles"
tag_claim = "customer"
whole_estate = ["*"]
[scopes]
reader = "read"
operator = "events"
[tags]
acme = ["customer:acme"]
"""


def public_entry(key: Any, key_id: str, **more: Any) -> dict[str, Any]:
    algorithm: Any = (
        jwt.algorithms.RSAAlgorithm
        if isinstance(key, rsa.RSAPrivateKey)
        else jwt.algorithms.ECAlgorithm
    )
    entry: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return {**entry, "kid": key_id, "use": "sig", **more}


KEY_SET = {"keys": [public_entry(RSA_KEY, "rsa-1"), public_entry(EC_KEY, "ec-1")]}


def claims(**changes: Any) -> dict[str, Any]:
    told = {
        "iss": "https://login.example.org",
        "aud": ["account", "ripplegraph"],
        "sub": "7f3a",
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        "iat": int((NOW - timedelta(minutes=1)).timestamp()),
        "preferred_username": "ada",
        "roles": ["reader", "else"],
        "customer": "*",
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def token(
    told: dict[str, Any] | None = None,
    *,
    key: Any = RSA_KEY,
    algorithm: str = "RS256",
    key_id: str | None = "rsa-1",
) -> str:
    headers = {} if key_id is None else {"kid": key_id}
    return jwt.encode(claims() if told is None else told, key, algorithm, headers=headers)


@dataclass
class Provider:
    """An identity provider that serves its key set."""

    address: str
    keys: dict[str, Any] = field(default_factory=lambda: dict(KEY_SET))
    status: int = 200
    asked: int = 0


@pytest.fixture
def provider() -> Iterator[Provider]:
    held = Provider("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked += 1
            body = json.dumps(held.keys).encode()
            self.send_response(held.status)
            if held.status == 302:
                self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_port}/keys"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def tokens_in(folder: Path, where: str, text: str = SETTINGS) -> OidcTokens:
    path = folder / "oidc.toml"
    path.write_text(text.format(where=where), encoding="utf-8")
    return oidc_tokens(path)


@pytest.fixture
def tokens(tmp_path: Path) -> OidcTokens:
    (tmp_path / "keys.json").write_text(json.dumps(KEY_SET), encoding="utf-8")
    return tokens_in(tmp_path, 'jwks_file = "keys.json"')


def who(tokens: OidcTokens, text: str) -> Caller | CallerRefusal:
    return tokens.caller_of(f"Bearer {text}", NOW)


@pytest.mark.parametrize(
    ("key", "algorithm", "key_id"), [(RSA_KEY, "RS256", "rsa-1"), (EC_KEY, "ES256", "ec-1")]
)
def test_a_token_of_the_provider_tells_who_calls(
    tokens: OidcTokens, key: Any, algorithm: str, key_id: str
) -> None:
    text = token(key=key, algorithm=algorithm, key_id=key_id)
    assert who(tokens, text) == Caller(
        caller_id="oidc:7f3a", name="ada", scopes=frozenset({Scope.READ}), tags=None
    )


def test_claims_tell_scopes_and_tags(tokens: OidcTokens) -> None:
    def caller(**changes: Any) -> Caller:
        found = who(tokens, token(claims(**changes)))
        assert isinstance(found, Caller)
        return found

    assert caller(roles="reader operator").scopes == {Scope.READ, Scope.EVENTS}
    assert caller(roles=None).scopes == caller(roles=[1, "x"]).scopes == frozenset()
    assert caller(customer="acme").tags == frozenset({"customer:acme"})
    assert caller(customer=["acme", "bolt"]).tags == frozenset({"customer:acme"})
    # who has no mapped value sees nothing, never everything
    assert caller(customer=None).tags == caller(customer="bolt").tags == frozenset()
    assert caller(customer={"*": 1}).tags == frozenset()
    assert caller(preferred_username=None).name == "7f3a"
    assert len(caller(preferred_username="x" * 999).name) == 200


def unsigned(header: dict[str, Any], told: dict[str, Any]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, told)
    ]
    return ".".join([*parts, ""])


def signed_with_the_public_key() -> str:
    """Return a token signed by HMAC under the text of the public key (algorithm confusion)."""
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = unsigned({"alg": "HS256", "kid": "rsa-1"}, claims()).rstrip(".")
    digest = hmac.new(public, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def with_another_body(text: str) -> str:
    head, _, signature = text.split(".")
    body = unsigned({}, claims(roles=["operator"])).split(".")[1]
    return f"{head}.{body}.{signature}"


def soon(**more: float) -> int:
    return int((NOW + timedelta(**more)).timestamp())


HOSTILE = {
    "no signature": unsigned({"alg": "none", "kid": "rsa-1"}, claims()),
    "no signature, oddly spelt": unsigned({"alg": "nOnE", "kid": "rsa-1"}, claims()),
    "no algorithm": unsigned({"kid": "rsa-1"}, claims()),
    "the public key as a secret": signed_with_the_public_key(),
    "an algorithm that is not allowed": token(algorithm="RS512"),
    "a key of another algorithm": token(key=EC_KEY, algorithm="ES256", key_id="rsa-1"),
    "a key of a stranger": token(key=OTHER_KEY),
    "an unknown key": token(key=OTHER_KEY, key_id="new"),
    "no key id where there are two keys": token(key_id=None),
    "a key in the header": jwt.encode(
        claims(), OTHER_KEY, "RS256", headers={"jwk": public_entry(OTHER_KEY, "rsa-1")}
    ),
    "another body": with_another_body(token()),
    "another issuer": token(claims(iss="https://evil.example")),
    "no issuer": token(claims(iss=None)),
    "another audience": token(claims(aud="account")),
    "no audience": token(claims(aud=None)),
    "nobody": token(claims(sub=None)),
    "never ends": token(claims(exp=None)),
    "ends at no number": token(claims(exp="never")),
    "ends at infinity": token(claims(exp=float("inf"))),
    "begins at no number": token(claims(nbf=True)),
    "too long": token(claims(filler="x" * LONGEST_TOKEN)),
    "no token": "a.b.c",
    "not even that": "%00" * 10,
    "empty": "..",
    "deep": base64.urlsafe_b64encode(b'{"alg":' + b"[" * 3000).decode() + ".e30.x",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_token_tells_nobody(tokens: OidcTokens, name: str) -> None:
    assert who(tokens, HOSTILE[name]) is CallerRefusal.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "is_known"),
    [
        ({"exp": soon(seconds=-29)}, True),
        ({"exp": soon(seconds=-30)}, False),
        ({"nbf": soon(seconds=30)}, True),
        ({"nbf": soon(seconds=31)}, False),
        ({"iat": soon(seconds=31)}, False),
    ],
)
def test_times_count_with_leeway(
    tokens: OidcTokens, changes: dict[str, Any], is_known: bool
) -> None:
    found = who(tokens, token(claims(**changes)))
    assert found is CallerRefusal.EXPIRED if not is_known else isinstance(found, Caller)


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer", "Bearer  "])
def test_no_token_is_missing(tokens: OidcTokens, header: str) -> None:
    assert tokens.caller_of(header, NOW) is CallerRefusal.MISSING


def test_the_only_key_needs_no_id() -> None:
    settings = OidcSettings(
        issuer="https://login.example.org",
        audience="ripplegraph",
        jwks_file="x",
        scope_claim="roles",
        scopes={"reader": Scope.READ},
    )
    text = json.dumps({"keys": [public_entry(RSA_KEY, "rsa-1")]}).encode()
    tokens = OidcTokens(settings, ProviderKeys(lambda: text, lambda: 0.0))
    found = who(tokens, token(key_id=None))
    assert isinstance(found, Caller)
    assert found.tags is None


def test_the_api_takes_tokens_beside_keys_and_fetches_the_key_set(
    provider: Provider, tmp_path: Path
) -> None:
    tokens = tokens_in(tmp_path, f'jwks_url = "{provider.address}"')
    both = KeysAndTokens(KeyRing([_READER], PEPPER), tokens)
    with serving(ReadyGraph(estate()), both) as client:

        def seen(credential: str) -> list[str]:
            headers = {"Authorization": f"Bearer {credential}"}
            answer = client.get("/v1/services", headers=headers).json()
            return [one["native_id"] for one in answer["services"]]

        assert seen(READER) == ["svcacme", "svcbolt"]
        assert provider.asked == 0  # a key needs no provider
        assert seen(token()) == ["svcacme", "svcbolt"]
        assert seen(token(claims(customer="acme"))) == ["svcacme"]
        assert seen(token(claims(customer="bolt"))) == []
        assert provider.asked == 1
        late = token(claims(exp=soon(hours=-1)))
        for bad in (HOSTILE["no signature"], HOSTILE["an unknown key"], late):
            headers = {"Authorization": f"Bearer {bad}"}
            problem_of(client.get("/v1/services", headers=headers), 401, "key-needed")
        headers = {"Authorization": f"Bearer {token(claims(roles='operator'))}"}
        problem_of(client.get("/v1/services", headers=headers), 403, "missing-scope")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class KeySets:
    """What a provider answers: a key set, or an error."""

    answer: bytes | Exception
    asked: int = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_new_keys_are_found_but_strangers_do_not_make_us_ask_again_and_again() -> None:
    clock, told = Clock(), KeySets(json.dumps({"keys": [public_entry(RSA_KEY, "a")]}).encode())
    keys = ProviderKeys(told, clock)
    assert keys.key_of("a") is not None
    assert [keys.key_of("b") for _ in range(50)] == [None] * 50
    assert told.asked == 1
    told.answer = json.dumps({"keys": [public_entry(RSA_KEY, "b")]}).encode()
    clock.now = PATIENCE_SECONDS
    assert keys.key_of("b") is not None
    assert keys.key_of("a") is None  # it was withdrawn
    assert told.asked == 2


@pytest.mark.parametrize(
    "answer", [OSError("down"), b"<html>", b"[]", b'{"keys": [{"kty": "RSA"}]}', b"[" * 9999]
)
def test_known_keys_stay_in_use_while_the_provider_fails(answer: bytes | Exception) -> None:
    clock, told = Clock(), KeySets(json.dumps(KEY_SET).encode())
    keys = ProviderKeys(told, clock)
    assert keys.key_of("rsa-1") is not None
    told.answer, clock.now = answer, FRESH_SECONDS + 1
    assert keys.key_of("rsa-1") is not None
    assert told.asked == 2


def test_keys_that_are_no_pairs_or_not_for_signatures_are_left_out() -> None:
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}
    for_secrecy = public_entry(OTHER_KEY, "e", use="enc")
    text = json.dumps({"keys": [secret, for_secrecy, public_entry(EC_KEY, "ec-1")]}).encode()
    assert [one.key_id for one in key_set(text)] == ["ec-1"]
    with pytest.raises(ValueError, match="may have 262144 bytes"):
        key_set(b" " * (LARGEST_KEY_SET + 1))


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_a_plain_answer_of_the_provider_counts(
    provider: Provider, tmp_path: Path, status: int
) -> None:
    provider.status = status
    tokens = tokens_in(tmp_path, f'jwks_url = "{provider.address}"')
    assert who(tokens, token()) is CallerRefusal.UNKNOWN
    assert provider.asked == 1


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ('jwks_url = "http://login.example.org/keys"', "no https address"),
        ('jwks_url = "ftp://127.0.0.1/keys"', "no https address"),
        ('jwks_url = "https://"', "no https address"),
        ('jwks_file = "missing.json"', "holds no key set"),
        ("", "name either jwks_url or jwks_file"),
        ('jwks_file = "a"\njwks_url = "https://b"', "name either jwks_url or jwks_file"),
        ('jwks_file = "a"\nalgorithms = ["HS256"]', "wrong in algorithms/0"),
        ('jwks_file = "a"\nalgorithms = ["none"]', "wrong in algorithms/0"),
        ('jwks_file = "a"\ncolour = "red"', "wrong in colour"),
        ("jwks_file = ", "is no TOML"),
    ],
)
def test_wrong_settings_are_told_at_the_start(tmp_path: Path, where: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        tokens_in(tmp_path, where)


def test_tags_without_their_claim_are_an_error_and_so_is_no_file(tmp_path: Path) -> None:
    text = SETTINGS.replace('tag_claim = "customer"\n', "")
    with pytest.raises(SettingsError, match="need a tag_claim"):
        tokens_in(tmp_path, 'jwks_file = "a"', text)
    with pytest.raises(SettingsError, match="cannot be read"):
        oidc_tokens(tmp_path / "none.toml")


def test_the_clock_of_the_server_counts_not_that_of_the_machine(tokens: OidcTokens) -> None:
    then = datetime(2001, 1, 1, tzinfo=UTC)
    assert tokens.caller_of(f"Bearer {token()}", then) is CallerRefusal.EXPIRED
