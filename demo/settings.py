"""The configuration file (kontorist.toml) of the invented company, with comments for whoever opens it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPANY: Final = "Isarwinkler Haustechnik Großhandel GmbH"

_HEAD: Final = f"""\
# The configuration of Kontorist for an invented company. Paths are relative to this file.
# What is not written here has a default that is right for a German office.

database = "sqlite:///kontorist.db"   # one file; PostgreSQL: "postgresql+psycopg://user@host/name"

[[company]]                           # one block per company (Mandant)
id = "muster"
name = "{COMPANY}"
country = "DE"
state = "BY"                          # Land: its public holidays move deadlines

[company.letterhead]                  # what stands on reminders and letters (§ 35a GmbHG)
street = "Gewerbepark Loisach 3"
postcode = "82515"
city = "Wolfratshausen"
phone = "+49 89 99998 120"
email = "debitoren@isarwinkler-haustechnik.example"
contact = "Veronika Lechner"
managing_directors = ["Korbinian Moser", "Dr. Theresa Böhm"]
register_court = "Amtsgericht München"
register_number = "HRB 999471"
vat_id = "DE999999999"
seat = "Wolfratshausen"

[company.datev]                       # the numbers the tax adviser gave us
chart = "SKR03"
consultant = 1999999                  # Beraternummer
client = 4711                         # Mandantennummer

# Where open items and debtors come from: lists exported by the accounting tool, CSV or XLSX.
[[company.source]]
kind = "file"
open_items = "open_items.csv"
debtors = "debtors.csv"

# Our bank accounts. Every statement that is put into an inbox is read in the next night.
"""


def settings_text(accounts: Sequence[tuple[str, str, str, str]]) -> str:
    """Write the file; an account is IBAN, BIC, name of the bank, and inbox."""
    return _HEAD + "\n".join(
        f'[[company.bank]]\niban = "{iban}"\nbic = "{bic}"\nname = "{name}"\ninbox = "{inbox}"\n'
        for iban, bic, name, inbox in accounts
    )
