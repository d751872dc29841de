"""A hostile server on this machine: it says what a test tells it, byte by byte, in the clear or encrypted."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Script = bytes | Callable[[socket.socket], None]

_PATIENCE: Final = 5.0  # seconds after which a test that waits for nothing ends


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Write a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drip(every: float, start: bytes = b"", drop: bytes = b"x") -> Callable[[socket.socket], None]:
    """Give a script that says something, and then one byte after the other without end."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        pause = threading.Event()
        while not pause.wait(every):
            connection.sendall(drop)

    return script


@dataclass
class HostileServer:
    """Plays one script for each question, the last one again and again; remembers what it was asked."""

    scripts: list[Script]
    tls: ssl.SSLContext | None = None
    asked: list[bytes] = field(default_factory=list)  # whole requests, heads and bodies
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        """The address of this server."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def heads(self, name: str) -> list[str]:
        """Give a header of every question that was asked; empty where it had none."""
        found = []
        for asked in self.asked:
            lines = asked.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
            values = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
            found.append(values.get(name.lower(), ""))
        return found

    def close(self) -> None:
        """Hang up on everybody."""
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(_PATIENCE)
                self._open.append(connection)
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            self._open.append(connection)
            with connection:
                while question := _question(connection):
                    self.asked.append(question)
                    script = self.scripts[min(len(self.asked), len(self.scripts)) - 1]
                    if isinstance(script, bytes):
                        connection.sendall(script)
                    else:
                        script(connection)
                        return


def _question(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        if not (some := connection.recv(65_536)):
            return b""
        read += some
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while missing > 0:
        some = connection.recv(missing)
        read, missing = read + some, missing - len(some)
    return read


def certificate(folder: Path, *, days: int = 1, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Make a certificate that vouches for itself; give the server's context, and the file for those who trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    named = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * day)
        .not_valid_after(now + days * day)
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
