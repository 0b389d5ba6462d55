"""Every HUB-nnnn code: what it means, what to do, and which acknowledgement codes it becomes. One table, in parts by
area.

1xxx syntax and envelope, 2xxx schema, 3xxx mapping and guides, 4xxx partner and identity, 5xxx connectors and delivery,
6xxx store and dispatch, 7xxx acknowledgement, 8xxx orders, 9xxx ours.
"""

from hub.catalogue import (
    acknowledgement,
    delivery,
    envelope,
    guide,
    mapping,
    orders,
    ours,
    partner,
    pipeline,
    schema,
    store,
    syntax,
)
from hub.catalogue.row import Row

CATALOGUE: dict[str, Row] = {
    row.code: row
    for part in (
        syntax,
        envelope,
        schema,
        mapping,
        guide,
        partner,
        delivery,
        store,
        acknowledgement,
        orders,
        pipeline,
        ours,
    )
    for row in part.ROWS
}

__all__ = ["CATALOGUE", "Row"]
