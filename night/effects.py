"""What a notice becomes in the outbox: a mail, a letter for the post, a line on the call list, a hand-over file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.letter_texts import letter_texts
from dunning.notice import Channel
from export.agency import NOTHING_MORE, handover, missing_for_handover
from export.call_list import call_list, call_scripts
from export.file_name import safe_file_name
from export.letters import render_letter
from export.letters.composition import NOTHING_ELSE
from export.letters.messages import Message
from export.letters.texts import texts
from export.mail import addresses, build_mail
from ledger.finding import Finding, Severity
from night.case_facts import case_facts
from night.invoices import invoice_copies
from storage.notices import Planned, last_letter_number, save_notices
from storage.outbox import Effect, EffectKind, enqueue, has_effect, load_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dunning.notice import Notice
    from export.agency import CaseFacts
    from export.letterhead import Letterhead
    from export.letters import Letter
    from export.letters.texts import Wording
    from export.mail import Attachment
    from night.workplace import Workplace
    from storage.database import Connection

Said = tuple[Planned, tuple[Effect, ...]]

# From whom mails come that are only laid into a folder, where the letterhead has no address (RFC 2606).
NOBODY: Final = "kontorist@company.invalid"

# Nobody needs a copy of the invoice that he has just paid.
_PAID_FOR: Final = frozenset({"thank_you", "crossed_payment"})

_PAPER: Final = (Channel.EMAIL, Channel.LETTER)
_SLICE: Final = 200  # letters at once: about ten megabytes


def say(connection: Connection, work: Workplace, notices: Sequence[Notice]) -> list[Finding]:
    """Record every notice of a run with the effect that says it; tell which letters could not be printed as written.

    Letters are rendered and recorded in slices, so that ten thousand need no more memory than two hundred.
    """
    head = work.company.letter_head()
    wording = letter_texts(work.office, work.company)
    threads = load_threads(connection, work.company_id)
    findings: list[Finding] = []
    paper = [notice for channel in _PAPER for notice in notices if notice.channel is channel]
    prefix = f"M-{work.run_date.year}-"
    first = last_letter_number(connection, work.company_id, prefix) + 1
    for start in range(0, len(paper), _SLICE):
        work.progress("writing letters", start, len(paper))
        said = []
        for number, notice in enumerate(paper[start : start + _SLICE], start=first + start):
            letter = render_letter(notice, head, letter_number=f"{prefix}{number:05d}", wording=wording)
            answers = tuple(dict.fromkeys(one for item in notice.items for one in threads.get(item.item_id, ())))
            said.append(on_paper(work, head, notice, letter, wording=wording, answers=answers))
            findings += [_unprintable(letter)] if letter.unprintable else []
        _record(connection, work, said)
    agency = [one for one in notices if one.channel is Channel.AGENCY]
    facts = case_facts(connection, work, agency)
    _record(connection, work, [to_agency(work, head, one, facts[one.debtor.number]) for one in agency])
    findings += [gap for one in agency if (gap := _incomplete(one, facts[one.debtor.number]))]
    _record(connection, work, to_call(connection, work, head, [n for n in notices if n.channel is Channel.CALL]))
    return findings


def on_paper(
    work: Workplace,
    head: Letterhead,
    notice: Notice,
    letter: Letter,
    *,
    wording: Wording = texts,
    answers: Sequence[str] = (),
) -> Said:
    """Give the letter or the mail (with the letter and the invoices we know attached) that says a notice."""
    outbox_id = f"notice-{letter.number}"
    if notice.channel is Channel.LETTER:
        effect = _by_post(letter, outbox_id, needs_release=notice.needs_release)
    else:
        effect = _by_mail(
            work,
            head,
            Message(notice=notice, more=NOTHING_ELSE),
            letter,
            outbox_id=outbox_id,
            wording=wording,
            answers=answers,
        )
    return Planned(notice=notice, letter_number=letter.number, outbox_id=outbox_id), (effect,)


def to_confirm(work: Workplace, message: Message, letter_number: str) -> Effect:
    """Give the mail, or without an address the letter, that says what is no stage: a confirmation, thanks."""
    head = work.company.letter_head()
    wording = letter_texts(work.office, work.company)
    letter = render_letter(message.notice, head, letter_number=letter_number, wording=wording, more=message.more)
    outbox_id = f"message-{letter_number}"
    if not message.notice.debtor.email:
        return _by_post(letter, outbox_id, needs_release=False)
    return _by_mail(work, head, message, letter, outbox_id=outbox_id, wording=wording)


def copies_for(work: Workplace, notice: Notice) -> tuple[Attachment, ...]:
    """Give the copies of invoices that a mail carries: none where it speaks of what was paid."""
    if notice.template in _PAID_FOR:
        return ()
    return invoice_copies(work, [item.document_number for item in notice.items])


def _by_post(letter: Letter, outbox_id: str, *, needs_release: bool) -> Effect:
    return Effect(
        outbox_id=outbox_id,
        kind=EffectKind.FILE,
        name=letter.file_name,
        media_type="application/pdf",
        content=letter.pdf,
        path=f"letters/{letter.file_name}",
        needs_release=needs_release,
    )


def _by_mail(
    work: Workplace,
    head: Letterhead,
    message: Message,
    letter: Letter,
    *,
    outbox_id: str,
    wording: Wording,
    answers: Sequence[str] = (),
) -> Effect:
    notice = message.notice
    # The envelope and From are ours, so that SPF and DMARC agree; answers go to the mailbox somebody reads.
    (sender,) = addresses(work.smtp.sender if work.smtp else head.email or NOBODY)
    message_id = f"<{letter.number}.{work.company_id}@{sender.partition('@')[2]}>"
    raw = build_mail(
        notice,
        letter,
        head,
        sender=sender,
        message_id=message_id,
        date=work.author.now,
        answers=answers,
        attachments=copies_for(work, notice),
        wording=wording,
        more=message.more,
    )
    return Effect(
        outbox_id=outbox_id,
        kind=EffectKind.MAIL,
        name=f"{letter.number}.eml",
        media_type="message/rfc822",
        content=raw,
        path=f"mail/{letter.file_name.removesuffix('.pdf')}.eml",
        sender=sender,
        recipients=addresses(notice.debtor.email),
        needs_release=notice.needs_release,
        message_id=message_id,
    )


def _record(connection: Connection, work: Workplace, said: Sequence[Said]) -> None:
    seqs = save_notices(connection, work.company_id, work.author, [planned for planned, _ in said])
    for seq, (_, effects) in zip(seqs, said, strict=True):
        enqueue(connection, work.company_id, seq, effects)


def _unprintable(letter: Letter) -> Finding:
    return Finding(
        code="letter_unprintable",
        place=letter.file_name,
        what=f"our letter fonts lack {letter.unprintable!r}; the letter shows ? instead",
        what_to_do="Write name and address in Latin letters in the accounting tool.",
    )


def _incomplete(notice: Notice, more: CaseFacts) -> Finding | None:
    missing = missing_for_handover(notice, more)
    if not missing:
        return None
    return Finding(
        code="handover_incomplete",
        place=f"debtor {notice.debtor.number}, {notice.title}",
        severity=Severity.WARNING,
        what=f"the case lacks what an agency needs: {', '.join(missing).replace('_', ' ')}",
        what_to_do="Complete it and hand over anew, or cancel the hand-over; it waits for a person's release.",
    )


def to_agency(work: Workplace, head: Letterhead, notice: Notice, more: CaseFacts = NOTHING_MORE) -> Said:
    """Give the hand-over file for the agency or the court."""
    # A debtor number may hold a slash, and must not choose the folder.
    name = safe_file_name(f"{work.run_date.isoformat()}_{notice.debtor.number}_{notice.total.currency}.json")
    outbox_id = f"agency-{work.run_date.isoformat()}-{notice.debtor.number}-{notice.total.currency}"
    effect = Effect(
        outbox_id=outbox_id,
        kind=EffectKind.FILE,
        name=name,
        media_type="application/json",
        content=handover(notice, head, case_id=outbox_id, created_on=work.run_date, more=more),
        path=f"agency/{name}",
        needs_release=notice.needs_release,
    )
    return Planned(notice=notice, outbox_id=outbox_id), (effect,)


def to_call(connection: Connection, work: Workplace, head: Letterhead, notices: Sequence[Notice]) -> list[Said]:
    """Put all calls of a run on one list; a second list of the same day gets a number of its own."""
    if not notices:
        return []
    wording = letter_texts(work.office, work.company)
    number = 1
    while has_effect(connection, work.company_id, f"calls-{work.run_date.isoformat()}-{number}"):
        number += 1
    outbox_id = f"calls-{work.run_date.isoformat()}-{number}"
    name = f"Anrufliste_{work.run_date.isoformat()}{f'_{number}' if number > 1 else ''}.csv"
    effect = Effect(
        outbox_id=outbox_id,
        kind=EffectKind.FILE,
        name=name,
        media_type="text/csv",
        content=call_list(notices, head, wording=wording),
        path=f"calls/{name}",
    )
    scripts = Effect(
        outbox_id=scripts_of(outbox_id),
        kind=EffectKind.FILE,
        name=name.replace("Anrufliste", "Anrufleitfaden").replace(".csv", ".md"),
        media_type="text/markdown",
        content=call_scripts(notices, head, wording=wording),
        path=f"calls/{name.replace('Anrufliste', 'Anrufleitfaden').replace('.csv', '.md')}",
    )
    planned = [Planned(notice=notice, outbox_id=outbox_id) for notice in notices]
    return [(plan_, (effect, scripts) if index == 0 else ()) for index, plan_ in enumerate(planned)]


def scripts_of(call_list_id: str) -> str:
    """Name the effect with the words for a call list; nothing is called so where the list is none."""
    return f"call-scripts-{call_list_id.removeprefix('calls-')}"
