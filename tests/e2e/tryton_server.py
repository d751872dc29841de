"""A real Tryton server on this machine, with an invented company in SQLite, and a bookkeeper who works in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests

OFFICE: Final = Path(__file__).with_name("tryton_office.py")
MODULES: Final = ("account_invoice", "account_dunning", "account_statement")
DATABASE: Final = "office"
ADMIN: Final = ("admin", "kennwort-der-verwaltung")

_SECONDS: Final = 600.0  # for each step of setting up; it takes a tenth of that on a machine with nothing else to do
_TODAY: Final = {"__class__": "date", "year": 2026, "month": 6, "day": 30}
_CONFIGURATION: Final = """\
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:0
[session]
max_attempt = 1
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A filled database to be copied, and the ids in it by which a test finds its way."""

    folder: Path
    facts: dict[str, Any]


def template(folder: Path) -> Template:
    """Make the filled database, or take the one that is there: setting it up takes a minute."""
    facts = folder / "facts.json"
    if not facts.exists():
        _install(folder)
        said = _run(folder, sys.executable, str(OFFICE), str(folder / "trytond.conf"), DATABASE)
        facts.write_text(said.splitlines()[-1], encoding="utf-8")
    return Template(folder, json.loads(facts.read_text(encoding="utf-8")))


def _install(folder: Path) -> None:
    (folder / "trytond.conf").write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text(ADMIN[1], encoding="utf-8")
    admin = [sys.executable, "-m", "trytond.cli.admin", "-c", str(folder / "trytond.conf"), "-d", DATABASE]
    wanted = ["-u", *MODULES, "--activate-dependencies", "-l", "de", "--email", "admin@example.org"]
    _run(folder, *admin, *wanted)


def _run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password")}
    ran = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert not ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


class TrytonServer:
    """A server over its own copy of a filled database."""

    def __init__(self, made: Template, folder: Path) -> None:
        self.facts = made.facts
        shutil.copy(made.folder / f"{DATABASE}.sqlite", folder)
        (folder / "trytond.conf").write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")
        self._log = folder / "trytond.log"
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "trytond.cli", "-c", str(folder / "trytond.conf"), "-d", DATABASE]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        self.url = self._started()

    def __call__(self, method: str, *params: Any, **context: Any) -> Any:
        """Do something as the bookkeeper, who may do everything, without any of the code under test."""
        question = {"id": 1, "method": method, "params": [*params, {"company": 1, "companies": [1], **context}]}
        said = requests.post(f"{self.url}/{DATABASE}/rpc/", json=question, auth=ADMIN, timeout=60).json()
        assert "error" not in said, said
        return said["result"]

    def invoice(self, name: str) -> int:
        """Give the id of an invoice by the name the test has for it."""
        return int(self.facts["invoices"][name])

    def draft(self, party_code: str, amount: str) -> int:
        """Write an invoice that nobody posts."""
        party = self("model.party.party.search_read", [["code", "=", party_code]], 0, 1, None, ["addresses"])[0]
        account = self("model.account.account.search", [["type.receivable", "=", True]], 0, 1, None)[0]
        values = {
            "type": "out",
            "company": 1,
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "account": account,
            "currency": self("model.currency.currency.search", [], 0, 1, None)[0],
            "description": amount,
        }
        return int(self("model.account.invoice.create", [values])[0])

    def pay(self, invoice: int, amount: str) -> None:
        """Book a payment by hand, in part where it is less than what is open."""
        active = {"active_model": "account.invoice", "active_id": invoice, "active_ids": [invoice]}
        wizard = "wizard.account.invoice.pay"
        session = self(f"{wizard}.create", **active)[0]
        start = self(f"{wizard}.execute", session, {}, "start", **active)["view"]["defaults"]
        method = self("model.account.invoice.payment.method.search", [], 0, 1, None)[0]
        start |= {"amount": {"__class__": "Decimal", "decimal": amount}, "payment_method": method, "date": _TODAY}
        given = {key: value for key, value in start.items() if not key.endswith(".") and key != "payees"}
        if self(f"{wizard}.execute", session, {"start": given}, "choice", **active):
            self(f"{wizard}.execute", session, {"ask": {"type": "partial"}}, "pay", **active)

    def dun_by_itself(self) -> None:
        """Let Tryton make its own dunnings of all that is overdue, and process them."""
        parties = self("model.party.party.search", [], 0, 100, None)
        procedure = self("model.account.dunning.procedure.search", [], 0, 1, None)[0]
        self("model.party.party.write", parties, {"dunning_procedure": procedure})
        session = self("wizard.account.dunning.create.create")[0]
        start = {"date": _TODAY, "companies": [1]}
        self("wizard.account.dunning.create.execute", session, {"start": start}, "create_")
        drafts = self("model.account.dunning.search", [["state", "=", "draft"]], 0, 100, None)
        active = {"active_model": "account.dunning", "active_ids": drafts, "active_id": drafts[0]}
        session = self("wizard.account.dunning.process.create", **active)[0]
        self("wizard.account.dunning.process.execute", session, {}, "process", **active)

    def open_amounts(self) -> dict[str, str]:
        """Give what every posted invoice shows as open, by its number."""
        fields, posted = ["number", "amount_to_pay"], [["type", "=", "out"], ["state", "=", "posted"]]
        rows = self("model.account.invoice.search_read", posted, 0, 100, None, fields)
        return {row["number"]: row["amount_to_pay"]["decimal"] for row in rows}

    def moves(self, described: str) -> list[str]:
        """Give the descriptions of the moves that say so."""
        domain = [["description", "like", f"%{described}%"]]
        rows = self("model.account.move.search_read", domain, 0, 100, None, ["description"])
        return sorted(row["description"] for row in rows)

    def levels(self) -> dict[str, int]:
        """Give the dunning level that each posted invoice shows, where it shows one."""
        fields = ["number", "lines_to_pay.dunnings.level.sequence"]
        rows = self("model.account.invoice.search_read", [["state", "=", "posted"]], 0, 100, None, fields)
        return {
            row["number"]: dunning["level."]["sequence"]
            for row in rows
            for line in row["lines_to_pay."]
            for dunning in line["dunnings."]
        }

    def allow_reading(self, user: str, *models: str) -> None:
        """Give a user the right to read some models, and nothing else."""
        group = self("model.res.group.create", [{"name": "Nur lesen"}])[0]
        rights = {"group": group, "perm_read": True, "perm_write": False, "perm_create": False, "perm_delete": False}
        self("model.ir.model.access.create", [{"model": model, **rights} for model in models])
        users = self("model.res.user.search", [["login", "=", user]], 0, 1, None)
        self("model.res.user.write", users, {"groups": [["add", [group]]]})

    def sign_in(self, user: str, password: str) -> int:
        """Try to sign in, and give the status of the answer."""
        question = {"id": 1, "method": "common.db.login", "params": [user, {"password": password}, None]}
        return requests.post(f"{self.url}/{DATABASE}/rpc/", json=question, timeout=60).status_code

    def end_sessions(self, user: str, password: str) -> None:
        """End the sessions of a user, as a new password does, even if it is the old one."""
        users = self("model.res.user.search", [["login", "=", user]], 0, 1, None)
        self("model.res.user.write", users, {"password": password})

    def answered(self, status: int) -> int:
        """Count how often the server answered with a status."""
        return len(re.findall(rf'HTTP/1\.1\S*" {status} ', self._said()))  # the log may be coloured

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=60)

    def _started(self) -> str:
        """Wait until it says on which port it listens; it was free a moment ago, because the system chose it."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            said = self._said()
            if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", said):
                return found[1]
            assert self._process.poll() is None, said
            time.sleep(0.1)
        raise AssertionError(self._said())

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")
