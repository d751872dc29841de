"""The settings (Einstellungen) of an office: every key of kontorist.toml, its meaning and its default."""

import re
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from config.country_laws import law_of
from connectors.accounting import AnyToolSettings
from connectors.bank.wire import AnyFetchSettings
from dunning.costs import FEE_CAP_MINOR
from dunning.interest import DayCount
from dunning.settings import DunningSettings
from dunning.track import Choice, Choosing
from export.delivery import Security, SmtpSettings
from export.letterhead import Letterhead
from export.mail import addresses
from ledger.calendar import Region, public_holidays
from ledger.debtor import DebtorType
from ledger.errors import Refused
from ledger.money import minor_digits
from reconciliation.customer_policy import ChargeBearer, CustomerPolicy, OnSkonto
from reconciliation.settings import MatchSettings

_MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")


# Such as PAYPAL:KASSE; as long as an IBAN at most.
_NAMED_ACCOUNT = re.compile(r"[A-Z][A-Z0-9]{0,9}:[!-~]{1,23}")


def _iban(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return IBAN(value).compact
    except SchwiftyException as error:
        raise ValueError(f"{value!r} is not an IBAN: {error}") from None


def _own_account(value: object) -> object:
    # An account without an IBAN is named by its house and its number there: PAYPAL:KASSE.
    return value if isinstance(value, str) and _NAMED_ACCOUNT.fullmatch(value) else _iban(value)


def _bic(value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    try:
        return BIC(value).compact
    except SchwiftyException as error:
        raise ValueError(f"{value!r} is not a BIC: {error}") from None


def _mail_address(value: object) -> object:
    if isinstance(value, str) and value and not (_MAIL_ADDRESS.fullmatch(value) and _can_be_written_to(value)):
        raise ValueError(f"{value!r} is not an e-mail address")
    return value


def _can_be_written_to(address: str) -> bool:
    try:
        return len(addresses(address)) == 1
    except Refused:
        return False


def _currency(value: object) -> object:
    if isinstance(value, str):
        minor_digits(value)
    return value


OwnAccount = Annotated[str, BeforeValidator(_own_account)]
Bic = Annotated[str, BeforeValidator(_bic)]
MailAddress = Annotated[str, BeforeValidator(_mail_address)]
Currency = Annotated[str, BeforeValidator(_currency)]


class _Part(BaseModel):
    """A part of the file: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSourceSettings(_Part):
    """Open items and debtors from CSV or XLSX files."""

    kind: Literal["file"]
    name: str = Field("file", pattern=r"^[a-z0-9_-]{1,40}$")  # tells several sources of one company apart
    open_items: Path
    debtors: Path | None = None
    columns: dict[str, str] = {}  # our column name = the header in the file
    debtor_columns: dict[str, str] = {}
    delimiter: str = Field("", max_length=1)  # empty: found out
    encoding: str = ""  # empty: found out
    currency: Currency = "EUR"  # where the file does not say
    sheet: str = ""  # of an XLSX file; empty: the first


# Discriminated by kind, so that a mistake is told for the tool that was meant.
SourceSettings = Annotated[FileSourceSettings | AnyToolSettings, Field(discriminator="kind")]


# One of the ways statements come by wire.
FetchSettings = AnyFetchSettings


class BankSettings(_Part):
    """One of our own bank accounts and the folder its statements arrive in."""

    iban: OwnAccount
    inbox: Path
    bic: Bic = ""
    name: str = ""  # of the bank, for letters
    datev_account: int | None = None  # G/L account; None: numbered from the chart's bank account


class LetterheadSettings(_Part):
    """What stands on letters beside name and bank: the address, and what the law demands (§ 35a GmbHG …)."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    phone: str = ""
    email: MailAddress = ""
    website: str = ""
    contact_person: str = Field("", validation_alias=AliasChoices("contact_person", "contact"))
    managing_directors: tuple[str, ...] = ()
    register_court: str = ""
    register_number: str = ""
    vat_id: str = ""
    seat: str = ""
    supervisory_board_chair: str = ""
    general_partner: str = ""
    general_partner_seat: str = ""
    general_partner_register: str = ""
    din_form: Literal["A", "B"] = "B"  # of DIN 5008: A for a low letterhead


class CustomerSettings(_Part):
    """What is granted to one customer; what is absent is as for everybody. Amounts in minor units (Cent)."""

    number: str = Field(min_length=1)  # Debitorennummer
    skonto_grace_days: int | None = Field(None, ge=0, le=60)
    late_skonto: OnSkonto | None = None
    late_skonto_maximum_minor: int | None = Field(None, ge=0)
    too_much_skonto: OnSkonto | None = None
    too_much_skonto_maximum_minor: int | None = Field(None, ge=0)
    bank_charges_borne_by: ChargeBearer | None = None
    bank_charge_maximum_minor: int | None = Field(None, ge=0)
    unnamed_bank_charge_maximum_minor: int | None = Field(None, ge=0)


class MatchingSettings(_Part):
    """Tolerances and thresholds of the matching; amounts in minor units (Cent)."""

    auto_minimum_probability: float = Field(MatchSettings().auto_minimum_probability, gt=0.5, le=1)
    book_by_certificate: bool = MatchSettings().book_by_certificate
    skonto_grace_days: int = Field(MatchSettings().skonto_grace_days, ge=0, le=60)
    late_skonto: OnSkonto = MatchSettings().late_skonto
    late_skonto_maximum_minor: int = Field(MatchSettings().late_skonto_maximum_minor, ge=0)
    too_much_skonto: OnSkonto = MatchSettings().too_much_skonto
    too_much_skonto_maximum_minor: int = Field(MatchSettings().too_much_skonto_maximum_minor, ge=0)
    small_difference_minor: int = Field(MatchSettings().small_difference_minor, ge=0)
    bank_charges_borne_by: ChargeBearer = MatchSettings().bank_charges_borne_by
    bank_charge_maximum_minor: int = Field(MatchSettings().bank_charge_maximum_minor, ge=0)
    unnamed_bank_charge_maximum_minor: int = Field(MatchSettings().unnamed_bank_charge_maximum_minor, ge=0)
    fee_maximum_minor: int = Field(MatchSettings().fee_maximum_minor, ge=0)
    return_charge_maximum_minor: int = Field(MatchSettings().return_charge_maximum_minor, ge=0)
    duplicate_days: int = Field(MatchSettings().duplicate_days, ge=0)
    customers: tuple[CustomerSettings, ...] = Field((), validation_alias=AliasChoices("customer", "customers"))

    def for_engine(self) -> MatchSettings:
        """Give the settings in the engine's own words; what is absent of a customer is taken from the company."""
        company = self.model_dump(exclude={"customers"})
        everybody = {key: value for key, value in company.items() if key in CustomerSettings.model_fields}
        customers = {
            own.number: CustomerPolicy(**everybody | own.model_dump(exclude={"number"}, exclude_none=True))
            for own in self.customers
        }
        return MatchSettings(**company, customers=customers)

    @model_validator(mode="after")
    def _one_policy_per_customer(self) -> Self:
        numbers = [customer.number for customer in self.customers]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"the same customer stands here twice: {', '.join(twice)}")
        return self


class TrackChoice(_Part):
    """Who is put on which track (Mahnweg) of the procedure: all that is named must hold."""

    track: str = Field(min_length=1)
    because: str | None = None  # the reason, for whoever asks later; None: what it names
    documents: frozenset[str] | None = None
    customers: frozenset[str] | None = None
    groups: frozenset[str] | None = None  # of customer_groups
    debtor_types: frozenset[DebtorType] | None = None
    countries: frozenset[str] | None = None
    direct_debit: bool | None = None

    def for_engine(self) -> Choice:
        """Give the choice in the engine's own words."""
        named = self.model_dump(exclude={"track", "because"}, exclude_none=True)
        said = "; ".join(_told(name, value) for name, value in named.items() if value)
        return Choice(track=self.track, because=self.because or f"the company chose it ({said})", **named)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        named = (self.documents, self.customers, self.groups, self.debtor_types, self.countries, self.direct_debit)
        if not any(named):
            raise ValueError("name documents, customers, groups, debtor_types or countries; else it means everybody")
        return self


def _told(name: str, value: frozenset[str] | bool) -> str:
    """Say what a choice names: "customers: 10001, 10002"."""
    words = name.replace("_", " ")
    return f"{words}: {', '.join(sorted(value))}" if isinstance(value, frozenset) else words


# How a kind word reaches a debtor: by mail where an address is known, else not at all or by post.
CourtesyWay = Literal["never", "mail", "mail_or_letter"]


class DunningRules(_Part):
    """When and how late debtors are written to. The stages themselves stand in ``procedure``."""

    enabled: bool = True
    procedure: Path | None = None  # TOML file with the stages; None: the house's own (config/dunning.toml)
    terms_are_contractual: bool = False
    terms_agreed_with: frozenset[str] = frozenset()  # debtor numbers, or names of customer_groups
    consumer_notice_on_invoice: bool = False
    deadline_postpones_default: bool = True
    email_receipt_working_days: int = Field(DunningSettings(region=Region("DE")).email_receipt_working_days, ge=0)
    letter_receipt_working_days: int = Field(DunningSettings(region=Region("DE")).letter_receipt_working_days, ge=0)
    business_margin_points: Decimal | None = Field(None, ge=0, le=20)  # None: what the law says
    consumer_margin_points: Decimal | None = Field(None, ge=0, le=20)
    maturity_interest: bool = False
    fee_cap_minor: int = Field(FEE_CAP_MINOR, ge=0)  # what a letter provably costs at most
    fee_cap_because: str = ""  # mandatory where the cap is raised
    day_count: DayCount = DayCount.ACT_ACT
    crossed_payment_apology: CourtesyWay = "mail"  # when a letter of ours crossed the payment it asked for
    thanks_after_formal_letter: CourtesyWay = "never"  # when a payment ended a formal matter
    letters_require_full_letterhead: bool = False  # True: nothing is sent while mandatory details are missing
    customer_groups: dict[str, frozenset[str]] = {}  # name = debtor numbers
    choices: tuple[TrackChoice, ...] = Field((), validation_alias=AliasChoices("choice", "choices"))

    def choosing(self, country: str) -> Choosing:
        """Give what the tracks are chosen by, beside the procedure's own choices; ``country`` is the company's."""
        groups: dict[str, frozenset[str]] = {}
        for name, numbers in self.customer_groups.items():
            for number in numbers:
                groups[number] = groups.get(number, frozenset()) | {name}
        return Choosing(own=tuple(choice.for_engine() for choice in self.choices), groups=groups, country=country)

    def for_engine(self, region: Region) -> DunningSettings:
        """Give the settings in the engine's own words."""
        return DunningSettings(
            region=region,
            law=law_of(region.country),
            terms_are_contractual=self.terms_are_contractual,
            terms_agreed_with=self.terms_agreed_with.union(
                *(numbers for name, numbers in self.customer_groups.items() if name in self.terms_agreed_with)
            ),
            consumer_notice_on_invoice=self.consumer_notice_on_invoice,
            deadline_postpones_default=self.deadline_postpones_default,
            email_receipt_working_days=self.email_receipt_working_days,
            letter_receipt_working_days=self.letter_receipt_working_days,
            business_margin_points=self.business_margin_points,
            consumer_margin_points=self.consumer_margin_points,
            maturity_interest=self.maturity_interest,
            day_count=self.day_count,
        )


class HandOverSettings(_Part):
    """What only the creditor knows of its claims, for agency and court; what is absent is never guessed."""

    deducts_input_vat: bool | None = None  # zum Vorsteuerabzug berechtigt (§ 13a (1) no. 6 RDG)
    contract_subject: str = ""  # what all its contracts are about (§ 13a (1) no. 2 RDG): Lieferung von Baustoffen
    catalogue_number: int | None = Field(None, ge=1, le=99)  # of the court's catalogue: 43 delivery of goods
    court: str = ""  # where the Land has two: Hagen or Euskirchen


class DatevSettings(_Part):
    """How the tax adviser's DATEV knows this company."""

    enabled: bool = True
    chart: Literal["SKR03", "SKR04"] = "SKR03"
    consultant: int | None = Field(None, ge=1001, le=9999999)  # Beraternummer
    client: int | None = Field(None, ge=1, le=99999)  # Mandantennummer
    fiscal_year_start_month: int = Field(1, ge=1, le=12)  # Beginn des Wirtschaftsjahres
    account_length: int = Field(4, ge=4, le=8)  # Sachkontenlänge
    dictation_code: str = Field("", pattern=r"^([A-Z]{2})?$")  # Diktatkürzel
    debtor_accounts: dict[str, int] = {}  # debtor number = DATEV account, where they differ
    skonto_accounts: dict[Annotated[Decimal, Field(ge=0, lt=100)], int] = {}  # VAT rate = Skonto account

    @model_validator(mode="after")
    def _skonto_accounts_are_ledger_accounts(self) -> Self:
        for rate, account in self.skonto_accounts.items():
            if len(str(account)) != self.account_length or account < 0:
                raise ValueError(
                    f"the Skonto account {account} for {rate} % does not have {self.account_length} digits, "
                    "as account_length says"
                )
        return self


class Company(_Part):
    """One company (Mandant): its tools, its accounts, its rules."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: str = Field(min_length=1)
    country: str = Field("DE", pattern=r"^[A-Z]{2}$")
    state: str = ""  # Land or canton, for public holidays
    source: tuple[SourceSettings, ...] = ()
    bank: tuple[BankSettings, ...] = ()
    fetch: tuple[FetchSettings, ...] = ()  # statements by wire
    letterhead: LetterheadSettings = LetterheadSettings()
    matching: MatchingSettings = MatchingSettings()
    dunning: DunningRules = DunningRules()
    hand_over: HandOverSettings = HandOverSettings()
    datev: DatevSettings = DatevSettings()
    report_to: tuple[MailAddress, ...] = ()  # who gets the night's report by mail

    @property
    def region(self) -> Region:
        """Where public holidays are taken from."""
        return Region(self.country, self.state)

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """Our own IBANs, and accounts that have none, in the order of the file."""
        return tuple(bank.iban for bank in self.bank)

    def letter_head(self) -> Letterhead:
        """Give the letterhead, with the first bank account to pay to."""
        bank = next((bank for bank in self.bank if not _NAMED_ACCOUNT.fullmatch(bank.iban)), None)
        return Letterhead(
            name=self.name,
            country=self.country,
            iban=bank.iban if bank else "",
            bic=bank.bic if bank else "",
            bank_name=bank.name if bank else "",
            **self.letterhead.model_dump(),
        )

    @model_validator(mode="after")
    def _region_is_known(self) -> Self:
        try:
            public_holidays(self.region, 2026)
        except NotImplementedError:
            raise ValueError(
                f"no public holidays are known for country {self.country!r} with state {self.state!r}; "
                'write for example country = "DE" and state = "BY"'
            ) from None
        return self

    @model_validator(mode="after")
    def _what_is_fetched_is_read(self) -> Self:
        inboxes = {bank.inbox for bank in self.bank}
        for fetch in self.fetch:
            if fetch.inbox not in inboxes:
                raise ValueError(f"fetch {fetch.name}: no bank account has the inbox {fetch.inbox}: nobody reads it")
        return self

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        for what, values in (
            ("source name", [source.name for source in self.source]),
            ("iban", [bank.iban for bank in self.bank]),
            ("fetch name", [fetch.name for fetch in self.fetch]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"the same {what} stands here twice: {', '.join(twice)}")
        return self


class Smtp(_Part):
    """The mail server. The password never stands in this file: it is read from the environment or from a file."""

    host: str = Field(min_length=1)
    port: int = Field(587, ge=1, le=65535)
    security: Security = Security.STARTTLS
    user: str = ""
    password_env: str = ""  # name of the environment variable
    password_file: Path | None = None
    sender: MailAddress
    timeout_seconds: float = Field(30, gt=0, le=600)

    def with_password(self, password: str) -> SmtpSettings:
        """Give the settings the sender needs."""
        return SmtpSettings(
            host=self.host,
            port=self.port,
            security=self.security,
            user=self.user,
            password=password,
            sender=self.sender,
            timeout_seconds=self.timeout_seconds,
        )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.user and bool(self.password_env) == bool(self.password_file):
            raise ValueError("a user needs a password: set either password_env or password_file")
        return self


class Schedule(_Part):
    """When the resident scheduler starts a night (local time)."""

    at: str = "02:30"
    weekdays_only: bool = False

    @field_validator("at")
    @classmethod
    def _is_a_time(cls, value: str) -> str:
        try:
            time.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a time of day; write 02:30") from None
        if not re.fullmatch(r"\d\d:\d\d", value):
            raise ValueError(f"{value!r} is not a time of day; write 02:30")
        return value


class Settings(_Part):
    """The whole file."""

    database: str = "sqlite:///kontorist.db"
    output: Path = Path("output")  # letters, mails without a server, batches and reports, one folder per company
    company: tuple[Company, ...] = Field(min_length=1)
    smtp: Smtp | None = None
    schedule: Schedule = Schedule()
    max_statement_mb: int = Field(256, ge=1, le=4096)
    matching_processes: int = Field(0, ge=0, le=256)  # for large nights; 0: as many as there are cores
    csv_mappings: Path = Path("csv-mappings")  # how CSV exports of other banks are read, one TOML file each

    @field_validator("database")
    @classmethod
    def _is_a_database_we_speak_to(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            kind = value.partition(":")[0]  # the rest may hold a password
            raise ValueError(
                f"{kind!r} is no database we speak to; write sqlite:///file.db or postgresql+psycopg://…"
            )
        return value

    @model_validator(mode="after")
    def _companies_differ(self) -> Self:
        ids = [company.id for company in self.company]
        twice = sorted({value for value in ids if ids.count(value) > 1})
        if twice:
            raise ValueError(f"two companies have the same id: {', '.join(twice)}")
        return self
