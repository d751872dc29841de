"""The GiroCode: what a banking app reads."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from export.girocode import creditor_reference, girocode, payment_reference, room_for_text, svg
from ledger.money import Money

_IBAN = "DE02 1203 0000 0000 2020 51"


def _same_code(code: segno.QRCode | None, *lines: str) -> bool:
    """Whether the code says exactly these lines: the same payload gives the same matrix of modules."""
    assert code is not None
    expected = segno.make_qr("\n".join(lines).encode(), error="m", boost_error=False)
    return bool(code.matrix == expected.matrix)


def test_the_code_carries_recipient_account_amount_and_reference() -> None:
    code = girocode(
        name="Blüte GmbH", iban=_IBAN, bic="BYLADEM1001", amount=Money(119050, "EUR"), text="RE-1 10023 M-2026-00001"
    )
    assert _same_code(
        code,
        *("BCD", "002", "1", "SCT", "BYLADEM1001", "Blüte GmbH", "DE02120300000000202051", "EUR1190.5", "", ""),
        "RE-1 10023 M-2026-00001",
    )


def test_the_bic_may_be_missing() -> None:
    code = girocode(name="Blüte GmbH", iban=_IBAN, bic="", amount=Money(1, "EUR"), text="RE-1")
    assert _same_code(
        code, "BCD", "002", "1", "SCT", "", "Blüte GmbH", "DE02120300000000202051", "EUR0.01", "", "", "RE-1"
    )


def test_a_line_break_in_a_name_cannot_shift_the_fields() -> None:
    code = girocode(name="Blüte\nDE99", iban=_IBAN, bic="", amount=Money(100, "EUR"), text="RE-1\r\nEUR9999")
    assert _same_code(
        code, "BCD", "002", "1", "SCT", "", "Blüte DE99", "DE02120300000000202051", "EUR1", "", "", "RE-1 EUR9999"
    )


@pytest.mark.parametrize(
    "amount", [Money(0, "EUR"), Money(-100, "EUR"), Money(100, "CHF"), Money(100_000_000_000, "EUR")]
)
def test_what_a_girocode_cannot_say_has_none(amount: Money) -> None:
    assert girocode(name="Blüte", iban=_IBAN, bic="", amount=amount, text="RE-1") is None


def test_without_an_account_there_is_no_code() -> None:
    assert girocode(name="Blüte", iban=" ", bic="", amount=Money(100, "EUR"), text="RE-1") is None


@given(st.text(max_size=200), st.text(max_size=300), st.integers(min_value=1, max_value=99_999_999_999))
def test_every_name_and_text_fits_error_correction_m_and_version_13(name: str, text: str, minor: int) -> None:
    code = girocode(name=name, iban=_IBAN, bic="BYLADEM1001", amount=Money(minor, "EUR"), text=text)
    assert code is None or (code.error == "M" and int(code.version) <= 13)


def test_umlauts_count_twice() -> None:
    code = girocode(name="Ä" * 70, iban=_IBAN, bic="", amount=Money(100, "EUR"), text="Ü" * 140)
    assert code is not None
    assert int(code.version) <= 13


def test_the_drawing_is_an_svg_that_scales() -> None:
    code = girocode(name="Blüte", iban=_IBAN, bic="", amount=Money(100, "EUR"), text="RE-1")
    assert code is not None
    assert svg(code).startswith("<svg ")
    assert "viewBox" in svg(code)


def reference_of(numbers: list[str], debtor: str, letter: str, *, most_bytes: int = 300) -> str:
    return payment_reference(numbers, debtor, letter, short=creditor_reference(letter), most_bytes=most_bytes)


def test_the_reference_names_invoices_customer_and_letter() -> None:
    assert reference_of(["RE-1", "RE-2"], "10023", "M-2026-00001") == "RE-1 RE-2 10023 M-2026-00001"


def test_half_a_list_of_invoices_is_never_named() -> None:
    many = [f"RE-2026-{n:04d}" for n in range(60)]
    assert reference_of(many, "10023", "M-2026-00001") == "RF12M202600001"


def test_a_list_that_fits_the_transfer_but_not_the_code_is_not_cut() -> None:
    room = room_for_text(name="Ä" * 70, iban=_IBAN, bic="BYLADEM1001")
    numbers = [f"RE-{n:06d}" for n in range(11)]
    assert reference_of(numbers, "10023", "M-2026-00001", most_bytes=room) == "RF12M202600001"
    assert reference_of(numbers, "10023", "M-2026-00001").startswith("RE-000000 RE-000001")


def test_the_creditor_reference_has_check_digits_and_one_for_each_letter() -> None:
    references = [creditor_reference(f"M-2026-{n:05d}") for n in range(1, 200)]
    assert all(iso11649.is_valid(one) and len(one) <= 25 for one in references)
    assert len(set(references)) == len(references)


@pytest.mark.parametrize("number", ["", "---", "M-2026-0000000000000000000001"])
def test_what_is_no_letter_number_gets_no_reference(number: str) -> None:
    with pytest.raises(ValueError, match="no letter number"):
        creditor_reference(number)


@given(st.lists(st.text(max_size=40), max_size=40), st.text(max_size=200), st.text(max_size=200), st.integers(0, 300))
def test_the_reference_always_fits_a_transfer(numbers: list[str], debtor: str, letter: str, room: int) -> None:
    reference = payment_reference(numbers, debtor, letter, short="RF12M202600001", most_bytes=room)
    assert len(reference) <= 140
    assert "\n" not in reference
    assert len(reference.encode()) <= max(room, len("RF12M202600001"))


@given(st.text(max_size=90), st.sampled_from(["", "BYLADEM1001", "MARKDEFF"]), st.text(max_size=140))
def test_what_has_room_is_never_cut(name: str, bic: str, text: str) -> None:
    line = payment_reference([text], "", "", short="RF", most_bytes=room_for_text(name=name, iban=_IBAN, bic=bic))
    code = girocode(name=name, iban=_IBAN, bic=bic, amount=Money(99_999_999_999, "EUR"), text=line)
    assert code is None or int(code.version) <= 13
