"""Banks that name the other party inside running text: PostFinance, Danske Bank, Komercijalna Banka Skopje."""

from __future__ import annotations

import re
from typing import Final

from connectors.bank.swift.mt940_dialect_lines import glue, one_line
from connectors.bank.swift.purpose import Purpose


def read(text: str) -> Purpose | None:
    """Read a field of one of these banks; None for every other."""
    return _postfinance(text) or _danske(text) or _komercijalna(text)


# PostFinance, in the language of the account: kind of booking, party with address, reference, message of the payer.
_PARTY: Final = re.compile(
    r"(?P<kind>(?:GIRO|GUTSCHRIFT|ZAHLUNG|DAUERAUFTRAG|LASTSCHRIFT|EINZAHLUNG|ÜBERTRAG|CRÉDIT|CREDIT|PAIEMENT"
    r"|ACCREDITO)\b[^:\n]{0,60}?) "
    r"(?:AUFTRAGGEBER|ABSENDER|DONNEUR D'ORDRE|EXP[ÉE]DITEUR|MANDANTE|MITTENTE): "
)
_MESSAGE: Final = re.compile(r" (?:MITTEILUNGEN|COMMUNICATIONS|COMUNICAZIONI): ")
_BOOKING_NUMBER: Final = re.compile(r" (?P<number>\d{6}CH[0-9A-Z]{8})$")


def _postfinance(text: str) -> Purpose | None:
    found = _PARTY.match(text)
    if not found:
        return None
    said = glue(text)
    start, end = found.end(), len(said.glued)
    message = _MESSAGE.search(said.glued, start)
    party = said.readable(start, message.start() if message else end)
    number = _BOOKING_NUMBER.search(party)
    return Purpose(
        posting_text=found["kind"],
        remittance=said.readable(message.end()) if message else "",
        remittance_glued=said.glued[message.end() :].strip() if message else "",
        name=party[: number.start()] if number else party,
        keywords={"BREF": number["number"]} if number else {},
    )


# Danske Bank, payments abroad: number, beneficiary, account, then charges and rate, each behind a slash.
_BENEFICIARY: Final = re.compile(
    r"(?P<number>DBTS? ?[\w.]{4,20})/Bnf\. (?P<name>[^/]+)/Bnf\.acc\. ?(?P<account>[^/]+)(?P<rest>.*)"
)


def _danske(text: str) -> Purpose | None:
    if "/Bnf." not in text:
        return None
    said = glue(text)
    found = _BENEFICIARY.fullmatch(said.glued)
    if not found:
        return None
    remittance = f"{found['number']} {said.readable(found.start('rest')).lstrip('/')}".strip()
    return Purpose(
        remittance=remittance,
        remittance_glued=remittance,
        name=said.readable(found.start("name"), found.end("name")),
        account="".join(found["account"].split()),
    )


# Komercijalna Banka: four lines behind a slash each: account, name, the two reference numbers, text.
_FOUR_LINES: Final = re.compile(
    r"/(?:BENM|ORDP)/(?P<account>\d{15})\n/(?P<name>[^\n]+)\n/(?P<numbers>[^\n]*)\n/(?P<text>.+)", re.DOTALL
)
_NO_NUMBERS: Final = re.compile(r"EMPTY/|0+//0+")


def _komercijalna(text: str) -> Purpose | None:
    found = _FOUR_LINES.fullmatch(text)
    if not found:
        return None
    said = glue(found["text"])
    numbers = "" if _NO_NUMBERS.fullmatch(found["numbers"]) else one_line(found["numbers"].replace("//", " "))
    return Purpose(
        remittance=f"{numbers} {said.readable()}".strip(),
        remittance_glued=f"{numbers} {said.glued.strip()}".strip(),
        name=one_line(found["name"]),
        account=found["account"],
    )
