"""Money that is not about our invoices: refunds, taxes, insurers, card settlements, own transfers, tenants, cash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from benchmarks.matching.customers import Payer, iban
from benchmarks.matching.diary import Payment, bank_day
from benchmarks.matching.names import firm, person
from benchmarks.matching.number_formats import FORMATS, Series
from ledger.statement import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from benchmarks.matching.diary import Diary

_SUPPLIERS: Final = 12
_TENANTS: Final = 3


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Everybody else who deals with the company; they come back again and again from the same accounts."""

    suppliers: tuple[tuple[Payer, Series], ...]
    tenants: tuple[tuple[Payer, int], ...]
    tax_office: Payer
    insurer: Payer
    health_fund: Payer
    acquirer: Payer


def invent_neighbourhood(diary: Diary) -> Neighbourhood:
    """Invent suppliers, of whom some number their documents as we do, and one is a customer too."""
    rng, country = diary.rng, diary.profile.country
    suppliers = [(Payer(firm(rng), iban(rng, country)), Series(rng.choice(FORMATS))) for _ in range(_SUPPLIERS)]
    both = rng.choice(diary.customers)
    suppliers.append((Payer(both.own_name, both.payer.iban), Series(rng.choice(FORMATS))))
    return Neighbourhood(
        suppliers=tuple(suppliers),
        tenants=tuple(
            (Payer(person(rng), iban(rng, country)), rng.randint(400, 1_800) * 100) for _ in range(_TENANTS)
        ),
        tax_office=Payer(f"Finanzamt {rng.choice(('Nord', 'Sued', 'Mitte'))}", iban(rng, country)),
        insurer=Payer(f"{rng.choice(('Allsecur', 'Hansa', 'Concord'))} Versicherung AG", iban(rng, country)),
        health_fund=Payer(f"{rng.choice(('BKK', 'IKK', 'AOK'))} Gesundheit", iban(rng, country)),
        acquirer=Payer(f"{rng.choice(('Kartenpay', 'EasyTerminal', 'Payvision'))} GmbH", iban(rng, country)),
    )


def expect_strangers(diary: Diary, first_day: date, count: int) -> None:
    """Spread the money of strangers over all days."""
    neighbourhood = invent_neighbourhood(diary)
    days = (diary.last_day - first_day).days
    kinds, weights = list(_KINDS), [weight for weight, _ in _KINDS.values()]
    for kind in diary.rng.choices(kinds, weights, k=count):
        day = first_day + timedelta(days=diary.rng.randint(0, days))
        diary.wish(day, partial(_come_in, diary, neighbourhood, kind))
    for number in range(count // 20):
        day = first_day + timedelta(days=(number * 97) % max(1, days))
        diary.wish(day, partial(_own_payment, diary, neighbourhood))


def _come_in(diary: Diary, neighbourhood: Neighbourhood, kind: str, day: date) -> None:
    payment = _KINDS[kind][1](diary, neighbourhood, day)
    payment.modifiers.append(kind)
    diary.write(payment)


def _stranger(diary: Diary, day: date, payer: Payer, text: str, minor: int = 0) -> Payment:
    return Payment(
        payment_class="unrelated",
        day=bank_day(day),
        minor=minor or diary.rng.randint(1_000, 300_000),
        text=text,
        payer=payer,
        text_is_final=True,
    )


def _supplier_refund(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    """Get money back from a supplier, who quotes numbers of its own; they may look like ours."""
    rng = diary.rng
    payer, series = rng.choice(neighbourhood.suppliers)
    number = str(series.following(rng, day, str(rng.randrange(10_000, 99_999))))
    if rng.random() < 0.25 and diary.written:  # the same shape and the same range as our own numbers
        number = str(diary.numbers[rng.choice(diary.written[-200:]).item_id])
    words = (
        "Gutschrift {}",
        "Erstattung {}",
        "Rueckzahlung zu RE {}",
        "Rechnung {} Storno",
        "{}",
        "Bonus {}",
        "GS {}",
    )
    minor = rng.choice((0, 0, 0, _some_open_amount(diary)))
    return _stranger(diary, day, payer, rng.choice(words).format(number), minor)


def _some_open_amount(diary: Diary) -> int:
    """Give the amount of some invoice of ours: price lists make such accidents."""
    return diary.rng.choice(diary.written[-50:]).amount.minor if diary.written else 0


def _tax_refund(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    tax_number = (
        f"{diary.rng.randrange(10, 99)}/{diary.rng.randrange(100, 999)}/{diary.rng.randrange(10_000, 99_999)}"
    )
    words = ("STNR {} UMS.ST {:%m.%y}", "ERSTATTUNG {} KOERPERST. {:%Y}", "St.Nr. {} Erst. USt {:%b.%y}")
    return _stranger(diary, day, neighbourhood.tax_office, diary.rng.choice(words).format(tax_number, day))


def _insurance(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    claim = f"{diary.rng.randrange(10**8, 10**9)}"
    words = ("Schaden-Nr. {} vom {:%d.%m.%Y}", "Schadennummer {} Entschaedigung", "Beitragsrueckerstattung VS {}")
    return _stranger(diary, day, neighbourhood.insurer, diary.rng.choice(words).format(claim, day))


def _health_fund(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    text = f"AAG-Erstattung BNR {diary.rng.randrange(10**7, 10**8)} {day:%m/%Y}"
    return _stranger(diary, day, neighbourhood.health_fund, text)


def _card_settlement(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    terminal = diary.rng.randrange(50_000_000, 69_999_999)
    text = f"TERMINAL {terminal} VOM {day:%d.%m.%Y} GIROCARD {diary.rng.randrange(2, 40)} UMSAETZE"
    payment = _stranger(diary, day, neighbourhood.acquirer, text)
    payment.kind = diary.rng.choice((EntryKind.CARD_SETTLEMENT, EntryKind.TRANSFER))
    return payment


def _service_payout(diary: Diary, _neighbourhood: Neighbourhood, day: date) -> Payment:
    name, text = diary.rng.choice(
        (
            ("Stripe Technology Europe Ltd", "STRIPE PAYOUT {} {:%Y%m%d}"),
            ("PayPal Europe S.a.r.l. et Cie S.C.A", "PP.{}.PP ABBUCHUNG VOM PAYPAL-KONTO AWV-MELDEPFLICHT"),
            ("Klarna Bank AB", "KLARNA AUSZAHLUNG {} {:%d.%m.%y}"),
        )
    )
    payer = Payer(name, f"IE{len(text):02d}SERV0099036{len(name):07d}")
    return _stranger(diary, day, payer, text.format(diary.rng.randrange(10**5, 10**9), day))


def _interest(diary: Diary, _neighbourhood: Neighbourhood, day: date) -> Payment:
    payment = _stranger(
        diary, day, Payer("", ""), f"ZINSEN/KONTOFUEHRUNG PER {day:%d.%m.%Y}", diary.rng.randint(5, 9_000)
    )
    payment.kind = EntryKind.INTEREST
    return payment


def _own_transfer(diary: Diary, _neighbourhood: Neighbourhood, day: date) -> Payment:
    payer = Payer("Eigene Firma GmbH", diary.own_accounts[2])
    text = diary.rng.choice(("Umbuchung", "Liquiditaet", "UEBERTRAG", "Kontoausgleich {:%m/%Y}")).format(day)
    payment = _stranger(diary, day, payer, text, diary.rng.randint(1, 50) * 100_000)
    payment.kind = diary.rng.choice((EntryKind.TRANSFER, EntryKind.OWN_TRANSFER))
    return payment


def _rent(diary: Diary, neighbourhood: Neighbourhood, day: date) -> Payment:
    payer, minor = diary.rng.choice(neighbourhood.tenants)
    return _stranger(diary, day, payer, f"Miete {day:%m/%Y} Whg {diary.rng.randint(1, 9)}", minor)


def _cash(diary: Diary, _neighbourhood: Neighbourhood, day: date) -> Payment:
    payment = _stranger(diary, day, Payer("", ""), "BARGELDEINZAHLUNG", diary.rng.randint(1, 60) * 5_000)
    payment.kind = EntryKind.CASH
    return payment


def _own_payment(diary: Diary, neighbourhood: Neighbourhood, day: date) -> None:
    """Pay a supplier's invoice: money that leaves, with a number that may look like ours."""
    payer, series = diary.rng.choice(neighbourhood.suppliers)
    number = series.following(diary.rng, day, str(diary.rng.randrange(10_000, 99_999)))
    payment = _stranger(diary, day, payer, f"Rechnung {number}", -diary.rng.randint(2_000, 500_000))
    payment.modifiers.append("own_payment")
    diary.write(payment)


_KINDS: Final[Mapping[str, tuple[float, Callable[[Diary, Neighbourhood, date], Payment]]]] = MappingProxyType(
    {
        "supplier_refund": (30, _supplier_refund),
        "tax_refund": (8, _tax_refund),
        "insurance": (8, _insurance),
        "health_fund": (8, _health_fund),
        "card_settlement": (16, _card_settlement),
        "service_payout": (8, _service_payout),
        "interest": (3, _interest),
        "own_transfer": (7, _own_transfer),
        "rent": (8, _rent),
        "cash": (4, _cash),
    }
)
