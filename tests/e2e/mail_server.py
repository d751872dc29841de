"""A real mail server that keeps what it receives, and refuses what it is told to refuse."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

SENDER: Final = "mahnwesen@isarwinkler-haustechnik.example"
PASSWORD: Final = "nur-der-Server-kennt-Zx81"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@dataclass(slots=True)
class MailServer:
    """Listens on a port of its own; ``answers`` says what to answer to which recipient."""

    answers: dict[str, str] = field(default_factory=dict)
    seconds_before_the_answer: float = 0
    hangs_up: bool = False  # when a message is complete, without an answer
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    port: int = field(default_factory=_free_port)
    _controller: Controller | None = None

    def start(self) -> None:
        """Begin to listen, with a login that only the right password passes."""
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=_login,
            auth_required=False,
            auth_require_tls=False,
        )
        self._controller.start()

    def stop(self) -> None:
        """Be out of reach from now on."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def toml(self, more: str = "") -> str:
        """Give the configuration of this server."""
        return (
            f'[smtp]\nhost = "127.0.0.1"\nport = {self.port}\nsecurity = "none"\nsender = "{SENDER}"\n'
            f"timeout_seconds = 5\n{more}"
        )

    def recipients(self) -> list[str]:
        """Name everybody who received a mail, once for each."""
        return sorted(recipient for recipient, _ in self.received)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks after the commands
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        self.received.extend((recipient, message) for recipient in envelope.rcpt_tos)
        await asyncio.sleep(self.seconds_before_the_answer)
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {len(self.received)}"


def _login(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)
