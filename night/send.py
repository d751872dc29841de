"""Send: the outbox leaves the house; what would hurt twice is never tried twice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dunning.notice import Channel, HeldBecause, NoticeState
from dunning.receipt import Proof, ReceiptFact
from export.delivery import LoginRefused, RecipientRefused, Uncertain, deliver_file, send_mail
from export.delivery.bounces import refused_at_the_door
from ledger.errors import ConnectorError, Refused
from ledger.finding import Finding, Severity
from night.companions import lay_companions
from night.effects import scripts_of
from night.gate_facts import load_dunning_facts
from night.print_batch import lay_print_batches
from night.reach import without_unusable_mail
from night.recheck import reasons_against_text, reasons_to_keep_silent
from night.reread import reread
from night.resume import place_of
from storage.bounces import save_refused, unusable_addresses
from storage.confirmations import waiting_confirmations
from storage.documents import load_document
from storage.facts import load_debtors, load_sources
from storage.holds import load_all_holds
from storage.notices import load_notices
from storage.outbox import EffectKind, EffectStatus, load_effects, mark, settle
from storage.receipts import note_receipts, returned_addresses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dunning.bounce import Bounce
    from dunning.hold import Hold
    from ledger.debtor import Debtor
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.confirmations import Confirmation
    from storage.database import Connection
    from storage.notices import StoredNotice
    from storage.outbox import StoredEffect

_SAY_IT_YOURSELF: Final = " Nobody says it again by itself: where it matters, write yourself."


@dataclass(slots=True, kw_only=True)
class Sent:
    """What left the house tonight, and what did not."""

    sent: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # for a release, or for the mail server
    uncertain: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    locked_out: bool = False  # the mail server does not let us in: nothing else is tried there tonight


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked once more just before sending, and what the outbox says to whom."""

    facts: DunningFacts
    debtors: Mapping[str, Debtor]  # as they can be reached now
    notices: Mapping[str, Sequence[StoredNotice]]  # by effect; a call list has one for each call
    texts: Mapping[str, Confirmation]  # by effect: what is no stage
    holds: Sequence[Hold]  # of today


def send(work: Workplace, *, only: str = "") -> Sent:
    """Empty the outbox as far as the world lets us; with ``only``, try just this effect."""
    sent = Sent()
    if work.rehearsal is not None:
        return sent
    unread = _read_again(work, only, sent)
    with work.step() as connection:
        asked = _asked(connection, work)
        queued = _of_ours(load_effects(connection, work.company_id, EffectStatus.QUEUED))
        for effect in _of_ours(load_effects(connection, work.company_id, EffectStatus.UNCERTAIN)):
            sent.uncertain.append(effect.outbox_id)
            sent.findings.append(_uncertain(effect, effect.message))
    for number, effect in enumerate(effect for effect in queued if not only or effect.outbox_id == only):
        work.progress("sending", number, len(queued))
        if effect.needs_release or effect.outbox_id in unread or (sent.locked_out and _goes_by_mail(work, effect)):
            sent.waiting.append(effect.outbox_id)
        elif reasons := _reasons(work, effect, asked):
            _withdraw(work, effect, reasons, sent)
        else:
            _send_one(work, effect, sent)
    # What the report mail takes along comes with the night's own sending; letters are never printed from there.
    if not only:
        _print(work, sent)
    return sent


def _asked(connection: Connection, work: Workplace) -> _Asked:
    facts = load_dunning_facts(connection, work)
    # A mail that waited must not go to an address that came back meanwhile.
    bounced = unusable_addresses(connection, work.company_id, work.run_date)
    returned = returned_addresses(connection, work.company_id)
    notices: dict[str, list[StoredNotice]] = defaultdict(list)
    for notice in facts.notices:
        if notice.outbox_id and notice.state is NoticeState.QUEUED:
            notices[notice.outbox_id].append(notice)
    return _Asked(
        facts=facts,
        debtors=without_unusable_mail(load_debtors(connection, work.company_id), bounced, returned),
        # The words for a call list are as true as the list.
        notices=notices | {scripts_of(outbox_id): said for outbox_id, said in notices.items()},
        texts=waiting_confirmations(connection, work.company_id),
        holds=[hold for hold in load_all_holds(connection, work.company_id) if hold.holds_on(work.run_date)],
    )


def _reasons(work: Workplace, effect: StoredEffect, asked: _Asked) -> tuple[HeldBecause, ...]:
    """Say why an effect must not go; a call list goes as a whole or not at all, and names who must not be called."""
    if text := asked.texts.get(effect.outbox_id):
        by = Channel.EMAIL if effect.kind is EffectKind.MAIL else Channel.LETTER
        return reasons_against_text(text, by, asked.holds, asked.facts.successors, asked.debtors)
    notices = asked.notices.get(effect.outbox_id, ())
    return tuple(
        HeldBecause(because.code, f"{notice.debtor_number}: {because.sentence}")
        if notice.channel is Channel.CALL
        else because
        for notice in notices
        for because in reasons_to_keep_silent(work, notice, asked.facts, asked.debtors)
    )


def _read_again(work: Workplace, only: str, sent: Sent) -> frozenset[str]:
    """Read what is about to be asked for again from the tools it came from; give the notices that must wait."""
    with work.step() as connection:
        ready = {
            effect.outbox_id
            for effect in load_effects(connection, work.company_id, EffectStatus.QUEUED)
            if not effect.needs_release and (not only or effect.outbox_id == only)
        }
        notices = (
            [one for one in load_notices(connection, work.company_id) if one.outbox_id in ready] if ready else []
        )
        sources = load_sources(connection, work.company_id) if notices else {}
    waiting, findings = reread(work, notices, sources)
    sent.findings += findings
    return waiting | {scripts_of(outbox_id) for outbox_id in waiting}


def _of_ours(effects: Sequence[StoredEffect]) -> list[StoredEffect]:
    """Leave out what tools are told: that is looked for before it is said, see night.write_back."""
    return [effect for effect in effects if effect.kind is not EffectKind.TOOL]


def _print(work: Workplace, sent: Sent) -> None:
    try:
        lay_print_batches(work)
    except Refused as error:
        sent.findings.append(
            Finding(
                code="print_batch_missing",
                severity=Severity.WARNING,
                place="print",
                what="the letters lie one by one in the folder letters, but not yet in one file",
                excerpt=str(error),
                what_to_do="Make the folder writable; the next night lays the file. Do not print the letters twice.",
            )
        )


def _send_one(work: Workplace, effect: StoredEffect, sent: Sent) -> None:
    by_mail = _goes_by_mail(work, effect)
    try:
        answer = _by_mail(work, effect) if by_mail else _by_file(work, effect)
    except Uncertain as error:
        _settle(work, effect, EffectStatus.UNCERTAIN, str(error))
        sent.uncertain.append(effect.outbox_id)
        sent.findings.append(_uncertain(effect, str(error)))
    except ConnectorError as error:
        with work.step() as connection:
            # A mail's try was counted when it began.
            tries = 0 if by_mail else 1
            mark(connection, work.company_id, effect.outbox_id, EffectStatus.QUEUED, str(error), tries=tries)
        if isinstance(error, RecipientRefused) and (bounce := refused_at_the_door(error.recipient, error.answer)):
            _refused_address(work, effect, bounce, sent)
            return
        sent.locked_out |= isinstance(error, LoginRefused)
        sent.waiting.append(effect.outbox_id)
        sent.findings.append(_not_sent(work, effect, error))
    else:
        _sent(work, effect, answer, by_mail=by_mail)
        sent.sent.append(effect.outbox_id)


def _sent(work: Workplace, effect: StoredEffect, answer: str, *, by_mail: bool) -> None:
    """Write down that it left, and for a mail what proves it: when our server took it, and its queue id."""
    with work.step() as connection:
        settle(connection, work.company_id, work.author, effect, EffectStatus.SENT, answer)
        if by_mail:
            now = work.author.now
            fact = ReceiptFact(proof=Proof.HANDED_OVER, on=max(now.date(), work.run_date), at=now, evidence=answer)
            note_receipts(connection, work.company_id, work.author, [(effect.outbox_id, fact)])


def _by_mail(work: Workplace, effect: StoredEffect) -> str:
    assert work.smtp is not None, effect
    raw = _content(work, effect)
    # From here on a crash leaves "sending" behind, and nobody sends it again without asking.
    with work.step() as connection:
        mark(connection, work.company_id, effect.outbox_id, EffectStatus.SENDING, tries=1)
    return send_mail(raw, effect.sender, effect.recipients, work.smtp).server_answer


def _by_file(work: Workplace, effect: StoredEffect) -> str:
    place, content = place_of(work, effect), _content(work, effect)
    delivered = deliver_file(place.parent, place.name, content)
    if effect.path.startswith("agency/"):
        lay_companions(delivered, content)
    return str(delivered)


def _goes_by_mail(work: Workplace, effect: StoredEffect) -> bool:
    """Without a mail server, mails are laid into the output folder."""
    return effect.kind is EffectKind.MAIL and work.smtp is not None


def _content(work: Workplace, effect: StoredEffect) -> bytes:
    with work.step() as connection:
        return load_document(connection, work.company_id, effect.sha256)


def _settle(work: Workplace, effect: StoredEffect, status: EffectStatus, message: str) -> None:
    with work.step() as connection:
        settle(connection, work.company_id, work.author, effect, status, message)


def _refused_address(work: Workplace, effect: StoredEffect, bounce: Bounce, sent: Sent) -> None:
    """Withdraw a mail to an address there is none of, and use the address no more."""
    said = f"There is no address {bounce.recipient}, says our mail server: {bounce.says}"
    with work.step() as connection:
        save_refused(connection, work.company_id, work.author, effect.outbox_id, bounce)
        settle(connection, work.company_id, work.author, effect, EffectStatus.CANCELLED, said)
    sent.withdrawn.append(effect.outbox_id)
    sent.findings.append(
        Finding(
            code="mail_address_refused",
            severity=Severity.WARNING,
            place=effect.outbox_id,
            what=f"the mail server knows no address {bounce.recipient}; nothing was sent",
            excerpt=bounce.says,
            what_to_do=(
                "Correct the address in the accounting tool; until then the debtor is reached in another way."
                f"{_SAY_IT_YOURSELF if _is_text(effect) else ''}"
            ),
        )
    )


def _withdraw(work: Workplace, effect: StoredEffect, reasons: tuple[HeldBecause, ...], sent: Sent) -> None:
    said = " ".join(reason.sentence for reason in reasons)
    _settle(work, effect, EffectStatus.CANCELLED, said)
    sent.withdrawn.append(effect.outbox_id)
    sent.findings.append(
        Finding(
            code="withdrawn_before_sending",
            severity=Severity.NOTE,
            place=effect.outbox_id,
            what=f"a {'text' if _is_text(effect) else 'notice'} was withdrawn just before sending",
            excerpt=said,
            what_to_do=_SAY_IT_YOURSELF.strip() if _is_text(effect) else "Nothing; the next night plans it anew.",
        )
    )


def _is_text(effect: StoredEffect) -> bool:
    """Whether an effect is no stage, which no later night would plan anew."""
    return effect.outbox_id.startswith("message-")


def _uncertain(effect: StoredEffect, what: str) -> Finding:
    return Finding(
        code="sending_uncertain",
        severity=Severity.ERROR,
        place=effect.outbox_id,
        what=f"nobody knows whether the mail to {', '.join(effect.recipients)} was sent",
        excerpt=what,
        what_to_do=(
            "Look into the mail server's log, then run "
            f"`run_sync.py outbox answer {effect.outbox_id} sent`, or the same with `again`."
        ),
    )


def _not_sent(work: Workplace, effect: StoredEffect, error: ConnectorError) -> Finding:
    person = isinstance(error, Refused)
    by_mail = _goes_by_mail(work, effect)
    remedy = "Correct the address or the settings; it" if by_mail else "Make the folder writable; it"
    if isinstance(error, LoginRefused):
        return Finding(
            code="sending_refused",
            severity=Severity.ERROR,
            place=effect.outbox_id,
            what="the mail server does not let us in; neither this mail nor any other was sent",
            excerpt=str(error),
            what_to_do="Correct user and password; all mails wait for the next night.",
        )
    return Finding(
        code="sending_refused" if person else "sending_delayed",
        severity=Severity.ERROR if person else Severity.WARNING,
        place=effect.outbox_id,
        what=f"not sent to {', '.join(effect.recipients)}" if by_mail else f"not laid into {effect.path}",
        excerpt=str(error),
        what_to_do=f"{remedy if person else 'It'} is tried again the next night.",
    )
