"""The GiroCode: what a banking app reads."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from export.girocode import girocode, payment_reference, svg
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


def test_the_reference_names_invoices_customer_and_letter() -> None:
    assert payment_reference(["RE-1", "RE-2"], "10023", "M-2026-00001") == "RE-1 RE-2 10023 M-2026-00001"


def test_half_a_list_of_invoices_is_never_named() -> None:
    many = [f"RE-2026-{n:04d}" for n in range(60)]
    assert payment_reference(many, "10023", "M-2026-00001") == "10023 M-2026-00001"


@given(st.lists(st.text(max_size=40), max_size=40), st.text(max_size=200), st.text(max_size=200))
def test_the_reference_always_fits_a_transfer(numbers: list[str], debtor: str, letter: str) -> None:
    reference = payment_reference(numbers, debtor, letter)
    assert len(reference) <= 140
    assert "\n" not in reference
