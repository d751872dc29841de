"""Two nights with Lexware Office: terms are asked for once, and nothing unchanged is written again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import responses

from connectors.accounting.lexware.tool import BASE
from connectors.wire import Rate
from tests.connectors.accounting.tools.test_lexware import FakeLexware, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.office import TestOffice

pytestmark = pytest.mark.slow  # whole nights on both databases

TOOL = 'kind = "lexware"\nname = "lexware"\nkey = { env = "TEST_LEXWARE_KEY" }\n'


@pytest.fixture
def lexware(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLexware]:
    monkeypatch.setenv("TEST_LEXWARE_KEY", "secret-key")
    monkeypatch.setattr("connectors.accounting.lexware.tool._RATE", Rate(requests=10_000, seconds=1))
    fake = FakeLexware()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def test_the_second_night_asks_for_no_terms_and_writes_nothing(office: TestOffice, lexware: FakeLexware) -> None:
    office.tool = TOOL
    for number in (1, 2):
        lexware.has(row(number, dueDate="2026-09-01T00:00:00.000+02:00"))

    first = office.night("2026-05-05")["pulled"]["sources"][0]
    asked, lexware.asked = lexware.asked, []
    second = office.night("2026-05-06")["pulled"]["sources"][0]

    assert (first["items"], first["changed"], second["items"], second["changed"]) == (2, 2, 2, 0)
    assert sum(path.startswith("invoices/") for path in asked) == 2
    assert not [path for path in lexware.asked if path.startswith("invoices/")]
    assert office.open_items() == {"RE0001": 11_900, "RE0002": 11_900}
