"""The past of a real office played again: what is read from storage, and what the command shows of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.backtest
import run_sync
from config.loading import load_office
from ledger.money import Money
from night.backtest import UnusableChange, changed_rules, load_history
from night.reconcile import load_match_facts
from reconciliation.backtest import RuleSet, _books_before, backtest
from reconciliation.learned_weights import SHIPPED
from review import desk
from storage.decisions import head
from storage.facts import load_items
from tests.office import PAYERS, ROOT, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from config.settings import Company
    from reconciliation.backtest import History
    from storage.database import Connection

TODAY = date(2026, 7, 1)


def paid(amount: str, iban: str, text: str, payer: str = "Huber GmbH") -> Payment:
    return Payment(amount=amount, payer=payer, iban=iban, text=text)


def accepted(office: TestOffice, entry_id: str) -> None:
    office.decide(lambda connection, company_id, who: desk.accept(connection, company_id, who, entry_id, 1))


def tell_a_spring(office: TestOffice) -> None:
    """Live through four nights: Skonto in time, a few days late (confirmed, and once undone), and a document gone."""
    office.debtor(iban=PAYERS[0])
    office.debtor("10002", "Meier Bau GmbH", iban=PAYERS[1])
    for number, debtor in (("00101", "10001"), ("00102", "10001"), ("00103", "10002")):
        office.item(f"RE-2026-{number}", debtor, "100.00", more="2,2026-04-10,,,")
    office.item("RE-2026-00104", "10002", "50.00")
    office.night("2026-04-02")
    office.statement("2026-04-10", paid("98.00", PAYERS[0], "RE-2026-00101", "Huber GmbH"))
    office.night("2026-04-11")
    office.items.pop()  # somebody marked it as paid in the tool
    office.statement(
        "2026-04-15",
        paid("98.00", PAYERS[0], "RE-2026-00102", "Huber GmbH"),
        paid("98.00", PAYERS[1], "RE-2026-00103", "Meier Bau GmbH"),
    )
    office.night("2026-04-16")
    waiting = office.read(lambda c: {one.entry.remittance: one.entry.entry_id for one in desk.queue(c, "muster")})
    for text in ("RE-2026-00102", "RE-2026-00103"):
        accepted(office, waiting[text])
    office.decide(lambda c, i, a: desk.undo(c, i, a, waiting["RE-2026-00103"], "no Skonto for Meier"))


@pytest.fixture
def small(tmp_path: Path) -> TestOffice:
    """Give an office with a file as its database, for what does not depend on the database."""
    return TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")


def company_of(office: TestOffice) -> Company:
    return load_office(office.config(), house=ROOT / "config").settings.company[0]


def history_of(office: TestOffice) -> History:
    company = company_of(office)
    history: History = office.read(lambda c: load_history(c, company))
    return history


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=118)
    monkeypatch.setattr(cli.backtest, "out", console)
    errors = Console(width=118, stderr=True)
    monkeypatch.setattr(cli.backtest, "err", errors)
    monkeypatch.setattr(cli.asked, "err", errors)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, ["backtest", *words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def test_the_played_books_end_as_the_books_of_the_night_stand(office: TestOffice) -> None:
    tell_a_spring(office)
    history = history_of(office)
    books = _books_before(history)
    for payment in history.standing:
        books.book(payment)
    facts = office.read(lambda c: load_match_facts(c, "muster", TODAY))
    stored = office.read(lambda c: {one.item.item_id: one.item for one in load_items(c, "muster")})
    assert {(p.iban, p.debtor_number): p for p in facts.known_payers} == books.payers
    assert sorted(books.past_on(TODAY), key=lambda p: p.entry_id) == sorted(facts.past, key=lambda p: p.entry_id)
    gone = {past.item.item_id for past in history.items if past.vanished_after}
    assert {i: item for i, item in books.items.items() if i not in gone} == {
        i: item for i, item in stored.items() if i not in gone
    }


def test_an_item_that_vanished_was_open_for_as_long_as_it_was_listed(small: TestOffice) -> None:
    tell_a_spring(small)
    (gone,) = (past for past in history_of(small).items if past.vanished_after)
    assert (gone.item.document_number, gone.vanished_after) == ("RE-2026-00104", date(2026, 4, 11))
    assert gone.item.open_amount == Money(5_000, "EUR")


def test_what_was_paid_before_we_knew_the_document_is_not_open_in_the_play(small: TestOffice) -> None:
    small.debtor()
    small.item("RE-2026-00101", amount="119.00", open_amount="50.00")
    small.statement("2026-04-10", paid("50.00", PAYERS[0], "RE-2026-00101"))
    small.night("2026-04-11")
    (past,) = history_of(small).items
    assert (past.item.open_amount, past.item.amount) == (Money(5_000, "EUR"), Money(11_900, "EUR"))


def as_shipped(company: Company) -> RuleSet:
    return RuleSet(settings=company.matching.for_engine(), model=SHIPPED)


def test_longer_grace_gains_what_was_confirmed_and_repeats_what_was_undone(small: TestOffice) -> None:
    tell_a_spring(small)
    company = company_of(small)
    as_it_is = changed_rules(as_shipped(company), company, {}, None, without_certificate=False, today=TODAY)
    changed = changed_rules(
        as_shipped(company), company, {"skonto_grace_days": "7"}, None, without_certificate=False, today=TODAY
    )
    compared = backtest(history_of(small), as_it_is=as_it_is, changed=changed)
    assert {one.entry.remittance: one.change for one in compared if one.change} == {
        "RE-2026-00102": "gained",
        "RE-2026-00103": "wrong",
    }


def test_the_past_does_not_move_because_somebody_looked_at_it(
    small: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_a_spring(small)

    def everything(connection: Connection) -> Any:
        return head(connection, "muster"), load_items(connection, "muster")

    before = small.read(everything)
    ask(small, monkeypatch, "--set", "skonto_grace_days=7")
    assert small.read(everything) == before
    assert not small.verified()


def test_the_command_shows_gained_and_wrong_with_numbers_sums_and_reasons(
    small: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_a_spring(small)
    shown = ask(small, monkeypatch, "--set", "skonto_grace_days=7")
    assert shown.exit_code == 1, shown.output  # something would be booked wrongly
    for words in (
        "muster: 3 entries, 2026-04-10 to 2026-04-15, a night a day",
        "tried: skonto_grace_days = 7 instead of 3",
        "Gained: would be booked without you, and stand in the books just so (1)",
        "would be booked: RE-2026-00102 payment 98,00 EUR, RE-2026-00102 skonto 2,00 EUR (number_exact)",
        "Wrong: would be booked without you, and not as the books stand (1)",
        "a person took this booking back",
        "1 items left the tool's list without a booking of ours",
    ):
        assert words in shown.output, shown.output
    assert "Lost" not in shown.output
    lost = ask(small, monkeypatch, "--set", "skonto_grace_days=0", "--since", "2026-04-12")
    assert (lost.exit_code, "Gained" in lost.output, "2 entries" in lost.output) == (0, False, True)


def test_the_command_gives_everything_to_machines(small: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_a_spring(small)
    result = ask(small, monkeypatch, "--set", "skonto_grace_days=7", "--json")
    (told,) = json.loads(result.stdout)
    assert (told["entries"], told["newly_wrong"], told["settled_otherwise"]) == (3, 1, 1)
    assert told["tried"] == {"skonto_grace_days": {"is": 3, "tried": 7}}
    assert told["as_it_is"]["right"] == {"entries": 1, "minor": {"EUR": 9_800}}
    assert told["changed"]["right"] == {"entries": 2, "minor": {"EUR": 19_600}}
    assert told["by_class"]["number_exact"]["gained"] == {"entries": 1, "minor": {"EUR": 9_800}}
    (gained,) = told["gained"]
    assert gained["stands"] == gained["changed"]["books"]
    assert (gained["as_it_is"]["verdict"], gained["as_it_is"]["books"]) == ("not_booked", [])
    (wrong,) = told["wrong"]
    assert (wrong["stands"], wrong["taken_back"]) == (None, [wrong["changed"]["books"]])
    unchanged = json.loads(ask(small, monkeypatch, "--json").stdout)[0]
    assert not any(unchanged[name] for name in ("gained", "lost", "wrong", "avoided", "unjudged", "tried"))


def test_long_lists_are_cut_on_the_screen(small: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    small.debtor(iban=PAYERS[0])
    for number in range(101, 113):
        small.item(f"RE-2026-00{number}", amount=f"{number}.00", more="2,2026-04-10,,,")
    small.statement(
        "2026-04-15",
        *(paid(f"{number * 0.98:.2f}", PAYERS[0], f"RE-2026-00{number}") for number in range(101, 113)),
    )
    small.night("2026-04-16")
    shown = ask(small, monkeypatch, "--set", "skonto_grace_days=7")
    assert (shown.exit_code, "and 2 more (--json shows all)" in shown.output) == (0, True), shown.output
    assert (
        len(json.loads(ask(small, monkeypatch, "--set", "skonto_grace_days=7", "--json").stdout)[0]["unjudged"]) == 12
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--set", "skonto_grace_days"), "write KEY=VALUE"),
        (("--set", "skonto_days=7"), "skonto_days: this key is not known; there is auto_minimum_probability"),
        (("--set", "skonto_grace_days=90"), "skonto_grace_days: '90' should be less than or equal to 60"),
        (("--set", "skonto_grace_days=a week"), "'a week' should be a valid integer"),
        (("--set", "auto_minimum_probability=0.95", "--threshold", "0.9"), "add --set auto_minimum_probability=0.9"),
        (("--threshold", "1.5"), "and 1"),
        (("--threshold", "0.99", "--without-certificate"), "say one of them"),
        (("--since", "yesterday"), "--since"),
    ],
)
def test_what_could_not_be_switched_on_is_not_tried(
    small: TestOffice, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    small.write_lists()
    refused = ask(small, monkeypatch, *words)
    assert (refused.exit_code, says in " ".join(refused.output.split())) == (2, True), refused.output


def test_a_threshold_is_tried_without_a_promise(small: TestOffice) -> None:
    small.write_lists()
    company = company_of(small)
    tried = changed_rules(
        as_shipped(company),
        company,
        {"auto_minimum_probability": "0.6"},
        0.97,
        without_certificate=False,
        today=TODAY,
    )
    assert tried.model.certificate is not None
    assert (tried.model.certificate.threshold, tried.model.certificate.bound) == (0.97, 1.0)
    without = changed_rules(as_shipped(company), company, {}, None, without_certificate=True, today=TODAY)
    assert without.model == replace(SHIPPED, certificate=None)
    with pytest.raises(UnusableChange, match="auto_minimum_probability"):
        changed_rules(
            as_shipped(company),
            company,
            {"auto_minimum_probability": "0.99"},
            0.97,
            without_certificate=False,
            today=TODAY,
        )
