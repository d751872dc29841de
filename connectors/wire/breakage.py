"""Breakage (Verbindungsabbruch): what a broken connection means, said without the address, which may hold names."""

from __future__ import annotations

from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import (
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Go from what the library raised to what lies inside."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None)
        seen = inner if isinstance(inner, BaseException) else None


def never_left(error: BaseException) -> bool:
    """Whether no connection came about, so that the tool cannot have heard anything."""
    nothing = (requests.exceptions.ConnectTimeout, NewConnectionError, NameResolutionError)
    return any(isinstance(inner, nothing) for inner in _chain(error))


def distrusted(error: BaseException) -> str:
    """Say why a certificate cannot be trusted; empty where something else broke."""
    found = (inner.verify_message for inner in _chain(error) if isinstance(inner, SSLCertVerificationError))
    return next(found, "")


def reason(error: BaseException) -> str:
    """Say in one sentence what broke, without addresses, whose query may hold names or keys."""
    words = (
        (requests.exceptions.ConnectTimeout, "it does not answer"),
        (requests.exceptions.ReadTimeout, "it fell silent in the middle"),
        (requests.exceptions.Timeout, str(error)),
        (requests.exceptions.SSLError, "the encrypted connection failed"),
        (requests.exceptions.ConnectionError, "there is no connection" if never_left(error) else "it hung up"),
        (ReadTimeoutError, "it fell silent in the middle"),
        (ProtocolError, "the answer was cut off"),
        (DecodeError, "the answer cannot be unpacked"),
    )
    return next(
        (said for kind, said in words if isinstance(error, kind)), f"the connection broke ({type(error).__name__})"
    )
