"""A small Odoo that remembers: its records, its domains, its payment wizard, and both of its doors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tests.connectors.accounting.tools.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from requests import PreparedRequest

URL: Final = "https://odoo.example.org"
NOT_FOUND: Final = "<!DOCTYPE html>\n<html lang=en>\n<title>404 Not Found</title>"
NOON: Final = "Tue, 05 May 2026 12:00:00 GMT"

Reply = tuple[int, dict[str, str], str]
Row = dict[str, Any]

_POINTS_TO: Final = {"bank_account_id": "res.partner.bank", "payment_method_id": "account.payment.method"}
_PARAMS: Final = {
    "search_read": {"domain", "fields", "offset", "limit", "order"},
    "search_count": {"domain", "limit"},
    "read": {"fields", "load"},
    "fields_get": {"allfields", "attributes"},
    "create": {"vals_list"},
    "context_get": set(),
    "action_create_payments": set(),
}
_SHOWN: Final = "show_payment_difference"
_EURO: Final = [1, "EUR"]
_COMPANY: Final = [1, "Muster GmbH"]


class Fault(Exception):
    """An exception inside Odoo: its name with the module, its message, and the status JSON-2 gives it."""

    def __init__(self, name: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


@dataclass
class FakeOdoo:
    """Answers like a server of this version, or as it is told to fail."""

    version: int = 19
    tables: dict[str, dict[int, Row]] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)  # fields that this server does not have
    faults: dict[str, Fault] = field(default_factory=dict)  # by "model/method"
    replies: dict[str, list[Reply]] = field(default_factory=dict)  # by "model/method": said first, one after another
    ledgerless: bool = False  # from 18 on: payments without an account make no entry, and no amount falls
    discount: Decimal | None = None  # what the wizard grants by itself for payment in time
    swallows: bool = False  # books a payment, and then the connection breaks
    asked: list[tuple[str, Row]] = field(default_factory=list)  # "model/method" and what was said with it

    def __post_init__(self) -> None:
        self.add("res.company", 1, name="Muster GmbH", country_id=[56, "Germany"])
        self.add("res.country", 56, code="DE")
        self.add("res.country", 12, code="AT")
        self.add("res.currency", 1, display_name="EUR", name="EUR")
        self.add("res.partner", 7, **PARTNER)
        iban = "sanitized_account_number" if self.version >= 20 else "sanitized_acc_number"
        self.add("res.partner.bank", 3, **{"partner_id": [7, "Huber GmbH"], iban: "DE02120300000000202051"})
        self.add("res.partner.bank", 4, **{"partner_id": [1, "Muster GmbH"], iban: "DE75512108001245126199"})
        journal = {"type": "bank", "code": "BNK1", "company_id": _COMPANY, "display_name": "Bank"}
        self.add("account.journal", 5, bank_account_id=[4, "DE75"], **journal)
        for id_, code, direction in ((1, "manual", "inbound"), (2, "manual", "outbound"), (3, "sepa_ct", "outbound")):
            self.add("account.payment.method", id_, code=code, payment_type=direction)
            pair = {"journal_id": [5, "Bank"], "payment_method_id": [id_, code], "display_name": code}
            self.add("account.payment.method.line", 10 + id_, **pair)
        account = {"code": "4730", "company_ids": [1], "company_id": _COMPANY, "display_name": "4730 Gewährte Skonti"}
        self.add("account.account", 40, **account)
        self.add("res.users.apikeys", 1, user_id=[9, "Kontorist"], expiration_date="2026-06-14 12:00:00")
        for model in ("account.move", "account.move.line", "account.payment", "account.payment.register"):
            self.tables.setdefault(model, {})
        if self.version < 18:
            self.hidden |= {("account.payment", "memo"), ("account.move", "matched_payment_ids")}
            self.hidden |= {("account.account", "company_ids"), ("res.users.apikeys", "expiration_date")}

    def add(self, model: str, id_: int, **values: Any) -> Row:
        """Put a record into a table."""
        row = {"id": id_, "write_date": "2026-05-01 08:00:00", **values}
        self.tables.setdefault(model, {})[id_] = row
        return row

    def invoice(self, id_: int, total: float = 119.0, *, left: float | None = None, **more: Any) -> Row:
        """Post an invoice with one due date; ``due`` may name several, each with its amount."""
        due = more.pop("due", [("2026-05-01", total)])
        move = INVOICE | {"name": f"RE/2026/{id_:05d}", "amount_total": total, "amount_residual": total} | more
        self.add("account.move", id_, **move)
        sign = -1 if move["move_type"] == "out_refund" else 1
        for place, (day, part) in enumerate(due):
            self.line(id_ * 10 + place, id_, sign * part, date_maturity=day)
        if left is not None:
            move = self.tables["account.move"][id_] | {"amount_residual": left}
            self.tables["account.move"][id_] = move
            self.tables["account.move.line"][id_ * 10]["amount_residual_currency"] = sign * left
        return self.tables["account.move"][id_]

    def line(self, id_: int, move: int, amount: float, **more: Any) -> None:
        """Put a due date to an invoice."""
        values = (
            LINE | {"move_id": [move, "RE"], "amount_currency": amount, "amount_residual_currency": amount} | more
        )
        self.add("account.move.line", id_, **values)

    # --- The doors --------------------------------------------------------------------------------------------------

    def answer(self, request: PreparedRequest) -> Reply:
        """Answer as a server of this version does."""
        path = urlsplit(str(request.url)).path.lstrip("/")
        if path == "web/version" and self.version >= 19:
            return _json({"version_info": [self.version, 0, 0, "final", 0, ""], "version": f"{self.version}.0"})
        if path.startswith("json/2/") and self.version >= 19:
            return self._json2(path.removeprefix("json/2/"), request)
        if path == "jsonrpc":
            return self._jsonrpc(json.loads(request.body or "{}"))
        return 404, {"Content-Type": "text/html"}, NOT_FOUND

    def _json2(self, path: str, request: PreparedRequest) -> Reply:
        model, method = path.split("/")
        body = json.loads(request.body or "{}")
        self.asked.append((path, dict(body)))
        if self.replies.get(path):
            return self.replies[path].pop(0)
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return _fault(Fault("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))
        try:
            ids, context = body.pop("ids", []), body.pop("context", {})
            return self._then(method, _json(self._called(model, method, ids, body, context)))
        except Fault as fault:
            return _fault(fault)

    def _jsonrpc(self, body: Row) -> Reply:
        params = body["params"]
        service, method, args = params["service"], params["method"], params["args"]
        try:
            result = self._common(method, args) if service == "common" else self._object(args)
            if isinstance(result, tuple):
                return result
            done = {} if result is None else {"result": result}
            return self._then(args[4] if service == "object" else "", _json({"jsonrpc": "2.0", "id": None, **done}))
        except Fault as fault:
            data = {
                "name": fault.name,
                "debug": "Traceback (most recent call last): secret",
                "message": fault.message,
            }
            error = {"code": 200, "message": "Odoo Server Error", "data": {**data, "arguments": [], "context": {}}}
            return _json({"jsonrpc": "2.0", "id": None, "error": error})

    def _common(self, method: str, args: list[Any]) -> Any:
        if method == "version":
            info = [self.version, 0, 0, "final", 0, ""]
            return {"server_version": f"{self.version}.0", "server_version_info": info, "protocol_version": 1}
        assert method == "authenticate", method
        return 9 if args[:3] == ["office", "kontorist@example.org", SECRET] else False

    def _object(self, args: list[Any]) -> Any:
        database, user, key, model, method, places, named = args
        self.asked.append((f"{model}/{method}", {"places": places, **named}))
        if self.replies.get(f"{model}/{method}"):
            return self.replies[f"{model}/{method}"].pop(0)
        if (database, user, key) != ("office", 9, SECRET):
            raise Fault("odoo.exceptions.AccessDenied", "Access Denied")
        named = dict(named)
        context = named.pop("context", {})
        if method == "create":
            if len(places) != 1:  # as ``_call_kw_model_create`` fails
                raise Fault("builtins.IndexError", "tuple index out of range")
            return self._called(model, method, [], {"vals_list": places[0]}, context)
        return self._called(model, method, places[0] if places else [], named, context)

    def _then(self, method: str, reply: Reply) -> Reply:
        if method == "action_create_payments" and self.swallows:
            return 504, {}, "<html>Gateway Time-out</html>"
        return reply

    # --- The models -------------------------------------------------------------------------------------------------

    def _called(self, model: str, method: str, ids: list[int], params: Row, context: Row) -> Any:
        self._check(model, method, params, context)
        rows = self.tables.get(model, {})
        methods: dict[str, Callable[[], Any]] = {
            "context_get": lambda: {"lang": "de_DE", "tz": "Europe/Berlin", "uid": 9},
            "fields_get": lambda: {name: {"type": "char"} for name in self._fields(model)},
            "search_read": lambda: self._search_read(model, **params),
            "search_count": lambda: sum(self.fits(model, row, params["domain"]) for row in rows.values()),
            "read": lambda: [self._shown(model, rows[id_], params["fields"]) for id_ in ids if id_ in rows],
            "create": lambda: [self._filled_in(values, context) for values in params["vals_list"]],
            "action_create_payments": lambda: self._pay(ids, context),
        }
        return methods[method]()

    def _check(self, model: str, method: str, params: Row, context: Row) -> None:
        if fault := self.faults.get(f"{model}/{method}"):
            raise fault
        if model not in self.tables and model != "res.users":
            raise Fault("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
        if unknown := set(params) - _PARAMS[method]:
            raise Fault("builtins.TypeError", f"got an unexpected keyword argument {unknown}")
        if not set(context.get("allowed_company_ids", [])) <= set(self.tables["res.company"]):
            raise Fault("odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.", 403)

    def _fields(self, model: str) -> set[str]:
        known = {name for row in self.tables[model].values() for name in row} | MORE_FIELDS.get(model, set())
        return {name for name in known if (model, name) not in self.hidden}

    def _knows(self, model: str, row: Row, name: str) -> bool:
        return (model, name) not in self.hidden and (name in row or name in self._fields(model))

    def _search_read(
        self, model: str, *, domain: list[Any], fields: list[str], limit: int = 0, order: str
    ) -> list[Row]:
        assert order == "id", order
        rows = [row for _, row in sorted(self.tables[model].items()) if self.fits(model, row, domain)]
        return [self._shown(model, row, fields) for row in rows[: limit or None]]

    def _shown(self, model: str, row: Row, fields: list[str]) -> Row:
        if unknown := {name for name in fields if not self._knows(model, row, name)}:
            raise Fault("builtins.ValueError", f"Invalid field {unknown} on model {model!r}", 500)
        return {"id": row["id"], **{name: row.get(name, False) for name in fields}}

    def fits(self, model: str, row: Row, domain: list[Any]) -> bool:
        """Evaluate a domain, which is written in Polish notation with the "and" left out."""
        terms = list(domain)

        def term() -> bool:
            one = terms.pop(0)
            if one == "|":
                left, right = term(), term()
                return left or right
            return self._holds(model, row, *one)

        holds = []
        while terms:
            holds.append(term())
        return all(holds)

    def _holds(self, model: str, row: Row, name: str, operator: str, wanted: Any) -> bool:
        first, _, rest = name.partition(".")
        if not self._knows(model, row, first):
            raise Fault("builtins.ValueError", f"Invalid field {model}.{first}", 500)
        value = row.get(first, False)
        if rest:
            target = _POINTS_TO[first]
            return bool(value) and self._holds(target, self.tables[target][value[0]], rest, operator, wanted)
        values = value if first.endswith("_ids") else [value[0] if isinstance(value, list) else value]
        return any(_compared(one, operator, wanted) for one in values)

    # --- The wizard -------------------------------------------------------------------------------------------------

    def _filled_in(self, values: Row, context: Row) -> int:
        lines = self._lines(context)
        left = sum(abs(Decimal(str(line["amount_residual_currency"]))) for line in lines)
        if not left:
            raise Fault("odoo.exceptions.UserError", "There's nothing left to pay for the selected journal items.")
        difference = left - Decimal(str(values["amount"]))
        more = {"payment_difference": float(difference), "lines": [line["id"] for line in lines]}
        more[_SHOWN] = not self.ledgerless
        more["early_payment_discount_mode"] = self.discount is not None and difference == self.discount
        id_ = len(self.tables["account.payment.register"]) + 1
        self.add("account.payment.register", id_, **values, **more)
        return id_

    def _lines(self, context: Row) -> list[Row]:
        ids = context["active_ids"]
        if context["active_model"] == "account.move.line":
            return [self.tables["account.move.line"][id_] for id_ in ids]
        return [line for line in self.tables["account.move.line"].values() if line["move_id"][0] in ids]

    def _pay(self, ids: list[int], context: Row) -> Any:
        assert context["dont_redirect_to_payments"] is True
        wizard = self.tables["account.payment.register"][ids[0]]
        lines = [self.tables["account.move.line"][id_] for id_ in wizard["lines"]]
        move = self.tables["account.move"][lines[0]["move_id"][0]]
        id_ = 500 + len(self.tables["account.payment"])
        text = {"memo" if self.version >= 18 else "ref": wizard["communication"]}
        values = {"name": f"PBNK1/{id_}", "amount": wizard["amount"], "currency_id": _EURO, "company_id": _COMPANY}
        state = "in_process" if self.version >= 18 else "posted"
        entry = False if self.ledgerless else [900 + id_, "PBNK1"]
        self.add("account.payment", id_, **values, state=state, move_id=entry, invoice_ids=[move["id"]], **text)
        if self.ledgerless:
            move |= {"payment_state": "in_payment", "matched_payment_ids": [id_]}
            return True
        closes = wizard["payment_difference_handling"] == "reconcile"
        rest = Decimal(0) if closes else Decimal(str(wizard["payment_difference"]))
        paid = sum(abs(Decimal(str(line["amount_residual_currency"]))) for line in lines) - rest
        sign = -1 if move["move_type"] == "out_refund" else 1
        lines[0]["amount_residual_currency"] = float(sign * rest)
        left = Decimal(str(move["amount_residual"])) - paid
        move |= {"amount_residual": float(left), "payment_state": "partial" if left else "in_payment"}
        return True


def _compared(value: Any, operator: str, wanted: Any) -> bool:
    if operator in {"=", "!="}:
        return bool(value == wanted) is (operator == "=")
    if operator == "in":
        return bool(value in wanted)
    if operator == "like":
        return bool(wanted in (value or ""))
    return bool(value > wanted if operator == ">" else value >= wanted)


def _json(body: Any) -> Reply:
    return 200, {"Date": NOON}, json.dumps(body)


def _fault(fault: Fault) -> Reply:
    body = {"name": fault.name, "message": fault.message, "arguments": [fault.message], "context": {}}
    return fault.status, {}, json.dumps({**body, "debug": "Traceback (most recent call last): secret"})


def only(rows: Iterable[Row]) -> Row:
    """Give the one row there is."""
    (row,) = rows
    return row


PARTNER: Final[Row] = {
    "name": "Huber GmbH",
    "ref": "10001",
    "street": "Hauptstraße 1",
    "street2": "Hinterhaus",
    "zip": "80331",
    "city": "München",
    "country_id": [56, "Germany"],
    "email": "buchhaltung@huber.example",
    "phone": "+49 89 123",
    "lang": "de_DE",
    "is_company": True,
    "parent_id": False,
    "vat": "DE123456789",
    "customer_rank": 1,
    "supplier_rank": 0,
}
INVOICE: Final[Row] = {
    "move_type": "out_invoice",
    "state": "posted",
    "payment_state": "not_paid",
    "invoice_date": "2026-04-01",
    "invoice_date_due": "2026-05-01",
    "currency_id": _EURO,
    "company_id": _COMPANY,
    "partner_id": [8, "Huber GmbH, Frau Huber"],
    "commercial_partner_id": [7, "Huber GmbH"],
    "payment_reference": False,
    "ref": False,
    "invoice_origin": False,
    "matched_payment_ids": [],
}
LINE: Final[Row] = {
    "display_type": "payment_term",
    "date_maturity": "2026-05-01",
    "discount_date": False,
    "discount_amount_currency": 0.0,
}
MORE_FIELDS: Final = {
    "account.move": {*INVOICE, "name", "amount_total", "amount_residual", "id", "write_date"},
    "account.move.line": {*LINE, "move_id", "amount_currency", "amount_residual_currency"},
    "account.payment": {
        "name",
        "state",
        "memo",
        "ref",
        "company_id",
        "amount",
        "currency_id",
        "move_id",
        "invoice_ids",
    },
    "account.payment.register": {"amount", "payment_difference", "early_payment_discount_mode", _SHOWN},
}
