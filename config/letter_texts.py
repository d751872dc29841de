"""The office's own texts of letters and mails (Brieftexte): a folder beside the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from export.letters.texts import texts
from export.letters.wording import read_wording

if TYPE_CHECKING:
    from config.loading import Office
    from config.settings import Company
    from export.letters.texts import Wording

FOLDER: Final = Path("letter-texts")


def letter_texts(office: Office, company: Company) -> Wording:
    """Read ``letter-texts/COMPANY``, else ``letter-texts``, else the shipped ones; Refused names all mistakes."""
    folders = (office.resolve(FOLDER / company.id), office.resolve(FOLDER))
    own = next((folder for folder in folders if folder.is_dir()), None)
    return read_wording(own) if own else texts
