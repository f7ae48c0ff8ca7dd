"""TLS with the name: the certificate has to be the host's, and of an authority that is trusted."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.https.listener import listening
from gas.adapters.https import HttpsSettings
from gas.adapters.https.sender import HttpsHooks
from gas.domain.errors import Unavailable

HOST = "lab.example.org"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of HOST, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "lab.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def post(hooks: HttpsHooks, host: str, port: int) -> int:
    return hooks.send(f"https://{host}:{port}/", b"{}", headers={})


def hooks_for(port: int, *, ca_file: str) -> HttpsHooks:
    given = HttpsSettings(ports=str(port), loopback=True, seconds=20.0, ca_file=ca_file)
    return HttpsHooks(given, resolve=lambda _host, _port: ["127.0.0.1"])


def test_a_trusted_certificate_of_the_name(certificate: Path) -> None:
    seen: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    server.sni_callback = lambda _socket, name, _context: seen.append(name)
    with listening(tls=server) as listener:
        hooks = hooks_for(listener.port, ca_file=str(certificate))
        assert post(hooks, HOST, listener.port) == 200
        assert seen == [HOST]
        assert len(listener.requests) == 1


@pytest.mark.parametrize(("host", "trusts"), [(HOST, False), ("other.example.org", True)])
def test_an_unknown_authority_or_another_name_gets_nothing(
    certificate: Path, host: str, trusts: bool
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with listening(tls=server) as listener:
        hooks = hooks_for(listener.port, ca_file=str(certificate) if trusts else "")
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            post(hooks, host, listener.port)
        assert listener.connections == 1
        assert listener.requests == []
