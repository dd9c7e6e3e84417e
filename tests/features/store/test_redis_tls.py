"""Reading a Redis server over TLS, with a certificate that is known and with one that is not."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlarch.runtime.features.store.address import address_of
from mlarch.runtime.features.store.reading import Reason, Unanswered
from mlarch.runtime.features.store.redis import RedisReader

from ...redis import server
from ...servers import free_port
from .writing import NAMES, PROJECT

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A server that speaks TLS at a port, with a certificate of its own."""
    openssl, folder = shutil.which("openssl"), tmp_path_factory.mktemp("tls")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    key, certificate, port = folder / "key.pem", folder / "certificate.pem", free_port()
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cache", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([openssl, "req", "-x509", *made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with server("--tls-port", str(port), "--tls-auth-clients", "no", *files):
        yield port, certificate


def why(port: int) -> Reason:
    """Why nothing is read: of a server that holds nothing, once it is spoken to, that it has forgotten the system."""
    asked = RedisReader(address_of(f"rediss://127.0.0.1:{port}"), PROJECT, NAMES, 5.0)
    with pytest.raises(Unanswered) as refused:
        asyncio.run(asked.read([("sales_by_shop", b"x")]))
    return refused.value.reason


def test_tls_is_spoken_with_a_server_that_is_known(secured: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the certificate is among those that the system knows, `rediss://` reads; where it is not, nothing is sent."""
    port, certificate = secured
    assert why(port) is Reason.UNREACHABLE
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert why(port) is Reason.FORGOTTEN
