"""Servers that are closed when a test is over, and a wire on which nobody waits long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from connectors.wire import Bearer, Bounds, LocalLimiter, Rate, Secret, Wire
from tests.connectors.wire.hostile import HostileServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from tests.connectors.wire.hostile import Script

KEY = "s3cret/key+of=the-office"
QUICK = Bounds(
    connect_seconds=1.0,
    silence_seconds=0.15,
    answer_seconds=0.3,
    question_seconds=30.0,
    attempts=2,
    answer_bytes=100_000,
)


class Serve(Protocol):
    """Starts a hostile server."""

    def __call__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> HostileServer: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[HostileServer] = []

    def start(*scripts: Script, tls: ssl.SSLContext | None = None) -> HostileServer:
        started.append(HostileServer(list(scripts), tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def wired(slept: list[float]) -> Iterator[Callable[..., Wire]]:
    """Give a function that opens a wire to a base; nothing is really waited for."""
    opened: list[Wire] = []

    def open_wire(base: str, **more: Any) -> Wire:
        given: dict[str, Any] = {
            "tool": "muster",
            "auth": Bearer(Secret(KEY)),
            "credential": "one",
            "rate": Rate(requests=1_000, seconds=1, burst=1_000),
            "limiter": LocalLimiter(),
            "bounds": QUICK,
            "sleep": slept.append,
            "jitter": lambda: 1.0,
        }
        opened.append(Wire(base=base, **(given | more)))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.close()
