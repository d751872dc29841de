"""References (Zahlungsreferenz) that a payer typed or a bank carried in free text, proven by their check digits.

RF: ISO 11649. QRR and ESR: SIX, Implementation Guidelines QR-bill (modulo 10, recursive). BE: Febelfin, OGM-VCS. NL:
Betaalvereniging, betalingskenmerk. FI: Finance Finland, viitenumero. NO: Bits, KID. SI: Uradni list RS 34/2019,
Priloga 1. AT: the Zahlungsreferenz of a Zahlungsanweisung carries no check digit, so its label must prove it.

One number in ten has a fitting check digit by chance. Only what is unmistakable stands for itself: RF, SI, 27 digits
and the Belgian printed form. Everything else needs its label.
"""

from __future__ import annotations

import re
from itertools import cycle
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from stdnum import luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

# For one quick look: capitals, every digit a nought, every mark between groups a stroke, and no blanks.
_PLAIN: Final = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz123456789.:", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ000000000--")
_BLANKS: Final = b" /\t\n\r\xa0"
# Every reference of digits alone has as many, except those whose label is looked for by itself.
_LONG_RUN: Final = b"0" * 12
# In a long text a search is twice as fast as ``in``, in a short one it is the other way round.
_SEARCHES: Final = tuple(re.compile(one).search for one in (_LONG_RUN, b"RF[0-]", b"SI0", b"KID", b"VIITE"))
_BETWEEN: Final = "\x01"  # neither a blank nor a letter nor a digit


def creditor_references(*texts: str) -> tuple[str, ...]:
    """Find every valid reference in the texts: upper case, without blanks and labels, in the order of their kinds.

    Where an RF reference in groups may end at several places with valid check digits, each of them is given.
    """
    if not may_hold_reference("\n".join(texts)):
        return ()
    tidy = dict.fromkeys(" ".join(text.upper().split()) for text in texts)
    return tuple(dict.fromkeys(found for text in tidy for finder in _FINDERS for found in finder(text)))


def may_hold_reference(text: str) -> bool:
    """Whether a text may hold a reference at all; most do not.

    Called for every payment, so it answers in well under a microsecond.
    """
    plain = _plain(text)
    if b"RF" in plain and (b"RF0" in plain or b"RF-" in plain):
        return True
    return _LONG_RUN in plain or b"SI0" in plain or b"KID" in plain or b"VIITE" in plain


def any_may_hold_reference(texts: Iterable[str]) -> bool:
    """Whether one of many texts may hold a reference; asked for hundreds of them at once."""
    plain = _plain(_BETWEEN.join(texts))
    return any(search(plain) is not None for search in _SEARCHES)


def _plain(text: str) -> bytes:
    return text.encode("latin-1", "replace").translate(_PLAIN, _BLANKS)


def reference_kind(reference: str) -> str:
    """Say what a reference is by its own shape and check digits: RF, SI, QRR, ESR, BE or NL.

    Empty where the number alone proves nothing: it is no such reference, could be two, or was known by its label only
    (FI, NO, AT).
    """
    compact = _SEPARATORS.sub("", reference.upper())
    kinds = [kind for kind, is_valid in _BY_SHAPE.items() if is_valid(compact)]
    return kinds[0] if len(kinds) == 1 else ""


_SEPARATORS: Final = re.compile(r"[\s+*/.:]")

# RF begins a word, follows a label without a blank ("Ref.RF18", "RFRF18"), or is itself the label ("RF: 18 5390").
_CREDITOR_HEAD: Final = re.compile(
    r"RF(?:(?<![^\W_]RF)|(?<=REFRF)|(?<=REFERENZRF)|(?<=REFERENCERF)|(?<=NRRF)|(?<=RFRF))(?=[ .:/-]{0,3}[0-9])"
)
_CREDITOR_PART: Final = re.compile(r"[ .:/-]{0,3}([0-9]{1,24}|[A-Z]{1,24})")
_WORD: Final = re.compile(r"[^\W\d_]{3}")


def _creditor(text: str) -> Iterator[str]:
    """Find RF references, in one piece or with blanks anywhere after RF."""
    for head in _CREDITOR_HEAD.finditer(text):
        # The words after a reference look like more of it. Check digits decide where it ends, the longest first.
        yield from reversed(list(filter(_is_creditor, _beginnings(text, head.end()))))


def _beginnings(text: str, position: int) -> Iterator[str]:
    """Give what a reference could be: up to each end of a word, or of digits to which a word is glued."""
    candidate = "RF"
    while found := _CREDITOR_PART.match(text, position):
        candidate += found[1]
        position = found.end()
        if len(candidate) > 25:
            return
        following = text[position : position + 1]
        if not following.isalnum() or (found[1].isdigit() and _WORD.match(text, position)):
            yield candidate


def _is_creditor(reference: str) -> bool:
    # What iso11649 does, without cleaning once more what is clean: some banks carry one with every payment.
    if not (reference.isascii() and 5 <= len(reference) <= 25 and reference[:2] == "RF" and reference[2:4].isdigit()):
        return False
    return reference.isalnum() and mod_97_10.is_valid(reference[4:] + reference[:4])


# In one piece, or exactly as it is printed. Letters before it would make it an IBAN, a sixth group a list.
_SWISS: Final = re.compile(
    r"[0-9](?<![^\W_].)(?<![0-9][.,/-].)(?:[0-9]{26}|[0-9](?: [0-9]{5}){5}(?! [0-9]{5}(?![0-9])))"
    r"(?![^\W_])(?![.,/-][0-9])"
)


def _swiss(text: str) -> Iterator[str]:
    """Find QR references and the ESR/ISR references of 27 digits before them."""
    for found in _SWISS.finditer(text):
        reference = found[0].replace(" ", "")
        if _is_swiss(reference):
            yield reference


def _is_swiss(reference: str) -> bool:
    return _is_number(reference) and esr.is_valid(reference)


# Between three plus signs or stars any form, else only 3/4/5 digits with strokes.
_BELGIAN: Final = re.compile(
    r"([+*])\1\1 ?([0-9]{3})[ /]?([0-9]{4})[ /]?([0-9]{5}) ?\1\1\1"
    r"|(?<![\w/])([0-9]{3})/([0-9]{4})/([0-9]{5})(?![\w/])"
)


def _belgian(text: str) -> Iterator[str]:
    """Find Belgian structured communications in their printed form."""
    if not any(mark in text for mark in ("/", "+++", "***")):
        return
    for found in _BELGIAN.finditer(text):
        reference = "".join(filter(str.isdecimal, found.groups("")))
        if _is_belgian(reference):
            yield reference


def _is_belgian(reference: str) -> bool:
    return len(reference) == 12 and _is_number(reference) and ogm_vcs.is_valid(reference)


# SI, two digits for the model, then up to three parts. SI with eight digits in one piece is a VAT number.
_SLOVENIAN: Final = re.compile(
    r"SI(?<![^\W_]SI)(?![0-9]{8}(?![0-9-]))(0[1-9]|1[0-2])[ -]?([0-9]{2,20}(?:-[0-9]{1,20}){0,2})(?![\w-])"
)

# Which parts of a model share a check digit at their end. Model 00 has none, 99 has no parts.
_SLOVENIAN_CHECKED: Final[Mapping[str, tuple[tuple[int, ...], ...]]] = MappingProxyType(
    {
        "01": ((0, 1, 2),),
        "02": ((1,), (2,)),
        "03": ((0,), (1,), (2,)),
        "04": ((0,), (2,)),
        "05": ((0,),),
        "06": ((1, 2),),
        "07": ((1,),),
        "08": ((0, 1), (2,)),
        "09": ((0, 1),),
        "10": ((0,), (1, 2)),
        "11": ((0,), (1,)),
        "12": ((0,),),
    }
)


def _slovenian(text: str) -> Iterator[str]:
    """Find Slovenian references; the strokes between their parts belong to them."""
    for found in _SLOVENIAN.finditer(text):
        reference = f"SI{found[1]}{found[2]}"
        if _is_slovenian(reference):
            yield reference


def _is_slovenian(reference: str) -> bool:
    found = _SLOVENIAN.fullmatch(reference)
    if not found:
        return False
    parts = found[2].split("-")
    if found[1] == "12" and len(parts) > 1:
        return False
    checked = ("".join(parts[i] for i in group if i < len(parts)) for group in _SLOVENIAN_CHECKED[found[1]])
    numbers = [number for number in checked if number]
    return bool(numbers) and all(map(_has_slovenian_check_digit, numbers))


def _has_slovenian_check_digit(number: str) -> bool:
    weighted = sum(int(digit) * weight for weight, digit in enumerate(reversed(number[:-1]), start=2))
    remainder = 11 - weighted % 11
    return len(number) > 1 and int(number[-1]) == (remainder if remainder < 10 else 0)


def _is_dutch(reference: str) -> bool:
    """Whether the first of 16 digits is the weighted check digit (modulo 11) of the others."""
    if len(reference) != 16 or not _is_number(reference):
        return False
    weights = cycle((2, 4, 8, 5, 10, 9, 7, 3, 6, 1))
    weighted = sum(int(digit) * weight for digit, weight in zip(reversed(reference[1:]), weights, strict=False))
    check = 11 - weighted % 11
    return int(reference[0]) == {10: 1, 11: 0}.get(check, check)


def _is_finnish(reference: str) -> bool:
    """Whether the last digit completes the weighted sum (7, 3, 1 from the right) to full tens."""
    weighted = sum(int(d) * weight for d, weight in zip(reversed(reference[:-1]), cycle((7, 3, 1)), strict=False))
    return _is_number(reference) and (weighted + int(reference[-1])) % 10 == 0


def _is_norwegian(reference: str) -> bool:
    """Whether the last character is the check digit modulo 10 (Luhn) or modulo 11, where a stroke stands for ten."""
    if not reference.strip("0-"):
        return False
    digits = [10 if character == "-" else int(character) for character in reversed(reference)]
    weighted = sum(digit * weight for digit, weight in zip(digits[1:], cycle((2, 3, 4, 5, 6, 7)), strict=False))
    return (weighted + digits[0]) % 11 == 0 or luhn.is_valid(reference)


def _is_number(reference: str) -> bool:
    """Whether it is of digits alone, and not of zeros alone: nought has a fitting check digit everywhere."""
    return reference.isascii() and reference.isdecimal() and bool(reference.strip("0"))


class _Labelled(NamedTuple):
    """A reference of digits alone that counts only behind its label."""

    words: tuple[str, ...]  # a text without any of them has no such label
    label: re.Pattern[str]
    lengths: Container[int]
    is_valid: Callable[[str], bool]


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{words})(?:[ -]?(?:NR|NO|NUMMER|NUMBER))?[ .:#=+-]{{0,4}}(?=[0-9])")


_LABELLED: Final = (
    _Labelled(
        ("QR", "ESR", "ISR", "BVR", "PVR"),
        _label(r"QRR|QR-?REF(?:ERENZ)?|(?:ESR|ISR|BVR|PVR)(?:[ -]?REF(?:ERENZ|ERENCE)?)?"),
        {16, 27},
        _is_swiss,
    ),
    _Labelled(
        ("KENMERK", "ACCEPTGIRO"),
        _label(r"(?:BETALINGS|BETAAL)?KENMERK|ACCEPTGIRO"),
        {16},
        _is_dutch,
    ),
    _Labelled(
        ("OGM", "VCS", "MEDEDELING", "COMMUNICATION"),
        _label(r"OGM|VCS|(?:GESTRUCTUREERDE )?MEDEDELING|COMMUNICATION(?: STRUCTUR[EÉ]E)?"),
        {12},
        _is_belgian,
    ),
    _Labelled(("VIITE",), _label(r"VIITE(?:NUMERO|NRO)?"), range(4, 21), _is_finnish),
    _Labelled(("KID",), _label(r"KID"), range(4, 26), _is_norwegian),
    _Labelled(("ZAHLUNGSREF",), _label(r"ZAHLUNGSREF(?:ERENZ)?"), range(12, 36), _is_number),
)

_ANY_LABEL: Final = re.compile("|".join(word for labelled in _LABELLED for word in labelled.words))

_DIGITS: Final = re.compile(r"[0-9]{1,40}(?: [0-9]{1,40}){0,15}")
# A number that goes on with a letter, or with a stroke and more of it, is another number.
_GOES_ON: Final = re.compile(r"[^\W_]|[./-][0-9]")


def _labelled(text: str) -> Iterator[str]:
    """Find references behind their labels, whatever blanks stand in them."""
    if not _ANY_LABEL.search(text):
        return
    for labelled in _LABELLED:
        if any(word in text for word in labelled.words):
            for label in labelled.label.finditer(text):
                yield from _after_label(text, label.end(), labelled)


def _after_label(text: str, position: int, labelled: _Labelled) -> Iterator[str]:
    """Give the longest run of whole groups that is valid: other numbers may follow, but none comes before."""
    found = _DIGITS.match(text, position)
    if not found:
        return
    groups = found[0].split()
    if _GOES_ON.match(text, found.end()):
        groups.pop()
    candidates = ["".join(groups[:end]) for end in range(len(groups), 0, -1)]
    if candidates and labelled.is_valid is _is_norwegian and text.startswith("-", found.end()):
        candidates.insert(0, f"{candidates[0]}-")  # a check digit of ten, if it is no dash
    for candidate in candidates:
        if len(candidate) in labelled.lengths and labelled.is_valid(candidate):
            yield candidate
            return


_FINDERS: Final = (_creditor, _swiss, _belgian, _slovenian, _labelled)

_BY_SHAPE: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "RF": _is_creditor,
        "SI": _is_slovenian,
        "QRR": lambda reference: len(reference) == 27 and _is_swiss(reference),
        "ESR": lambda reference: len(reference) == 16 and _is_swiss(reference),
        "BE": _is_belgian,
        "NL": _is_dutch,
    }
)
