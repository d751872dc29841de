"""Reports of mail servers are read as facts: which address is bad for good, and which mail came back."""

from __future__ import annotations

import pytest

from dunning.bounce import Bounce
from export.delivery.bounces import read_bounces
from ledger.errors import Unreadable


def report(
    *, action: str = "failed", status: str = "5.1.1", says: str = "550 5.1.1 no such user", returned: str = "rfc822"
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
        f"Diagnostic-Code: smtp; {says}\n\n"
        f"--b\n{original}\n--b--\n"
    ).encode()


@pytest.mark.parametrize("returned", ["rfc822", "headers"])
def test_a_report_names_the_address_the_reason_and_the_mail(returned: str) -> None:
    assert read_bounces(report(returned=returned), "bounce.eml") == (
        Bounce(
            recipient="Rechnung@kunde.example",
            is_permanent=True,
            status="5.1.1",
            says="550 5.1.1 no such user",
            message_id="<M-2026-00001.muster@x.example>",
        ),
    )


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.1.1", True),  # no such user
        ("failed", "5.1.2", True),  # no such domain
        ("failed", "5.2.1", True),  # mailbox closed
        ("failed", "5.2.2", False),  # mailbox full: gets well again
        ("failed", "5.7.1", False),  # rejected for its content or our reputation: the address is fine
        ("failed", "4.4.7", False),  # given up for today
        ("delayed", "4.4.1", False),
    ],
)
def test_only_a_bad_address_is_bad_for_good(action: str, status: str, permanent: bool) -> None:
    (bounce,) = read_bounces(report(action=action, status=status), "x.eml")
    assert bounce.is_permanent is permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_is_no_bounce(action: str) -> None:
    assert read_bounces(report(action=action, status="2.0.0"), "x.eml") == ()


def test_an_answer_or_an_absence_note_is_no_bounce() -> None:
    assert read_bounces(b"From: a@b.example\nSubject: Re: Ihre Rechnung\n\nIch zahle morgen.\n", "x.eml") == ()


def test_a_report_without_its_facts_is_told() -> None:
    raw = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nsorry\n--b--\n'
    with pytest.raises(Unreadable, match=r"x\.eml"):
        read_bounces(raw, "x.eml")
