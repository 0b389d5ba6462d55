"""Files -> what they mean together: defaults filled in, names resolved, contradictions between files found."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from hub.canonical import Address
from hub.errors import ConfigError
from hub.partner.calendar import parse_cadence, settle_calendar
from hub.partner.file import AddressTable, AgreementTable, ConnectionTable, HubFile, PartnerFile
from hub.partner.identity import envelope_fault
from hub.partner.keeping import settle_keep
from hub.partner.model import (
    ENVIRONMENTS,
    Account,
    Acknowledge,
    Agreement,
    Breaker,
    Connection,
    Environment,
    Expects,
    Partner,
    Source,
)
from hub.partner.obligation import settle_obligations
from hub.partner.place import TomlFile
from hub.partner.read import validate
from hub.partner.reference import COPY, ENVELOPED
from hub.partner.routes import Route
from hub.partner.suggest import suggestion
from hub.partner.toml import Path
from hub.partner.window import Window, settle_window
from hub.partner.writing import settle_writing
from hub.syntax.charset import EBCDIC, UNOX, codec_of

_SUFFIXES = {"x12": "edi", "edifact": "edi", "xml": "xml", "json": "json", "csv": "csv"}


class Settled(NamedTuple):
    """By id or name; agreements in the order of the files. carriers: a partner's id -> the connections that carry it.
    faults: everything wrong, file by file."""

    accounts: dict[str, Account]
    partners: dict[str, Partner]
    connections: dict[str, Connection]
    carriers: dict[str, list[Connection]]
    agreements: list[Agreement]
    sources: list[Source]
    routes: list[Route]
    faults: list[ConfigError]


def settle(files: Iterable[PartnerFile], hub: HubFile) -> Settled:
    """All files of a workspace. Nothing is raised: what is faulty is left out and told of in `faults`."""
    by_id = {file.id: file for file in files}
    settled = Settled({}, {}, {}, {}, [], [], [], [])
    for id_, account in hub.account.items():
        settled.accounts[id_] = Account(
            id=id_,
            name=account.name,
            identities=_by_environment(account.identities, account.test_identities),
            ids=account.ids,
            address=_address(account.address),
            gs1_prefix=account.gs1_prefix,
        )
    for file in by_id.values():
        settled.partners[file.id] = Partner(
            id=file.id,
            name=file.name,
            role=file.role,
            zone=file.zone,
            identities=_by_environment(file.identities, file.test_identities),
            ids=file.ids,
            address=_address(file.address),
            keep=settle_keep(hub.keep, file.keep),
            calendar=settle_calendar(file.calendar, file.zone),
            obligations=settle_obligations(file.obligation, file.role),
        )
    _settle_connections(by_id.values(), hub, settled)
    for file in by_id.values():
        if any(f"{file.id}/{key}" not in settled.connections for key in file.connection):
            continue  # what its agreements lack would only repeat what is wrong with the connection
        for index, table in enumerate(file.agreement):
            _AgreementOf(file, table, ("agreement", index), settled, hub).settle()
    _settle_sources(hub, settled)
    _settle_routes(hub, settled)
    return settled


def _by_environment(production: Sequence[str], test: Sequence[str]) -> dict[Environment, tuple[str, ...]]:
    return {"production": tuple(production), "test": tuple(test or production)}


def _address(table: AddressTable | None) -> Address | None:
    return Address(**table.model_dump()) if table else None


# -- connections -------------------------------------------------------------------------------------------------------


def _settle_connections(files: Iterable[PartnerFile], hub: HubFile, settled: Settled) -> None:
    for file in files:
        for key, table in file.connection.items():
            try:
                connection = _connection(file, key, table, hub, settled)
                _check_identities_apart(connection, file, ("connection", key), settled)
            except ConfigError as error:
                settled.faults.append(error)
            else:
                settled.connections[connection.name] = connection
                for carried in connection.carries:
                    settled.carriers.setdefault(carried, []).append(connection)
    known = [f"{file.id}/{key}" for file in files for key in file.connection]
    for name in hub.connection:
        if name not in known:
            message = f'[connection."{name}"] is about a connection that no partner has{suggestion(name, known)}'
            settled.faults.append(hub.toml.error("HUB-4008", message, ("connection", name), at_key=True))


def _connection(file: PartnerFile, key: str, table: ConnectionTable, hub: HubFile, settled: Settled) -> Connection:
    name = f"{file.id}/{key}"
    if name in hub.connection:
        merged = {**file.toml.content["connection"][key], **hub.connection[name]}
        table = validate(ConnectionTable, merged, hub.toml, ("connection", name))
    path: Path = ("connection", key)
    for carried in table.carries:
        if carried not in settled.partners:
            hint = suggestion(carried, settled.partners)
            message = f'the connection {name} carries "{carried}", which is no partner{hint}'
            raise file.toml.error("HUB-4008", message, (*path, "carries", table.carries.index(carried)))
    return Connection(
        name=name,
        partner=file.id,
        account=_account(table.account, file.toml, (*path, "account"), settled),
        environment=table.environment,
        connector=table.connector,
        carries=(file.id, *table.carries),
        poll=table.poll,
        shadow=table.shadow,
        every=table.rate,
        breaker=Breaker(**dict(table.breaker)),
        receipt_due=table.receipt_due,
        settings=table.settings,
    )


def _account(named: str | None, toml: TomlFile, path: Path, settled: Settled) -> str:
    accounts = settled.accounts
    if named is None and len(accounts) == 1:
        return next(iter(accounts))
    if named is None:
        found = f"hub.toml has {len(accounts)} accounts ({', '.join(accounts)})" if accounts else "hub.toml has none"
        advice = 'name one: account = "..."' if accounts else "add one to hub.toml: [account.us]"
        raise toml.error("HUB-4009", f"the connection does not name its account, and {found}; {advice}", path)
    if named not in accounts:
        message = f'account is "{named}", which is not in hub.toml{suggestion(named, accounts)}'
        raise toml.error("HUB-4008", message, path)
    return named


def _check_identities_apart(connection: Connection, file: PartnerFile, path: Path, settled: Settled) -> None:
    for one, other in combinations(connection.carries, 2):
        theirs = settled.partners[other].identities[connection.environment]
        for identity in settled.partners[one].identities[connection.environment]:
            if identity in theirs:
                message = f"{identity} is an identity of both {one} and {other}, and {connection.name} carries both"
                raise file.toml.error("HUB-4006", message, path)


# -- agreements --------------------------------------------------------------------------------------------------------


class _AgreementOf:
    """One [[agreement]] table of a file, and what becomes of it in each account and environment."""

    def __init__(self, file: PartnerFile, table: AgreementTable, path: Path, settled: Settled, hub: HubFile) -> None:
        self.file, self.table, self.path, self.all, self.hub = file, table, path, settled, hub
        self.reference = table.reference
        self.enveloped = self.reference.standard in ENVELOPED

    def settle(self) -> None:
        try:
            connections = self._connections()
            for connection in connections:
                self.all.agreements.append(self._agreement(connection))
        except ConfigError as error:
            self.all.faults.append(error)

    def _error(self, code: str, message: str, key: str) -> ConfigError:
        return self.file.toml.error(code, f"the agreement on {self.reference}: {message}", (*self.path, key))

    def _connections(self) -> list[Connection]:
        """The connection it uses in each account and environment it is in force in."""
        able = [
            connection
            for connection in self.all.carriers.get(self.file.id, ())
            if self.table.environment in (None, connection.environment)
        ]
        if self.table.connection is not None:
            return [self._named(self.table.connection, able)]
        if not able:
            kind = f" {self.table.environment}" if self.table.environment else ""
            message = f"{self.file.id} has no{kind} connection; add one: [connection.mailbox]"
            raise self._error("HUB-4003", message, "environment")
        chosen = []
        for account in self.all.accounts:
            for environment in ENVIRONMENTS:
                here = [one for one in able if (one.account, one.environment) == (account, environment)]
                own = [one for one in here if one.partner == self.file.id] or here
                if len(own) > 1 and (self.table.send or self._acknowledge() != "none"):
                    names = " and ".join(one.name for one in own)
                    message = f'{names} both serve {environment}; name the one to send by: connection = "{own[0].name}"'
                    raise self._error("HUB-4009", message, "connection")
                chosen += own[:1]
        return chosen

    def _named(self, name: str, able: list[Connection]) -> Connection:
        full = name if "/" in name else f"{self.file.id}/{name}"
        for connection in able:
            if connection.name == full:
                return connection
        if full in self.all.connections:
            other = self.all.connections[full]
            why = f"it is for {other.environment}"
            if self.file.id not in other.carries:
                why = f'it does not carry {self.file.id}; add carries = ["{self.file.id}"] there'
            raise self._error("HUB-4005", f'connection is "{name}", but {why}', "connection")
        hint = suggestion(full, self.all.connections)
        raise self._error("HUB-4008", f'connection is "{name}", which no partner has{hint}', "connection")

    def _acknowledge(self) -> Acknowledge:
        if self.table.send:
            return "none"
        if self.table.acknowledge is not None:
            return self.table.acknowledge
        usual: dict[str, Acknowledge] = {"x12": "997", "edifact": "asked"}
        return usual.get(self.reference.standard, "none")

    def _expects(self) -> Expects:
        if self.table.receive:
            return "none"
        return self.table.expects or ("group" if self.reference.standard == "x12" else "none")

    def _agreement(self, connection: Connection) -> Agreement:
        table, reference = self.table, self.reference
        return Agreement(
            partner=self.file.id,
            account=connection.account,
            environment=connection.environment,
            connection=connection.name,
            direction="out" if table.send else "in",
            reference=str(reference),
            standard=reference.standard,
            version=reference.version,
            type=reference.type,
            documents=self._documents(),
            mapping=table.mapping,
            identity=self._identity(connection),
            our_identity=self._our_identity(connection),
            acknowledge=self._acknowledge(),
            expects="none" if connection.shadow else self._expects(),
            due=table.due,
            retry=tuple(table.retry),
            file_name=table.file_name or f"{{type}}_{{control_number}}.{_SUFFIXES.get(reference.standard, 'txt')}",
            duplicate=table.duplicate,
            repeated_number=table.repeated_number,
            strict=table.order == "strict",
            zone=self.file.zone,
            options=table.options,
            severities=table.severities,
            writing=settle_writing(
                reference.standard,
                table.writing,
                table.separators,
                table.charset_fallback,
                gather=table.window is not None,
            ),
            charset=self._charset(),
            guide=table.guide,
            acknowledge_detail=table.acknowledge_detail,
            business_answer=table.business_answer,
            active_from=table.active_from,
            cadence=parse_cadence(table.every) if table.every else None,
            window=self._window(),
            deadline=table.deadline,
        )

    def _window(self) -> Window | None:
        table, known = self.table.window, self.hub.calendar
        if table is not None and table.calendar and table.calendar not in known:
            hint = suggestion(table.calendar, known)
            message = f'its window names the calendar "{table.calendar}", which is not in hub.toml{hint}'
            raise self._error("HUB-4008", message, "window")
        return settle_window(table, self.all.partners[self.file.id].calendar, known)

    def _documents(self) -> tuple[str, ...]:
        if self.table.documents is not None:
            return tuple(self.table.documents)
        if self.table.send == COPY:
            return ("*",)
        return (self.reference.document,) if self.table.send and self.reference.document else ()

    def _charset(self) -> str | None:
        """The charset as written, if it is one for that direction."""
        name = self.table.charset
        if name is None or not self.enveloped:
            return name
        syntax = self.table.send is not None and self.reference.standard == "edifact"
        if name.upper() not in UNOX if syntax else codec_of(name) is None:
            expected = "one of UNOA to UNOY" if syntax else "UNOC, utf-8, windows-1252 or the like"
            raise self._error("HUB-4005", f'charset is "{name}", expected {expected}', "charset")
        if self.table.send is not None and codec_of(name) in EBCDIC:
            raise self._error("HUB-4005", f'charset is "{name}", and EBCDIC can be received, not sent', "charset")
        return name

    def _identity(self, connection: Connection) -> str:
        known = self.all.partners[self.file.id].identities[connection.environment]
        whose = f"{self.file.id}'s identities"
        return self._pick(self.table.identity, known, whose, "identity", connection.environment)

    def _our_identity(self, connection: Connection) -> str:
        known = self.all.accounts[connection.account].identities[connection.environment]
        whose = f"the identities of account {connection.account}"
        named = self.table.our_identity or self.file.our_identity
        return self._pick(named, known, whose, "our_identity", connection.environment)

    def _pick(self, named: str | None, known: Sequence[str], whose: str, key: str, environment: Environment) -> str:
        """The identity in the envelope: the one named, else the first; "" where the standard has no envelope. XML
        documents may name both sides, and need not."""
        if named is not None and named not in known:
            expected = ", ".join(known) or "none"
            raise self._error("HUB-4008", f'{key} is "{named}"; {whose} in {environment} are: {expected}', key)
        if not self.enveloped:
            return (named or next(iter(known), "")) if self.reference.standard == "xml" else ""
        if not known:
            needs = f"an envelope of {self.reference.standard} names sender and receiver"
            message = f'{needs}, but {whose} are empty; add identities = ["ZZ:..."]'
            raise self._error("HUB-4003", message, key)
        chosen = named or known[0]
        if fault := envelope_fault(self.reference.standard, chosen):
            raise self._error("HUB-4005", fault, key)
        return chosen


# -- sources -----------------------------------------------------------------------------------------------------------


def _settle_sources(hub: HubFile, settled: Settled) -> None:
    shippers: Mapping[str, Partner] = settled.partners
    for index, table in enumerate(hub.source):
        if table.ship_from not in shippers:
            message = f'from is "{table.ship_from}", which is no partner{suggestion(table.ship_from, shippers)}'
            settled.faults.append(hub.toml.error("HUB-4008", message, ("source", index, "from")))
        else:
            settled.sources.append(
                Source(
                    ship_from=table.ship_from,
                    item=table.item,
                    partner=table.partner,
                    ship_to_country=table.ship_to_country,
                )
            )


def _settle_routes(hub: HubFile, settled: Settled) -> None:
    for index, table in enumerate(hub.route):
        unknown = next((partner for partner in table.to if partner not in settled.partners), None)
        if unknown is not None:
            message = f'to names "{unknown}", which is no partner{suggestion(unknown, settled.partners)}'
            settled.faults.append(hub.toml.error("HUB-4008", message, ("route", index, "to")))
        else:
            names = ("least", "below")
            amounts: dict[str, Any] = {key: Decimal(text) for key in names if (text := getattr(table, key)) is not None}
            plain = table.model_dump(exclude={"to", "least", "below"})
            settled.routes.append(Route(to=tuple(table.to), **plain, **amounts))
