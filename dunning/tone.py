"""The tone (Tonfall) of our texts: no threat before its stage, no claim and no law that is not there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


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
_FINAL: Final = frozenset({Tone.FINAL})
_FROM_FIRM: Final = frozenset({Tone.FIRM, Tone.FINAL})
_AGREED_OR_FROM_FIRM: Final = frozenset({Tone.CONFIRMATION, Tone.FIRM, Tone.FINAL})
_NOT_COURTEOUS: Final = frozenset({Tone.CONFIRMATION, Tone.DEMAND, Tone.FIRM, Tone.FINAL})

_OBJECTION: Final = re.compile(r"widersprech|bestreit|unberechtigt|einwend|object|dispute|unjustified", re.IGNORECASE)
_BUREAU: Final = (
    r"schufa\w*|auskunftei\w*|creditreform|boniversum|crif\b|ksv ?1870|negativeintr[aä]g\w*|bonität\w*|"
    r"credit (?:bureau|agenc|rating|score|file|history|record)\w*"
)

_FORBIDDEN: Final = (
    _Forbidden(
        r"inkassoabteilung|collections? department",
        _NEVER,
        "only registered firms may call themselves so (§ 11 (4) RDG)",
    ),
    _Forbidden(
        r"inkasso\w*|eintreib\w*|beitreib\w*|forderungsverkauf\w*|collection agenc\w*|debt (?:collect|recover)\w*|"
        r"collectors?\b|sell (?:the|your) (?:claim|debt)",
        frozenset({Tone.FINAL, Tone.HANDED_OVER}),
        "an agency is named in the last letter, not before",
    ),
    _Forbidden(
        r"\w*vollstreck\w*|\w*pfänd\w*|vermögensauskunft\w*|offenbarungseid\w*|bailiff\w*|enforc\w*|"
        r"seiz(?:e|ing|ure)\w*|garnish\w*|gerichtsvollzieher\w*|attach your (?:wages|account)",
        _NEVER,
        "there is no title to enforce; to threaten with enforcement is misleading (§ 4a UWG)",
    ),
    _Forbidden(
        r"verurteil\w*|rechtskräft\w*|amtlich\w*|behörd\w*|im namen des gesetzes|official (?:order|notice)|"
        r"by order of|judge?ments?\b",
        _NEVER,
        "we are no court and no authority; to sound like one is misleading (§ 4a UWG)",
    ),
    _Forbidden(
        r"insolvenzantr[aä]g\w*|insolvenzverfahren\w*|zahlungsunfähig\w*|pleite\b|bankrott\w*|bankrupt\w*|"
        r"winding[- ]up|insolvency petition",
        _NEVER,
        "insolvency is no means of pressure, and to call somebody insolvent harms him (§ 824 BGB)",
    ),
    _Forbidden(
        r"\w*gericht(?!et)\w*|mahnbescheid\w*|\w*klag(?:e|en|t|te|st)\b|rechtsanw[aä]lt\w*|anwalt\w*|anwält\w*|"
        r"rechtsabteilung|rechtsweg\w*|rechtsstreit\w*|prozess(?:kosten|ieren)|(?:rechtlich|juristisch)e\w* "
        r"(?:schritt|maßnahm|konsequenz)\w*|court\w*|lawsuit\w*|lawyer\w*|solicitor\w*|attorney\w*|barrister\w*|"
        r"litigat\w*|legal (?:action|proceedings|steps|measures|department|consequences)|tribunal\w*|"
        r"su(?:e|es|ed|ing)\b",
        _FINAL,
        "court and lawyer are named in the last letter, not before",
    ),
    _Forbidden(
        _BUREAU,
        frozenset({Tone.DEMAND, Tone.FIRM, Tone.FINAL}),
        "a credit bureau is mentioned with a formal letter at the earliest (§ 31 (2) no. 4 BDSG)",
    ),
    _Forbidden(
        r"schwarze\w* liste|schuldnerverzeichnis\w*|blacklist\w*",
        _NEVER,
        "we lead no such list and decide about none",
    ),
    _Forbidden(
        r"straf(?:bar|tat|anzeige|recht|verfahr)\w*|betrug\w*|betrüg\w*|diebstahl\w*|polizei\w*|staatsanw\w*|"
        r"kriminell\w*|gefängnis\w*|verhaft\w*|anzeige (?:erstatten|gegen)|fraud\w*|criminal\w*|crimes?\b|police\w*|"
        r"prosecut\w*|theft|steal\w*|stolen|prison\w*|arrest\w*",
        _NEVER,
        "not paying is no crime; to say so is a threat (§ 240 StGB, § 4a UWG)",
    ),
    _Forbidden(
        r"ihr\w* (?:(?:arbeitgeber|nachbar|famili|angehörig|vermieter|hausbank|geschäftspartner)\w*|kunden\b)|"
        r"your (?:employer|neighbou?r|famil|relative|landlord|bank manager|business partner|customers)\w*",
        _NEVER,
        "nobody else hears of a debt (Art. 6 GDPR, § 4a UWG)",
    ),
    _Forbidden(
        r"hausbesuch\w*|vor ihrer tür|persönlich vorbei\w*|home visit\w*|at your door|pay you a visit",
        _NEVER,
        "to announce a visit is a threat (§ 4a UWG)",
    ),
    _Forbidden(
        r"letztmal\w*|letztmög\w*|(?:aller)?letzte\w* "
        r"(?:mahnung|warnung|zahlungsaufforderung|aufforderung|erinnerung|frist|gelegenheit|chance|mal)|"
        r"(?:final|last) (?:notice|warning|demand|reminder|request|chance|opportunity|time)",
        _FINAL,
        "what is called the last must be the last",
    ),
    _Forbidden(
        r"(?:ernsthaft|unangenehm)\w* (?:folg|konsequenz)\w*|konsequenzen|(?<!keine )weitere\w* "
        r"(?:schritte?|maßnahmen?)\b|serious consequences|(?<!take no )further (?:steps|action|measures)|"
        r"lieferstop\w*|liefersperre\w*|stop (?:all )?(?:deliver|suppl)\w*",
        _FROM_FIRM,
        "a next step is announced from the second letter on, not before",
    ),
    _Forbidden(
        r"(?:in|im) (?:zahlungs)?verzug\b|zahlungsverzug\w*|in default\b|in arrears",
        _AGREED_OR_FROM_FIRM,
        "default may only begin with this letter (§ 286 BGB); nobody is told before the second",
    ),
    _Forbidden(
        r"mahn(?:geb|pausch|kost|spes|ausl|zuschl)\w*|bearbeitungsgeb\w*|bearbeitungspauschale\w*|"
        r"(?:zusätzlich|weiter|entstanden)\w* (?:kosten|gebühren)|"
        r"(?:reminder|dunning|late|processing|administration|collection) (?:fee|charge|cost)s?\b|"
        r"(?:additional|further|extra) (?:fee|charge|cost)s?\b",
        _FROM_FIRM,
        "costs are claimed only from a debtor in default, so not before the second letter (§§ 280, 286 BGB)",
    ),
    _Forbidden(
        r"(?<!keine )gebühr(?:en)?\b(?! fallen dafür nicht)|(?<!no )fees?\b|lump sum|\w*pauschale\w*",
        _AGREED_OR_FROM_FIRM,
        "costs are claimed only from a debtor in default, so not before the second letter (§§ 280, 286 BGB)",
    ),
    _Forbidden(
        r"zinseszins\w*|compound interest|interest on interest",
        _NEVER,
        "interest bears no interest (§ 289 BGB)",
    ),
    _Forbidden(
        r"(?:verzugs|basis|fälligkeits)?zins(?!eszins)\w*|(?:default|late[- ]payment|penalty|statutory) interest|"
        r"(?:plus|with|charge|add|of) interest|interest (?:accrues|runs|is (?:added|charged|due)|will be)",
        _NOT_COURTEOUS,
        "a courteous text does not speak of interest",
    ),
    _Forbidden(
        r"säumnisz\w*|versäumniszuschl\w*|vertragsstraf\w*|strafgeb\w*|strafzahl\w*|strafzins\w*|"
        r"(?:contractual )?penalt(?:y|ies)|surcharge\w*",
        _NEVER,
        "there is no such claim between private parties",
    ),
    _Forbidden(r"mahngebührenverordnung|mahngebv", _NEVER, "there is no such law"),
    _Forbidden(
        r"mehrwertsteuer|umsatzsteuer(?!-id)|mwst|ust\b(?!-id)|value[- ]added tax|vat\b(?! (?:id|no|number|reg))",
        _NEVER,
        "interest and costs of default are damages; they carry no VAT (UStAE 1.3)",
    ),
    _Forbidden(
        r"rabatt\w*|sonderangebot\w*|gutschein\w*|newsletter\w*|neue\w* produkte?\b|besuchen sie unser\w*|"
        r"special offer\w*|voucher\w*|promotion\w*|discount\w*|new products?\b|visit our \w*",
        _NEVER,
        "a reminder that advertises becomes advertising (§ 7 UWG)",
    ),
    _Forbidden(
        r"(?<!ohne )(?<!kein )(?<!keinen )verzicht\w*|(?:erlassen|schenken) (?:wir|ihnen)|wir (?:erlassen|schenken)|"
        r"(?<!not )(?<!without )waiv\w*|write off|forgive (?:you|the|this)",
        _NEVER,
        "a text gives nothing away; a waiver is a decision of its own (§ 397 BGB)",
    ),
    _Forbidden(
        r"(?<!keine )stundung\w*|wir stunden|(?:we|to) defer\b|grant (?:you )?(?:a )?deferral",
        _NEVER,
        "a deferral ends default and its interest; it is a decision of its own (§ 205 BGB)",
    ),
    _Forbidden(
        r"zahlungsunwillig\w*|unverschämt\w*|zahlungsmoral|schuldner\w*|säumig\w*|böswillig\w*|dreist\w*|"
        r"schämen|inakzeptabel\w*|zechprell\w*|nichtzahler\w*|geduld (?:ist|hat|neigt)|"
        r"deadbeat\w*|delinquent\w*|irresponsib\w*|asham\w*|shame\w*|dishonest\w*|liars?\b|unacceptable|"
        r"our patience",
        _NEVER,
        "it insults somebody who may stay a good customer",
    ),
    _Forbidden(
        r"[0-9]+(?:[.,](?:[0-9]{2}|[-–—]+))?[\s-]*(?:€|eur\b|euros?\b|chf\b|franken\b|£|\$|usd\b|gbp\b)|"
        r"(?:€|eur|chf|fr\.|£|\$|usd|gbp)\s*[0-9]+|"
        r"(?:fünf|zehn|zwanzig|vierzig|fünfzig|hundert|five|ten|twenty|forty|fifty|(?:a|one) hundred)[\s-]euros?\b",
        _NEVER,
        "an amount comes from the computation; write a placeholder such as {total}",
    ),
    _Forbidden(
        r"[0-9]+(?:[.,][0-9]+)?\s*(?:%|prozent\w*|percent\w*|per cent)",
        _NEVER,
        "a rate comes from the computation; the table of the letter shows it",
    ),
)

# A law that may be claimed from some debtors only, and the facts one of which must then stand under `when`.
_LUMP_SUM: Final = re.compile(
    r"verzugspauschale|schadens?pauschale|beitreibungspauschale|pauschale|§ 288 (?:abs\. 5|\(5\))|lump sum|"
    r"fixed (?:sum|amount) for recovery",
    re.IGNORECASE,
)
_LUMP_SUM_FACTS: Final = frozenset({"business", "lump sum"})
_DAILY: Final = re.compile(r"\{(?:daily_interest|interest_continues)\}")
_DAILY_FACT: Final = "daily interest"


def _pattern(words: str) -> re.Pattern[str]:
    """Read a rule's words as the beginning of a word in any case; umlauts also where they are written apart."""
    for umlaut, apart in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        words = words.replace(f"[a{umlaut}]", f"(?:a|{umlaut})").replace(umlaut, f"(?:{umlaut}|{apart})")
    return re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE)


_PATTERNS: Final = tuple((_pattern(rule.words), rule) for rule in _FORBIDDEN)
_BUREAU_PATTERN: Final = _pattern(_BUREAU)
_LEGAL_STEP: Final = _pattern(
    r"\w*inkasso\w*|\w*gericht(?!et)\w*|mahnbescheid\w*|collection agenc\w*|court\w*|legal (?:action|proceedings)"
)

# In the kinds up to the first formal letter the subject of a mail is discreet: it is read by whoever sees the screen.
_DISCREET: Final = frozenset({Tone.COURTESY, Tone.CONFIRMATION, Tone.DEMAND})
_INDISCREET: Final = re.compile(
    r"\{(?:open|total|title|paid|promised|plan_total|balance|disputed|rest|daily_interest)\}|mahn|zahlungserinnerung|"
    r"zahlungsaufforderung|schuld|overdue|unpaid|dunning|debt\b|reminder|überfällig|ueberfaellig|rückst[aä]nd",
    re.IGNORECASE,
)
_AMOUNT_PLACEHOLDER: Final = re.compile(
    r"\{(?:open|total|paid|promised|plan_total|balance|disputed|rest|daily_interest)\}"
)


def word_mistakes(text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find every word of a paragraph that its kind of text must not say."""
    plain = _plain(text)
    for pattern, rule in _PATTERNS:
        if kind not in rule.allowed and (found := pattern.search(plain)):
            yield ToneMistake(found.group(), rule.why)


def claim_mistakes(text: str, when: Collection[str]) -> Iterator[ToneMistake]:
    """Find a claim that is not legally there for everybody who would read it.

    ``when`` are the facts under which the paragraph is said. Only businesses owe the lump sum (§ 288 (5) BGB), and
    interest by the day is owed only where it was computed.
    """
    found = _LUMP_SUM.search(_plain(text))
    if found and _LUMP_SUM_FACTS.isdisjoint(when):
        yield ToneMistake(found.group(), 'consumers owe no lump sum (§ 288 (5) BGB); add when = ["business"]')
    daily = _DAILY.search(text)
    if daily and _DAILY_FACT not in when:
        yield ToneMistake(daily.group(), 'not every notice claims interest; add when = ["daily interest"]')


def names_bureau(text: str) -> bool:
    """Whether a text mentions a credit bureau (Auskunftei)."""
    return re.search(_BUREAU, text, re.IGNORECASE) is not None


def bureau_mistakes(text: str) -> Iterator[ToneMistake]:
    """Find a mention of a credit bureau that hides that disputing the claim prevents the report.

    BGH, 19 March 2015, I ZR 157/13: such a hint is unfair.
    """
    plain = _plain(text)
    found = _BUREAU_PATTERN.search(plain)
    if found and not _OBJECTION.search(plain):
        yield ToneMistake(found.group(), "the same paragraph must say that disputing the claim prevents the report")


def subject_mistakes(text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find what a mail's subject must not show: amounts ever, the name of the stage before the second letter."""
    if kind in _DISCREET and (found := _INDISCREET.search(text)):
        yield ToneMistake(found.group(), "the subject of a mail is read by whoever glances at the screen")
    elif found := _AMOUNT_PLACEHOLDER.search(text):
        yield ToneMistake(found.group(), "the subject of a mail never names an amount")


def missing_right_to_object(whole_text: str, kind: Tone) -> Iterator[ToneMistake]:
    """Find a last letter that announces court or agency and hides that the debtor may object.

    BGH, 22 March 2018, I ZR 25/17: announcing them is fair where it does not hide that the debtor can defend himself.
    """
    plain = _plain(whole_text)
    found = _LEGAL_STEP.search(plain)
    if kind is Tone.FINAL and found and not _OBJECTION.search(plain):
        yield ToneMistake(found.group(), "whoever announces this must also say that the debtor may object")


def _plain(text: str) -> str:
    """Write a text as it is read: umlauts in one piece, no invisible signs, one blank between words."""
    visible = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())
