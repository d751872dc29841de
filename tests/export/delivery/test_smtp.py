"""Delivery to a real mail server: accepted, refused, later, or uncertain, and never twice by mistake."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from export.delivery import LoginRefused, RecipientRefused, Security, SmtpSettings, Uncertain, send_mail
from ledger.errors import ConnectorError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# aiosmtpd rightly warns of logins without TLS; here they never leave this machine.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

_RAW = b"Subject: Ihre Rechnung 4711\r\n\r\nGuten Tag,\r\n.Punkt am Anfang\r\n..\r\nGru=C3=9F\r\n"
_SENDER = "buchhaltung@muster.example"
_PASSWORD = "geheim-4711"


class Mailbox:
    """What a mail server does with mail, in the words of RFC 5321."""

    def __init__(
        self, *, rcpt: str = "250 OK", data: str = "250 2.0.0 Ok: queued as 4711", hang_up: bool = False
    ) -> None:
        self.rcpt = rcpt
        self.data = data
        self.hang_up = hang_up
        self.received: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd names its hooks after SMTP's commands
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if self.rcpt.startswith("250") or address.startswith("gut@"):
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del session
        if self.hang_up:
            self.received.append(envelope)
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            await asyncio.sleep(0)
            return "250 nobody hears this"
        if self.data.startswith("250"):
            self.received.append(envelope)
        return self.data


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    del server, session, envelope, mechanism
    good = isinstance(data, LoginPassword) and data.password == _PASSWORD.encode()
    return AuthResult(success=good, handled=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., SmtpSettings]]:
    with contextlib.ExitStack() as stack:

        def start(mailbox: Mailbox, **options: Any) -> SmtpSettings:
            controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            return SmtpSettings(
                host="127.0.0.1", port=controller.port, security=Security.NONE, sender=_SENDER, timeout_seconds=5
            )

        yield start


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _scripted(*answers: bytes | None) -> Iterator[SmtpSettings]:
    """A server that gives one answer per line or message it hears, and hangs up at None."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as heard:
                for answer in answers:
                    if answer is None:
                        return
                    connection.sendall(answer + b"\r\n")
                    if answer.startswith(b"354"):
                        while heard.readline() not in {b".\r\n", b""}:
                            pass
                    elif not heard.readline():
                        return

        thread = threading.Thread(target=talk)
        thread.start()
        yield SmtpSettings(
            host="127.0.0.1", port=listener.getsockname()[1], security=Security.NONE, timeout_seconds=5
        )
        thread.join()


def test_an_accepted_mail_arrives_whole_and_leaves_the_servers_answer(serve: Callable[..., SmtpSettings]) -> None:
    mailbox = Mailbox()
    receipt = send_mail(_RAW, _SENDER, ["a@kunde.example", "b@kunde.example"], serve(mailbox))
    assert receipt.server_answer == "250 2.0.0 Ok: queued as 4711"
    (envelope,) = mailbox.received
    assert envelope.content == _RAW
    assert envelope.mail_from == _SENDER
    assert envelope.rcpt_tos == ["a@kunde.example", "b@kunde.example"]


def test_line_ends_are_made_right_on_the_way(serve: Callable[..., SmtpSettings]) -> None:
    mailbox = Mailbox()
    send_mail(b"Subject: x\n\n.y\rz", _SENDER, ["a@kunde.example"], serve(mailbox))
    assert mailbox.received[0].content == b"Subject: x\r\n\r\n.y\r\nz\r\n"


@pytest.mark.parametrize(
    ("mailbox", "error", "words"),
    [
        (Mailbox(rcpt="550 5.1.1 no such user"), RecipientRefused, "a@kunde.example: 550 5.1.1 no such user"),
        (Mailbox(rcpt="451 4.7.1 greylisted"), Unavailable, "recipient a@kunde.example: 451 4.7.1 greylisted"),
        (Mailbox(data="554 5.7.1 looks like spam"), Refused, "the message: 554 5.7.1 looks like spam"),
        (Mailbox(data="451 4.3.0 try later"), Unavailable, "the message: 451 4.3.0 try later"),
        (Mailbox(hang_up=True), Uncertain, "may have been sent"),
    ],
)
def test_every_no_of_the_server_says_what_to_do_next(
    mailbox: Mailbox, error: type[ConnectorError], words: str, serve: Callable[..., SmtpSettings]
) -> None:
    with pytest.raises(error) as told:
        send_mail(_RAW, _SENDER, ["a@kunde.example"], serve(mailbox))
    assert type(told.value) is error
    assert words in str(told.value)


def test_one_rejected_recipient_stops_the_whole_mail(serve: Callable[..., SmtpSettings]) -> None:
    mailbox = Mailbox(rcpt="550 no such user")
    with pytest.raises(Refused, match=r"schlecht@kunde\.example"):
        send_mail(_RAW, _SENDER, ["gut@kunde.example", "schlecht@kunde.example"], serve(mailbox))
    assert mailbox.received == []


def test_nobody_at_the_port_is_unavailable() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=_free_port(), timeout_seconds=2)
    with pytest.raises(Unavailable, match="nothing was sent"):
        send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ((b"554 go away", None), Refused),
        ((b"421 too busy", None), Unavailable),
        ((None,), Unavailable),
        ((b"220 hello", None), Unavailable),
        ((b"220 hello", b"250 ok", b"250 ok", b"250 ok", None), Unavailable),
        ((b"220 hello", b"250 ok", b"250 ok", b"250 ok", b"354 go on", None), Uncertain),
        ((b"220 hello", b"250 ok", b"250 ok", b"250 ok", b"354 go on", b"what?", None), Uncertain),
        ((b"220 hello", b"250 ok", b"250 ok", b"250 ok", b"354 go on", b"250 sent", None), None),
    ],
    ids=["554 greeting", "421 greeting", "no greeting", "gone at EHLO", "gone at DATA", "gone after the dot",
         "gibberish after the dot", "gone after saying yes"],
)  # fmt: skip
def test_only_a_break_after_the_final_dot_is_uncertain(
    answers: tuple[bytes | None, ...], error: type[ConnectorError] | None
) -> None:
    with _scripted(*answers) as settings:
        if error is None:
            assert send_mail(_RAW, _SENDER, ["a@kunde.example"], settings).server_answer == "250 sent"
            return
        with pytest.raises(ConnectorError) as told:
            send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)
    assert type(told.value) is error, told.value


def test_uncertain_is_never_retried_like_unavailable() -> None:
    assert not issubclass(Uncertain, Unavailable)
    assert issubclass(Uncertain, ConnectorError)


def _with_login(settings: SmtpSettings, password: str) -> SmtpSettings:
    return replace(settings, user="kontorist", password=password)


def test_a_login_opens_the_server(serve: Callable[..., SmtpSettings]) -> None:
    mailbox = Mailbox()
    settings = serve(mailbox, authenticator=_login, auth_require_tls=False, auth_required=True)
    send_mail(_RAW, _SENDER, ["a@kunde.example"], _with_login(settings, _PASSWORD))
    assert len(mailbox.received) == 1


def test_a_wrong_password_is_refused_and_never_repeated_in_a_message(serve: Callable[..., SmtpSettings]) -> None:
    settings = _with_login(
        serve(Mailbox(), authenticator=_login, auth_require_tls=False, auth_required=True), "falsch-0815"
    )
    with pytest.raises(LoginRefused, match="login of kontorist") as told:
        send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)
    assert "falsch-0815" not in f"{told.value} {told.value.__cause__} {settings!r}"


def test_a_password_does_not_travel_unprotected() -> None:
    with _scripted(b"220 hello", b"250 ok", None) as local:
        settings = SmtpSettings(
            host="127.1", port=local.port, security=Security.NONE, user="u", password=_PASSWORD, timeout_seconds=5
        )
        with pytest.raises(Refused, match="would travel unprotected"):
            send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)


def test_a_password_with_an_umlaut_is_refused_in_words(serve: Callable[..., SmtpSettings]) -> None:
    plain = serve(Mailbox(), authenticator=_login, auth_require_tls=False)
    with pytest.raises(Refused, match="beyond ASCII") as told:
        send_mail(_RAW, _SENDER, ["a@kunde.example"], _with_login(plain, "geheimß"))
    assert "geheimß" not in str(told.value)


def test_a_server_without_starttls_is_refused(serve: Callable[..., SmtpSettings]) -> None:
    plain = serve(Mailbox())
    with pytest.raises(Refused, match="does not offer"):
        send_mail(_RAW, _SENDER, ["a@kunde.example"], SmtpSettings(host=plain.host, port=plain.port))


def test_tls_to_a_plain_port_says_to_check_the_settings(serve: Callable[..., SmtpSettings]) -> None:
    plain = serve(Mailbox())
    settings = SmtpSettings(host=plain.host, port=plain.port, security=Security.TLS)
    with pytest.raises(Refused, match="check port and security"):
        send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)


def test_missing_certificates_are_named(tmp_path: Path, serve: Callable[..., SmtpSettings]) -> None:
    plain = serve(Mailbox())
    settings = SmtpSettings(
        host=plain.host, port=plain.port, security=Security.TLS, trusted_certificates=tmp_path / "firma.pem"
    )
    with pytest.raises(Refused, match=r"firma\.pem"):
        send_mail(_RAW, _SENDER, ["a@kunde.example"], settings)


@pytest.mark.parametrize(
    "recipients", [[], ["a@b.example\r\nRCPT TO:<c@d.example>"], ["ohne"], ["<a@b.example>"], ["ä@b.example"]]
)
def test_what_is_no_address_never_reaches_the_server(recipients: list[str]) -> None:
    with pytest.raises(Refused):
        send_mail(_RAW, _SENDER, recipients, SmtpSettings(host="127.0.0.1", port=9))
