"""A mail as HTML: the same words as the plain text, set in tables, with nothing that is fetched or that watches."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from export.letters.layout import business_data, grouped_iban

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters.composition import Composition

# Mail programs know no style sheets to speak of, so every element carries its own.
_BODY: Final = (
    "margin:0;padding:24px;background:#ffffff;color:#1c1f23;"
    "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
)
_PAGE: Final = "max-width:640px;margin:0 auto"
_TABLE: Final = "border-collapse:collapse;width:100%;margin:0 0 18px;font-size:14px"
_HEADING: Final = (
    "padding:4px 8px 4px 0;border-bottom:2px solid #23415c;color:#5b636d;font-weight:normal;font-size:12px"
)
_CELL: Final = "padding:6px 8px 6px 0;border-bottom:1px solid #d5dae0;vertical-align:top"
_SUM: Final = "padding:4px 8px 4px 0;text-align:right"
_BOX: Final = "border:1px solid #b9c0c8;border-radius:6px;padding:12px 16px;margin:0 0 18px"
_SMALL: Final = "color:#5b636d;font-size:12px;line-height:1.45"

# What fits a telephone; the letter that is attached shows every column. By their places in the rows of items.
_ITEM_COLUMNS: Final = ((0, "document_number"), (2, "due_date"), (4, "open"))
_ITEM_RIGHT: Final = (False, False, True)

# Who reads in the dark gets dark paper, where the program knows how; all others see the colours of the elements.
_DARK: Final = (
    "<style>@media (prefers-color-scheme:dark){"
    "body{background:#17191c!important;color:#e6e8eb!important}"
    '[style*="5b636d"]{color:#a9b1bb!important}'
    "th,td,div{border-color:#4a525c!important}}</style>"
)


def mail_html(composition: Composition, notice: Notice, letterhead: Letterhead) -> str:
    """Give the mail as one HTML page without pictures, scripts, links or tracking."""
    words = composition.words
    parts = (
        *_paragraphs((composition.salutation, *composition.before)),
        *_items(composition),
        *_table(composition.extra, composition.extra_right, bold_last=composition.extra_has_sum),
        *_sums(composition),
        *_account(composition, notice, letterhead),
        *_paragraphs((*composition.after, words.label("attached"))),
        *_signature(composition, letterhead),
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(composition.mail_subject)}</title>{_DARK}</head>\n"
        f'<body style="{escape(_BODY)}">\n<div style="{_PAGE}">\n' + "\n".join(parts) + "\n</div>\n</body>\n</html>\n"
    )


def _paragraphs(paragraphs: Iterable[str]) -> Iterator[str]:
    return (f'<p style="margin:0 0 14px">{escape(text)}</p>' for text in paragraphs)


def _items(composition: Composition) -> Iterator[str]:
    headings = tuple(composition.words.label(name) for _, name in _ITEM_COLUMNS)
    rows = (tuple(row[place] for place, _ in _ITEM_COLUMNS) for row in composition.items)
    return _table((headings, *rows) if composition.items else (), _ITEM_RIGHT)


def _table(rows: Sequence[Sequence[str]], right: Sequence[bool], *, bold_last: bool = False) -> Iterator[str]:
    if not rows:
        return
    # A wide table is pushed aside on a narrow screen, and the words stay where they are.
    yield f'<div style="overflow-x:auto"><table role="table" style="{_TABLE}">'
    yield _row("th", rows[0], right, _HEADING)
    for number, row in enumerate(rows[1:], start=2):
        yield _row("td", row, right, _CELL + (";font-weight:bold" if bold_last and number == len(rows) else ""))
    yield "</table></div>"


def _row(tag: str, cells: Sequence[str], right: Sequence[bool], style: str) -> str:
    sides = ("right;white-space:nowrap" if is_right else "left" for is_right in right)
    written = (
        f'<{tag} style="{style};text-align:{side}">{escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def _sums(composition: Composition) -> Iterator[str]:
    if len(composition.sums) < 2 and len(composition.items) < 2:
        return
    yield f'<table role="table" style="{_TABLE}">'
    for number, (label, amount) in enumerate(composition.sums, start=1):
        bold = ";font-weight:bold;border-top:2px solid #23415c" if number == len(composition.sums) else ""
        yield (
            f'<tr><td style="{_SUM}{bold}">{escape(label)}</td>'
            f'<td style="{_SUM}{bold};white-space:nowrap;width:1%">{escape(amount)}</td></tr>'
        )
    yield "</table>"


def _account(composition: Composition, notice: Notice, letterhead: Letterhead) -> Iterator[str]:
    if notice.deadline is None or not (composition.demands_payment and letterhead.iban):
        return
    words = composition.words
    until = words.label("amount_until").format(
        total=words.money(composition.asked), deadline=words.day(notice.deadline)
    )
    labelled = (
        ("recipient", letterhead.name),
        ("iban", grouped_iban(letterhead.iban)),
        ("bic", letterhead.bic),
        ("amount", until),
        ("reference", composition.reference),
    )
    yield f'<div style="{_BOX}"><table role="table" style="border-collapse:collapse;font-size:14px">'
    for name, value in labelled:
        if value:
            label = escape(words.label(name))
            yield (
                f'<tr><td style="padding:2px 16px 2px 0;{_SMALL};vertical-align:top">{label}</td>'
                f'<td style="padding:2px 0">{escape(value)}</td></tr>'
            )
    yield "</table></div>"


def _signature(composition: Composition, letterhead: Letterhead) -> Iterator[str]:
    place = (letterhead.street, letterhead.place, letterhead.phone, letterhead.website)
    named = [escape(line) for line in (letterhead.contact_person, letterhead.name) if line]
    yield f'<p style="margin:0 0 14px">{escape(composition.words.word("greeting"))}<br>{"<br>".join(named)}</p>'
    small = [escape(line) for line in (*place, *business_data(composition.words, letterhead)) if line]
    yield f'<p style="margin:0;{_SMALL}">{"<br>".join(small)}</p>'
