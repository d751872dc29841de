"""Reports of mail servers are read as facts: which address is bad for good, and which mail came back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.bounce import Acceptance, Bounce, DeliveryReport
from export.delivery.bounces import read_report
from ledger.errors import Unreadable


def report(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    says: str = "550 5.1.1 no such user",
    returned: str = "rfc822",
    more: str = "",
) -> bytes:
    original = (
        "Content-Type: message/rfc822\n\n"
        "From: a@x.example\nMessage-ID: <M-2026-00001.muster@x.example>\nSubject: Ihre Rechnung\n\nText\n"
        if returned == "rfc822"
        else "Content-Type: text/rfc822-headers\n\nMessage-ID: <M-2026-00001.muster@x.example>\nSubject: x\n"
    )
    return (
        "From: MAILER-DAEMON@mx.example\nTo: mahnung@x.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; Rechnung@kunde.example\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {says}\n{more}\n"
        f"--b\n{original}\n--b--\n"
    ).encode()


def bounced(raw: bytes) -> Bounce:
    told = read_report(raw, "x.eml")
    assert told is not None
    (bounce,) = told.bounces
    return bounce


@pytest.mark.parametrize("returned", ["rfc822", "headers"])
def test_a_report_names_the_address_the_reason_and_the_mail(returned: str) -> None:
    assert bounced(report(returned=returned)) == Bounce(
        recipient="Rechnung@kunde.example",
        is_permanent=True,
        gave_up=True,
        status="5.1.1",
        says="550 5.1.1 no such user",
        message_id="<M-2026-00001.muster@x.example>",
    )


@pytest.mark.parametrize(
    ("action", "status", "gave_up", "permanent"),
    [
        ("failed", "5.1.1", True, True),  # no such user
        ("failed", "5.1.2", True, True),  # no such domain
        ("failed", "5.1.10", True, True),  # the domain takes no mail
        ("failed", "5.4.4", True, True),  # the domain has no mail server
        ("failed", "5.2.1", True, True),  # mailbox closed
        ("failed", "5.1.8", True, False),  # it is our sender that was not liked
        ("failed", "5.2.2", True, False),  # mailbox full: gets well again
        ("failed", "5.2.3", True, False),  # too large
        ("failed", "5.7.1", True, False),  # rejected for its content or our reputation: the address is fine
        ("failed", "5.3.0", True, False),
        ("failed", "4.4.7", True, False),  # tried for days, and given up
        ("delayed", "4.4.1", False, False),
        ("delayed", "5.1.1", False, False),  # whatever it says, it is still tried
    ],
)
def test_what_was_given_up_was_not_delivered_and_only_a_bad_address_is_bad_for_good(
    action: str, status: str, gave_up: bool, permanent: bool
) -> None:
    bounce = bounced(report(action=action, status=status))
    assert (bounce.gave_up, bounce.is_permanent) == (gave_up, permanent)


@pytest.mark.parametrize("action", ["delivered", "relayed", "Delivered"])
def test_good_news_proves_that_a_server_took_the_mail(action: str) -> None:
    more = "Remote-MTA: dns; mx.kunde.example\nLast-Attempt-Date: Tue, 1 Sep 2026 09:19:00 +0200\n"
    told = read_report(report(action=action, status="2.0.0", says="250 ok", more=more), "x.eml")
    assert told == DeliveryReport(
        acceptances=(
            Acceptance(
                recipient="Rechnung@kunde.example",
                accepted_at=datetime(2026, 9, 1, 7, 19, tzinfo=UTC),
                says=f"{action.lower()} by mx.kunde.example 250 ok",
                message_id="<M-2026-00001.muster@x.example>",
            ),
        )
    )


@pytest.mark.parametrize(
    "when", ["", "yesterday", "Tue, 1 Sep 2026 09:19:00 -0000", "Tue, 99 Sep 2026 09:19:00 +0200"]
)
def test_an_hour_that_cannot_be_read_proves_no_hour(when: str) -> None:
    told = read_report(report(action="relayed", status="2.0.0", more=f"Last-Attempt-Date: {when}\n"), "x.eml")
    assert told is not None
    assert told.acceptances[0].accepted_at is None


def test_a_mailing_list_and_a_contradiction_prove_nothing() -> None:
    assert read_report(report(action="expanded", status="2.0.0"), "x.eml") == DeliveryReport()
    assert read_report(report(action="delivered", status="5.1.1"), "x.eml") == DeliveryReport()


NO_REPORTS = [
    "From: a@b.example\nSubject: Re: Ihre Rechnung\n\nIch zahle morgen.\n",
    "From: a@b.example\nAuto-Submitted: auto-replied\nSubject: Abwesend\n\nBin am Montag wieder da.\n",
    "From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail Returned to Sender\n\n550 5.1.1 no such user\n",
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n--b\n\nread\n--b--\n',
]


@pytest.mark.parametrize("raw", NO_REPORTS, ids=["answer", "absence", "plain text", "read receipt"])
def test_an_answer_an_absence_note_or_a_read_receipt_is_no_report(raw: str) -> None:
    assert read_report(raw.encode(), "x.eml") is None


def test_a_report_forwarded_by_somebody_is_a_mail_of_somebody() -> None:
    forwarded = b"From: debtor@kunde.example\nContent-Type: message/rfc822\n\n" + report()
    assert read_report(forwarded, "x.eml") is None


def test_facts_hidden_inside_the_returned_mail_are_not_the_reports() -> None:
    head = b'Content-Type: multipart/report; report-type=delivery-status; boundary="o"\n\n'
    parts = b"--o\nContent-Type: text/plain\n\nsorry\n--o\nContent-Type: message/rfc822\n\n"
    with pytest.raises(Unreadable, match="without the part"):
        read_report(head + parts + report() + b"\n--o--\n", "x.eml")


def test_a_report_in_other_writing_is_read_too() -> None:
    raw = report().replace(b"report-type=delivery-status", b'REPORT-TYPE="Delivery-Status"')
    assert bounced(raw).status == "5.1.1"
    raw = report().replace(b"message/delivery-status", b"message/global-delivery-status")
    with pytest.raises(Unreadable):  # its facts are text of another kind, which nobody promised to understand
        read_report(raw, "x.eml")


def test_a_report_without_its_facts_is_told() -> None:
    raw = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nsorry\n--b--\n'
    with pytest.raises(Unreadable, match=r"x\.eml"):
        read_report(raw, "x.eml")


def test_a_report_about_a_thousand_recipients_is_about_no_mail_of_ours() -> None:
    head = b"Reporting-MTA: dns; mx.example\n\n"
    blocks = b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 1000
    with pytest.raises(Unreadable, match="recipients"):
        read_report(report().replace(head, head + blocks), "x.eml")


def test_what_a_server_says_stays_one_short_line() -> None:
    says = bounced(report(says="550 \x1b[31mno" + " such user" * 200)).says
    assert len(says) <= 500
    assert says.isprintable()


def test_parts_nested_without_end_are_no_mail() -> None:
    nested = b"".join(
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="b{n}"\n\n--b{n}\n'.encode()
        for n in range(2000)
    )
    with pytest.raises(Unreadable):
        read_report(nested, "x.eml")


@given(st.data())
def test_a_report_with_any_byte_changed_is_read_or_told(data: st.DataObject) -> None:
    raw = bytearray(report())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        told = read_report(bytes(raw), "x.eml")
    except Unreadable:
        return
    for bounce in told.bounces if told else ():
        assert bounce.recipient.isprintable()
        assert bounce.says.isprintable()
