"""The tables: facts, decisions and effects, each led by the company (Mandant) they belong to."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A currency is three letters, an identifier fits into 200; German texts go into Text.
_KEY: Final = 200


class _OfCompany(TypedColumns):
    company_id: Named[str] = Column(String(64), primary_key=True)


def _to(table: str, *columns: str) -> ForeignKeyConstraint:
    """Refer to another row of the same company, never of another one."""
    targets = [c.partition("=")[2] or c for c in columns]
    sources = [c.partition("=")[0] for c in columns]
    return ForeignKeyConstraint(
        ["company_id", *sources], [f"{table}.company_id", *(f"{table}.{target}" for target in targets)]
    )


# --- Facts: what a tool or a bank said ------------------------------------------------------------------------------


class _OpenItem(_OfCompany):
    item_id: Named[str] = Column(String(_KEY), primary_key=True)
    source: Named[str]
    document_number: Named[str]
    kind: Named[str]
    debtor_number: Named[str]
    document_date: Named[date]
    due_date: Named[date]
    amount_minor: Named[int] = Column(BigInteger)
    reported_open_minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(String(3))
    skonto_percent: Named[str]  # decimal text, empty where none is offered
    skonto_until: Named[date | None]
    payment_reference: Named[str]
    order_number: Named[str]
    end_to_end_id: Named[str]
    place: Named[str]
    in_open_set: Named[bool] = Column(Boolean)  # whether the tool still listed it when it was last read whole
    last_seen_on: Named[date]  # the last run that wrote it; unchanged it was seen by every whole reading since
    unread: Named[bool] = Column(Boolean)  # still there at the last reading, but it could not be read
    tax_shares: Named[str] = Column(Text)  # 19:119.00 7:53.50; empty where the tool does not say
    dunning_block: Named[str] = Column(Text)  # why the tool forbids to dun it; empty: it does not


OPEN_ITEM: Final = Table("open_item", METADATA, _OpenItem)


class _ReportedAmount(_OfCompany):
    item_id: Named[str] = Column(String(_KEY), primary_key=True)
    report_no: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    after_seq: Named[int] = Column(BigInteger)  # the last decision when the tool said so
    open_minor: Named[int] = Column(BigInteger)
    absent: Named[bool] = Column(Boolean)  # no longer listed, rather than listed with nothing open
    reported_on: Named[date]


REPORTED_AMOUNT: Final = Table("reported_amount", METADATA, _ReportedAmount, _to("open_item", "item_id"))


class _Debtor(_OfCompany):
    debtor_number: Named[str] = Column(String(_KEY), primary_key=True)
    source: Named[str]
    name: Named[str] = Column(Text)
    street: Named[str] = Column(Text)
    postcode: Named[str]
    city: Named[str] = Column(Text)
    country: Named[str]
    email: Named[str] = Column(Text)
    phone: Named[str]
    ibans: Named[str] = Column(Text)  # separated by blanks
    type: Named[str]
    language: Named[str]
    last_seen_on: Named[date | None]  # the last run that wrote it; None: before runs were noted
    missing: Named[bool] = Column(Boolean)  # the last list of its source left it out


DEBTOR: Final = Table("debtor", METADATA, _Debtor)


class _SourceRead(_OfCompany):
    source: Named[str] = Column(String(_KEY), primary_key=True)
    read_on: Named[date]  # the last run that read the whole open set of this source
    complete: Named[bool] = Column(Boolean)


SOURCE_READ: Final = Table("source_read", METADATA, _SourceRead)


class _SourceCursor(_OfCompany):
    source: Named[str] = Column(String(_KEY), primary_key=True)
    stream: Named[str] = Column(String(_KEY), primary_key=True)
    cursor: Named[str] = Column(Text)  # the tool's own notion of time


# How far each stream of changes of a tool was read, committed with what it gave.
SOURCE_CURSOR: Final = Table("source_cursor", METADATA, _SourceCursor)


class _RemoteDocument(_OfCompany):
    source: Named[str] = Column(String(_KEY), primary_key=True)
    kind: Named[str] = Column(String(_KEY), primary_key=True)  # as the tool calls it
    remote_id: Named[str] = Column(String(_KEY), primary_key=True)
    item_id: Named[str] = Column(String(_KEY))  # empty where it never could be read
    sha256: Named[str] = Column(String(64))  # of the payload and of what we made of it: what is equal is not written
    standing: Named[str]  # open, settled, cancelled, written_off, draft, deleted
    read_on: Named[date]  # the run that wrote it
    payload: Named[bytes] = Column(LargeBinary)  # JSON as the tool said it, zlib


# What a tool said of each document, word for word, and which item it became.
REMOTE_DOCUMENT: Final = Table("remote_document", METADATA, _RemoteDocument)


class _WireTurn(_OfCompany):
    credential: Named[str] = Column(String(64), primary_key=True)  # its fingerprint, never the key
    free_at: Named[float] = Column(Float)  # seconds since 1970, by the database's clock


# When a credential may be used again. Its company is "*", the office: companies that share a key share its limit.
WIRE_TURN: Final = Table("wire_turn", METADATA, _WireTurn)


class _OauthToken(_OfCompany):
    source: Named[str] = Column(String(_KEY), primary_key=True)
    sealed: Named[bytes] = Column(LargeBinary)  # encrypted with the office's own key


# Tokens that rotate: replaced in the transaction that used the old one.
OAUTH_TOKEN: Final = Table("oauth_token", METADATA, _OauthToken)


class _FetchedFile(_OfCompany):
    fetch: Named[str] = Column(String(40), primary_key=True)
    name_hash: Named[str] = Column(String(64), primary_key=True)  # of the name, which may be of any length
    name: Named[str] = Column(Text)  # as the other side calls it
    size_bytes: Named[int] = Column(BigInteger)
    modified_at: Named[int] = Column(BigInteger)
    sha256: Named[str] = Column(String(64))


# What was fetched by wire, as it was then.
FETCHED_FILE: Final = Table("fetched_file", METADATA, _FetchedFile)


class _RawFile(_OfCompany):
    sha256: Named[str] = Column(String(64), primary_key=True)
    name: Named[str] = Column(Text)
    format: Named[str]
    size_bytes: Named[int] = Column(BigInteger)
    received_on: Named[date]


RAW_FILE: Final = Table("raw_file", METADATA, _RawFile)


class _RawPart(_OfCompany):
    sha256: Named[str] = Column(String(64), primary_key=True)
    part_no: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    content: Named[bytes] = Column(LargeBinary)  # zlib, a few megabytes at a time


# The bytes of a file exactly as they came, in parts, so that no file has to fit into memory.
RAW_PART: Final = Table("raw_part", METADATA, _RawPart, _to("raw_file", "sha256"))


class _RejectedFile(_OfCompany):
    sha256: Named[str] = Column(String(64), primary_key=True)
    inbox: Named[str] = Column(Text, primary_key=True)
    name: Named[str] = Column(Text)
    reason: Named[str] = Column(Text)
    rejected_on: Named[date]


REJECTED_FILE: Final = Table("rejected_file", METADATA, _RejectedFile)


class _Statement(_OfCompany):
    statement_id: Named[str] = Column(String(80), primary_key=True)  # hash of the file and the place in it
    sha256: Named[str] = Column(String(64))
    account: Named[str] = Column(String(34))
    currency: Named[str] = Column(String(3))
    statement_ref: Named[str]
    number: Named[str]
    opening_date: Named[date | None]
    opening_minor: Named[int | None] = Column(BigInteger)
    closing_date: Named[date | None]
    closing_minor: Named[int | None] = Column(BigInteger)
    movement_minor: Named[int] = Column(BigInteger)
    format: Named[str]
    place: Named[str] = Column(Text)
    binding: Named[bool] = Column(Boolean)  # books; what is not binding only announces
    period_from: Named[date | None]
    period_to: Named[date | None]
    page: Named[int]
    is_last_page: Named[bool] = Column(Boolean)
    first_day: Named[date | None]  # of its entries
    last_day: Named[date | None]
    bookings: Named[int]


STATEMENT: Final = Table(
    "statement",
    METADATA,
    _Statement,
    _to("raw_file", "sha256"),
    Index(None, "company_id", "account", "closing_date"),
    Index(None, "company_id", "sha256"),
)


class _StatementEntry(_OfCompany):
    entry_id: Named[str] = Column(String(40), primary_key=True)
    account: Named[str] = Column(String(34))
    booking_date: Named[date]
    value_date: Named[date | None]
    amount_minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(String(3))
    kind: Named[str]
    status: Named[str]
    payer_name: Named[str] = Column(Text)
    payer_iban: Named[str]
    payer_bic: Named[str]
    ultimate_name: Named[str] = Column(Text)
    remittance: Named[str] = Column(Text)
    remittance_glued: Named[str] = Column(Text)
    reference_list: Named[str] = Column(Text)  # JSON list
    end_to_end_id: Named[str] = Column(Text)
    mandate_id: Named[str] = Column(Text)
    creditor_id: Named[str] = Column(Text)
    bank_reference: Named[str] = Column(Text)
    return_reason: Named[str] = Column(Text)
    original_minor: Named[int | None] = Column(BigInteger)
    original_currency: Named[str] = Column(String(3))
    charges_minor: Named[int | None] = Column(BigInteger)
    charges_currency: Named[str] = Column(String(3))
    posting_text: Named[str] = Column(Text)
    transaction_code: Named[str] = Column(Text)
    booking_ref: Named[str] = Column(Text)
    position: Named[int]
    place: Named[str] = Column(Text)
    ultimate_own_name: Named[str] = Column(Text)
    purpose_code: Named[str] = Column(Text)
    batch_reference: Named[str] = Column(Text)
    transaction_id: Named[str] = Column(Text)
    exchange_rate: Named[str] = Column(Text)  # decimal text


STATEMENT_ENTRY: Final = Table(
    "statement_entry", METADATA, _StatementEntry, Index(None, "company_id", "account", "amount_minor", "booking_date")
)


class _StatementLine(_OfCompany):
    statement_id: Named[str] = Column(String(80), primary_key=True)
    line_no: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    entry_id: Named[str] = Column(String(40))
    booking_no: Named[str] = Column(Text)  # the booking of the statement it belongs to
    booked: Named[bool] = Column(Boolean)  # whether the statement said so, rather than announced it
    place: Named[str] = Column(Text)  # in the file


# Which statement delivered which entry, and where; an entry may come with several. There are no references to either:
# they would cost a third of the time of storing, and `verify` finds a line that leads nowhere.
STATEMENT_LINE: Final = Table(
    "statement_line",
    METADATA,
    _StatementLine,
    Index(None, "company_id", "entry_id"),
)


class _BatchPayment(_OfCompany):
    payment_id: Named[str] = Column(String(40), primary_key=True)
    total_id: Named[str] = Column(String(40))
    total_stands: Named[bool] = Column(Boolean)  # somebody decided on the total before its payments were known


# A total and the payments it consists of, delivered by different statements: booked in one of the two forms.
BATCH_PAYMENT: Final = Table(
    "batch_payment",
    METADATA,
    _BatchPayment,
    _to("statement_entry", "payment_id=entry_id"),
    _to("statement_entry", "total_id=entry_id"),
    Index(None, "company_id", "total_id"),
)


# --- Decisions: appended, never edited ------------------------------------------------------------------------------


class _Decision(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    kind: Named[str]
    decided_at: Named[str]  # UTC, ISO 8601
    actor: Named[str]  # engine and version, or the person
    run_date: Named[date]
    payload: Named[str] = Column(Text)  # canonical JSON: everything that was decided
    previous_hash: Named[str] = Column(String(64))
    hash: Named[str] = Column(String(64))


DECISION: Final = Table("decision", METADATA, _Decision)


class _Allocation(_OfCompany):
    allocation_id: Named[str] = Column(String(40), primary_key=True)  # decision and line
    seq: Named[int] = Column(BigInteger)
    entry_id: Named[str] = Column(String(40))
    item_id: Named[str | None] = Column(String(_KEY))
    document_number: Named[str]
    debtor_number: Named[str]
    kind: Named[str]
    amount_minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(String(3))
    state: Named[str]  # auto, confirmed, returned
    reverses: Named[str | None] = Column(String(40))  # the allocation this one takes back
    tax_parts: Named[str] = Column(Text)  # JSON list of [rate, net, tax] in minor units; empty where there is none


ALLOCATION: Final = Table(
    "allocation",
    METADATA,
    _Allocation,
    _to("decision", "seq"),
    _to("statement_entry", "entry_id"),
    _to("open_item", "item_id"),
    _to("allocation", "reverses=allocation_id"),
    UniqueConstraint("company_id", "reverses"),
    Index(None, "company_id", "entry_id"),
    Index(None, "company_id", "item_id"),
)


class _Ignored(_OfCompany):
    entry_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    ignored: Named[bool] = Column(Boolean)  # False takes an earlier True back
    reason: Named[str] = Column(Text)


# A person said: this entry is not ours to match.
IGNORED: Final = Table("ignored", METADATA, _Ignored, _to("decision", "seq"), _to("statement_entry", "entry_id"))


class _Hold(_OfCompany):
    hold_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    debtor_number: Named[str]
    item_id: Named[str]  # empty: the whole debtor
    reason: Named[str]
    note: Named[str] = Column(Text)
    owner: Named[str]
    placed_on: Named[date]
    expires_on: Named[date | None]
    after: Named[str]  # what happens when it is over; empty: what is usual for the reason
    since: Named[date | None]  # the day it is about: insolvency opened, death


HOLD: Final = Table("hold", METADATA, _Hold, _to("decision", "seq"))


class _HoldLifted(_OfCompany):
    hold_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    broken: Named[bool] = Column(Boolean)  # the debtor did not keep to what was agreed


HOLD_LIFTED: Final = Table("hold_lifted", METADATA, _HoldLifted, _to("decision", "seq"), _to("hold", "hold_id"))


class _Insolvency(_OfCompany):
    hold_id: Named[str] = Column(String(40), primary_key=True)
    court: Named[str] = Column(Text)
    file_number: Named[str] = Column(Text)
    administrator: Named[str] = Column(Text)
    file_by: Named[date | None]  # Anmeldefrist


# What a claim is filed with (§ 174 InsO), beside the hold that keeps silence.
INSOLVENCY: Final = Table("insolvency", METADATA, _Insolvency, _to("hold", "hold_id"))


class _CaseDecision(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    debtor_number: Named[str]
    item_id: Named[str] = Column(String(_KEY))
    decided: Named[str]
    note: Named[str] = Column(Text)
    who: Named[str] = Column(Text)
    decided_on: Named[date]
    happened_on: Named[date | None]  # of a ground of default: refused, served, the day that was agreed, the event
    days: Named[int | None]  # agreed after the event
    months: Named[int | None]


# What a person noted in the life of a case: handed back, in court, written off, asked for though time-barred …
CASE_DECISION: Final = Table("case_decision", METADATA, _CaseDecision, _to("decision", "seq"))


class _Successor(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    debtor_number: Named[str]
    successor_number: Named[str]  # the debtor itself: a succession is taken back
    reason: Named[str]  # merged, heirs, renumbered
    note: Named[str] = Column(Text)
    decided_on: Named[date]


# Who answers for a debtor's items from now on; the last word counts.
SUCCESSOR: Final = Table("successor", METADATA, _Successor, _to("decision", "seq"))


class _Message(_OfCompany):
    message_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    debtor_number: Named[str]
    received_on: Named[date]
    note: Named[str] = Column(Text)


# What a debtor wrote or said; until it is answered, nothing is asked for.
MESSAGE: Final = Table("message", METADATA, _Message, _to("decision", "seq"))


class _MessageAnswered(_OfCompany):
    message_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    note: Named[str] = Column(Text)
    answered_on: Named[date]


MESSAGE_ANSWERED: Final = Table(
    "message_answered", METADATA, _MessageAnswered, _to("decision", "seq"), _to("message", "message_id")
)


class _CompanyRule(_OfCompany):
    rule_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    label: Named[str] = Column(Text)
    effect: Named[str]  # set_aside, always_ask
    payer_account: Named[str] = Column(Text)  # an empty condition asks nothing
    payer_name: Named[str] = Column(Text)
    text: Named[str] = Column(Text)
    kind: Named[str]
    transaction_code: Named[str] = Column(Text)
    minimum_minor: Named[int | None] = Column(BigInteger)
    maximum_minor: Named[int | None] = Column(BigInteger)
    currency: Named[str] = Column(String(3))
    direction: Named[str]
    who: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    added_on: Named[date]


# What the accountant said once about money that is not ours to match.
COMPANY_RULE: Final = Table("company_rule", METADATA, _CompanyRule, _to("decision", "seq"))


class _CompanyRuleRevoked(_OfCompany):
    rule_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    why: Named[str] = Column(Text)
    revoked_on: Named[date]


COMPANY_RULE_REVOKED: Final = Table(
    "company_rule_revoked",
    METADATA,
    _CompanyRuleRevoked,
    _to("decision", "seq"),
    _to("company_rule", "rule_id"),
)


class _Notice(_OfCompany):
    notice_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    run_date: Named[date]
    debtor_number: Named[str]
    currency: Named[str] = Column(String(3))
    stage: Named[str]
    title: Named[str] = Column(Text)
    channel: Named[str]
    deadline: Named[date | None]
    total_minor: Named[int] = Column(BigInteger)
    held_because: Named[str] = Column(Text)  # JSON list of [code, sentence]; empty list: it was to be sent
    letter_number: Named[str]
    outbox_id: Named[str]  # the effect that says it; empty when the gate kept silent
    sent_to: Named[str | None] = Column(Text)  # the address as it was then; None: of an earlier version


NOTICE: Final = Table(
    "notice", METADATA, _Notice, _to("decision", "seq"), Index(None, "company_id", "run_date", "debtor_number")
)


class _NoticeItem(_OfCompany):
    notice_id: Named[str] = Column(String(40), primary_key=True)
    item_id: Named[str] = Column(String(_KEY), primary_key=True)
    document_number: Named[str]
    due_date: Named[date]
    days_overdue: Named[int]
    stage: Named[str]
    open_minor: Named[int] = Column(BigInteger)
    interest_minor: Named[int] = Column(BigInteger)
    fee_minor: Named[int] = Column(BigInteger)
    lump_sum_minor: Named[int] = Column(BigInteger)


NOTICE_ITEM: Final = Table(
    "notice_item", METADATA, _NoticeItem, _to("notice", "notice_id"), _to("open_item", "item_id")
)


class _OwnModel(_OfCompany):
    model_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    name: Named[str] = Column(Text)
    weights: Named[str] = Column(Text)  # JSON: argument to log-odds
    decisions: Named[int]  # the weights were learned from
    labels: Named[int]  # decisions there were, those kept for the certificate included
    labels_seq: Named[int] = Column(BigInteger)  # the last decision that was considered
    adapted_on: Named[date]
    threshold: Named[float | None] = Column(Float)  # this and the rest: of the certificate, if there is one
    target: Named[float | None] = Column(Float)
    confidence: Named[float | None] = Column(Float)
    accepted: Named[int | None]
    errors: Named[int | None]
    bound: Named[float | None] = Column(Float)
    sample: Named[str | None]  # hash of the sample


# Weights learned from the company's own decisions; without a certificate they decide nothing.
OWN_MODEL: Final = Table("own_model", METADATA, _OwnModel, _to("decision", "seq"))


class _OwnModelReset(_OfCompany):
    reset_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    why: Named[str] = Column(Text)
    reset_on: Named[date]


# A person went back to the shipped weights.
OWN_MODEL_RESET: Final = Table("own_model_reset", METADATA, _OwnModelReset, _to("decision", "seq"))


class _AuditDraw(_OfCompany):
    draw_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    entry_id: Named[str] = Column(String(40))
    booked_seq: Named[int] = Column(BigInteger)  # the decision that booked it
    evidence_class: Named[str]
    drawn_on: Named[date]


# Automatic bookings that a person looks at afterwards.
AUDIT_DRAW: Final = Table(
    "audit_draw", METADATA, _AuditDraw, _to("decision", "seq"), _to("decision", "booked_seq=seq")
)


class _AuditResult(_OfCompany):
    draw_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    is_right: Named[bool] = Column(Boolean)
    reason: Named[str] = Column(Text)
    audited_on: Named[date]


AUDIT_RESULT: Final = Table(
    "audit_result", METADATA, _AuditResult, _to("decision", "seq"), _to("audit_draw", "draw_id")
)


class _Drift(_OfCompany):
    drift_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    causes: Named[str] = Column(Text)  # JSON list of sentences
    noticed_on: Named[date]


# Payments are no longer what they were, so nothing is booked by probability alone.
DRIFT: Final = Table("drift", METADATA, _Drift, _to("decision", "seq"))


class _DriftEnded(_OfCompany):
    drift_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    why: Named[str] = Column(Text)
    is_usual_now: Named[bool] = Column(Boolean)  # what was noticed is what later payments are compared with
    ended_on: Named[date]


DRIFT_ENDED: Final = Table("drift_ended", METADATA, _DriftEnded, _to("decision", "seq"), _to("drift", "drift_id"))


class _PayerRevocation(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    kind: Named[str]  # account, name, mandate
    payer: Named[str] = Column(Text)
    debtor_number: Named[str]
    revoked: Named[bool] = Column(Boolean)  # or restored
    who: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    decided_on: Named[date]


# Whom a person said not to pay for a debtor; the last word on a pair counts.
PAYER_REVOCATION: Final = Table("payer_revocation", METADATA, _PayerRevocation, _to("decision", "seq"))


class _Rejection(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Named[str] = Column(String(40))
    rejected: Named[bool] = Column(Boolean)  # or everything rejected on the entry is withdrawn
    item_ids: Named[str] = Column(Text)  # JSON list
    debtor_numbers: Named[str] = Column(Text)  # JSON list
    grounds: Named[str] = Column(Text)  # JSON list of [rule, item or debtor, sentence]
    who: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    decided_on: Named[date]


# What a person said not to be the booking of an entry.
REJECTION: Final = Table(
    "rejection", METADATA, _Rejection, _to("decision", "seq"), _to("statement_entry", "entry_id")
)


class _Call(_OfCompany):
    call_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    debtor_number: Named[str]
    called_on: Named[date]
    owner: Named[str]
    spoke_to: Named[str] = Column(Text)
    cause: Named[str]
    disputes: Named[str] = Column(Text)  # JSON list of [item, document, amount or null, currency, reason]
    hold_ids: Named[str] = Column(Text)  # JSON list
    note: Named[str] = Column(Text)


# What debtors said on the telephone.
CALL: Final = Table("call", METADATA, _Call, _to("decision", "seq"), Index(None, "company_id", "debtor_number"))


class _Promise(_OfCompany):
    promise_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    debtor_number: Named[str]
    amount_minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(String(3))
    due_on: Named[date]  # the promised day
    made_on: Named[date]
    made_by: Named[str] = Column(Text)
    owner: Named[str]
    hold_id: Named[str]  # empty where it bought no silence


PROMISE: Final = Table("promise", METADATA, _Promise, _to("decision", "seq"))


class _PromiseEnded(_OfCompany):
    promise_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    state: Named[str]  # kept, broken
    ended_on: Named[date]


PROMISE_ENDED: Final = Table(
    "promise_ended", METADATA, _PromiseEnded, _to("decision", "seq"), _to("promise", "promise_id")
)


class _InstalmentPlan(_OfCompany):
    plan_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    debtor_number: Named[str]
    agreed_on: Named[date]
    plan: Named[str] = Column(Text)  # JSON: the offer, the claim and the schedule
    hold_id: Named[str]


INSTALMENT_PLAN: Final = Table("instalment_plan", METADATA, _InstalmentPlan, _to("decision", "seq"))


class _InstalmentPlanEnded(_OfCompany):
    plan_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    state: Named[str]  # paid, broken
    ended_on: Named[date]


INSTALMENT_PLAN_ENDED: Final = Table(
    "instalment_plan_ended",
    METADATA,
    _InstalmentPlanEnded,
    _to("decision", "seq"),
    _to("instalment_plan", "plan_id"),
)


# --- Effects: what leaves the house, once ---------------------------------------------------------------------------


class _Document(_OfCompany):
    sha256: Named[str] = Column(String(64), primary_key=True)
    name: Named[str] = Column(Text)
    media_type: Named[str]
    content: Named[bytes] = Column(LargeBinary)


# Bytes exactly as they were sent (§ 257 HGB, § 147 AO).
DOCUMENT: Final = Table("document", METADATA, _Document)


class _Outbox(_OfCompany):
    outbox_id: Named[str] = Column(String(80), primary_key=True)  # also the key that makes a repeat harmless
    seq: Named[int] = Column(BigInteger)
    kind: Named[str]  # mail, file
    sender: Named[str] = Column(Text)
    recipients: Named[str] = Column(Text)  # JSON list
    path: Named[str] = Column(Text)  # where a file goes, below the output folder
    sha256: Named[str] = Column(String(64))
    needs_release: Named[bool] = Column(Boolean)
    status: Named[str]
    attempts: Named[int]
    message: Named[str] = Column(Text)  # the server's answer, or what went wrong
    sent_on: Named[date | None]


OUTBOX: Final = Table(
    "outbox",
    METADATA,
    _Outbox,
    _to("decision", "seq"),
    _to("document", "sha256"),
    Index(None, "company_id", "status"),
)


class _MailMessage(_OfCompany):
    outbox_id: Named[str] = Column(String(80), primary_key=True)
    message_id: Named[str] = Column(Text)


# By which name a mail went out: later mails answer it, and bounces speak of it.
MAIL_MESSAGE: Final = Table("mail_message", METADATA, _MailMessage, _to("outbox", "outbox_id"))


class _Bounce(_OfCompany):
    bounce_id: Named[str] = Column(String(40), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    sha256: Named[str] = Column(String(64))  # of the report as it came
    outbox_id: Named[str]  # empty where it names none of our mails
    recipient: Named[str] = Column(Text)
    is_permanent: Named[bool] = Column(Boolean)
    status: Named[str]  # 5.1.1 (RFC 3463)
    says: Named[str] = Column(Text)
    bounced_on: Named[date]
    gave_up: Named[bool | None]  # this mail never arrives; None: of an earlier version, where is_permanent says so


# Mails that came back: the address cannot be used, or nothing was received.
BOUNCE: Final = Table("bounce", METADATA, _Bounce, _to("decision", "seq"), _to("document", "sha256"))


class _Receipt(_OfCompany):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    outbox_id: Named[str] = Column(String(80))
    proof: Named[str]  # handed_over, smtp_accepted, posted, confirmed, returned
    happened_on: Named[date]
    happened_at: Named[str]  # ISO 8601 with the offset of the office's clock; empty where only the day is known
    evidence: Named[str] = Column(Text)  # the server's line, who confirmed it
    address: Named[str] = Column(Text)  # where a letter came back from, as it was then


# What is known of a mail's or letter's way to the debtor (Zugang); what came back by mail stands in BOUNCE.
RECEIPT: Final = Table(
    "receipt",
    METADATA,
    _Receipt,
    _to("decision", "seq"),
    _to("outbox", "outbox_id"),
    Index(None, "company_id", "outbox_id"),
)


class _PrintBatch(_OfCompany):
    batch_id: Named[str] = Column(String(80), primary_key=True)  # also the name of its file
    seq: Named[int] = Column(BigInteger)


class _PrintBatchLetter(_OfCompany):
    outbox_id: Named[str] = Column(String(80), primary_key=True)
    batch_id: Named[str | None] = Column(String(80))  # None: printed by an earlier version
    position: Named[int]


class _PrintBatchLaid(_OfCompany):
    batch_id: Named[str] = Column(String(80), primary_key=True)
    seq: Named[int] = Column(BigInteger)


# Which letters are printed in which file, decided before the file is made; and that it really lies in its folder.
PRINT_BATCH: Final = Table("print_batch", METADATA, _PrintBatch, _to("decision", "seq"))
PRINT_BATCH_LETTER: Final = Table(
    "print_batch_letter",
    METADATA,
    _PrintBatchLetter,
    _to("outbox", "outbox_id"),
    _to("print_batch", "batch_id"),
)
PRINT_BATCH_LAID: Final = Table(
    "print_batch_laid", METADATA, _PrintBatchLaid, _to("decision", "seq"), _to("print_batch", "batch_id")
)


class _Posted(_OfCompany):
    allocation_id: Named[str] = Column(String(40), primary_key=True)
    batch_id: Named[str] = Column(String(80))
    seq: Named[int] = Column(BigInteger)


# Which allocation went to the tax adviser in which batch.
POSTED: Final = Table("posted", METADATA, _Posted, _to("decision", "seq"), _to("allocation", "allocation_id"))


# --- What the last night thought: derived, replaced every night -----------------------------------------------------


class _Outcome(_OfCompany):
    entry_id: Named[str] = Column(String(40), primary_key=True)
    state: Named[str]
    reasons: Named[str] = Column(Text)  # JSON list of sentences
    proposals: Named[str] = Column(Text)  # JSON list, best first
    possible_debtors: Named[str] = Column(Text)  # JSON list


OUTCOME: Final = Table("outcome", METADATA, _Outcome, _to("statement_entry", "entry_id"))


class _EvidenceMix(_OfCompany):
    run_date: Named[date] = Column(Date, primary_key=True)
    look: Named[str] = Column(String(40), primary_key=True)
    payments: Named[int]


# How many payments looked how, when a night saw them for the first time.
EVIDENCE_MIX: Final = Table("evidence_mix", METADATA, _EvidenceMix)


class _Night(_OfCompany):
    night_no: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    run_date: Named[date]
    finished_at: Named[str]
    head_hash: Named[str] = Column(String(64))  # of the decision log, so that a cut tail is noticed
    head_seq: Named[int] = Column(BigInteger)
    report: Named[str] = Column(Text)  # JSON


NIGHT: Final = Table("night", METADATA, _Night)
