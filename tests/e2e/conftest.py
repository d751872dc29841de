"""One loaded process that nights run in, and a mail server that remembers what it received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.demo_office import NightProcess
from tests.e2e.mail_server import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def night_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NightProcess]:
    """Load the program once per test process."""
    process = NightProcess(tmp_path_factory.mktemp("night-process"))
    yield process
    process.end()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    server = MailServer()
    server.start()
    yield server
    server.stop()
