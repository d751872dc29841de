"""Whether a bank means our account."""

from __future__ import annotations

import pytest

from connectors.bank.account import same_account

OURS = "DE02120300000000202051"


@pytest.mark.parametrize(
    ("written", "iban", "same"),
    [
        ("DE02120300000000202051", OURS, True),
        ("DE02 1203 0000 0000 2020 51", OURS, True),
        ("de02120300000000202051", OURS, True),
        ("DE02120300000000202051EUR", OURS, True),
        ("DE02120300000000202051 EUR", OURS, True),
        ("12030000/202051", OURS, True),
        ("12030000/0000202051", OURS, True),
        ("12030000/0000202051EUR", OURS, True),
        ("BYLADEM1001/202051", OURS, True),
        ("BYLADEM1001/0000202051EUR", OURS, True),
        ("BYLADEM1001/202051", "DE02 1203 0000 0000 2020 51", True),
        ("12030000/202052", OURS, False),
        ("12030001/202051", OURS, False),
        ("COBADEFFXXX/202051", OURS, False),
        ("COBAATFFXXX/202051", OURS, False),
        ("202051", OURS, False),
        ("", OURS, False),
        ("DE37370400440001111111", OURS, False),
        ("BYLADEM1001/202051", "DE02", False),
        ("00762/011623852957", "CH9300762011623852957", True),
    ],
)
def test_accounts_as_banks_write_them(written: str, iban: str, same: bool) -> None:
    assert same_account(written, iban) is same
