"""Partners, accounts, connections, identities, agreements: who talks to us, under which names, about what.

Pure: files come in as text, questions are answered from memory.
"""

from hub.partner.calendar import Cadence, Calendar
from hub.partner.envelope import envelope_for, header_of, interchange_version
from hub.partner.model import (
    Account,
    Agreement,
    Breaker,
    Connection,
    Direction,
    Duplicate,
    Environment,
    Identified,
    Partner,
    Source,
    Unidentified,
)
from hub.partner.obligation import Obligation
from hub.partner.read import hub_faults, partner_faults, read_hub, read_partner
from hub.partner.registry import Partners, check_partners
from hub.partner.routes import Route, RouteFacts, route_facts
from hub.partner.schedule import delay, parse_duration
from hub.partner.scope import group_scope, interchange_scope

__all__ = [
    "Account",
    "Agreement",
    "Breaker",
    "Cadence",
    "Calendar",
    "Connection",
    "Direction",
    "Duplicate",
    "Environment",
    "Identified",
    "Obligation",
    "Partner",
    "Partners",
    "Route",
    "RouteFacts",
    "Source",
    "Unidentified",
    "check_partners",
    "delay",
    "envelope_for",
    "group_scope",
    "header_of",
    "hub_faults",
    "interchange_scope",
    "interchange_version",
    "parse_duration",
    "partner_faults",
    "read_hub",
    "read_partner",
    "route_facts",
]
