"""What a notice becomes in the outbox: a mail, a letter for the post, a line on the call list, a hand-over file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dunning.notice import Channel
from export.agency import handover
from export.call_list import call_list, call_scripts
from export.file_name import safe_file_name
from export.mail import addresses, build_mail
from storage.notices import Planned
from storage.outbox import Effect, EffectKind, has_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters import Letter
    from night.workplace import Workplace
    from storage.database import Connection

Said = tuple[Planned, tuple[Effect, ...]]

# From whom mails come that are only laid into a folder, where the letterhead has no address (RFC 2606).
NOBODY: Final = "kontorist@company.invalid"


def on_paper(work: Workplace, head: Letterhead, notice: Notice, letter: Letter) -> Said:
    """Give the letter or the mail (with the letter attached) that says a notice."""
    outbox_id = f"notice-{letter.number}"
    if notice.channel is Channel.LETTER:
        effect = Effect(
            outbox_id=outbox_id,
            kind=EffectKind.FILE,
            name=letter.file_name,
            media_type="application/pdf",
            content=letter.pdf,
            path=f"letters/{letter.file_name}",
            needs_release=notice.needs_release,
        )
    else:
        (sender,) = addresses(work.smtp.sender if work.smtp else head.email or NOBODY)
        raw = build_mail(
            notice,
            letter,
            head,
            sender=sender,
            message_id=f"<{letter.number}.{work.company_id}@{sender.partition('@')[2]}>",
            date=work.author.now,
        )
        effect = Effect(
            outbox_id=outbox_id,
            kind=EffectKind.MAIL,
            name=f"{letter.number}.eml",
            media_type="message/rfc822",
            content=raw,
            path=f"mail/{letter.file_name.removesuffix('.pdf')}.eml",
            sender=sender,
            recipients=addresses(notice.debtor.email),
            needs_release=notice.needs_release,
        )
    return Planned(notice=notice, letter_number=letter.number, outbox_id=outbox_id), (effect,)


def to_agency(work: Workplace, head: Letterhead, notice: Notice) -> Said:
    """Give the hand-over file for the agency or the court."""
    # A debtor number may hold a slash, and must not choose the folder.
    name = safe_file_name(f"{work.run_date.isoformat()}_{notice.debtor.number}_{notice.total.currency}.json")
    outbox_id = f"agency-{work.run_date.isoformat()}-{notice.debtor.number}-{notice.total.currency}"
    effect = Effect(
        outbox_id=outbox_id,
        kind=EffectKind.FILE,
        name=name,
        media_type="application/json",
        content=handover(notice, head, case_id=outbox_id, created_on=work.run_date),
        path=f"agency/{name}",
        needs_release=notice.needs_release,
    )
    return Planned(notice=notice, outbox_id=outbox_id), (effect,)


def to_call(connection: Connection, work: Workplace, head: Letterhead, notices: Sequence[Notice]) -> list[Said]:
    """Put all calls of a run on one list; a second list of the same day gets a number of its own."""
    if not notices:
        return []
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
        content=call_list(notices, head),
        path=f"calls/{name}",
    )
    scripts = Effect(
        outbox_id=scripts_of(outbox_id),
        kind=EffectKind.FILE,
        name=name.replace("Anrufliste", "Anrufleitfaden").replace(".csv", ".md"),
        media_type="text/markdown",
        content=call_scripts(notices, head),
        path=f"calls/{name.replace('Anrufliste', 'Anrufleitfaden').replace('.csv', '.md')}",
    )
    planned = [Planned(notice=notice, outbox_id=outbox_id) for notice in notices]
    return [(plan_, (effect, scripts) if index == 0 else ()) for index, plan_ in enumerate(planned)]


def scripts_of(call_list_id: str) -> str:
    """Name the effect with the words for a call list; nothing is called so where the list is none."""
    return f"call-scripts-{call_list_id.removeprefix('calls-')}"
