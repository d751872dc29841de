"""The call list (Anrufliste): whom to ring, about what, and how to ask for the cause."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from export.letters.composition import check_sums, lump_sum, open_sum
from export.letters.texts import Texts, texts
from export.tables.excel_safe import excel_safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters.texts import Wording

_TO_FILL_IN: Final = ("",) * 6  # called on, spoke to, cause, will pay by, promised amount, note


def call_list(
    notices: Sequence[Notice], letterhead: Letterhead, *, language: str = "de", wording: Wording = texts
) -> bytes:
    """Give the calls of a run as CSV for Excel: UTF-8 with byte order mark, semicolons, cells that run nothing.

    ``language`` is the office's, for the headings; each script is in the debtor's language. Six columns are left
    empty for what comes out of the call.
    """
    words = wording(language)
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(words.data["call"]["columns"])
    writer.writerows(_row(notice, letterhead, words, wording) for notice in notices)
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def call_scripts(notices: Sequence[Notice], letterhead: Letterhead, *, wording: Wording = texts) -> bytes:
    """Give the scripts of all calls as Markdown, one section per debtor, to print or to read beside the phone."""
    return "\n".join(line for notice in notices for line in _section(notice, letterhead, wording)).encode()


def script_steps(notice: Notice, letterhead: Letterhead, *, wording: Wording = texts) -> tuple[str, ...]:
    """Give the steps of one call: who is there, what it is about, why it is open, when it will be paid."""
    words = wording(notice.debtor.language)
    values = _values(notice, letterhead, words)
    return tuple(step.format_map(values) for step in words.data["call"]["steps"])


def _row(notice: Notice, letterhead: Letterhead, words: Texts, wording: Wording) -> list[str]:
    check_sums(notice)
    debtor = notice.debtor
    oldest = min(notice.items, key=lambda item: item.due_date)
    script = "\n".join(
        f"{n}. {step}" for n, step in enumerate(script_steps(notice, letterhead, wording=wording), start=1)
    )
    cells = (
        debtor.number,
        " ".join(debtor.name.split()),
        debtor.phone,
        debtor.email,
        debtor.language,
        ", ".join(_documents(notice, words)),
        words.number(open_sum(notice)),
        words.number(lump_sum(notice)) if lump_sum(notice) else "",
        notice.total.currency,
        words.short_day(oldest.due_date),
        str(oldest.days_overdue),
        _earlier(notice, words),
        *_TO_FILL_IN,
        script,
    )
    return [excel_safe(cell) for cell in cells]


def _section(notice: Notice, letterhead: Letterhead, wording: Wording) -> Iterator[str]:
    words = wording(notice.debtor.language)
    call = words.data["call"]
    values = _values(notice, letterhead, words)
    yield f"## {_markdown(call['title'].format_map(values))}"
    yield ""
    yield from (f"- {words.label(name)}: {_markdown(value)}" for name, value in _reachable(notice) if value)
    yield from (f"- {words.label('document_number')} {_markdown(line)}" for line in _documents(notice, words))
    if claimed := lump_sum(notice):
        yield f"- {words.label('lump_sum')}: {words.money(claimed)}"
    yield ""
    yield from (
        f"{n}. {_markdown(step)}" for n, step in enumerate(script_steps(notice, letterhead, wording=wording), start=1)
    )
    yield ""
    yield f"**{call['never']}**"
    yield ""
    yield f"{call['causes_title']}: " + " ".join(f"☐ {cause}" for cause in call["causes"].values())
    yield ""


def _reachable(notice: Notice) -> tuple[tuple[str, str], ...]:
    return ("phone", notice.debtor.phone), ("email", notice.debtor.email)


def _values(notice: Notice, letterhead: Letterhead, words: Texts) -> dict[str, str]:
    return {
        "contact_person": letterhead.contact_person or words.word("contact_fallback"),
        "company": letterhead.name,
        "debtor": " ".join(notice.debtor.name.split()),
        "debtor_number": notice.debtor.number,
        "documents": words.enumeration(tuple(item.document_number for item in notice.items)),
        "open": words.money(open_sum(notice)),
    }


def _documents(notice: Notice, words: Texts) -> tuple[str, ...]:
    form = words.data["call"]["document"]
    return tuple(
        form.format(
            document_number=item.document_number,
            document_date=words.short_day(item.document_date),
            due_date=words.short_day(item.due_date),
            open=words.money(item.open),
        )
        for item in notice.items
    )


def _earlier(notice: Notice, words: Texts) -> str:
    form = words.word("earlier_letter")
    return ", ".join(form.format(title=n.title, date=words.short_day(n.sent_on)) for n in notice.earlier)


def _markdown(text: str) -> str:
    # Names come from outside and must not become headings, links or emphasis.
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>#|" else c for c in " ".join(text.split()))
