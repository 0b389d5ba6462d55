"""What must be true at the end of every world, whatever went wrong in it."""

from collections import Counter, defaultdict
from decimal import Decimal

from sqlalchemy import select

from hub.store import orders
from hub.store.tables import (
    delivery,
    event,
    incident,
    interchange,
    lane,
    mailbox_file,
    message,
    sales_order,
    tracking,
    work,
)
from tests.hubs import POLLS
from tests.simulation.world import World

HARMLESS = {"HUB-4206", "HUB-4220", "HUB-6015", "HUB-6016"}
"""Incidents that may stay open: an acknowledgement nobody sends here, a mailbox nobody collects from; a far end whose
last try failed."""


def amiss(world: World) -> list[str]:
    """What is wrong, in sentences."""
    found: list[str] = []
    found += _stuck(world)
    found += _business(world)
    found += _statuses(world)
    found += _doubled(world)
    found += _numbers(world)
    return found


def _stuck(world: World) -> list[str]:
    found = [
        f"work is left: {row['kind']} in {row['lane']}, set aside: {row['set_aside']}, {row['note']}"
        for row in world.rows(select(work))
        if row["kind"] not in POLLS or row["set_aside"]
    ]
    found += [f"lane {row['name']} is still leased" for row in world.rows(select(lane).where(lane.c.state == "leased"))]
    open_ones = world.rows(select(incident).where(incident.c.resolved_at.is_(None)))
    return found + [f"open: {row['code']} {row['message']}" for row in open_ones if row["code"] not in HARMLESS]


def _business(world: World) -> list[str]:
    """Every order came once, was shipped once and arrived."""
    rows = world.rows(select(sales_order).order_by(sales_order.c.number))
    wanted = sorted([*world.orders, *world.european])
    found = [] if sorted(row["number"] for row in rows) == wanted else [f"orders: {[row['number'] for row in rows]}"]
    with world.fate.off(), world.house.database.read() as conn:
        for row in rows:
            if row["number"] in world.european:
                continue
            sums = orders.quantities(conn, row["id"])
            for line, ordered in zip(orders.order_lines(conn, row["id"]), (10, 4), strict=True):
                got = {kind: sums[line["id"]].get(kind) for kind in ("ordered", "shipped", "delivered")}
                if set(got.values()) != {Decimal(ordered)}:
                    found.append(f"{row['number']} line {line['number']}: {got}")
    return found


def _statuses(world: World) -> list[str]:
    found = []
    made: Counter[tuple[str, ...]] = Counter()
    for row in world.rows(select(message)):
        what = f"{row['direction']} {row['type']} {row['number']} of {row['partner']}"
        if row["validation"] != "accepted":
            found.append(f"{what} is {row['validation']}")
        if row["direction"] == "out" and row["delivery"] != "delivered":
            found.append(f"{what} is {row['delivery']}")
        if row["type"] not in ("997", "CONTRL", "tracking"):
            key = row["document_id"] if row["partner"] == "erp" else row["number"]
            made[row["direction"], row["partner"], row["type"], key] += 1
    said = Counter(row["number"] for row in world.rows(select(tracking)))
    if said != world.told:
        found.append(f"the carrier told {dict(world.told)}, and what is known is {dict(said)}")
    found += [f"made {times} times: {key}" for key, times in made.items() if times > 1]
    for number in world.orders:
        for partner, type_ in (("bluebird", "855"), ("harbor", "940"), ("bluebird", "856"), ("bluebird", "810")):
            if not any(key[:3] == ("out", partner, type_) for key in made):
                found.append(f"no {type_} to {partner} ({number})")
    return found


def _doubled(world: World) -> list[str]:
    """What arrived: everything, and twice only at a folder that cannot tell, and flagged."""
    found = []
    again = Counter(row["subject_id"] for row in world.rows(select(event).where(event.c.name == "sent_again_in_doubt")))
    first_of = {row["interchange_id"]: row["id"] for row in world.rows(select(message).order_by(message.c.id))}
    for row in world.rows(select(delivery)):
        end = world.ends.get(row["partner"])
        if end is None:
            continue
        times = end.applied()[row["idempotency_key"]]
        if times == 0 and row["state"] == "delivered":
            found.append(f"{row['file_name']} counts as delivered and never arrived at {row['partner']}")
        doubts = again[first_of[row["interchange_id"]]]
        if times > 1 and (end.name != "harbor" or times > 1 + doubts):
            found.append(f"{row['file_name']} arrived {times} times at {row['partner']} after {doubts} doubts")
    known = {row["idempotency_key"] for row in world.rows(select(delivery))}
    found += [
        f"{end.name} got {key}, which we know nothing of"
        for end in world.ends.values()
        for key in end.applied()
        if key not in known
    ]
    laid = Counter(row["delivery_id"] for row in world.rows(select(mailbox_file)))
    return found + [f"delivery {key} lies {times} times in the mailbox" for key, times in laid.items() if times > 1]


def _numbers(world: World) -> list[str]:
    """Control numbers have no gap and no repeat."""
    taken: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in world.rows(select(interchange).where(interchange.c.direction == "out")):
        if row["standard"] in ("x12", "edifact"):
            taken[row["standard"], row["sender"], row["receiver"]].append(int(row["control_number"]))
    return [
        f"control numbers of {key}: {sorted(of)}"
        for key, of in taken.items()
        if sorted(of) != list(range(1, len(of) + 1))
    ]
