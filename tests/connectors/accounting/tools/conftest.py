"""What every tool's tests need: a line whose secrets are known and on which nobody really waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from connectors.wire import Bounds, LocalLimiter, Secret
from connectors.wire.line import Line

if TYPE_CHECKING:
    from connectors.wire.settings import SecretSettings

SECRET = "s3cret-key-of-the-office"


@dataclass
class Waits:
    """How long a connector would have waited, question by question."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def line(waits: Waits) -> Line:
    def secret(settings: SecretSettings, setting: str) -> Secret:
        assert settings.env or settings.file or settings.keyring, setting
        return Secret(SECRET)

    return Line(secret=secret, limiter=LocalLimiter(), sleep=waits, bounds=Bounds(attempts=3))
