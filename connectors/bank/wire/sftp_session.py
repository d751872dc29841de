"""A visit to an SFTP server: signed in where the host key is the pinned one, and cut when its time is over."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import paramiko

from connectors.bank.wire.sftp_key import KINDS, fingerprint, private_key
from ledger.errors import ConnectorError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.bank.wire.sftp import SftpSettings
    from connectors.wire.line import SecretReader

_LONGEST_WORDS: Final = 200

# What the library raises when the other side refuses something, falls silent, or hangs up.
BROKEN: Final = (EOFError, OSError, paramiko.SSHException)

# The library also tells its own log what we tell; without a handler that would end up on the terminal.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@contextmanager
def signed_in(settings: SftpSettings, secret: SecretReader) -> Iterator[paramiko.SFTPClient]:
    """Give the folders of a server that is the one it should be, and that lets us in.

    Raises Unavailable where it cannot be reached or takes longer than it may, however busily it drips; Refused where
    it is another one than the pinned, or does not let us in.
    """
    over, open_now = threading.Event(), list[paramiko.Transport]()

    def cut() -> None:
        over.set()
        for transport in open_now:
            transport.close()

    timer = threading.Timer(settings.longest_minutes * 60, cut)
    timer.daemon = True
    timer.start()
    try:
        transport = _known_host(settings, open_now)
        _sign_in(transport, settings, secret)
        yield _folders(transport, settings)
    except ConnectorError:
        if over.is_set():
            raise _too_long(settings) from None
        raise
    except BROKEN as error:
        raise _too_long(settings) if over.is_set() else _unavailable(settings, error) from None
    finally:
        timer.cancel()
        for transport in open_now:
            transport.packetizer.complete_handshake()  # else its clock goes on ticking, and we could not end
            transport.close()


def _known_host(settings: SftpSettings, open_now: list[paramiko.Transport]) -> paramiko.Transport:
    """Give a connection over which the server proved the pinned key; it has several, so each kind is asked for."""
    shown: list[str] = []
    for kinds in KINDS:
        transport = paramiko.Transport(_socket(settings))
        open_now.append(transport)
        transport.get_security_options().key_types = kinds
        transport.banner_timeout = transport.auth_timeout = settings.silence_seconds
        try:
            transport.start_client(timeout=settings.silence_seconds)
        except paramiko.ssh_exception.IncompatiblePeer:  # it has no key of this kind
            continue
        key = transport.get_remote_server_key()
        if fingerprint(key) in settings.host_keys:
            return transport
        transport.close()
        shown.append(f"{fingerprint(key)} ({key.get_name()})")
    raise _another_host(settings, shown)


def _socket(settings: SftpSettings) -> socket.socket:
    return socket.create_connection((settings.host, settings.port), timeout=settings.silence_seconds)


def _sign_in(transport: paramiko.Transport, settings: SftpSettings, secret: SecretReader) -> None:
    """Prove who we are by the key, and by the password where there is no key or the server wants both."""
    try:
        if settings.key:
            passphrase = secret(settings.key_passphrase, "key_passphrase") if settings.key_passphrase else None
            key = private_key(secret(settings.key, "key"), passphrase, settings.name)
            transport.auth_publickey(settings.user, key)
        if settings.password and not transport.is_authenticated():
            transport.auth_password(settings.user, secret(settings.password, "password").reveal())
    except paramiko.AuthenticationException as error:
        raise _not_let_in(settings, str(error)) from None
    if not transport.is_authenticated():
        raise _not_let_in(settings, "it wants a password as well")


def _folders(transport: paramiko.Transport, settings: SftpSettings) -> paramiko.SFTPClient:
    channel = transport.open_session(timeout=settings.silence_seconds)
    channel.settimeout(settings.silence_seconds)
    channel.invoke_subsystem("sftp")
    return paramiko.SFTPClient(channel)


def words(error: Exception) -> str:
    """Give the words of the other side, short and on one line."""
    said = getattr(error, "strerror", None) or str(error)
    return printed(said) or {TimeoutError: "it fell silent", EOFError: "it hung up"}.get(
        type(error), "no reason given"
    )


def printed(text: str) -> str:
    """Give what others wrote so that it can be shown: one line, nothing that moves the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_WORDS]


def _another_host(settings: SftpSettings, shown: list[str]) -> Refused:
    found = ", ".join(shown) or "no key of a kind we know"
    return Refused(
        f"{settings.host} is not the server it should be: it shows {found}\n"
        "    Ask its operator, by telephone or letter, which fingerprint is right. If it is one of these, write "
        "it into host_keys; if not, somebody may stand between: do nothing, and tell the operator."
    )


def _not_let_in(settings: SftpSettings, why: str) -> Refused:
    return Refused(
        f"{settings.host} does not let {settings.user} in: {printed(why)}\n"
        "    Check user, key and password, and whether the operator has entered the public key."
    )


def _too_long(settings: SftpSettings) -> Unavailable:
    return Unavailable(f"{settings.host} took longer than {settings.longest_minutes:g} minutes and was cut off")


def _unavailable(settings: SftpSettings, error: Exception) -> Unavailable:
    return Unavailable(f"{settings.host} cannot be reached: {words(error)}")
