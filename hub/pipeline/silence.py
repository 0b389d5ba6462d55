"""Silence: what should come at a cadence, or leave, and does not, is an incident until it does."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.partner import Agreement
from hub.pipeline.context import Content, Context
from hub.store import cadences as store
from hub.store.incidents import open_incident, resolve_incident

AGAIN = timedelta(minutes=1)
"""How often what is silent is looked at."""


class Silence:
    """The cadences of the revision in force. Only production counts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._revision = ""
        self._agreements: dict[str, Agreement] = {}

    def look(self, conn: Transaction) -> None:
        """Says of which cadences nothing came by now, and which are heard of again."""
        content = self._context.content()
        if content.revision != self._revision:
            self._follow(conn, content)
        for row in store.cadences_due(conn, self._context.now()):
            if row["name"] in self._agreements:
                self._look_at(conn, content, row, self._agreements[row["name"]])

    def _follow(self, conn: Transaction, content: Content) -> None:
        """The rows are those of the agreements; a cadence that is new or changed begins now."""
        now = self._context.now()
        wanted = {_name(one): one for one in content.partners.all_agreements() if one.cadence is not None}
        wanted = {name: one for name, one in wanted.items() if one.environment == "production"}
        known = {row["name"]: row["said"] for row in store.all_cadences(conn)}
        gone = {name for name, said in known.items() if name not in wanted or str(wanted[name].cadence) != said}
        made = [_row(content, name, one, now) for name, one in wanted.items() if name not in known or name in gone]
        for name in gone:
            resolve_incident(conn, now, _cause(name))
        store.replace_cadences(conn, gone, made)
        self._revision, self._agreements = content.revision, wanted

    def _look_at(self, conn: Transaction, content: Content, row: RowMapping, agreement: Agreement) -> None:
        now, name, due = self._context.now(), row["name"], row["due_at"]
        heard = store.heard_since(conn, row)
        values: dict[str, Any] = {}
        if heard is not None and agreement.cadence is not None:
            due = content.partners.get(row["partner"]).calendar.next_due(agreement.cadence, heard, due)
            values = {"heard_at": heard, "due_at": due, "silent": False, "look_at": due}
            if row["silent"]:
                resolve_incident(conn, now, _cause(name))
        if due > now:
            store.set_cadence(conn, name, **values)
            return
        if heard is not None or not row["silent"]:
            subject = ("connection", agreement.connection)
            open_incident(conn, self._context.clock, _cause(name), "HUB-4211", _said({**row, **values}), *subject)
        store.set_cadence(conn, name, **{**values, "silent": True, "look_at": now + AGAIN})


def _name(agreement: Agreement) -> str:
    one = agreement
    return f"{one.partner}/{one.account}/{one.environment}/{one.direction}/{one.standard}/{one.version}/{one.type}"


def _row(content: Content, name: str, agreement: Agreement, now: datetime) -> dict[str, Any]:
    assert agreement.cadence is not None  # noqa: S101 - chosen by it
    due = content.partners.get(agreement.partner).calendar.next_due(agreement.cadence, now)
    parts = ("partner", "account", "environment", "direction", "standard", "type")
    return {
        "name": name,
        **{part: getattr(agreement, part) for part in parts},
        "said": str(agreement.cadence),
        "heard_at": now,
        "due_at": due,
        "silent": False,
        "look_at": due,
    }


def _cause(name: str) -> str:
    return f"silence/{name}"


def _said(row: Any) -> str:
    due = f"{row['due_at']:%Y-%m-%d %H:%M} UTC"
    since = f"{row['heard_at']:%Y-%m-%d %H:%M} UTC"
    if row["direction"] == "in":
        text = f"{row['partner']} sends {row['standard']} {row['type']} {row['said']}; nothing came since {since}"
        return f"{text} (due {due}). Ask {row['partner']} for it, and look at the connection."
    text = (
        f"We send {row['partner']} {row['standard']} {row['type']} {row['said']}; nothing was delivered since {since}"
    )
    return f"{text} (due {due}). See what holds it up."
