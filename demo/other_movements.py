"""Movements that settle no item (sonstige Umsätze): refunds, interest, what the company itself pays, bank charges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.diary import Diary, OtherParty
from demo.movement import PaymentClass
from demo.names import BANKS, OWN_BANKS, firm, iban

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_TAX_OFFICE: Final = OtherParty(name="Finanzamt Oberland", iban=iban(BANKS[1], 81_500_471), bic=BANKS[1].bic)
_LANDLORD: Final = OtherParty(name="Gewerbepark Loisach KG", iban=iban(BANKS[0], 40_213_377), bic=BANKS[0].bic)
_UTILITY: Final = OtherParty(name="Stadtwerke Oberland", iban=iban(BANKS[2], 7_712_345), bic=BANKS[2].bic)

_SUPPLIERS: Final = 12
_SHARE_PAID_TO_SUPPLIERS: Final = 62  # percent of what came in
_ITEMS_PER_REFUND: Final = 80


def write_other_movements(diary: Diary, company: str) -> None:
    """Fill the diary with what else happens on two business accounts in these months."""
    suppliers = _suppliers(diary)
    _refunds(diary, suppliers)
    _outgoing(diary, suppliers)
    for month_end in _month_ends(diary.days):
        _month(diary, month_end, company)


def _suppliers(diary: Diary) -> list[OtherParty]:
    rng = diary.rng
    taken = {customer.debtor.name for customer in diary.books.customers.values()}
    found: dict[str, OtherParty] = {}
    while len(found) < _SUPPLIERS:
        name = firm(rng).replace("GmbH", "Vertriebs GmbH")
        if name not in taken:
            bank = rng.choice(BANKS)
            found[name] = OtherParty(name=name, iban=iban(bank, rng.randint(10_000, 9_999_999_999)), bic=bank.bic)
    return list(found.values())


def _refunds(diary: Diary, suppliers: list[OtherParty]) -> None:
    rng = diary.rng
    for _ in range(max(2, len(diary.books.items) // _ITEMS_PER_REFUND)):
        day, amount = rng.choice(diary.days), rng.randint(1_500, 90_000)
        text = rng.choice(
            (
                f"Gutschrift GU{rng.randint(10000, 99999)} Ihre Ruecksendung",
                f"Erstattung Doppelzahlung Rg. 2026-{rng.randint(100, 1400):05d}",  # a number of theirs, like ours
                f"Bonus 1. Quartal Kunde {rng.randint(40000, 49999)}",
            )
        )
        party = rng.choice(suppliers)
        diary.write(
            PaymentClass.SUPPLIER_REFUND, day, amount, "166", account=rng.randrange(2), party=party, remittance=text
        )
    for day in rng.sample(diary.days, min(2, len(diary.days))):
        text = f"ERSTATTUNG USTVA {day:%m/%y} STNR 139/{rng.randint(100, 999)}/{rng.randint(10000, 99999)}"
        amount = rng.randint(90_000, 600_000)
        diary.write(PaymentClass.TAX_REFUND, day, amount, "156", account=0, party=_TAX_OFFICE, remittance=text)


def _outgoing(diary: Diary, suppliers: list[OtherParty]) -> None:
    """Pay the suppliers most of what the customers brought, so that the balances stay believable."""
    rng = diary.rng
    for account, own in enumerate(diary.accounts):
        received = sum(
            m.entry.amount.minor for m in diary.movements if m.entry.account == own and m.entry.amount.minor > 0
        )
        left = received * _SHARE_PAID_TO_SUPPLIERS // 100
        while left > 50_000:
            amount = min(left, rng.randint(40_000, 1_800_000))
            left -= amount
            text = f"RG {rng.randint(100000, 999999)} KD {rng.randint(40000, 49999)}"
            party, day = rng.choice(suppliers), rng.choice(diary.days)
            diary.write(PaymentClass.OUTGOING, day, -amount, "116", account=account, party=party, remittance=text)


def _month(diary: Diary, month_end: date, company: str) -> None:
    rng = diary.rng
    first = diary.day(month_end.replace(day=1))
    rent = f"Miete Halle 3 {month_end:%m/%Y}"
    diary.write(PaymentClass.OUTGOING, first, -684_000, "117", account=0, party=_LANDLORD, remittance=rent)
    wages = rng.randint(5_800_000, 6_400_000)
    diary.write(PaymentClass.OUTGOING, month_end, -wages, "191", account=0, remittance=f"Loehne {month_end:%m/%Y}")
    power = f"Abschlag Strom {month_end:%m/%Y} Vertragskonto 2200{rng.randint(1000, 9999)}"
    diary.write(
        PaymentClass.OUTGOING,
        diary.day(month_end.replace(day=15)),
        -118_900,
        "105",
        account=1,
        party=_UTILITY,
        remittance=power,
        mandate_id="SWO-77120",
    )
    for account in range(2):
        charge = rng.randint(890, 3_990)
        text = f"Entgelt lt. Preisverzeichnis {month_end:%m/%Y}"
        diary.write(PaymentClass.BANK_CHARGE, month_end, -charge, "805", account=account, remittance=text)
    interest = f"Guthabenzinsen {month_end:%m/%Y}"
    diary.write(PaymentClass.INTEREST, month_end, rng.randint(310, 2_900), "814", account=1, remittance=interest)
    _own_transfer(diary, month_end, company)


def _own_transfer(diary: Diary, day: date, company: str) -> None:
    """Move money to the account that pays the wages: one debit, one credit."""
    amount = diary.rng.randint(20, 40) * 100_000
    for account, other, sign in ((1, 0, -1), (0, 1, 1)):
        party = OtherParty(name=company, iban=diary.accounts[other], bic=OWN_BANKS[other].bic)
        diary.write(
            PaymentClass.OWN_TRANSFER,
            day,
            sign * amount,
            "820",
            account=account,
            party=party,
            remittance="Uebertrag Konten",
        )


def _month_ends(days: tuple[date, ...]) -> Iterator[date]:
    """Give the last bank day of each month that the period covers."""
    for day, following in zip(days, (*days[1:], None), strict=True):
        if following is None or following.month != day.month:
            yield day
