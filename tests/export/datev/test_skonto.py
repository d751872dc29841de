"""Skonto is booked rate by rate, so that the VAT is corrected where it was charged (§ 17 (1) UStG)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.datev.accounts import SKONTO_SKR03, ChartOfAccounts, skr03, skr04
from export.datev.batch import DatevExport, DatevSettings, datev_batches
from export.datev.check import check_delivery
from export.datev.clearing import account_movements, clears, document_key
from export.datev.posting import PostingFact, Reversal
from export.datev.reader import Row, read_batch
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money, from_decimal
from ledger.rounding import half_up_ratio
from ledger.tax_share import TaxShare, read_tax_shares, split_by_rate

IBAN = "DE02120300000000202051"
NIGHT = datetime(2026, 6, 1, tzinfo=UTC)
SKR03 = skr03(own_ibans=(IBAN,))
SKR04 = skr04(own_ibans=(IBAN,))


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount.replace(".", "").replace(",", ".")), "EUR")


def booking(*parts: tuple[AllocationKind, Money], shares: str = "", document: str = "RE-1") -> list[PostingFact]:
    """Give the facts of one entry about one document whose gross amounts by VAT rate are ``shares``."""
    rates = read_tax_shares(shares, "EUR")
    return [
        PostingFact(
            entry_id=f"E-{document}",
            booking_date=date(2026, 5, 4),
            account=IBAN,
            allocation=Allocation(
                kind=kind,
                amount=amount,
                item_id=f"file:{document}",
                document_number=document,
                debtor_number="10001",
                tax_parts=split_by_rate(amount, rates) if kind is AllocationKind.SKONTO else (),
            ),
            payer_name="Muster GmbH",
        )
        for kind, amount in parts
    ]


def paid(payment: str, skonto: str, shares: str, document: str = "RE-1") -> list[PostingFact]:
    return booking(
        (AllocationKind.PAYMENT, euro(payment)),
        (AllocationKind.SKONTO, euro(skonto)),
        shares=shares,
        document=document,
    )


def taken_back(facts: list[PostingFact], *, signs: bool = False) -> list[PostingFact]:
    """Take facts back as the night hands them over; storage turns the signs of the parts."""
    return [replace(f, is_reversal=True, allocation=_turned(f.allocation, signs=signs)) for f in facts]


def _turned(allocation: Allocation, *, signs: bool) -> Allocation:
    if not signs:
        return allocation
    parts = tuple(replace(part, net=-part.net, tax=-part.tax) for part in allocation.tax_parts)
    return replace(allocation, tax_parts=parts)


def export(
    facts: list[PostingFact], chart: ChartOfAccounts = SKR03, reversal: Reversal = Reversal.COUNTER_POSTING
) -> DatevExport:
    """Export and check every file on the way."""
    wishes = DatevSettings(chart=chart, consultant_number=29098, client_number=55003, reversal=reversal)
    exported = datev_batches("muster", facts, wishes, created_at=NIGHT)
    for batch in exported.batches:
        assert check_delivery(batch, money_accounts=chart.money_accounts) == ()
    return exported


def rows(exported: DatevExport) -> list[Row]:
    return [row for batch in exported.batches for row in read_batch(batch.content).rows]


def lines(exported: DatevExport) -> list[str]:
    assert exported.unclear == ()
    return [
        " ".join(row.value(n) for n in (1, 2, 7, 8, 11)) + (f" Skonto {row.value(13)}" if row.value(13) else "")
        for row in rows(exported)
    ]


# An invoice of 119,00 at 19 % and 53,50 at 7 %, and what became of it.
@pytest.mark.parametrize(
    ("payment", "skonto", "shares", "booked"),
    [
        # 2 % of 172,50
        (
            "169,05",
            "3,45",
            "19:119,00 7:53,50",
            ["169,05 S 1200 10001 RE-1", "2,38 S 8736 10001 RE-1", "1,07 S 8731 10001 RE-1"],
        ),
        # all of it at one rate
        ("116,62", "2,38", "19:119,00", ["116,62 S 1200 10001 RE-1", "2,38 S 8736 10001 RE-1"]),
        ("52,43", "1,07", "7:53,50", ["52,43 S 1200 10001 RE-1", "1,07 S 8731 10001 RE-1"]),
        # the payer rounded a cent too much: it belongs to the rate it is nearest to
        (
            "169,04",
            "3,46",
            "19:119,00 7:53,50",
            ["169,04 S 1200 10001 RE-1", "2,39 S 8736 10001 RE-1", "1,07 S 8731 10001 RE-1"],
        ),
        # 3 % of 0,67 is two cents, one for each rate; 3 % of 0,40 is one, for the higher rate
        (
            "0,65",
            "0,02",
            "19:0,34 7:0,33",
            ["0,65 S 1200 10001 RE-1", "0,01 S 8736 10001 RE-1", "0,01 S 8731 10001 RE-1"],
        ),
        ("0,39", "0,01", "19:0,20 7:0,20", ["0,39 S 1200 10001 RE-1", "0,01 S 8736 10001 RE-1"]),
        # 3 % of 0,01 is nothing
        ("0,01", "0,00", "19:0,01", ["0,01 S 1200 10001 RE-1"]),
        # a returned debit, and a credit note that is used up: the other way round
        (
            "-169,05",
            "-3,45",
            "19:119,00 7:53,50",
            ["169,05 H 1200 10001 RE-1", "2,38 H 8736 10001 RE-1", "1,07 H 8731 10001 RE-1"],
        ),
    ],
)
def test_what_was_paid_and_kept_is_booked_rate_by_rate(
    payment: str, skonto: str, shares: str, booked: list[str]
) -> None:
    exported = export(paid(payment, skonto, shares))
    assert lines(exported) == booked
    assert exported.findings == ()
    owed = euro(payment) + euro(skonto)
    batch = read_batch(exported.batches[0].content)
    assert clears(batch, {document_key(10001, "RE-1"): owed.decimal()}).open() == {}
    assert account_movements(batch)[1200] == euro(payment).decimal()


def test_the_accounts_are_those_of_the_chart_in_its_length() -> None:
    mixed = paid("169,05", "3,45", "19:119,00 7:53,50")
    assert [row.value(7) for row in rows(export(mixed, SKR04))] == ["1800", "4736", "4731"]
    long = skr03(6, (IBAN,))
    facts = [replace(f, allocation=replace(f.allocation, debtor_number="1000100")) for f in mixed]
    assert [row.value(7) for row in rows(export(facts, long))] == ["120000", "873600", "873100"]


def test_the_adviser_may_name_accounts_of_his_own() -> None:
    chart = replace(SKR03, skonto_accounts={**SKONTO_SKR03, Decimal(19): 8740, Decimal("0.0"): 8730})
    exported = export(paid("98,00", "2,00", "19:50,00 0:50,00"), chart)
    assert lines(exported) == ["98,00 S 1200 10001 RE-1", "1,00 S 8740 10001 RE-1", "1,00 S 8730 10001 RE-1"]


def test_the_text_says_at_which_rate_and_no_tax_key_is_written() -> None:
    found = rows(export(paid("169,05", "3,45", "19:119,00 7:53,50")))
    assert [row.value(14) for row in found] == [
        "Muster GmbH RE-1",
        "Muster GmbH Skonto 19 % RE-1",
        "Muster GmbH Skonto 7 % RE-1",
    ]
    assert {row.value(9) for row in found} == {""}


def test_several_documents_of_one_payment_keep_their_rates_apart() -> None:
    first = paid("116,62", "2,38", "19:119,00", "RE-1")
    second = [replace(f, entry_id="E-RE-1") for f in paid("52,43", "1,07", "", "RE-2")]
    assert lines(export(first + second)) == [
        "116,62 S 1200 10001 RE-1",
        "52,43 S 1200 10001 RE-2 Skonto 1,07",
        "2,38 S 8736 10001 RE-1",
    ]


@pytest.mark.parametrize("shares", ["0:119,00", "19:59,50 5:59,50", "16:119,00"])
def test_a_rate_without_account_leaves_the_whole_skonto_to_datev_and_says_so(shares: str) -> None:
    exported = export(paid("116,62", "2,38", shares))
    assert lines(exported) == ["116,62 S 1200 10001 RE-1 Skonto 2,38"]
    (note,) = exported.findings
    assert note.code == "datev-skonto-rate"
    assert "19" not in note.what


def test_where_no_rates_are_known_nothing_changes() -> None:
    exported = export(paid("116,62", "2,38", ""))
    assert lines(exported) == ["116,62 S 1200 10001 RE-1 Skonto 2,38"]
    assert exported.findings == ()


def test_one_account_for_all_skonto_goes_before_the_rates() -> None:
    exported = export(paid("169,05", "3,45", "19:119,00 7:53,50"), replace(SKR03, skonto=8730))
    assert lines(exported) == ["169,05 S 1200 10001 RE-1 Skonto 3,45"]
    assert rows(exported)[0].value(125) == "8730"
    assert exported.findings == ()


def test_skonto_without_a_payment_waits_only_where_its_rates_are_not_known() -> None:
    alone = (AllocationKind.SKONTO, euro("3,45"))
    assert lines(export(booking(alone, shares="19:119,00 7:53,50"))) == [
        "2,38 S 8736 10001 RE-1",
        "1,07 S 8731 10001 RE-1",
    ]
    for shares in ("", "16:172,50"):
        waiting = export(booking(alone, shares=shares))
        assert "datev-skonto-alone" in [finding.code for finding in waiting.findings]
        assert len(waiting.unclear) == 1


@pytest.mark.parametrize("signs", [False, True])
def test_what_was_taken_back_comes_with_the_same_lines_turned_round(*, signs: bool) -> None:
    facts = paid("169,05", "3,45", "19:119,00 7:53,50")
    correction = export(taken_back(facts, signs=signs))
    assert lines(correction) == ["169,05 H 1200 10001 RE-1", "2,38 H 8736 10001 RE-1", "1,07 H 8731 10001 RE-1"]
    assert [row.value(14) for row in rows(correction)] == [
        "Muster GmbH Storno RE-1",
        "Muster GmbH Storno Skonto 19 % RE-1",
        "Muster GmbH Storno Skonto 7 % RE-1",
    ]


SHARES = st.lists(
    st.builds(
        TaxShare,
        rate_percent=st.sampled_from([Decimal(19), Decimal(7)]),
        gross=st.integers(0, 10_000_000).map(lambda minor: Money(minor, "EUR")),
    ),
    max_size=4,
)


@st.composite
def bookings(draw: st.DrawFn) -> list[PostingFact]:
    """A payment and a Skonto on each of some documents, whatever their rates and signs."""
    facts: list[PostingFact] = []
    for number in range(draw(st.integers(1, 3))):
        sign = draw(st.sampled_from([1, -1]))
        skonto = Money(sign * draw(st.integers(1, 500_000)), "EUR")
        payment = Money(sign * draw(st.integers(1, 10_000_000)), "EUR")
        parts = split_by_rate(skonto, draw(SHARES))
        pair = booking((AllocationKind.PAYMENT, payment), (AllocationKind.SKONTO, skonto), document=f"RE-{number}")
        pair[1] = replace(pair[1], allocation=replace(pair[1].allocation, tax_parts=parts))
        facts += pair
    return facts


@settings(max_examples=80, deadline=None)
@given(bookings())
def test_the_lines_of_a_document_are_payment_and_skonto_and_each_rate_gets_its_net_and_tax(
    facts: list[PostingFact],
) -> None:
    exported = export(facts)
    found = sorted(rows(exported), key=lambda row: row.value(11))
    for document, of_document in groupby(found, key=lambda row: row.value(11)):
        own = list(of_document)
        allocations = [f.allocation for f in facts if f.allocation.document_number == document]
        assert _whole(own) == sum(a.amount.minor for a in allocations)
        for part in allocations[1].tax_parts:
            (line,) = [row for row in own if row.value(7) == str(SKR03.skonto_accounts[part.rate_percent])]
            gross = _whole([line])
            assert gross == part.net.minor + part.tax.minor
            # What the account computes by itself is what we told the accountant.
            numerator, denominator = part.rate_percent.as_integer_ratio()
            tax = half_up_ratio(abs(gross) * numerator, 100 * denominator + numerator)
            assert abs(part.tax.minor) == tax


@settings(max_examples=60, deadline=None)
@given(bookings(), st.sampled_from(Reversal), st.booleans())
def test_after_an_undo_the_export_adds_up_to_zero(
    facts: list[PostingFact],
    reversal: Reversal,
    signs: bool,
) -> None:
    exported = export([*facts, *taken_back(facts, signs=signs)], reversal=reversal)
    (batch,) = exported.batches
    read = read_batch(batch.content)
    assert set(account_movements(read).values()) == {Decimal(0)}
    assert clears(read, {}).open() == {}
    lines_left: Counter[tuple[str, ...]] = Counter()
    for row in read.rows:
        taken = (row.value(2) == "H") != row.is_reversal
        lines_left[tuple(row.value(n) for n in (1, 7, 8, 11, 13))] += -1 if taken else 1
    assert not any(lines_left.values())
    assert batch.sum_debit == (batch.sum_credit if reversal is Reversal.COUNTER_POSTING else Money(0, "EUR"))


def _whole(found: list[Row]) -> int:
    """Add up Umsatz and Skonto in cents, what is marked H with a minus."""
    cents = [
        (1 if row.value(2) == "S" else -1) * 100 * ((row.amount(1) or Decimal(0)) + (row.amount(13) or Decimal(0)))
        for row in found
    ]
    return int(sum(cents, Decimal(0)))
