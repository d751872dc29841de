"""Secrets (Zugangsdaten): keys and tokens that never show in a log, a message or an address."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

_SHOWN: Final = "•••"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A key, a token or a password. Only ``reveal`` gives it away; everything that prints it shows dots."""

    _value: str

    def reveal(self) -> str:
        """Give the secret itself, for the one place that sends it."""
        return self._value

    def fingerprint(self) -> str:
        """Give what tells two secrets apart without telling them: for the limiter that all processes share."""
        return hashlib.sha256(f"kontorist:{self._value}".encode()).hexdigest()[:32]

    def __repr__(self) -> str:
        return f"Secret({_SHOWN})"

    __str__ = __repr__


@dataclass(frozen=True)
class Bearer(AuthBase):
    """``Authorization: Bearer …``; some tools write another word, or none at all."""

    token: Secret
    word: str = "Bearer"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the secret into a request, at the last moment."""
        request.headers["Authorization"] = f"{self.word} {self.token.reveal()}".strip()
        return request


@dataclass(frozen=True)
class Basic(AuthBase):
    """``Authorization: Basic …`` (RFC 7617), in UTF-8."""

    user: str
    password: Secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the secret into a request, at the last moment."""
        pair = f"{self.user}:{self.password.reveal()}".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


@dataclass(frozen=True)
class HeaderKey(AuthBase):
    """A key in a header of the tool's own, such as ``DOLAPIKEY``; ``others`` are further headers with secrets."""

    header: str
    key: Secret
    others: dict[str, Secret] = field(default_factory=dict)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the secret into a request, at the last moment."""
        for name, secret in {self.header: self.key, **self.others}.items():
            request.headers[name] = secret.reveal()
        return request
