"""Partners: everything an installation knows of who talks to whom, and the questions the pipeline asks it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from hub.errors import ConfigError, finding
from hub.partner.file import HubFile, PartnerFile
from hub.partner.identity import find_identity
from hub.partner.model import (
    Account,
    Agreement,
    Connection,
    Direction,
    Environment,
    Identified,
    Partner,
    Source,
    Unidentified,
)
from hub.partner.obligation import Obligation
from hub.partner.reference import ENVELOPED, nearness
from hub.partner.routes import Route, RouteFacts
from hub.partner.settle import Settled, settle


def check_partners(files: Iterable[PartnerFile], hub: HubFile) -> list[ConfigError]:
    """What is wrong between files that are each right by themselves."""
    return settle(files, hub).faults


class Partners:
    """All partners, accounts, connections and agreements. ConfigError: the first contradiction between the files.

    Iterates over the partners. Lookups by name raise KeyError: names come from our own rows.
    """

    def __init__(self, files: Iterable[PartnerFile], hub: HubFile) -> None:
        settled: Settled = settle(files, hub)
        if settled.faults:
            raise settled.faults[0]
        self._accounts = settled.accounts
        self._partners = settled.partners
        self._connections = settled.connections
        self._sources = tuple(settled.sources)
        self._routes = tuple(settled.routes)
        self._agreements: defaultdict[tuple[str, str, str, Direction], list[Agreement]] = defaultdict(list)
        self._opening: defaultdict[tuple[str, str], list[Obligation]] = defaultdict(list)
        self._meeting: set[tuple[str, str]] = set()
        for partner in self._partners.values():
            for rule in partner.obligations:
                self._meeting.add((partner.id, rule.wants))
                for event in rule.after:
                    self._opening[partner.id, event].append(rule)
        self._learning = {event for _, event in self._opening}
        for agreement in settled.agreements:
            key = (agreement.partner, agreement.account, agreement.environment, agreement.direction)
            self._agreements[key].append(agreement)

    def __iter__(self) -> Iterator[Partner]:
        return iter(self._partners.values())

    def __contains__(self, partner: object) -> bool:
        return partner in self._partners

    def get(self, partner: str) -> Partner:
        return self._partners[partner]

    def account(self, account: str) -> Account:
        return self._accounts[account]

    def accounts(self) -> list[Account]:
        return list(self._accounts.values())

    def connection(self, name: str) -> Connection:
        return self._connections[name]

    def connections(self) -> list[Connection]:
        return list(self._connections.values())

    def all_agreements(self) -> list[Agreement]:
        """Of all partners, whether in force yet or not."""
        return [agreement for alike in self._agreements.values() for agreement in alike]

    def obligations(self, partner: str, event: str) -> list[Obligation]:
        """The partner's rules that an event ("receive Order", "send ShipNotice") opens."""
        return self._opening.get((partner, event), [])

    def wants(self, partner: str, event: str) -> bool:
        """Whether an event meets obligations by any of the partner's rules."""
        return (partner, event) in self._meeting

    def learns(self, event: str) -> bool:
        """Whether any partner has a rule that an event at somebody else ("learn ShipmentConfirmation") opens."""
        return event in self._learning

    # -- who sent it ---------------------------------------------------------------------------------------------------

    def identify(
        self,
        connection: str,
        sender: str,
        receiver: str,
        group_sender: str = "",
        group_receiver: str = "",
        *,
        test: bool,
        standard: str = "x12",
    ) -> Identified | Unidentified:
        """Whose an interchange is, by the connection it came by and the identities in its envelope.

        sender and receiver are "qualifier:id"; group_sender and group_receiver GS02/GS03, UNG's, or UNB 0008/0014;
        test is ISA15 T or UNB 0035 1. Standards without an envelope are identified by the
        connection, and by the sender they name where it carries several partners; a document that calls itself a
        test comes by a test connection only. What may not come by this connection is Unidentified, never an exception.
        """
        if connection not in self._connections:
            found = finding("HUB-4101", f"No partner's file defines the connection {connection}.", value=connection)
            return Unidentified(finding=found, connection=connection, security=False)
        by = self._connections[connection]
        if standard not in ENVELOPED:
            if test and by.environment != "test":
                return self._wrong_environment(by, by.partner, "the document", "test")
            named = self._match(by, sender, group_sender, by.environment) if sender else None
            if named is None and sender and len(by.carries) > 1:
                return self._unknown_sender(by, sender, group_sender)
            return self._identified(by, named or by.partner)
        partner = self._match(by, sender, group_sender, by.environment)
        if partner is None:
            return self._unknown_sender(by, sender, group_sender)
        ours = self._accounts[by.account].identities
        if find_identity(ours[by.environment], receiver, group_receiver) is None:
            if find_identity(ours[_other(by.environment)], receiver, group_receiver):
                return self._wrong_environment(by, partner, f"the receiver {receiver}", receiver)
            message = (
                f"{partner} sent an interchange to {receiver} by {by.name}, but account {by.account} has the "
                f"identities {_listed(ours[by.environment])}. It is held: ask {partner} for whom it is."
            )
            expected = ", ".join(ours[by.environment])
            return self._held(by, partner, "HUB-4103", message, receiver, expected)
        if test != (by.environment == "test"):
            indicator = "the test indicator" if test else "an envelope without the test indicator"
            return self._wrong_environment(by, partner, indicator, "test" if test else "production")
        return self._identified(by, partner)

    def _match(self, by: Connection, sender: str, group: str, environment: Environment) -> str | None:
        """The partner on the connection's list that the sender is; one that names the group goes before others."""
        plain = None
        for partner in by.carries:
            identities = self._partners[partner].identities[environment]
            identity = find_identity(identities, sender, group)
            if identity is not None and "/" in identity:
                return partner
            plain = plain or (partner if identity is not None else None)
        return plain

    def _unknown_sender(self, by: Connection, sender: str, group: str) -> Unidentified:
        other = self._match(by, sender, group, _other(by.environment))
        if other is not None:
            return self._wrong_environment(by, other, f"the sender {sender}", sender)
        allowed = [
            identity for partner in by.carries for identity in self._partners[partner].identities[by.environment]
        ]
        who = sender + (f" (group {group})" if group else "")
        owners = [partner.id for partner in self if find_identity(partner.identities[by.environment], sender, group)]
        whose = f" That identity is {owners[0]}'s, who may not use this connection." if owners else ""
        message = (
            f"An interchange from {who} came by {by.name}, which may carry only {_listed(allowed)}.{whose} It is held: "
            f"if it is right, add the identity to partners/{by.partner}/partner.toml, "
            "publish it, and replay the message."
        )
        return self._held(by, "", "HUB-4102", message, sender, ", ".join(allowed))

    def _wrong_environment(self, by: Connection, partner: str, what: str, value: str) -> Unidentified:
        code = "HUB-4104" if by.environment == "production" else "HUB-4105"
        kind = _other(by.environment)
        message = (
            f"{partner} sent {kind} traffic by {by.name}, which is for {by.environment}: {what} says so. It is held: "
            f"ask {partner} to send {kind} traffic by its own connection."
        )
        return self._held(by, partner, code, message, value, by.environment)

    def _held(self, by: Connection, partner: str, code: str, message: str, value: str, expected: str) -> Unidentified:
        return Unidentified(
            finding=finding(code, message, value=value, expected=expected),
            partner=partner,
            account=by.account,
            environment=by.environment,
            connection=by.name,
        )

    def _identified(self, by: Connection, partner: str) -> Identified:
        return Identified(partner=partner, account=by.account, environment=by.environment, connection=by.name)

    # -- what was agreed -----------------------------------------------------------------------------------------------

    def agreements(self, partner: str, account: str, environment: str, direction: Direction) -> list[Agreement]:
        """All of them, in the order of the file, whether in force yet or not."""
        return list(self._agreements.get((partner, account, environment, direction), ()))

    def agreement_in(
        self,
        partner: str,
        account: str,
        environment: str,
        standard: str,
        type: str,
        version: str = "",
        association: str | None = None,
        *,
        now: datetime,
    ) -> Agreement | None:
        """The agreement a received message comes under: the nearest version, then the latest in force.

        version and association as the message has them ("004010VICS"; "D.96A" and "EAN008").
        """
        best: tuple[int, str] | None = None
        chosen = None
        for agreement in self.agreements(partner, account, environment, "in"):
            if (agreement.standard, agreement.type) != (standard, type) or not agreement.is_active(now):
                continue
            near = nearness(agreement.version, version, association)
            rank = None if near is None else (near, str(agreement.active_from or ""))
            if rank is not None and (best is None or rank > best):
                best, chosen = rank, agreement
        return chosen

    def agreements_out(
        self, partner: str, account: str, document: str, environment: str, *, now: datetime
    ) -> list[Agreement]:
        """What is written for a partner from a document ("ShipNotice"): one agreement per type, the latest in force."""
        latest: dict[tuple[str, str, str | None], Agreement] = {}
        for agreement in self.agreements(partner, account, environment, "out"):
            if document not in agreement.documents and "*" not in agreement.documents:
                continue
            if not agreement.is_active(now):
                continue
            key = (agreement.standard, agreement.type, agreement.mapping)
            before = latest.get(key)
            if before is None or str(agreement.active_from or "") >= str(before.active_from or ""):
                latest[key] = agreement
        return list(latest.values())

    def route_copy(self, account: str, document: str, environment: str, *, now: datetime) -> list[Agreement]:
        """Who of an account's own systems (role merchant) gets a copy of a document, whoever it came from."""
        return [
            agreement
            for partner in self
            if partner.role == "merchant"
            for agreement in self.agreements_out(partner.id, account, document, environment, now=now)
        ]

    def no_agreement(
        self, identified: Identified, standard: str, type: str, version: str = "", association: str | None = None
    ) -> Unidentified:
        """Why a message is held for which `agreement_in` found nothing, with the lines to add."""
        plain = version.replace(" ", "").replace(".", "").lower() if standard == "edifact" else version
        reference = f"{standard}/{plain or '*'}/{type}"
        named = " ".join(filter(None, (type, version, association)))
        agreed = [
            one.reference
            for one in self.agreements(identified.partner, identified.account, identified.environment, "in")
        ]
        message = (
            f"{identified.partner} sent {standard} {named}, for which there is no agreement in force. It is held: add "
            f'[[agreement]] receive = "{reference}" to partners/{identified.partner}/partner.toml, '
            "publish it, and replay the message."
        )
        if type == standard:  # a payload without an envelope, and no mapping knows what it is
            message = (
                f"{identified.partner} sent something that reads as {standard.upper()}, which no agreement in force is "
                f"for. It is held: if it is business, add an [[agreement]] that names its mapping to "
                f"partners/{identified.partner}/partner.toml, publish it, and replay the message; else ignore it."
            )
        return Unidentified(
            finding=finding("HUB-4110", message, value=reference, expected=", ".join(agreed) or None),
            partner=identified.partner,
            account=identified.account,
            environment=identified.environment,
            connection=identified.connection,
            security=False,
        )

    # -- who ships -----------------------------------------------------------------------------------------------------

    def source(self, items: Sequence[str], *, partner: str = "", ship_to_country: str = "") -> Source | None:
        """The first rule of hub.toml that fits one of an order line's item identifiers; None: a person must say."""
        for rule in self._sources:
            if (
                fnmatchcase(partner, rule.partner)
                and fnmatchcase(ship_to_country, rule.ship_to_country)
                and any(fnmatchcase(item, rule.item) for item in items or [""])
            ):
                return rule
        return None

    @property
    def has_routes(self) -> bool:
        """Whether hub.toml has any routing rules."""
        return bool(self._routes)

    def routes(self, facts: RouteFacts) -> list[Route]:
        """The routing rules of hub.toml that fit a document, in their order."""
        return [rule for rule in self._routes if rule.fits(facts)]


def _listed(identities: Sequence[str]) -> str:
    return ", ".join(identities) or "none"


def _other(environment: Environment) -> Environment:
    return "test" if environment == "production" else "production"
