"""Learning and its limits: what is confirmed, corrected, rejected and undone teaches just that, and no more."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from night.learned import learned_payers, restore_learned, revoke_learned
from reconciliation.rejections import subject_of
from review import desk
from storage.matches import load_outcomes
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from reconciliation.outcome import Outcome

HUBER, KAYA, ADLER, UNKNOWN = PAYERS


@pytest.fixture
def shop(tmp_path: Path) -> TestOffice:
    """Give an office whose customers are two firms with known accounts, and a gardener whose adviser pays."""
    office = TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor("10001", "Huber GmbH", iban=HUBER)
    office.debtor("10002", "Kaya Bau GmbH", iban=KAYA)
    office.debtor("10003", "Grün Gartenbau GmbH", iban="")
    office.item("RE-2026-00001", "10001", "119.00")
    office.item("RE-2026-00002", "10002", "250.00")
    office.item("RE-2026-00003", "10003", "77.00")
    office.item("RE-2026-00004", "10003", "88.00")
    return office


ADVISER = Payment(amount="77.00", payer="Steuerbüro Adler", iban=ADLER, text="Gartenarbeiten Mai")


def entry_of(office: TestOffice, text: str) -> str:
    return str(office.matches()[text]["entry_id"])


def learned(office: TestOffice, *, revoked: bool = False) -> list[tuple[str, str, str, int]]:
    rows = office.read(lambda c: learned_payers(c, "muster", date(2026, 7, 31)))
    return [
        (one.kind.value, one.payer, one.debtor_number, one.payments)
        for one in rows
        if (one.revoked is not None) == revoked and (one.payments or revoked)
    ]


def outcomes(office: TestOffice) -> dict[str, Outcome]:
    found: dict[str, Outcome] = office.read(lambda c: load_outcomes(c, "muster"))
    return found


def content(outcome: Outcome) -> tuple[Any, ...]:
    """Give what an outcome says, apart from its sentences."""
    proposals = [(p.allocations, p.probability, p.evidence_class) for p in outcome.proposals]
    return (outcome.state, outcome.allocations, proposals, outcome.possible_debtors)


def assign(office: TestOffice, text: str, **parts: int) -> None:
    split = [(number.replace("_", "-"), minor) for number, minor in parts.items()]
    entry_id = entry_of(office, text)
    office.decide(lambda c, i, a: desk.assign(c, i, a, entry_id, split))


def test_what_is_confirmed_is_known_from_then_on_and_listed_with_its_dates(shop: TestOffice) -> None:
    shop.statement("2026-06-10", ADVISER)
    shop.night("2026-06-11")
    assign(shop, "Gartenarbeiten Mai", RE_2026_00003=7700)
    assert learned(shop) == [("account", ADLER, "10003", 1), ("name", "Steuerbüro Adler", "10003", 1)]
    shop.statement("2026-06-20", Payment(amount="88.00", payer="Steuerbüro Adler", iban=ADLER, text="Juni"))
    shop.night("2026-06-21")
    (proposal, *_) = shop.matches()["Juni"]["proposals"]
    assert any("paid for Grün Gartenbau GmbH before" in reason for reason in proposal["reasons"])


def test_what_is_corrected_teaches_the_right_debtor_and_not_the_wrong_one(shop: TestOffice) -> None:
    shop.statement("2026-06-10", ADVISER)
    shop.night("2026-06-11")
    entry_id = entry_of(shop, "Gartenarbeiten Mai")
    shop.decide(lambda c, i, a: desk.put_on_account(c, i, a, entry_id, "10002"))
    assert [row[2] for row in learned(shop)] == ["10002", "10002"]
    shop.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "the gardener's adviser"))
    assign(shop, "Gartenarbeiten Mai", RE_2026_00003=7700)
    assert [row[2] for row in learned(shop)] == ["10003", "10003"]
    assert shop.verified() == []


def test_a_rejected_proposal_does_not_come_back_for_the_same_reasons(shop: TestOffice) -> None:
    shop.statement("2026-06-10", Payment(amount="77.00", payer="Grün", iban=UNKNOWN, text="Danke"))
    shop.night("2026-06-11")
    before = outcomes(shop)[entry_id := entry_of(shop, "Danke")]
    rejected = subject_of(before.proposals[0].allocations)
    shop.decide(lambda c, i, a: desk.reject(c, i, a, entry_id, 1, "another Grün"), "2026-06-11")
    for day in ("2026-06-12", "2026-06-13"):
        shop.night(day)
        after = outcomes(shop)[entry_id]
        assert rejected not in {subject_of(p.allocations) for p in after.proposals}
        assert after.state == "review"
        assert "was rejected on 11.06.2026 by Frau Lechner (another Grün), so a person decides" in after.reasons[0]
        assert after.possible_debtors >= {"10003"}  # who may have paid is spared all the same
    assert learned(shop) == []
    assert shop.verified() == []


def test_something_new_brings_it_back_and_says_so_but_a_person_still_books_it(shop: TestOffice) -> None:
    shop.statement("2026-06-10", Payment(amount="77.00", payer="Grün", iban=UNKNOWN, text="Danke"))
    shop.night("2026-06-11")
    entry_id = entry_of(shop, "Danke")
    shop.decide(lambda c, i, a: desk.reject(c, i, a, entry_id, 1, "another Grün"), "2026-06-11")
    shop.debtors[2] = shop.debtors[2].replace(",,,business", f",,{UNKNOWN},business")  # the tool learns the account
    shop.night("2026-06-12")
    row = shop.matches()["Danke"]
    assert row["state"] == "review"
    (proposal, *_) = row["proposals"]
    assert [a["document_number"] for a in proposal["allocations"]] == ["RE-2026-00003"]
    came_back = "was rejected on 11.06.2026 by Frau Lechner (another Grün); new: the account"
    assert any(reason.startswith(came_back) for reason in proposal["reasons"])


def test_what_was_rejected_by_mistake_is_proposed_again_after_undo(shop: TestOffice) -> None:
    shop.statement("2026-06-10", Payment(amount="77.00", payer="Grün", iban=UNKNOWN, text="Danke"))
    shop.night("2026-06-11")
    entry_id = entry_of(shop, "Danke")
    before = outcomes(shop)
    shop.decide(lambda c, i, a: desk.reject(c, i, a, entry_id, 1, "a slip"))
    shop.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "a slip"))
    shop.night("2026-06-12")
    assert outcomes(shop) == before
    with pytest.raises(Refused, match="nothing is booked or rejected on it"):
        shop.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "again"))


def test_only_what_is_proposed_can_be_rejected(shop: TestOffice) -> None:
    shop.statement("2026-06-10", Payment(amount="77.00", payer="Grün", iban=UNKNOWN, text="Danke"))
    shop.night("2026-06-11")
    entry_id = entry_of(shop, "Danke")
    with pytest.raises(Refused, match="there is no proposal 9"):
        shop.decide(lambda c, i, a: desk.reject(c, i, a, entry_id, 9, "no"))


def test_a_booking_that_was_undone_counts_as_rejected(shop: TestOffice) -> None:
    shop.statement("2026-06-10", Payment(amount="119.00", payer="Huber GmbH", iban=HUBER, text="RE-2026-00001"))
    shop.night("2026-06-11")
    entry_id = entry_of(shop, "RE-2026-00001")
    assert shop.matches()["RE-2026-00001"]["state"] == "auto"
    shop.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "a namesake"), "2026-06-11")
    shop.night("2026-06-12")
    row = shop.matches()["RE-2026-00001"]
    assert (row["state"], row["allocations"]) == ("review", [])
    assert all(a["document_number"] != "RE-2026-00001" for p in row["proposals"] for a in p["allocations"])
    assert shop.open_items()["RE-2026-00001"] == 11900


def test_a_wrong_confirmation_poisons_nobody_but_its_own_payer_and_is_gone_after_undo(shop: TestOffice) -> None:
    shop.item("RE-2026-00005", "10001", "310.00")
    shop.item("RE-2026-00006", "10002", "64.00")
    stranger = {"payer": "Olga Petrova", "iban": UNKNOWN}
    shop.statement("2026-06-10", Payment(amount="310.00", text="Rechnung", **stranger))
    shop.night("2026-06-11")
    wrong = entry_of(shop, "Rechnung")
    assign(shop, "Rechnung", RE_2026_00005=31000)
    # A month later everybody pays. The stranger's amount is just that of Huber's other document.
    shop.statement(
        "2026-07-10",
        Payment(amount="119.00", text="Juli", **stranger),
        Payment(amount="250.00", payer="Kaya Bau GmbH", iban=KAYA, text="RE-2026-00002"),
        Payment(amount="64.00", payer="Kaya Bau", iban=KAYA, text="Rest"),
        Payment(amount="88.00", payer="Grün", iban=ADLER, text="Garten"),
    )
    shop.night("2026-07-11")
    assert shop.matches()["Juli"]["state"] == "review"  # one confirmation, and the name speaks against it
    poisoned = outcomes(shop)
    shop.decide(lambda c, i, a: desk.undo(c, i, a, wrong, "not Huber"))
    assert [row for row in learned(shop) if row[1] in {UNKNOWN, "Olga Petrova"}] == []
    shop.night("2026-07-12")
    cured = outcomes(shop)
    its_own = {wrong, entry_of(shop, "Juli")}
    assert poisoned.keys() - its_own
    for entry_id in poisoned.keys() - its_own:
        assert content(cured[entry_id]) == content(poisoned[entry_id])
    assert shop.verified() == []


def test_a_revoked_payer_stays_forgotten_until_later_payments_teach_it_again(shop: TestOffice) -> None:
    shop.statement("2026-06-10", ADVISER)
    shop.night("2026-06-11")
    assign(shop, "Gartenarbeiten Mai", RE_2026_00003=7700)
    shop.decide(lambda c, i, a: revoke_learned(c, i, a, ADLER, "10003", "left"), "2026-06-15")
    shop.decide(lambda c, i, a: revoke_learned(c, i, a, "steuerbuero ADLER", "10003", "left"), "2026-06-15")
    shop.night("2026-06-16")
    assert learned(shop) == []
    assert [row[:3] for row in learned(shop, revoked=True)] == [
        ("account", ADLER, "10003"),
        ("name", "Steuerbüro Adler", "10003"),
    ]
    shop.statement("2026-06-20", Payment(amount="88.00", payer="Steuerbüro Adler", iban=ADLER, text="Juni"))
    shop.night("2026-06-21")
    assert not any("before" in reason for p in shop.matches()["Juni"]["proposals"] for reason in p["reasons"])
    assign(shop, "Juni", RE_2026_00004=8800)
    assert learned(shop) == [("account", ADLER, "10003", 1), ("name", "Steuerbüro Adler", "10003", 1)]
    assert shop.verified() == []


def test_what_was_revoked_can_be_restored_with_everything_it_rested_on(shop: TestOffice) -> None:
    shop.statement("2026-06-10", ADVISER)
    shop.night("2026-06-11")
    assign(shop, "Gartenarbeiten Mai", RE_2026_00003=7700)
    before = learned(shop)
    shop.decide(lambda c, i, a: revoke_learned(c, i, a, ADLER, "10003", "left"))
    assert [row[0] for row in learned(shop)] == ["name"]
    shop.decide(lambda c, i, a: restore_learned(c, i, a, ADLER, "10003", "a mistake"))
    assert learned(shop) == before
    assert learned(shop, revoked=True) == []


@pytest.mark.parametrize(
    ("payer", "debtor", "says"),
    [
        (HUBER, "10001", "is debtor 10001's account in the accounting tool: correct it there"),
        (UNKNOWN, "10001", "is not known to pay for debtor 10001"),
        ("", "10001", "is not known to pay"),
    ],
)
def test_only_what_was_learned_can_be_revoked(shop: TestOffice, payer: str, debtor: str, says: str) -> None:
    shop.night("2026-06-11")
    with pytest.raises(Refused, match=says):
        shop.decide(lambda c, i, a: revoke_learned(c, i, a, payer, debtor, "no"))
    with pytest.raises(Refused, match="nobody revoked"):
        shop.decide(lambda c, i, a: restore_learned(c, i, a, payer, debtor, "no"))


WAITING = ("Danke", "Garten", "Rest")


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> TestOffice:
    """Give an office on a morning on which three payments wait; whatever is decided there is undone."""
    folder = tmp_path_factory.mktemp("morning")
    shop = TestOffice(folder / "office", f"sqlite:///{folder / 'kontorist.db'}")
    for number, name, iban in (("10001", "Huber GmbH", HUBER), ("10002", "Kaya Bau GmbH", KAYA)):
        shop.debtor(number, name, iban=iban)
    shop.debtor("10003", "Grün Gartenbau GmbH", iban="")
    for number, debtor, amount in (("1", "10001", "119.00"), ("2", "10002", "250.00"), ("3", "10003", "77.00")):
        shop.item(f"RE-2026-0000{number}", debtor, amount)
    shop.item("RE-2026-00004", "10003", "88.00")
    shop.statement(
        "2026-06-10",
        Payment(amount="77.00", payer="Grün", iban=UNKNOWN, text="Danke"),
        Payment(amount="88.00", payer="Steuerbüro Adler", iban=ADLER, text="Garten"),
        Payment(amount="55.00", payer="Huber", iban=UNKNOWN, text="Rest"),
    )
    shop.night("2026-06-11")
    return shop


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(WAITING), way=st.sampled_from(["accept", "account", "ignore", "reject"]))
def test_undo_restores_whatever_was_decided(morning: TestOffice, text: str, way: str) -> None:
    before = outcomes(morning)
    entry_id = entry_of(morning, text)
    decisions: dict[str, Any] = {
        "accept": lambda c, i, a: desk.accept(c, i, a, entry_id, 1),
        "account": lambda c, i, a: desk.put_on_account(c, i, a, entry_id, "10002"),
        "ignore": lambda c, i, a: desk.set_aside(c, i, a, entry_id, "a gift"),
        "reject": lambda c, i, a: desk.reject(c, i, a, entry_id, 1, "wrong"),
    }
    morning.decide(decisions[way])
    morning.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "a mistake"))
    morning.night("2026-06-12")
    after = outcomes(morning)
    # The others are as they were at once; the entry itself, when its rejection by undoing is taken back as well.
    assert {k: content(o) for k, o in after.items() if k != entry_id} == {
        k: content(o) for k, o in before.items() if k != entry_id
    }
    if way in {"accept", "account"}:
        morning.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "not rejected either"))
        morning.night("2026-06-12")
    assert {k: content(o) for k, o in outcomes(morning).items()} == {k: content(o) for k, o in before.items()}
    assert learned(morning) == []
