"""Rows of a hub at work, some of them hostile: what the pages and the API are tested over."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from hub.errors import Finding
from hub.location import Location
from hub.orders.facts import note_facts
from hub.store.chain import insert_search_keys
from hub.store.engine import Database
from hub.store.events import record_event
from hub.store.orders import Fact
from hub.store.ports import Ids
from hub.store.tables import (
    attempt,
    cadence,
    delivery,
    document,
    fulfilment,
    incident,
    interchange,
    lane,
    message,
    obligation,
    order_line,
    package,
    payload,
    sales_order,
    tracking,
    work,
)

SCRIPT = "<script>window.stolen = 1</script>"
IMAGE = '"><img src=x onerror="window.stolen = 1">'
X12 = {"element": "*", "component": ">", "segment": "~", "repetition": "^"}
EDIFACT = {"element": "+", "component": ":", "segment": "'", "release": "?"}

ORDER_850 = (
    "ST*850*0001~\nBEG*00*SA*4500012874**20261121~\nREF*DP*038~\nDTM*010*20261124~\nN1*ST*Bluebird DC 4*92*0041~\n"
    "N3*1200 Harbor Way~\nN4*Reno*NV*89502*US~\nPO1*1*48*EA*12.90**UP*012345678905~\nPID*F****Fineliner 0.4 black~\n"
    "PO1*2*24*EA*3.15**UP*012345678912~\nPID*F****Notebook A5~\nPO1*3*6*CA*41.00**UP*012345678929~\n"
    "PID*F****Marker set, 12 colours~\nCTT*3*78~\nSE*14*0001~\n"
)
BAD_850 = (
    "ST*850*0002~\nBEG*00*SA*4500012901**20261121~\nDTM*010*20261324~\nN1*ST*Bluebird DC 7*92*0057~\n"
    "PO1*1*12*XX*9.90**UP*012345678905~\nPO1*2**EA*3.15**UP*012345678912~\nCTT*2*12~\nSE*8*0002~\n"
)
ORDERS = (
    "UNH+12+ORDERS:D:96A:UN:EAN008'\nBGM+220+4500019076+9'\nDTM+137:20261121:102'\nNAD+BY+4012345000009::9'\n"
    f"NAD+SU+4099999000004::9'\nLIN+1++4006381333931:SRV'\nIMD+F++:::{SCRIPT}'\nQTY+21:48'\nPRI+AAA:1.29'\n"
    "FTX+ZZZ+++Don?'t stack?: fragile'\nUNS+S'\nCNT+2:1'\nUNT+13+12'\n"
)
ORDER_JSON = (
    '{\n  "id": 5512,\n  "name": "#1042",\n  "note": "<script>window.stolen = 1</script>",\n  "line_items": []\n}\n'
)


def fault(code: str, segment: int, tag: str, element: int, said: str, **more: Any) -> Finding:
    """A finding of severity error at an element."""
    at = Location(interchange=1, group=1, message=1, segment=segment, tag=tag, element=element)
    return Finding(code=code, severity="error", location=at, message=said, **more)


class Seed:
    """Writes rows whose time runs from `ago` minutes before now; ids sort by it."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self.conn = conn
        self.now = now
        self.ids = Ids()
        self.control = 700

    def _row(self, table: Any, at: datetime, **values: Any) -> str:
        row_id = self.ids.new(at)
        self.conn.execute(insert(table), {"id": row_id, "created_at": at, **values})
        return row_id

    def send(
        self,
        ago: float,
        direction: str,
        partner: str,
        type: str,
        number: str = "",
        *,
        text: str = "",
        kind: str | None = None,
        body: bytes = b"{}",
        source: str | None = None,
        answers: str | None = None,
        state: str = "delivered",
        tries: tuple[tuple[str, str], ...] = (("delivered", ""),),
        next_in: float | None = None,
        findings: tuple[Finding, ...] = (),
        keys: tuple[tuple[str, str], ...] = (),
        environment: str = "production",
        **columns: Any,
    ) -> dict[str, str]:
        """One message in an interchange of its own. Ids of the message, interchange, document and payload."""
        at = self.now - timedelta(minutes=ago)
        self.control += 1
        standard = "json" if type == "order" else "x12" if type.isdigit() else "edifact"
        control = f"{self.control:09d}"
        text = text or (
            f"ST*{type}*0001~\nSE*2*0001~\n" if standard == "x12" else f"UNH+1+{type}:D:96A:UN'\nUNT+2+1'\n"
        )
        envelope = (
            f"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *261121*1430*U*00401*{control}"
        )
        head = {"x12": f"{envelope}*0*P*>~\n", "edifact": "UNB+UNOC:3+A+B+261121:1430+1'\n", "json": ""}[standard]
        content = (head + text).encode()
        whose = {"partner": partner, "account": "northwind", "connection": f"{partner}/sftp"}
        whose["environment"] = environment
        payload_id = self._row(
            payload,
            at,
            direction=direction,
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            file_name=f"{type}_{control}.edi",
            protocol_id=f"/out/{self.ids.new(at)}",
            media_type="application/octet-stream",
            state="identified",
            body=content,
            **whose,
        )
        separators = {"x12": X12, "edifact": EDIFACT, "json": None}[standard]
        interchange_id = self._row(
            interchange,
            at,
            payload_id=payload_id,
            direction=direction,
            standard=standard,
            sender="ZZ:BLUEBIRD",
            receiver="ZZ:NORTHWIND",
            control_number=control,
            acknowledgement=columns.get("acknowledgement", "none"),
            answers_id=answers,
            header={"charset": "utf-8", "separators": separators},
            **whose,
        )
        document_id = None
        if kind:
            document_id = self._row(
                document, at, type=kind, number=number, body=body, source_id=source, **whose, message_id=None
            )
        defaults = {"validation": "accepted", "delivery": state if direction == "out" else "none"}
        message_id = self._row(
            message,
            at,
            interchange_id=interchange_id,
            direction=direction,
            standard=standard,
            type=type,
            version={"x12": "004010", "edifact": "D.96A", "json": ""}[standard],
            control_number="0001",
            group_control_number="1",
            offset=len(head),
            length=len(text),
            number=number,
            document_id=document_id,
            mapping=f"{standard}/{type}",
            revision="3f1c9a",
            findings=[_builtins(one) for one in findings],
            **{**defaults, **whose, **columns},
        )
        if kind and direction == "in":
            self.conn.execute(document.update().where(document.c.id == document_id).values(message_id=message_id))
        for scheme, value in (("order", number), ("control", control), *keys):
            if value:
                insert_search_keys(self.conn, [(message_id, scheme, value)])
        record_event(self.conn, at, "payload", payload_id, "received" if direction == "in" else "written")
        record_event(self.conn, at, "message", message_id, "checked")
        if direction == "out":
            self._deliver(interchange_id, partner, at, state, tries, next_in)
        return {
            "message": message_id,
            "interchange": interchange_id,
            "document": document_id or "",
            "payload": payload_id,
        }

    def _deliver(
        self,
        interchange_id: str,
        partner: str,
        at: datetime,
        state: str,
        tries: tuple[tuple[str, str], ...],
        next_in: float | None,
    ) -> None:
        delivery_id = self._row(
            delivery,
            at,
            interchange_id=interchange_id,
            partner=partner,
            connection=f"{partner}/sftp",
            lane=f"out/{partner}/sftp",
            state=state,
            tries=len(tries),
            next_at=None if next_in is None else self.now + timedelta(minutes=next_in),
            file_name=f"out_{self.control}.edi",
            idempotency_key=interchange_id,
            policy={"meets": [], "obliged": False, "due": None, "retry": [0]},
            delivered_at=at if state == "delivered" else None,
            receipt={"reference": f"/in/out_{self.control}.edi"} if state == "delivered" else None,
        )
        for number, (outcome, said) in enumerate(tries, start=1):
            started = at + timedelta(seconds=40 * number)
            row = {"id": self.ids.new(started), "delivery_id": delivery_id, "number": number, "started_at": started}
            row |= {"ended_at": started + timedelta(seconds=2), "outcome": outcome, "detail": said or None}
            self.conn.execute(insert(attempt), row | {"code": None})
        record_event(self.conn, at, "delivery", delivery_id, state)


def _builtins(finding: Finding) -> dict[str, Any]:
    return dict(msgspec.to_builtins(finding))


def seed(database: Database, *, fill: int = 120, now: datetime | None = None) -> dict[str, str]:
    """Fills the database; the ids of what tests name: order, order_message, bad, failed, hostile, json, invoice."""
    now = now or datetime.now(UTC)
    with database.begin() as conn:
        rows = Seed(conn, now)
        for index in range(fill):
            ago = 55 - index * 40 / fill
            if index % 3 == 0:
                rows.send(ago, "in", "kumo", "ORDERS", f"KU-{8000 + index}", kind="Order")
            elif index % 3 == 1:
                rows.send(
                    ago, "out", "harbor", "940", f"W{5000 + index}", kind="WarehouseOrder", acknowledgement="accepted"
                )
            else:
                rows.send(
                    ago, "out", "bluebird", "856", f"SH-{3000 + index}", kind="ShipNotice", acknowledgement="accepted"
                )
        ids = _order(rows)
        ids |= _troubles(rows)
        _owed(rows, ids)
        for name, state in (("bluebird/sftp", "asleep"), ("harbor/sftp", "ready"), ("kumo/sftp", "asleep")):
            row = {"name": f"out/{name}", "connection": name, "state": state, "epoch": 0, "paused": name[0] == "k"}
            conn.execute(
                insert(lane), row | {"backoff_until": now + timedelta(minutes=4) if state == "ready" else None}
            )
        task = {"lane": "out/harbor/sftp", "kind": "deliver", "subject_id": "x", "run_at": now, "created_at": now}
        conn.execute(insert(work), task | {"tries": 1, "set_aside": False})
    return ids


def _owed(rows: Seed, ids: dict[str, str]) -> None:
    """Two obligations of ours, the later one dearer, and a feed that has fallen silent."""
    conn, now = rows.conn, rows.now
    for number, hours, penalty in (("4500012874", -3, 50), ("4500012900", 2, 400)):
        row = {"kind": "order_response", "partner": "bluebird", "account": "northwind", "wants": "send OrderResponse"}
        due = now + timedelta(hours=hours)
        row |= {"id": rows.ids.new(now), "number": number, "cause": number, "message_id": ids["order_message"]}
        row |= {"opened_at": now - timedelta(hours=24), "due_at": due, "state": "open", "currency": "USD"}
        conn.execute(insert(obligation), row | {"penalty": Decimal(penalty), "missed_at": due if hours < 0 else None})
    feed = {"name": "harbor/846", "partner": "harbor", "account": "northwind", "environment": "production"}
    feed |= {"direction": "in", "standard": "x12", "type": "846", "said": "every day by 06:00", "silent": True}
    hour = timedelta(hours=1)
    conn.execute(insert(cadence), feed | {"heard_at": now - 30 * hour, "due_at": now - 4 * hour, "look_at": now + hour})


def _order(rows: Seed) -> dict[str, str]:
    """One order from the purchase order to the invoice, short by two pieces."""
    conn, now = rows.conn, rows.now
    order_id = rows.ids.new(now - timedelta(minutes=14))
    body = (
        b'{"document":"Order","number":"4500012874","currency":"USD","order_type":"stand_alone",'
        b'"parties":[{"role":"ship_to","name":"Bluebird DC 4","address":{"city":"Reno","region":"NV"}}],'
        b'"lines":[{"number":"1","quantity":{"value":"48","unit":"EA"},"price":{"amount":"12.90"},'
        b'"description":"Fineliner 0.4 black"}]}'
    )
    order = rows.send(
        14, "in", "bluebird", "850", "4500012874", text=ORDER_850, kind="Order", body=body, order_id=order_id,
        acknowledgement="accepted",
    )  # fmt: skip
    whose = {"partner": "bluebird", "account": "northwind", "connection": "bluebird/sftp", "environment": "production"}
    at = now - timedelta(minutes=14)
    row: dict[str, Any] = {
        "id": order_id,
        "number": "4500012874",
        "business_key": "northwind/bluebird/production/4500012874",
        **whose,
    }
    row |= {"document_id": order["document"], "created_at": at, "review": "approved", "order_type": "stand_alone"}
    conn.execute(insert(sales_order), row)
    rows.send(13.9, "out", "bluebird", "997", answers=order["interchange"])
    release = rows.send(
        13, "out", "harbor", "940", "W100231", kind="WarehouseOrder", source=order["document"], order_id=order_id,
        acknowledgement="accepted",
    )  # fmt: skip
    rows.send(12.5, "in", "harbor", "997", answers=release["interchange"])
    confirmation = rows.send(
        6, "in", "harbor", "945", "SHP-77120", kind="ShipmentConfirmation", order_id=order_id,
        keys=(("tracking", "1Z999AA10123456784"),), acknowledgement="accepted",
    )  # fmt: skip
    awaited: dict[str, Any] = {"acknowledgement": "expected", "acknowledgement_due_at": now + timedelta(hours=23)}
    notice = rows.send(
        5.5, "out", "bluebird", "856", "SHP-77120", kind="ShipNotice", source=confirmation["document"],
        order_id=order_id, keys=(("sscc", "000123456789012345"),), **awaited,
    )  # fmt: skip
    invoice = rows.send(
        5, "out", "bluebird", "810", "INV-90441", kind="Invoice", source=confirmation["document"], order_id=order_id,
        **awaited,
    )  # fmt: skip
    facts: dict[str, list[Fact]] = {"order": [], "release": [], "confirmation": [], "invoice": []}
    lines = (("1", "48", "46", "Fineliner 0.4 black"), ("2", "24", "24", "Notebook A5"), ("3", "6", "6", IMAGE))
    for ordinal, (number, ordered, shipped, said) in enumerate(lines, start=1):
        line_id = rows.ids.new(now)
        line = {
            "id": line_id,
            "order_id": order_id,
            "number": number,
            "ordinal": ordinal,
            "item": f"01234567890{ordinal}",
        }
        conn.execute(insert(order_line), line | {"description": said, "unit": "EA", "price": Decimal("12.90")})
        for cause, kind, quantity in (
            ("order", "ordered", ordered),
            ("order", "accepted", ordered),
            ("release", "released", ordered),
            ("confirmation", "shipped", shipped),
            ("invoice", "invoiced", shipped),
        ):
            facts[cause].append(Fact(line_id=line_id, kind=kind, quantity=Decimal(quantity)))
    for cause, gained in facts.items():
        note_facts(conn, now, order_id, order["document"], cause, gained)
    asked: dict[str, Any] = {
        "id": rows.ids.new(now),
        "order_id": order_id,
        "number": "W100231",
        "source": "harbor",
        "state": "closed",
    }
    asked |= {"lines": [{"line": "1", "quantity": "48"}], "reason": "The only warehouse with all three lines in stock."}
    conn.execute(insert(fulfilment), asked | {"created_at": at})
    box: dict[str, Any] = {
        "id": rows.ids.new(now),
        "order_id": order_id,
        "fulfilment_id": asked["id"],
        "shipment": "SHP-77120",
    }
    box |= {"sscc": "000123456789012345", "tracking": "1Z999AA10123456784", "lines": [{"line": "1", "quantity": "46"}]}
    conn.execute(insert(package), box | {"created_at": now})
    for ago, status, place in ((5, "picked_up", "Reno, NV"), (2, "in_transit", SCRIPT)):
        seen = now - timedelta(minutes=ago)
        entry = {"id": rows.ids.new(seen), "number": "1Z999AA10123456784", "order_id": order_id, "status": status}
        conn.execute(insert(tracking), entry | {"at": seen, "said": {"place": place}, "created_at": seen})
    record_event(conn, at, "order", order_id, "approved", detail={"rule": "good_customer"})
    return {
        "order": order_id,
        "order_message": order["message"],
        "invoice": invoice["message"],
        "notice": notice["message"],
    }


def _troubles(rows: Seed) -> dict[str, str]:
    """What a person must look at, and what is meant to break the page."""
    bad = rows.send(
        4, "in", "bluebird", "850", "4500012901", text=BAD_850, validation="rejected", acknowledgement="rejected",
        findings=(
            fault(
                "HUB-2005", 3, "DTM", 2, "DTM02 of message 0002 is 20261324, which is no date: month 13.",
                value="20261324", expected="a date, CCYYMMDD", rule="850 DTM02",
            ),
            fault(
                "HUB-2006", 5, "PO1", 3, "PO103 of line 1 is XX, which is no unit of measure bluebird may send.",
                value="XX", expected="CA, EA or PK", rule="bluebird guide",
            ),
            fault("HUB-2004", 6, "PO1", 2, "PO102 of line 2 is missing; the quantity is needed.", rule="850 PO102"),
        ),
    )  # fmt: skip
    failed = rows.send(
        3, "out", "harbor", "940", "W100232", kind="WarehouseOrder", state="failed",
        tries=(
            ("transient", "The SFTP server of harbor did not answer within 30 s."),
            ("transient", "The SFTP server of harbor did not answer within 30 s."),
            ("permanent", "The SFTP server of harbor refused the key of northwind."),
        ),
    )  # fmt: skip
    rows.send(
        2.5, "out", "harbor", "940", "W100233", kind="WarehouseOrder", state="queued", next_in=4,
        tries=(("transient", "The SFTP server of harbor did not answer within 30 s."),),
    )  # fmt: skip
    rows.send(2, "out", "bluebird", "855", "4500012874", kind="OrderResponse", acknowledgement="overdue")
    rows.send(1.8, "in", "kumo", "ORDERS", "KU-9001", validation="held", hold_reason=f"Nobody may send this {SCRIPT}")
    hostile = rows.send(
        1.5, "in", f"evil{IMAGE}", "ORDERS", f"{SCRIPT}", text=ORDERS, kind="Order", environment="test",
        body=b'{"document":"Order","number":"<script>window.stolen = 1</script>"}', validation="accepted_with_errors",
        findings=(fault("HUB-2006", 7, "IMD", 3, f"IMD03 {SCRIPT}{IMAGE}", value=SCRIPT, expected=IMAGE, rule=IMAGE),),
    )  # fmt: skip
    from_shop = rows.send(1, "in", "shop", "order", "#1042", text=ORDER_JSON, kind="Order")
    rows.send(0.5, "in", "shop", "order", "#1043", text=ORDER_JSON, validation="pending")
    for cause, said, *subject in (
        (
            "harbor refused",
            "The SFTP server of harbor refuses our key: 3 deliveries wait.",
            "connection",
            "harbor/sftp",
        ),
        (IMAGE, SCRIPT, "message", failed["message"]),
    ):
        row = {"id": rows.ids.new(rows.now), "cause": cause, "code": "HUB-5001", "message": said, "count": 3}
        row |= {"subject_type": subject[0], "subject_id": subject[1], "security": False}
        rows.conn.execute(insert(incident), row | {"opened_at": rows.now, "seen_at": rows.now})
    return {
        "bad": bad["message"],
        "failed": failed["message"],
        "hostile": hostile["message"],
        "json": from_shop["message"],
    }
