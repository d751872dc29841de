"""The mail server (Postausgangsserver): one mail handed over, refused, or uncertain, and never sent twice."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.errors import ConnectorError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Uncertain(ConnectorError):
    """The connection broke after the message was handed over: it may have been sent, and must not be repeated."""


class LoginRefused(Refused):
    """The server does not let us in: no other mail will go either before a person corrects the settings."""


class RecipientRefused(Refused):
    """The server refuses one address (RCPT TO, a 5xx answer); nothing was sent to anybody."""

    def __init__(self, message: str, *, recipient: str, answer: str) -> None:
        """Keep whom it refused, with its answer: 550 5.1.1 no such mailbox."""
        super().__init__(message)
        self.recipient, self.answer = recipient, answer


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"  # port 587
    TLS = "tls"  # port 465
    NONE = "none"  # only for a server on this machine or in a trusted network


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The mail server (Postausgangsserver). Certificates are always verified."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""  # envelope and From address
    timeout_seconds: float = 30.0
    trusted_certificates: Path | None = None  # of a private authority, PEM; otherwise the system's


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpReceipt:
    """The server took responsibility for the mail; its answer is the proof we keep."""

    server_answer: str  # 250 2.0.0 Ok: queued as 4XyZ


_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_DOT_AT_START: Final = re.compile(rb"(?m)^\.")
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def send_mail(raw: bytes, sender: str, recipients: Sequence[str], settings: SmtpSettings) -> SmtpReceipt:
    """Hand one mail over to the server, to all recipients or to none.

    Raises Unavailable where nothing was sent and a later attempt may work (no connection, a 4xx answer), Refused
    where a person must act (a 5xx answer, an unknown certificate; RecipientRefused and LoginRefused), and Uncertain
    where the connection broke between the end of the message and the server's answer (RFC 5321, 4.5.4.1).
    """
    _check_addresses(sender, recipients)
    where = f"mail server {settings.host}:{settings.port}"
    with _errors_told(where, settings), _connected(settings) as server:
        _log_in(server, settings)
        _expect(server.mail(sender), 2, f"{where} rejected the sender {sender}")
        for recipient in recipients:
            _expect_recipient(server.rcpt(recipient), recipient, f"{where} rejected the recipient {recipient}")
        _expect(server.docmd("DATA"), 3, f"{where} did not want the message")
        server.send(_transparent(raw))
        answer = _hand_over(server, where)
        _expect(answer, 2, f"{where} rejected the message")
        return SmtpReceipt(server_answer=_said(answer))


@contextlib.contextmanager
def _connected(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    timeout = settings.timeout_seconds
    if settings.security is Security.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=timeout, context=_verified(settings)
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            server.starttls(context=_verified(settings))
            server.ehlo()
        yield server
        # The mail is accepted; how the server says goodbye no longer matters.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _verified(settings: SmtpSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.trusted_certificates)
    except OSError as error:
        raise Refused(f"{settings.trusted_certificates}: no certificates can be read there ({error})") from error


def _log_in(server: smtplib.SMTP, settings: SmtpSettings) -> None:
    if not settings.user:
        return
    if settings.security is Security.NONE and settings.host not in _LOCAL_HOSTS:
        raise LoginRefused(
            f"the password for {settings.host} would travel unprotected; set security to starttls or tls"
        )
    if not (settings.user.isascii() and settings.password.isascii()):
        # The library knows no SASLprep (RFC 4616) and would stop the night with an error of its own.
        raise LoginRefused(f"user or password for {settings.host} have letters beyond ASCII; choose others")
    server.login(settings.user, settings.password)


def _hand_over(server: smtplib.SMTP, where: str) -> tuple[int, bytes]:
    # Up to here the server has no complete message. From the final dot on, only its answer tells.
    try:
        server.send(b".\r\n")
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Uncertain(
            f"{where}: the connection broke after the message was handed over ({_kind(error)}); it may have been "
            "sent. Look into the server's log or ask the recipient before sending it again"
        ) from error
    if answer[0] // 100 not in {2, 4, 5}:
        raise Uncertain(f"{where}: the answer to the message says neither yes nor no: {_said(answer)}")
    return answer


def _expect(answer: tuple[int, bytes], hundreds: int, what: str) -> None:
    if answer[0] // 100 != hundreds:
        raise _rejected(answer, what)


def _expect_recipient(answer: tuple[int, bytes], recipient: str, what: str) -> None:
    if answer[0] // 100 == 5:
        raise RecipientRefused(f"{what}: {_said(answer)}", recipient=recipient, answer=_said(answer))
    _expect(answer, 2, what)


def _rejected(answer: tuple[int, bytes], what: str) -> ConnectorError:
    # 4xx means "not now" (RFC 5321, 4.2.1); a code below zero is no answer at all.
    return (Unavailable if answer[0] < 500 else Refused)(f"{what}: {_said(answer)}")


@contextlib.contextmanager
def _errors_told(where: str, settings: SmtpSettings) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        answer = _answer(error)
        what = f"{where} rejected the login of {settings.user}"
        # 4xx: the server is only busy.
        raise (LoginRefused(f"{what}: {_said(answer)}") if answer[0] >= 500 else _rejected(answer, what)) from error
    except smtplib.SMTPResponseException as error:
        raise _rejected(_answer(error), f"{where} rejected the connection") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"{where} does not offer what the settings ask for: {error}") from error
    except (smtplib.SMTPServerDisconnected, ssl.SSLEOFError) as error:
        raise Unavailable(f"{where} closed the connection before the message was complete: {_kind(error)}") from error
    except smtplib.SMTPException as error:
        raise Refused(f"{where}: {_kind(error)}; nothing was sent") from error
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"{where} shows a certificate we cannot verify: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise Refused(f"{where} does not speak TLS here ({_kind(error)}); check port and security") from error
    except OSError as error:
        raise Unavailable(f"{where} is out of reach or silent ({_kind(error)}); nothing was sent") from error


def _answer(error: smtplib.SMTPResponseException) -> tuple[int, bytes]:
    text = error.smtp_error
    return error.smtp_code, text.encode() if isinstance(text, str) else text


def _check_addresses(sender: str, recipients: Sequence[str]) -> None:
    if not recipients:
        raise Refused("the mail has no recipient")
    for address in (sender, *recipients):
        if "@" not in address or not address.isascii() or not address.isprintable() or set(address) & set(" <>"):
            raise Refused(f"{address!r} is no mail address the server could deliver to")


def _transparent(raw: bytes) -> bytes:
    # RFC 5321, 4.5.2: lines end with CRLF, and a dot at the start of a line is doubled.
    text = _DOT_AT_START.sub(b"..", _LINE_END.sub(b"\r\n", raw))
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def _said(answer: tuple[int, bytes]) -> str:
    return f"{answer[0]} {' '.join(answer[1].decode('utf-8', errors='replace').split())}"


def _kind(error: Exception) -> str:
    return str(error) or type(error).__name__
