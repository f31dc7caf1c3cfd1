"""Webhooks over TLS: connected to the pinned address, for the name that the certificate has."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ripplegraph.api.events.webhooks.targets import Target, WebhookRules, target_of
from ripplegraph.wiring.webhook_posting import HttpPoster


def certificate(folder: Path, host: str) -> Path:
    """Write a certificate for a name with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204 if self.headers["host"].startswith("hooks.example:") else 400)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A receiver with a certificate for hooks.example, and who trusts it."""
    file = certificate(tmp_path, "hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], ssl.create_default_context(cafile=str(file))
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def target(host: str, port: int) -> Target:
    return target_of(f"https://{host}:{port}/hook", WebhookRules())


def test_a_receiver_is_reached_at_the_pinned_address_under_its_own_name(
    served: tuple[int, ssl.SSLContext],
) -> None:
    port, trusted = served
    poster = HttpPoster(trusted)
    assert poster.post(target("hooks.example", port), "127.0.0.1", b"{}", {}) == 204


def test_a_certificate_of_another_name_or_of_nobody_trusted_is_refused(
    served: tuple[int, ssl.SSLContext],
) -> None:
    port, trusted = served
    with pytest.raises(OSError, match="certificate verify failed"):
        HttpPoster(trusted).post(target("other.example", port), "127.0.0.1", b"{}", {})
    with pytest.raises(OSError, match="certificate verify failed"):
        HttpPoster().post(target("hooks.example", port), "127.0.0.1", b"{}", {})


def test_names_are_resolved_by_the_system() -> None:
    assert "127.0.0.1" in HttpPoster().addresses_of("127.0.0.1", 80)
