"""What expires when, what restarted the time, how loud the warning is, and what a person is told to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.country_laws import law_of
from dunning.hold import Hold, HoldReason
from dunning.limitation import Urgency, days_to_warn, file_by, limitation_end, urgency
from dunning.limitation_watch import Act, WatchedClaim, acknowledgements, expiry, hints
from dunning.principal import SettledPart
from ledger.allocation import AllocationKind
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from dunning.countries import CountryLaw

LAWS = {country: law_of(country) for country in ("DE", "AT", "CH")}


def day(text: str) -> date:
    return date.fromisoformat(text)


def item(due: str, *, end_to_end_id: str = "") -> OpenItem:
    return OpenItem(
        item_id="RE-1",
        document_number="RE-1",
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=day(due) - timedelta(days=14),
        due_date=day(due),
        amount=Money(100_000, "EUR"),
        open_amount=Money(60_000, "EUR"),
        end_to_end_id=end_to_end_id,
    )


def paid(on: str, minor: int = 40_000, kind: AllocationKind = AllocationKind.PAYMENT) -> SettledPart:
    return SettledPart(day=day(on), kind=kind, amount=Money(minor, "EUR"))


def acts(*parts: SettledPart, due: str = "2023-05-04", disputed: bool = False, debit: str = "") -> list[str]:
    found = acknowledgements(item(due, end_to_end_id=debit), parts, (), disputed=disputed, day=day("2026-07-01"))
    return [f"{act.day} {act.what}" for act in found]


# A claim whose last day is 31 December warns from 1 July on, louder from 1 October, loudest from 1 December.
@pytest.mark.parametrize(
    ("on", "how"),
    [
        ("2026-06-30", Urgency.LATER),
        ("2026-07-01", Urgency.EARLY),
        ("2026-09-30", Urgency.EARLY),
        ("2026-10-01", Urgency.SOON),
        ("2026-12-01", Urgency.NOW),
        ("2026-12-31", Urgency.NOW),
        ("2027-01-01", Urgency.OVER),
    ],
)
def test_a_claim_that_ends_with_the_year_warns_from_july_on(on: str, how: Urgency) -> None:
    assert urgency(day("2026-12-31"), day(on)) is how


# country, due, seen on -> last day, how loud
EXACT = [
    ("AT", "2023-09-15", "2026-03-15", "2026-09-15", Urgency.LATER),
    ("AT", "2023-09-15", "2026-03-16", "2026-09-15", Urgency.EARLY),
    ("AT", "2023-09-15", "2026-06-16", "2026-09-15", Urgency.SOON),
    ("AT", "2023-09-15", "2026-08-16", "2026-09-15", Urgency.NOW),
    ("AT", "2023-09-15", "2026-09-16", "2026-09-15", Urgency.OVER),
    ("CH", "2021-09-15", "2026-08-16", "2026-09-15", Urgency.NOW),
    ("DE", "2023-09-15", "2026-08-16", "2026-12-31", Urgency.EARLY),
]


@pytest.mark.parametrize(("country", "due", "on", "last", "how"), EXACT)
def test_where_the_law_counts_to_the_day_so_does_the_warning(
    country: str, due: str, on: str, last: str, how: Urgency
) -> None:
    found = expiry(WatchedClaim(item=item(due)), day(on), LAWS[country])
    assert (found.last_day, found.urgency) == (day(last), how)


@pytest.mark.parametrize(
    ("country", "paragraphs"),
    [
        ("DE", ("§§ 195, 199 BGB", "§ 212 BGB", "Mahnbescheid")),
        ("AT", ("§ 1486 Nr. 1 ABGB", "§ 1497 ABGB", "Mahnklage")),
        ("CH", ("Art. 127, 128, 130 OR", "Art. 135 Ziff. 1, 137 OR", "Betreibungsbegehren")),
    ],
)
def test_it_says_why_and_what_to_do_by_the_law_of_the_country(country: str, paragraphs: tuple[str, ...]) -> None:
    law = LAWS[country]
    claim = WatchedClaim(item=item("2022-03-01"), acts=(Act(day=day("2023-05-03"), what="a part payment of 1 EUR"),))
    near = expiry(claim, limitation_end(claim.item.due_date, law), law)
    told = " ".join([*near.why, near.what_to_do])
    assert [paragraph for paragraph in paragraphs if paragraph not in told] == []


def test_a_part_payment_after_the_time_began_gives_three_years_from_the_day_after_it() -> None:
    claim = WatchedClaim(item=item("2023-05-04"), acts=(Act(day=day("2025-03-10"), what="a part payment"),))
    found = expiry(claim, day("2026-07-01"))
    assert found.last_day == day("2028-03-10")
    assert found.limitation.nominal_end == day("2026-12-31")
    assert found.why[1] == "A part payment. Acknowledged on 2025-03-10: the years start anew (§ 212 BGB)."


def test_as_long_as_the_day_without_the_payment_is_ahead_somebody_is_told_early_and_never_loudly() -> None:
    claim = WatchedClaim(item=item("2023-05-04"), acts=(Act(day=day("2025-03-10"), what="a part payment"),))
    assert expiry(claim, day("2026-12-20")).urgency is Urgency.EARLY
    assert expiry(claim, day("2027-01-01")).urgency is Urgency.LATER


def test_a_part_payment_in_the_year_of_the_due_date_restarts_nothing() -> None:
    claim = WatchedClaim(item=item("2023-05-04"), acts=(Act(day=day("2023-11-10"), what="a part payment"),))
    assert expiry(claim, day("2026-07-01")).last_day == day("2026-12-31")


# what was booked on the item -> what acknowledges it
BOOKED = [
    ((paid("2025-03-10"),), ["2025-03-10 a part payment of 400,00 EUR"]),
    ((paid("2025-03-10", 500, AllocationKind.INTEREST),), ["2025-03-10 a payment of interest of 5,00 EUR"]),
    ((paid("2025-03-10", 500, AllocationKind.SKONTO),), []),
    ((paid("2025-03-10", 500, AllocationKind.FEE),), []),
    ((paid("2025-03-10"), paid("2025-03-20", -40_000)), []),  # it came back
    (
        (paid("2025-01-10"), paid("2025-03-10"), paid("2025-03-20", -40_000)),
        ["2025-01-10 a part payment of 400,00 EUR"],
    ),
    ((paid("2025-01-10", 100), paid("2025-03-20", -40_000)), []),  # which one came back is not clear
    ((paid("2026-07-02"),), []),  # not yet
]


@pytest.mark.parametrize(("parts", "found"), BOOKED)
def test_only_money_of_the_debtor_that_stayed_acknowledges(parts: tuple[SettledPart, ...], found: list[str]) -> None:
    assert acts(*parts) == found


def test_who_pays_only_what_is_undisputed_acknowledges_nothing() -> None:
    assert acts(paid("2025-03-10"), disputed=True) == []


def test_what_we_collected_ourselves_is_no_act_of_the_debtor() -> None:
    assert acts(paid("2025-03-10"), debit="RE-1") == []


def test_an_offer_of_instalments_acknowledges_also_what_is_disputed_later() -> None:
    offers = [day("2025-03-10")]
    (act,) = acknowledgements(item("2023-05-04"), (), offers, disputed=True, day=day("2026-07-01"))
    assert act.what == "the debtor's own offer of instalments"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (HoldReason.DISPUTE, "may have stopped the time (§ 203 BGB)"),
        (HoldReason.DEFERRAL, "may have stopped the time (§ 205 BGB)"),
        (HoldReason.INSOLVENCY, "only a claim that was filed is safe (§ 204 BGB)"),
        (HoldReason.DECEASED, "the estate may have more time (§ 211 BGB)"),
    ],
)
def test_what_may_have_suspended_the_time_is_a_hint_and_moves_no_day(reason: HoldReason, says: str) -> None:
    hold = Hold(hold_id="H1", debtor_number="10001", reason=reason, owner="Frau Lechner", placed_on=day("2025-02-03"))
    (hint,) = hints(item("2023-05-04"), [hold], (), day("2026-07-01"))
    assert says in hint
    assert "since 2025-02-03" in hint
    assert expiry(WatchedClaim(item=item("2023-05-04"), hints=(hint,)), day("2026-07-01")).last_day == day(
        "2026-12-31"
    )


def test_a_hold_for_another_reason_or_another_document_hints_at_nothing() -> None:
    other = Hold(
        hold_id="H1",
        debtor_number="10001",
        item_id="RE-2",
        reason=HoldReason.DISPUTE,
        owner="x",
        placed_on=day("2025-02-03"),
    )
    manual = Hold(
        hold_id="H2", debtor_number="10001", reason=HoldReason.MANUAL, owner="x", placed_on=day("2025-02-03")
    )
    assert list(hints(item("2023-05-04"), [other, manual], (), day("2026-07-01"))) == []


def test_a_promise_by_telephone_is_a_hint_because_it_must_be_proven() -> None:
    (hint,) = hints(item("2023-05-04"), (), [day("2025-02-03"), day("2023-01-01")], day("2026-07-01"))
    assert "2025-02-03" in hint


dates = st.dates(min_value=date(2018, 1, 1), max_value=date(2027, 12, 31))


@given(due=dates, acted=st.lists(dates, max_size=4), seen=dates, law=st.sampled_from(list(LAWS.values())))
def test_an_act_never_makes_the_last_day_earlier(due: date, acted: list[date], seen: date, law: CountryLaw) -> None:
    claim = WatchedClaim(item=item(due.isoformat()), acts=tuple(Act(day=one, what="a part payment") for one in acted))
    found = expiry(claim, seen, law)
    assert found.last_day >= limitation_end(due, law)
    assert (found.urgency is Urgency.OVER) is (seen > found.last_day)


@given(end=dates, seen=dates)
def test_a_warning_only_grows_louder(end: date, seen: date) -> None:
    tomorrow = seen + timedelta(days=1)
    assert urgency(end, seen).rank <= urgency(end, tomorrow).rank
    assert min(days_to_warn(end)) < file_by(end) < end
