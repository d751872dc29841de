"""The letterhead (Briefkopf, Pflichtangaben): who writes, and what the law demands on every business letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """A company as it appears on its letters and mails. What is not known is empty and is not printed."""

    name: str  # Firma, with its legal form
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "DE"  # ISO 3166-1 alpha-2
    phone: str = ""
    email: str = ""  # a mailbox somebody reads: answers go there
    website: str = ""
    contact_person: str = ""  # Ansprechpartner
    iban: str = ""
    bic: str = ""
    bank_name: str = ""
    managing_directors: tuple[str, ...] = ()  # Geschäftsführer, Vorstand or Inhaber, with one full first name
    register_court: str = ""  # Amtsgericht München
    register_number: str = ""  # HRB 123456
    vat_id: str = ""
    seat: str = ""  # Sitz der Gesellschaft
    supervisory_board_chair: str = ""  # Vorsitz des Aufsichtsrats, where there is one
    general_partner: str = ""  # Komplementärin of a GmbH & Co. KG
    general_partner_seat: str = ""
    general_partner_register: str = ""  # Amtsgericht München, HRB 654321
    din_form: Literal["A", "B"] = "B"  # of DIN 5008: A for a low letterhead, whose window stands 18 mm higher

    @property
    def place(self) -> str:
        """Postcode and city in one line."""
        return f"{self.postcode} {self.city}".strip()


class LegalForm(StrEnum):
    """The legal form (Rechtsform) a company's name states, as far as its letters are concerned."""

    GMBH = "gmbh"  # GmbH, gGmbH, UG (haftungsbeschränkt)
    AG = "ag"  # AG, SE, KGaA
    COOPERATIVE = "cooperative"  # eG
    GMBH_AND_CO = "gmbh_and_co"  # GmbH & Co. KG: no natural person is liable
    PARTNERSHIP = "partnership"  # OHG, KG
    PROFESSIONAL_PARTNERSHIP = "professional_partnership"  # PartG, PartG mbB
    MERCHANT = "merchant"  # e.K., e.Kfm., e.Kfr.
    OTHER = "other"  # nothing the law demands by its form


# The first that fits decides, so "GmbH & Co. KG" stands before "GmbH" and before "KG".
_FORMS: Final = (
    (LegalForm.GMBH_AND_CO, r"(?:gmbh|ug(?: \(haftungsbeschränkt\))?|ag|se) ?(?:&|\+|und) ?co\.? ?(?:kg|ohg)\b"),
    (LegalForm.AG, r"\b(?:ag|se|kgaa|aktiengesellschaft)\b"),
    (LegalForm.GMBH, r"\bg?gmbh\b|\bug\b|gesellschaft mit beschränkter haftung|unternehmergesellschaft"),
    (LegalForm.COOPERATIVE, r"\be\.?g\.?(?!\w)|genossenschaft\b"),
    (LegalForm.PROFESSIONAL_PARTNERSHIP, r"\bpartg(?:mbb)?\b|\bpartnerschaft\b"),
    (LegalForm.PARTNERSHIP, r"\b(?:ohg|kg)\b|kommanditgesellschaft\b|offene handelsgesellschaft"),
    (LegalForm.MERCHANT, r"\be\. ?k\.?(?!\w)|\be\. ?kf(?:m|r)\.?(?!\w)|eingetragener? kauf(?:mann|frau)"),
)

_REGISTERED: Final = ("seat", "register_court", "register_number")

# § 35a GmbHG; § 80 AktG; § 25a GenG; §§ 125, 177a HGB; § 125 HGB; § 7 PartGG; § 37a HGB.
_DEMANDED: Final = MappingProxyType(
    {
        LegalForm.GMBH: (*_REGISTERED, "managing_directors"),
        LegalForm.AG: (*_REGISTERED, "managing_directors", "supervisory_board_chair"),
        LegalForm.COOPERATIVE: (*_REGISTERED, "managing_directors"),
        LegalForm.GMBH_AND_CO: (
            *_REGISTERED,
            "general_partner",
            "general_partner_seat",
            "general_partner_register",
            "managing_directors",
        ),
        LegalForm.PARTNERSHIP: _REGISTERED,
        LegalForm.PROFESSIONAL_PARTNERSHIP: _REGISTERED,
        LegalForm.MERCHANT: _REGISTERED,
        LegalForm.OTHER: (),
    }
)

# Nobody can answer or pay a letter without these.
_ALWAYS: Final = ("name", "street", "postcode", "city", "iban")


def missing_for_letters(letterhead: Letterhead) -> tuple[str, ...]:
    """Name the fields without which no letter or mail may leave, in the order of the record.

    The law's list follows the legal form in the name (for Germany: § 35a GmbHG, § 80 AktG, § 25a GenG, §§ 37a, 125,
    177a HGB, § 7 PartGG; for Austria § 14 UGB, which asks for no directors). A phone number or a mail address is
    needed too, because every letter invites an answer; where both are missing, "phone" is named.
    """
    needed = _ALWAYS + _demanded_by_law(letterhead)
    missing = {field for field in needed if not getattr(letterhead, field)}
    if not (letterhead.phone or letterhead.email):
        missing.add("phone")
    return tuple(field for field in Letterhead.__dataclass_fields__ if field in missing)


def legal_form(name: str) -> LegalForm:
    """Read the legal form out of a company's name."""
    squeezed = " ".join(name.casefold().split())
    return next((form for form, pattern in _FORMS if re.search(pattern, squeezed)), LegalForm.OTHER)


def _demanded_by_law(letterhead: Letterhead) -> tuple[str, ...]:
    form = legal_form(letterhead.name)
    match letterhead.country:
        case "DE":
            return _DEMANDED[form]
        case "AT":
            return () if form is LegalForm.OTHER else _REGISTERED
        case _:
            return ()
