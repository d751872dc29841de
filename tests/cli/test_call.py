"""A call is recorded in one form, keeps the stages silent, and they go on by themselves when a word is broken."""

from __future__ import annotations

import email
import email.policy
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
import structlog
import typer
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.call
import cli.preview
import run_sync
from config.loading import load_office
from dunning.hold import AfterHold, HoldReason
from dunning.instalments import PlanState
from dunning.notice import Channel
from dunning.promise import PromiseState
from night.agreements import settle_agreements
from night.bounces import take_in_bounces
from night.effects import say
from night.preview import draft
from night.workplace import Workplace
from review import desk
from storage.audit import loose_rows
from storage.bounces import given_up, unusable_addresses
from storage.database import reading, transaction
from storage.documents import load_document
from storage.holds import lift_hold, load_all_holds, load_holds, place_hold
from storage.instalments import load_plans
from storage.outbox import EffectStatus, load_effects, settle
from storage.promises import load_promises
from tests.export.delivery.test_bounces import report
from tests.office import PAYERS, ROOT, Payment, TestOffice, author

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office whose debtor owes two invoices."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(email="rechnung@kunde.example")
    office.item("RE-1", due="2026-05-01")
    office.item("RE-2", due="2026-05-08", amount="200.00")
    office.statement("2026-05-04", Payment(amount="1.00", payer="Nobody", iban=PAYERS[1], text="x"))
    office.night("2026-05-05")
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Type a command on 5 May 2026."""
    console = Console(width=200)
    for module in (cli.call, cli.preview, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    app = typer.Typer()
    app.callback()(run_sync.main)
    app.add_typer(cli.call.call_app, name="call")
    app.add_typer(cli.preview.app)
    app.command("other")(lambda: None)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(app, ["--as-of", "2026-05-05", *words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


@contextmanager
def at_work(office: TestOffice, day: str) -> Iterator[Workplace]:
    """Give the workplace of a day."""
    loaded = load_office(office.config(), house=ROOT / "config")
    engine = office.engine()
    yield Workplace(office=loaded, company=loaded.settings.company[0], engine=engine, author=author(day, "night"))
    engine.dispose()


def record_promise(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> Result:
    return ask(
        office,
        monkeypatch,
        *("call", "record", "10001", "--cause", "forgotten", "--spoke-to", "Frau Huber"),
        *("--promise", "2026-05-15", "--amount", "119,00", "--who", "Weiß"),
    )


def test_a_promise_is_recorded_confirmed_and_keeps_everything_silent(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = record_promise(office, monkeypatch)
    assert result.exit_code == 0, result.output
    assert "Promise confirmation goes out to rechnung@kunde.example" in result.output
    engine = office.engine()
    with reading(engine) as connection:
        (hold,) = load_holds(connection, "muster")
        assert (hold["reason"], hold["owner"], hold["expires_on"]) == ("promise", "Weiß", date(2026, 5, 20))
        (effect,) = load_effects(connection, "muster", EffectStatus.QUEUED)
        raw = load_document(connection, "muster", effect.sha256)
        assert list(loose_rows(connection, "muster")) == []
    engine.dispose()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "119,00 € bis zum 15.05.2026" in plain.get_content()
    history = json.loads(ask(office, monkeypatch, "call", "history", "10001", "--json").output)
    assert [line["became"] for line in history] == ["", "running"]


@pytest.mark.parametrize(
    ("paid", "day", "state", "holds", "told"),
    [
        (True, "2026-05-16", PromiseState.KEPT, 0, []),
        (False, "2026-05-20", PromiseState.RUNNING, 1, []),
        (False, "2026-05-21", PromiseState.BROKEN, 1, ["promise_broken"]),  # the hold has expired by itself
    ],
)
def test_a_promise_ends_by_itself(
    *,
    paid: bool,
    day: str,
    state: PromiseState,
    holds: int,
    told: list[str],
    office: TestOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_promise(office, monkeypatch)
    if paid:
        office.statement("2026-05-15", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1"))
        office.night("2026-05-16")
    else:
        office.statement("2026-05-20")
        office.night("2026-05-20")
    with at_work(office, day) as work, transaction(work.engine, "muster") as connection:
        findings = settle_agreements(connection, work)
        (stored,) = load_promises(connection, "muster")
        assert len(load_holds(connection, "muster")) == holds
        assert settle_agreements(connection, work) == []  # the same day twice says nothing twice
    assert stored.state is state
    if stored.ended_on is None or stored.ended_on == date.fromisoformat(day):
        assert [finding.code for finding in findings] == told


def test_a_dispute_names_its_document_and_is_refused_without_a_reason(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("call", "record", "10001", "--cause", "unhappy", "--dispute", "RE-1")
    refused = ask(office, monkeypatch, *words)
    assert refused.exit_code == 3
    assert "say it with --reason" in refused.output
    unknown = ask(office, monkeypatch, *words[:-1], "RE-9", "--reason", "x")
    assert "RE-9 is not open; open is RE-1, RE-2" in unknown.output
    assert ask(office, monkeypatch, *words, "--reason", "Die Ware war nass").exit_code == 0
    holds = office.read(lambda connection: load_holds(connection, "muster"))
    ((reason, item_id, until),) = [(hold["reason"], hold["item_id"], hold["expires_on"]) for hold in holds]
    assert (reason, item_id.endswith("RE-1"), until) == ("dispute", True, None)


def test_nothing_is_called_broken_before_the_statements_are_read_and_a_promise_kept_is_not_called_broken_later(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_promise(office, monkeypatch)
    office.statement("2026-05-18")
    office.night("2026-05-19")
    report = office.night("2026-05-21")  # the statement of the last day, the 20th, is missing
    (stored,) = office.read(lambda connection: load_promises(connection, "muster"))
    assert stored.state is PromiseState.RUNNING
    assert [notice["held_because"] for notice in office.notices() if notice["run_date"] == "2026-05-21"] == [
        ["promised"]
    ]
    assert not [one for one in report["findings"] if one["code"] == "promise_broken"]
    office.statement("2026-05-20", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1"))
    office.night("2026-05-22")
    (stored,) = office.read(lambda connection: load_promises(connection, "muster"))
    assert stored.state is PromiseState.KEPT
    last = office.read(lambda connection: load_all_holds(connection, "muster"))[-1]
    assert (last.expires_on, last.what_follows) == (date(2026, 5, 22), AfterHold.RESUME)


def test_a_part_of_what_was_promised_is_told_and_the_rest_goes_on(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_promise(office, monkeypatch)
    office.statement(
        "2026-05-15", Payment(amount="60.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1 Teilzahlung")
    )
    office.night("2026-05-18")
    (entry_id,) = [one for one in office.entry_ids() if office.matches()["RE-1 Teilzahlung"]["entry_id"] == one]
    if office.open_items()["RE-1"] == 11_900:
        office.decide(lambda c, i, a: desk.assign(c, i, a, entry_id, [("RE-1", 6_000)]), "2026-05-18")
    office.statement("2026-05-20")
    (finding,) = [one for one in office.night("2026-05-21")["findings"] if one["code"] == "promise_broken"]
    assert "of 119,00 EUR promised until 2026-05-15 only 60,00 EUR came" in finding["what"]


def test_a_promise_whose_invoices_are_settled_otherwise_is_not_broken(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_promise(office, monkeypatch)
    office.items.clear()  # the tool settled them with a credit note
    office.item("RE-9", debtor="10002", due="2026-06-30")
    office.statement("2026-05-20")
    office.night("2026-05-21")
    (stored,) = office.read(lambda connection: load_promises(connection, "muster"))
    assert stored.state is PromiseState.KEPT


def test_without_a_default_clause_a_person_decides_about_late_instalments(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("call", "plan", "10001", "--amount", "100,00", "--first", "2026-05-31", "--offered-by", "Frau Huber")
    assert "No default clause (Verfallklausel) was agreed" in ask(office, monkeypatch, *words).output
    engine = office.engine()
    with reading(engine) as connection:
        (effect,) = load_effects(connection, "muster", EffectStatus.QUEUED)
        raw = load_document(connection, "muster", effect.sha256)
    engine.dispose()
    plain = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert plain is not None
    assert "sofort fällig" not in plain.get_content()
    again = ask(office, monkeypatch, *words)
    assert "is still running; end it with `hold lift H" in again.output
    office.statement("2026-07-10")
    (finding,) = [one for one in office.night("2026-07-13")["findings"] if one["place"].startswith("debtor 10001")]
    assert finding["code"] == "plan_without_clause"
    (hold,) = office.read(lambda connection: load_holds(connection, "muster"))
    assert f"`hold lift {hold['hold_id']} --broken` ends the plan" in finding["what_to_do"]
    office.decide(lambda c, i, a: lift_hold(c, i, a, hold["hold_id"], broken=True), "2026-07-13")
    office.night("2026-07-14")
    (stored,) = office.read(lambda connection: load_plans(connection, "muster"))
    assert stored.ended is PlanState.BROKEN


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("record", "10001", "--cause", "forgotten", "--on", "2026-05-06"), "--on: 2026-05-06 is still to come"),
        (("record", "10099", "--cause", "forgotten"), "there is no debtor 10099 in muster; look the number up"),
        (("record", "10001", "--cause", "forgotten", "--amount", "viel"), "--amount: 'viel' is no amount in EUR"),
        (("plan", "10001", "--amount", "1", "--first", "2026-05-31", "--offered-by", "x"), "debtor 10001: 1,00 EUR"),
        (("history", "10099"), "there is no debtor 10099"),
        (("statement", "10001", "--currency", "CHF"), "nothing in CHF is known of debtor 10001"),
    ],
)
def test_a_mistake_says_where_what_and_what_to_do(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    result = ask(office, monkeypatch, "call", *words)
    assert result.exit_code in {2, 3}
    assert says in result.output


@pytest.mark.parametrize("reason", [HoldReason.INSOLVENCY, HoldReason.DECEASED])
def test_nothing_is_agreed_with_the_insolvent_and_the_dead_and_nothing_written_to_them(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, reason: HoldReason
) -> None:
    record_promise(office, monkeypatch)
    plan = ("plan", "10001", "--amount", "100", "--first", "2026-05-31", "--offered-by", "x", "--no-confirm")
    assert ask(office, monkeypatch, "call", *plan).exit_code == 0
    (confirmation,) = office.read(lambda connection: load_effects(connection, "muster"))
    office.decide(
        lambda c, i, a: settle(c, i, a, confirmation, EffectStatus.CANCELLED, "the debtor cannot read it"),
        "2026-05-05",
    )
    office.decide(
        lambda c, i, a: place_hold(
            c,
            i,
            a,
            debtor_number="10001",
            item_id="",
            reason=reason.value,
            note="",
            owner="Weiß",
            expires_on=None,
        ),
        "2026-05-05",
    )
    for words in (
        ("record", "10001", "--cause", "forgotten", "--promise", "2026-05-15"),
        ("plan", "10001", "--amount", "100", "--first", "2026-05-31", "--offered-by", "x"),
        ("statement", "10001"),
    ):
        assert ask(office, monkeypatch, "call", *words).exit_code == 3
    for day in ("2026-06-01", "2026-07-13"):  # what was agreed before is neither judged nor advised on
        office.statement(day)
        assert not [one for one in office.night(day)["findings"] if one["place"].startswith("debtor 10001")]
    dispute = ("record", "10001", "--cause", "unhappy", "--dispute", "all", "--reason", "nass")
    assert ask(office, monkeypatch, "call", *dispute).exit_code == 0
    assert len(office.read(lambda connection: load_effects(connection, "muster"))) == 1


def test_every_errand_prints_json_for_machines(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    for words, key in (
        (("script", "10001"), "script"),
        (("record", "10001", "--cause", "not-reached"), "call_id"),
        (("plan", "10001", "--amount", "100", "--first", "2026-05-31", "--offered-by", "x"), "instalments"),
        (("statement", "10001"), "says"),
    ):
        assert key in json.loads(ask(office, monkeypatch, "call", *words, "--json").output)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("reminder", "RE-1"),
        ("call", "RE-1"),
        ("first_dunning", "RE-1"),
        ("second_dunning", "RE-1"),
        ("final_notice", "widersprechen"),
        ("agency", "RE-1"),
        ("statement", "Kontoauszug"),
        ("account_statement", "Kontoauszug"),
        ("promise_confirmation", "319,00"),
        ("dispute_confirmation", "RE-1"),
        ("instalment_confirmation", "sofort fällig"),
        ("thank_you", "Vielen Dank"),
        ("crossed_payment", "gekreuzt"),
    ],
)
def test_every_text_can_be_seen_with_what_is_really_open(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, says: str
) -> None:
    target = tmp_path / "look"
    words = ("preview", "mail", "10001", "--stage", name, "--output", str(target), "--json")
    seen = json.loads(ask(office, monkeypatch, *words).output)
    assert says in f"{seen['subject']}\n{seen['text']}"
    assert target.stat().st_size > 1_000
    assert office.read(lambda connection: load_effects(connection, "muster")) == []


def test_an_offer_of_instalments_is_accepted_kept_silent_and_broken_by_its_rule(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ask(
        office,
        monkeypatch,
        *("call", "plan", "10001", "--amount", "100,00", "--first", "2026-05-31", "--offered-by", "Frau Huber"),
        "--default-clause",
    )
    assert result.exit_code == 0, result.output
    assert "2026-08-31" in result.output
    office.statement("2026-07-10")
    office.night("2026-07-10")
    with at_work(office, "2026-07-10") as work, transaction(work.engine, "muster") as connection:
        assert [finding.code for finding in settle_agreements(connection, work)] == ["instalment_late"]
    with at_work(office, "2026-07-11") as work, transaction(work.engine, "muster") as connection:
        (finding,) = settle_agreements(connection, work)
        (stored,) = load_plans(connection, "muster")
        assert finding.code == "plan_broken"
        assert stored.ended is not None
        assert stored.ended.value == "broken"
        assert load_holds(connection, "muster") == []
        assert list(loose_rows(connection, "muster")) == []


def test_the_script_a_letter_and_a_statement_can_be_seen_before_anything_is_said(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = ask(office, monkeypatch, "call", "script", "10001")
    assert "Bis wann können Sie zahlen?" in script.output
    for what, stage in (("letter", "final_notice"), ("mail", "statement")):
        target = tmp_path / what
        seen = ask(office, monkeypatch, "preview", what, "10001", "--stage", stage, "--output", str(target))
        assert seen.exit_code == 0, seen.output
        assert target.stat().st_size > 1_000
    wrong = ask(office, monkeypatch, "preview", "letter", "10001", "--stage", "rude")
    assert "nothing is called 'rude'; there is reminder, call" in wrong.output
    assert office.read(lambda connection: load_effects(connection, "muster")) == []


def test_the_offices_own_words_are_used_and_their_mistakes_told(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = office.folder / "letter-texts"
    own.mkdir()
    (own / "de.toml").write_text('[[template.reminder.before]]\ntext = "Inkasso!"\n', encoding="utf-8")
    words = ("preview", "letter", "10001", "--stage", "reminder", "--output", str(tmp_path / "x.pdf"))
    refused = ask(office, monkeypatch, *words)
    assert refused.exit_code == 2
    assert "de.toml, line 2: 'Inkasso' must not stand in reminder" in refused.output
    (own / "de.toml").write_text('[[template.reminder.subject]]\ntext = "Kurz gefragt"\n', encoding="utf-8")
    assert "Kurz gefragt" in ask(office, monkeypatch, *words).output


def test_a_second_mail_answers_the_first_carries_the_invoice_and_a_bounce_is_remembered(office: TestOffice) -> None:
    copies = office.folder / "invoices"
    copies.mkdir()
    (copies / "RE-1.pdf").write_bytes(b"%PDF-1.7 the invoice")
    raws = []
    for day in ("2026-05-12", "2026-05-26"):
        with at_work(office, day) as work, transaction(work.engine, "muster") as connection:
            notice = replace(draft(connection, work, "10001", stage="reminder"), channel=Channel.EMAIL)
            assert say(connection, work, [notice]) == []
            (effect,) = load_effects(connection, "muster", EffectStatus.QUEUED)
            raws.append(load_document(connection, "muster", effect.sha256))
            settle(connection, "muster", work.author, effect, EffectStatus.SENT, "250 ok")
    first, second = (email.message_from_bytes(raw, policy=email.policy.default) for raw in raws)
    assert second["In-Reply-To"] == first["Message-ID"]
    assert "RE-1.pdf" in [part.get_filename() for part in first.iter_attachments()]
    folder = office.folder / "bounces" / "muster"
    folder.mkdir(parents=True)
    came_back = report().replace(b"<M-2026-00001.muster@x.example>", str(first["Message-ID"]).encode())
    (folder / "back.eml").write_bytes(came_back)
    with at_work(office, "2026-05-27") as work:
        (finding,) = take_in_bounces(work)
        assert finding.code == "mail_came_back"
        assert take_in_bounces(work) == []
        with reading(work.engine) as connection:
            assert unusable_addresses(connection, "muster") == {"rechnung@kunde.example": date(2026, 5, 27)}
            assert len([*given_up(connection, "muster")]) == 1
            assert list(loose_rows(connection, "muster")) == []
    assert (folder / "read" / "back.eml").is_file()


def test_who_is_not_known_to_be_a_business_is_warned_of_the_law(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.debtors[0] = office.debtors[0].replace(",business,", ",consumer,")
    office.night("2026-05-05")
    words = ("call", "plan", "10001", "--amount", "400", "--first", "2026-05-31", "--offered-by", "Brief")
    assert "the law on deferrals for consumers" in ask(office, monkeypatch, *words, "--no-confirm").output
