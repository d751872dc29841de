"""The tone (Tonfall) of our texts: no threat before its stage, no claim and no law that is not there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tone(StrEnum):
    """What kind of text it is, the gentlest first; TOML names it as ``kind``."""

    COURTESY = "courtesy"  # reminder, enquiry, thanks, apology, statement: nobody did anything wrong
    CONFIRMATION = "confirmation"  # of a promise, a complaint, a plan: what was agreed, and nothing more
    DEMAND = "demand"  # the first formal letter
    FIRM = "firm"  # the second: interest and costs are shown
    FINAL = "final"  # the last: the next step is named, and so is the right to object
    HANDED_OVER = "handed_over"  # somebody else has the matter now


@dataclass(frozen=True, slots=True)
class ToneMistake:
    """One word that must not stand where it stands, and why."""

    word: str  # as it was written
    why: str


@dataclass(frozen=True, slots=True)
class _Forbidden:
    """Words, as the beginning of a word in any case, and the kinds of text that may have them."""

    words: str  # a regular expression
    allowed: frozenset[Tone]
    why: str


_NEVER: Final[frozenset[Tone]] = frozenset()
_FROM_FIRM: Final = frozenset({Tone.FIRM, Tone.FINAL})
_FINAL: Final = frozenset({Tone.FINAL})

_OBJECTION: Final = re.compile(r"widersprech|bestreit|unberechtigt|einwend|object|dispute|unjustified", re.IGNORECASE)
_LEGAL_STEP: Final = re.compile(r"inkasso|gericht|collection agency|\bcourt\b", re.IGNORECASE)
_BUREAU: Final = r"schufa|auskunftei\w*|creditreform|boniversum|credit (?:bureau|agency|rating)\w*"

_FORBIDDEN: Final = (
    _Forbidden(
        r"inkassoabteilung|collections? department",
        _NEVER,
        "only registered firms may call themselves so (§ 11 (4) RDG)",
    ),
    _Forbidden(
        r"inkasso\w*|collection agenc\w*|debt collect\w*",
        frozenset({Tone.FINAL, Tone.HANDED_OVER}),
        "an agency is named in the last letter, not before",
    ),
    _Forbidden(
        r"vollstreck\w*|gerichtsvollzieher\w*|pfänd\w*|zwangsvoll\w*|bailiff\w*|enforcement\w*|seiz(?:e|ure)\w*",
        _NEVER,
        "there is no title to enforce; to threaten with enforcement is misleading (§ 4a UWG)",
    ),
    _Forbidden(
        r"gericht(?!et)\w*|mahnbescheid\w*|klage\w*|verklag\w*|rechtsanw[aä]lt\w*|anwalt\w*|anwält\w*|"
        r"rechtliche schritte|court\w*|lawsuit\w*|lawyer\w*|solicitor\w*|attorney\w*|"
        r"legal (?:action|proceedings|steps)|\bsue\b",
        _FINAL,
        "court and lawyer are named in the last letter, not before",
    ),
    _Forbidden(
        _BUREAU,
        frozenset({Tone.DEMAND, Tone.FIRM, Tone.FINAL}),
        "a credit bureau is mentioned with a formal letter at the earliest (§ 31 (2) no. 4 BDSG)",
    ),
    _Forbidden(
        r"strafbar\w*|straftat\w*|strafanzeige\w*|betrug\w*|betrüg\w*|polizei\w*|staatsanw\w*|"
        r"fraud\w*|criminal\w*|police\w*|prosecut\w*",
        _NEVER,
        "not paying is no crime; to say so is a threat (§ 240 StGB, § 4a UWG)",
    ),
    _Forbidden(
        r"letztmal\w*|letztmög\w*|letzte (?:mahnung|warnung|zahlungsaufforderung)|"
        r"final (?:notice|warning|demand)|last (?:warning|chance)",
        _FINAL,
        "what is called the last must be the last",
    ),
    _Forbidden(
        r"mahngeb\w*|mahnpauschale\w*|bearbeitungsgeb\w*|bearbeitungspauschale\w*|verzugspauschale\w*|"
        r"(?:reminder|dunning|late|processing|administration) fees?\b|late charges?\b",
        _FROM_FIRM,
        "costs are claimed only from a debtor in default, so not before the second letter (§§ 280, 286 BGB)",
    ),
    _Forbidden(
        r"verzugszins\w*|zinsschaden\w*|default interest|late[- ]payment interest",
        frozenset({Tone.CONFIRMATION, Tone.DEMAND, Tone.FIRM, Tone.FINAL}),
        "a courteous text does not speak of interest",
    ),
    _Forbidden(r"säumnisz\w*|versäumniszuschl\w*", _NEVER, "there is no such claim between private parties"),
    _Forbidden(r"mahngebührenverordnung|mahngebv", _NEVER, "there is no such law"),
    _Forbidden(
        r"mehrwertsteuer|umsatzsteuer(?!-id)|mwst|value[- ]added tax",
        _NEVER,
        "interest and costs of default are damages; they carry no VAT (UStAE 1.3)",
    ),
    _Forbidden(
        r"rabatt\w*|sonderangebot\w*|gutschein\w*|newsletter\w*|special offer\w*|voucher\w*|promotion\w*",
        _NEVER,
        "a reminder that advertises becomes advertising (§ 7 UWG)",
    ),
    _Forbidden(
        r"verzichten auf|verzicht auf|erlassen wir|we waive|waiver of",
        _NEVER,
        "a text gives nothing away; a waiver is a decision of its own (§ 397 BGB)",
    ),
    _Forbidden(
        r"zahlungsunwillig\w*|unverschämt\w*|zahlungsmoral|schuldner\w*|säumig\w*|"
        r"deadbeat\w*|delinquent\w*|irresponsib\w*",
        _NEVER,
        "it insults somebody who may stay a good customer",
    ),
    _Forbidden(
        r"[0-9]+(?:[.,][0-9]{2})?[\s\u00a0]*(?:€|eur\b|euro\b)|(?:€|eur)[\s\u00a0]*[0-9]+",
        _NEVER,
        "an amount comes from the computation; write a placeholder such as {total}",
    ),
)
_PATTERNS: Final = tuple((re.compile(rf"(?<!\w)(?:{rule.words})", re.IGNORECASE), rule) for rule in _FORBIDDEN)

# In the kinds up to the first formal letter the subject of a mail is discreet: it is read by whoever sees the screen.
_DISCREET: Final = frozenset({Tone.COURTESY, Tone.CONFIRMATION, Tone.DEMAND})
_INDISCREET: Final = re.compile(r"\{(?:open|total|title)\}|mahnung|overdue|überfällig", re.IGNORECASE)


def word_mistakes(text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find every word of a paragraph that its kind of text must not say."""
    for pattern, rule in _PATTERNS:
        if kind not in rule.allowed and (found := pattern.search(text)):
            yield ToneMistake(found.group(), rule.why)


def bureau_mistakes(text: str) -> Iterator[ToneMistake]:
    """Find a mention of a credit bureau that hides that disputing the claim prevents the report.

    BGH, 19 March 2015, I ZR 157/13: such a hint is unfair.
    """
    found = re.search(_BUREAU, text, re.IGNORECASE)
    if found and not _OBJECTION.search(text):
        yield ToneMistake(found.group(), "the same paragraph must say that disputing the claim prevents the report")


def subject_mistakes(text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find what a mail's subject must not show: amounts ever, the name of the stage before the second letter."""
    if kind in _DISCREET and (found := _INDISCREET.search(text)):
        yield ToneMistake(found.group(), "the subject of a mail is read by whoever glances at the screen")
    elif found := re.search(r"\{(?:open|total)\}", text):
        yield ToneMistake(found.group(), "the subject of a mail never names an amount")


def missing_right_to_object(whole_text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find a last letter that announces court or agency and hides that the debtor may object.

    BGH, 22 March 2018, I ZR 25/17: announcing them is fair where it does not hide that the debtor can defend himself.
    """
    found = _LEGAL_STEP.search(whole_text)
    if kind is Tone.FINAL and found and not _OBJECTION.search(whole_text):
        yield ToneMistake(found.group(), "whoever announces this must also say that the debtor may object")
