"""What is known of a mail's way is kept word for word, never twice, and a mail with two readers needs only one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dunning.bounce import Bounce
from dunning.receipt import Proof, ReceiptFact
from ledger.debtor import Debtor
from night.reach import unusable_mail, without_unusable_mail
from storage.audit import loose_rows
from storage.bounces import given_up, save_bounces, unusable_addresses
from storage.database import reading, transaction
from storage.decisions import Decided, append
from storage.outbox import Effect, EffectKind, EffectStatus, enqueue, load_effects, settle
from storage.receipts import load_receipt_facts, note_receipts
from tests.storage.given import AUTHOR, COMPANY, RUN_DATE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BOTH = ("rechnung@kunde.example", "chef@kunde.example")


def mail_sent(connection: Connection) -> None:
    """Send one mail to two people of the debtor."""
    (seq,) = append(connection, COMPANY, AUTHOR, [Decided("confirmation", {"outbox_id": "notice-M-1"})])
    mail = Effect(
        outbox_id="notice-M-1",
        kind=EffectKind.MAIL,
        name="M-1.eml",
        media_type="message/rfc822",
        content=b"mail",
        path="mail/M-1.eml",
        recipients=BOTH,
        message_id="<M-1@x.example>",
    )
    enqueue(connection, COMPANY, seq, [mail])
    (stored,) = load_effects(connection, COMPANY, EffectStatus.QUEUED)
    settle(connection, COMPANY, AUTHOR, stored, EffectStatus.SENT, "250 ok")


def bounce(recipient: str, message_id: str = "<M-1@x.example>") -> Bounce:
    return Bounce(
        recipient=recipient, is_permanent=True, gave_up=True, status="5.1.1", says="unknown", message_id=message_id
    )


def test_a_mail_to_two_is_received_until_both_came_back(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        mail_sent(connection)
        assert save_bounces(connection, COMPANY, AUTHOR, "a.eml", b"a", [bounce("RECHNUNG@kunde.example")]) == [
            "notice-M-1"
        ]
        assert not [*given_up(connection, COMPANY)]
        assert [*unusable_addresses(connection, COMPANY)] == ["rechnung@kunde.example"]
        save_bounces(connection, COMPANY, AUTHOR, "b.eml", b"b", [bounce("chef@kunde.example")])
        assert [effect for effect, _, _ in given_up(connection, COMPANY)] == ["notice-M-1"]
        ((fact,),) = load_receipt_facts(connection, COMPANY).values()
        assert fact.evidence == "chef@kunde.example: 5.1.1 unknown"


def test_a_name_nobody_knows_leads_to_the_last_mail_for_ten_days_only(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        mail_sent(connection)
        late = replace(AUTHOR, run_date=RUN_DATE + timedelta(days=10))
        nameless = bounce("chef@kunde.example", message_id="")
        assert save_bounces(connection, COMPANY, late, "late.eml", b"late", [nameless]) == [""]
        assert save_bounces(connection, COMPANY, AUTHOR, "now.eml", b"now", [nameless]) == ["notice-M-1"]
        # With two recipients a strange address may be either's.
        assert save_bounces(connection, COMPANY, AUTHOR, "c.eml", b"c", [bounce("sap@kunde.example")]) == [""]


def test_what_is_known_already_is_not_known_twice(engine: Engine) -> None:
    fact = ReceiptFact(proof=Proof.SMTP_ACCEPTED, on=RUN_DATE, at=AUTHOR.now, evidence="relayed by mx.kunde.example")
    with transaction(engine, COMPANY) as connection:
        mail_sent(connection)
        for _ in range(2):
            note_receipts(connection, COMPANY, AUTHOR, [("notice-M-1", fact)])
    with reading(engine) as connection:
        assert load_receipt_facts(connection, COMPANY) == {"notice-M-1": [fact]}
        assert list(loose_rows(connection, COMPANY)) == []


def test_of_two_addresses_the_good_one_stays() -> None:
    debtors = {"10001": Debtor(number="10001", name="Huber GmbH", email="; ".join(BOTH))}
    bad = {BOTH[0]: RUN_DATE}
    assert without_unusable_mail(debtors, bad)["10001"].email == BOTH[1]
    assert without_unusable_mail(debtors, dict.fromkeys(BOTH, RUN_DATE))["10001"].email == ""
    assert without_unusable_mail(debtors, {}) == debtors
    assert unusable_mail([], debtors, bad) == ()
