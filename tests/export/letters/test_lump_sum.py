"""The lump sum and interest that is paid already: each on a line of its own, wherever a claim is shown."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pypdf
import pytest

from export.agency import case_of, handover
from export.agency_tables import claims_csv
from export.call_list import call_list, call_scripts
from export.dossier import dossier
from export.letters import render_letter
from export.letters.composition import check_sums, compose, lump_sum
from export.mail import build_mail
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import Notice
    from export.letterhead import Letterhead


def text_of(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_letter_shows_the_lump_sum_on_a_line_of_its_own_and_asks_for_it(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=2, interest=150, lump_sum=4_000)
    said = compose(notice, letterhead, "M-2026-00012")
    assert said.sums == (
        ("Offene Rechnungen", "2.380,01\u00a0€"),
        ("Verzugszinsen bis 02.03.2026", "3,00\u00a0€"),
        ("Verzugspauschale für 2 Rechnungen (§ 288 Abs. 5 BGB)", "80,00\u00a0€"),
        ("Gesamtbetrag", "2.463,01\u00a0€"),
    )
    assert said.asked == notice.total == Money(246_301, "EUR")


def test_a_lump_sum_of_some_invoices_names_them(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    first, second = notice_of("final_notice", items=2).items
    notice = notice_of("final_notice", rows=(replace(first, lump_sum=Money(4_000, "EUR")), second))
    said = compose(notice, letterhead, "M-2026-00012")
    assert ("Verzugspauschale (§ 288 Abs. 5 BGB)", "40,00\u00a0€") in said.sums
    assert said.after[0] == "Die Verzugspauschale fällt an für RE-2026-0042."


def test_without_a_lump_sum_no_letter_speaks_of_one(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    said = compose(notice_of("final_notice", items=2, interest=150, fee=250), letterhead, "M-2026-00012")
    assert "pauschale" not in str((said.sums, said.before, said.after)).casefold()


@pytest.mark.parametrize(
    ("country", "language", "label"),
    [
        ("AT", "de", "Verzugspauschale (§ 458 UGB)"),
        ("DE", "en", "Lump sum for late payment (section 288 (5) BGB)"),
    ],
)
def test_the_lump_sum_cites_the_creditors_law(
    country: str, language: str, label: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", lump_sum=4_000)
    notice = replace(notice, debtor=replace(notice.debtor, language=language))
    assert label in dict(compose(notice, replace(letterhead, country=country), "M-1").sums)


def test_a_total_without_its_lump_sum_is_refused(notice_of: Callable[..., Notice]) -> None:
    notice = notice_of("final_notice", lump_sum=4_000)
    with pytest.raises(AssertionError, match="the total is not"):
        check_sums(replace(notice, total=notice.total - lump_sum(notice)))


def test_interest_that_is_paid_in_part_is_told_as_accrued_paid_and_open(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    (item,) = notice_of("second_dunning", interest=700).items
    notice = notice_of("second_dunning", rows=(replace(item, interest_paid=Money(500, "EUR")),))
    said = compose(notice, letterhead, "M-2026-00012")
    assert [row[-1] for row in said.interest] == ["12,00\u00a0€", "\u22125,00\u00a0€"]
    assert said.interest[-1][1] == "bereits gezahlt"
    assert said.sums[1] == (
        "Verzugszinsen bis 02.03.2026 (angefallen 12,00\u00a0€, davon gezahlt 5,00\u00a0€)",
        "7,00\u00a0€",
    )
    assert said.sums[-1] == ("Gesamtbetrag", "1.197,00\u00a0€")


def test_interest_that_is_wholly_paid_is_still_accounted_for(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    (item,) = notice_of("second_dunning", interest=700).items
    paid = replace(item, interest=Money(0, "EUR"), interest_paid=Money(700, "EUR"))
    said = compose(notice_of("second_dunning", rows=(paid,)), letterhead, "M-2026-00012")
    assert said.sums[1][1] == "0,00\u00a0€"
    assert "davon gezahlt 7,00" in said.sums[1][0]


def test_a_mail_says_the_lump_sum_in_both_its_forms(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    notice = notice_of("final_notice", lump_sum=4_000)
    raw = build_mail(
        notice,
        render_letter(notice, letterhead, letter_number="M-2026-00012"),
        letterhead,
        sender="mahnung@bluetenweiss.example",
        message_id="<M-1@bluetenweiss.example>",
        date=datetime(2026, 3, 2, 8, tzinfo=UTC),
    )
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "Verzugspauschale" in body.get_content()


def test_the_call_list_and_its_script_tell_the_lump_sum(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("enquiry", lump_sum=4_000)
    (call,) = csv.DictReader(
        io.StringIO(call_list([notice], letterhead).decode("utf-8-sig"), newline=""), delimiter=";"
    )
    assert (call["Offen"], call["Verzugspauschale"]) == ("1.190,00", "40,00")
    assert "- Verzugspauschale: 40,00\u00a0€" in call_scripts([notice], letterhead).decode()
    assert "Verzugspauschale" not in call_scripts([notice_of("enquiry")], letterhead).decode()


def test_the_agency_learns_the_lump_sum_in_every_form_of_the_case(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=2, interest=150, fee=250, lump_sum=4_000)
    case = case_of(notice, letterhead, case_id="G-1", created_on=notice.run_date)
    assert [claim["lump_sum_minor"] for claim in case["claims"]] == [4_000, 4_000]
    assert case["totals"]["lump_sum_minor"] == 8_000
    assert (
        json.loads(handover(notice, letterhead, case_id="G-1", created_on=notice.run_date))["totals"]
        == (case["totals"])
    )
    (first, _) = csv.DictReader(io.StringIO(claims_csv(case).decode("utf-8-sig"), newline=""), delimiter=";")
    assert (first["cost"], first["lump_sum"]) == ("2,50", "40,00")
    told = text_of(dossier(case))
    assert "Pauschale" in told
    assert "80,00" in told
