"""How far orders are."""

# ruff: noqa: E501 - conditions as the tables have them
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def where(condition: str) -> dict[str, Any]:
    """A partial index, as both databases call it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


KINDS = ("ordered", "accepted", "cancelled", "released", "shipped", "delivered", "invoiced", "credited", "returned")
REACHED = ("accepted", "released", "shipped", "delivered", "invoiced", "credited", "returned")
SUMS = ", ".join(
    f"ROUND(SUM(CASE WHEN kind = '{kind}' THEN CAST(quantity AS NUMERIC) ELSE 0 END), 9) AS {kind}" for kind in KINDS
)
WHOLE = ", ".join(
    f"SUM({kind}) AS {kind}, MIN(CASE WHEN {kind} >= ordered - cancelled THEN 1 ELSE 0 END) AS all_{kind}"
    for kind in REACHED
)


def status(kind: str) -> str:
    """SQL: some of kind was reached, by every line or by part of them."""
    return f"WHEN whole.{kind} > 0 THEN CASE WHEN whole.all_{kind} = 1 THEN '{kind}' ELSE 'partly_{kind}' END"


def derive() -> str:
    """SQL: the statuses of orders that are here already, by what their lines have."""
    return f"""
        WITH line AS (SELECT order_id, {SUMS} FROM quantity_event GROUP BY order_id, line_id),
        whole AS (SELECT order_id, SUM(ordered) AS ordered, SUM(cancelled) AS cancelled, {WHOLE} FROM line GROUP BY order_id)
        UPDATE sales_order SET
            fulfilment = CASE {status("delivered")} {status("shipped")}
                WHEN whole.ordered <> 0 AND whole.cancelled >= whole.ordered THEN 'cancelled'
                {status("released")} {status("accepted")} ELSE 'ordered' END,
            money = CASE WHEN whole.credited > 0 AND whole.all_credited = 1 THEN 'credited' {status("invoiced")}
                ELSE 'not_invoiced' END,
            after_sales = CASE {status("returned")} ELSE 'none' END
        FROM whole WHERE whole.order_id = sales_order.id"""  # noqa: S608 - of constants


def upgrade() -> None:
    op.add_column(
        "sales_order", sa.Column("fulfilment", sa.String(length=25), server_default="ordered", nullable=False)
    )
    op.add_column(
        "sales_order", sa.Column("money", sa.String(length=25), server_default="not_invoiced", nullable=False)
    )
    op.add_column("sales_order", sa.Column("after_sales", sa.String(length=25), server_default="none", nullable=False))
    op.execute(derive())
    op.drop_index(op.f("ix_sales_order_number"), table_name="sales_order")
    op.create_index(
        "ix_sales_order_number", "sales_order", ["number", "id"], postgresql_ops={"number": "text_pattern_ops"}
    )
    op.create_index("ix_sales_order_fulfilment", "sales_order", ["fulfilment", "id"])
    op.create_index("ix_sales_order_partner", "sales_order", ["partner", "id"])
    op.create_index(
        "ix_sales_order_unshipped",
        "sales_order",
        ["id"],
        **where("fulfilment NOT IN ('shipped', 'delivered', 'cancelled')"),
    )
