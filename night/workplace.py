"""The workplace: what every step of a night needs, and the transaction it works in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.database import plain_errors, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from config.loading import Office
    from config.settings import Company
    from dunning.stage import Procedure
    from export.delivery import SmtpSettings
    from storage.database import Connection, Engine
    from storage.decisions import Author


# Told how far a step is: its name, what is done, and of how much.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """One company's night: configuration, database, the day, and who decides.

    In a rehearsal (``plan``) every step works on one transaction that is never committed, no file is moved and
    nothing is sent.
    """

    office: Office
    company: Company
    engine: Engine
    author: Author
    smtp: SmtpSettings | None = None
    progress: Progress = no_progress
    rehearsal: Connection | None = field(default=None, repr=False)

    @property
    def company_id(self) -> str:
        """The company (Mandant) everything belongs to."""
        return self.company.id

    @property
    def run_date(self) -> date:
        """The day this night stands for."""
        return self.author.run_date

    @property
    def output(self) -> Path:
        """The folder that receives what the company sends out."""
        return self.office.output_of(self.company)

    @property
    def procedure(self) -> Procedure:
        """The stages of dunning."""
        return self.office.procedures[self.company.id]

    @contextmanager
    def step(self) -> Iterator[Connection]:
        """Open the step's transaction; in a rehearsal a part of the one that is rolled back in the end."""
        if self.rehearsal is None:
            with transaction(self.engine, self.company_id) as connection:
                yield connection
            return
        with plain_errors(self.engine), self.rehearsal.begin_nested():
            yield self.rehearsal
