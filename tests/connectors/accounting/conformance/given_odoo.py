"""Odoo 19, as the conformance suite needs to know it: JSON-2, whose answers are the lists themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.accounting.odoo import OdooSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply
from tests.connectors.accounting.tools.fake_odoo import URL, FakeOdoo

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest


def _make(count: int) -> Callable[[PreparedRequest], Reply]:
    fake = FakeOdoo()
    for number in range(1, count + 1):
        fake.invoice(number, 100.0 + number)
    return lambda request: Reply(*fake.answer(request))


GIVEN = Given(
    settings=OdooSettings(kind="odoo", name="odoo", url=URL, key=SecretSettings(env="ODOO_KEY")),
    make=_make,
    rows="",
    refused=Reply(401, {}, '{"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}'),
)
