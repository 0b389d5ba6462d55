"""Who sent it, what was agreed, who ships: the answers of Partners, and the contradictions it refuses."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import ConfigError
from hub.partner import Environment, Identified, Partners, Unidentified, check_partners, read_hub, read_partner
from hub.partner.file import PartnerFile

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

HUB = """
[account.us]
name = "Us"
identities = ["ZZ:US", "14:4098765000010"]
test_identities = ["ZZ:UST"]

[[source]]
item = "NW-*"
ship_to_country = "US"
from = "depot"

[[source]]
partner = "shop"
item = "AL-*"
from = "depot"
"""
SHOP = """
name = "Shop"
role = "retailer"
identities = ["ZZ:SHOP", "ZZ:SHOP2"]
test_identities = ["ZZ:SHOPT"]
zone = "America/Chicago"
[connection.mailbox]
connector = "mailbox"
[connection.trial]
connector = "mailbox"
environment = "test"
[[agreement]]
receive = "x12/004010/850"
[[agreement]]
send = "x12/004010/856"
"""
DEPOT = """
name = "Depot"
role = "warehouse"
identities = ["01:123456789"]
[connection.sftp]
connector = "sftp"
host = "depot.example"
port = 22
[[agreement]]
send = "x12/004010/940"
"""


def file(id_: str, text: str) -> PartnerFile:
    return read_partner(text, f"partners/{id_}/partner.toml")


def partners(shop: str = SHOP, hub: str = HUB, **others: str) -> Partners:
    files = [file("shop", shop), file("depot", DEPOT), *(file(id_, text) for id_, text in others.items())]
    return Partners(files, read_hub(hub))


# -- identify ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connection", "sender", "receiver", "test", "environment"),
    [
        ("shop/mailbox", "ZZ:SHOP", "ZZ:US", False, "production"),
        ("shop/mailbox", "ZZ:SHOP2", "14:4098765000010", False, "production"),
        ("shop/trial", "ZZ:SHOPT", "ZZ:UST", True, "test"),
    ],
)
def test_an_envelope_on_the_list_is_identified(
    connection: str, sender: str, receiver: str, test: bool, environment: Environment
) -> None:
    found = partners().identify(connection, sender, receiver, test=test)
    assert found == Identified(partner="shop", account="us", environment=environment, connection=connection)


@pytest.mark.parametrize(
    ("connection", "sender", "receiver", "test", "code", "says"),
    [
        ("shop/mailbox", "ZZ:EVIL", "ZZ:US", False, "HUB-4102", "may carry only ZZ:SHOP, ZZ:SHOP2"),
        ("shop/mailbox", "01:SHOP", "ZZ:US", False, "HUB-4102", "from 01:SHOP"),
        ("shop/mailbox", "01:123456789", "ZZ:US", False, "HUB-4102", "depot's, who may not use this connection"),
        ("shop/mailbox", "", "ZZ:US", False, "HUB-4102", "add the identity to partners/shop/partner.toml"),
        ("shop/mailbox", "ZZ:SHOP", "ZZ:OTHER", False, "HUB-4103", "account us has the identities ZZ:US"),
        ("shop/mailbox", "ZZ:SHOP", "ZZ:US", True, "HUB-4104", "the test indicator says so"),
        ("shop/mailbox", "ZZ:SHOPT", "ZZ:US", False, "HUB-4104", "the sender ZZ:SHOPT says so"),
        ("shop/mailbox", "ZZ:SHOP", "ZZ:UST", False, "HUB-4104", "the receiver ZZ:UST says so"),
        ("shop/trial", "ZZ:SHOPT", "ZZ:UST", False, "HUB-4105", "without the test indicator"),
        ("shop/trial", "ZZ:SHOP", "ZZ:UST", True, "HUB-4105", "the sender ZZ:SHOP says so"),
        ("shop/trial", "ZZ:SHOPT", "ZZ:US", True, "HUB-4105", "the receiver ZZ:US says so"),
    ],
)
def test_an_envelope_that_may_not_come_this_way_is_a_security_incident(
    connection: str, sender: str, receiver: str, test: bool, code: str, says: str
) -> None:
    found = partners().identify(connection, sender, receiver, test=test)
    assert isinstance(found, Unidentified)
    assert (found.finding.code, found.finding.severity, found.security) == (code, "reject", True)
    assert says in found.finding.message
    assert found.connection == connection


def test_without_identities_for_tests_both_sides_use_those_of_production() -> None:
    shop = SHOP.replace('test_identities = ["ZZ:SHOPT"]\n', "")
    registry = partners(shop, HUB.replace('test_identities = ["ZZ:UST"]\n', ""))
    found = registry.identify("shop/trial", "ZZ:SHOP", "ZZ:US", test=True)
    assert found == Identified(partner="shop", account="us", environment="test", connection="shop/trial")
    held = registry.identify("shop/trial", "ZZ:SHOP", "ZZ:US", test=False)
    assert isinstance(held, Unidentified)
    assert held.finding.code == "HUB-4105"


def test_an_unknown_connection_is_held_without_alarm() -> None:
    found = partners().identify("gone/mailbox", "ZZ:SHOP", "ZZ:US", test=False)
    assert isinstance(found, Unidentified)
    assert (found.finding.code, found.security) == ("HUB-4101", False)


def test_without_an_envelope_the_connection_says_who_it_is() -> None:
    found = partners().identify("shop/mailbox", "", "", test=False, standard="json")
    assert found == Identified(partner="shop", account="us", environment="production", connection="shop/mailbox")


NETWORK = """
name = "Valuenet"
role = "network"
[connection.box]
connector = "sftp"
carries = ["small", "big"]
"""
BIG = 'name = "Big"\nrole = "retailer"\nidentities = ["ZZ:BIG/DIVISION7", "ZZ:OWN"]\n'
SMALL = 'name = "Small"\nrole = "retailer"\nidentities = ["ZZ:BIG"]\n'


@pytest.mark.parametrize(
    ("sender", "group", "partner"),
    [("ZZ:BIG", "DIVISION7", "big"), ("ZZ:BIG", "DIVISION8", "small"), ("ZZ:BIG", "", "small"), ("ZZ:OWN", "X", "big")],
)
def test_a_network_carries_several_partners_told_apart_by_group(sender: str, group: str, partner: str) -> None:
    found = partners(net=NETWORK, big=BIG, small=SMALL).identify("net/box", sender, "ZZ:US", group, "US", test=False)
    assert isinstance(found, Identified)
    assert found.partner == partner


def test_a_network_carries_nobody_else() -> None:
    found = partners(net=NETWORK, big=BIG, small=SMALL).identify("net/box", "ZZ:SHOP", "ZZ:US", test=False)
    assert isinstance(found, Unidentified)
    assert found.finding.code == "HUB-4102"


# -- agreements --------------------------------------------------------------------------------------------------------


def test_an_agreement_has_every_default_filled_in() -> None:
    (agreement,) = partners().agreements_out("shop", "us", "ShipNotice", "production", now=NOW)
    assert agreement.connection == "shop/mailbox"
    assert agreement.envelope == ("ZZ:US", "ZZ:SHOP")
    assert agreement.group == ("US", "SHOP")
    assert (agreement.expects, agreement.acknowledge, agreement.due) == ("group", "none", timedelta(hours=24))
    assert agreement.is_awaited
    assert agreement.file_name_of("000000042", NOW) == "856_000000042.edi"
    assert agreement.file_name_of("7", NOW, type="997") == "997_7.edi"
    (trial,) = partners().agreements_out("shop", "us", "ShipNotice", "test", now=NOW)
    assert (trial.connection, trial.envelope) == ("shop/trial", ("ZZ:UST", "ZZ:SHOPT"))


def test_a_file_name_can_hold_the_partners_local_time() -> None:
    text = SHOP + 'file_name = "{partner}-{account}-{date}{time}-{control_number}"\n'
    (agreement,) = partners(text).agreements_out("shop", "us", "ShipNotice", "production", now=NOW)
    assert agreement.file_name_of("1", NOW) == "shop-us-20260301060000-1"


@pytest.mark.parametrize(
    ("agreed", "version", "association", "found"),
    [
        (["x12/004010/850"], "004010", None, "x12/004010/850"),
        (["x12/004010/850"], "004010VICS", None, "x12/004010/850"),
        (["x12/004010VICS/850"], "004010", None, "x12/004010VICS/850"),
        (["x12/*/850", "x12/004010/850", "x12/004010VICS/850"], "004010VICS", None, "x12/004010VICS/850"),
        (["x12/*/850", "x12/004010/850"], "005010", None, "x12/*/850"),
        (["x12/004010/850"], "005010", None, None),
        (["edifact/d96a/ORDERS"], "D.96A", "EAN008", "edifact/d96a/ORDERS"),
        (["edifact/d96a/ORDERS"], "D. 96A", None, "edifact/d96a/ORDERS"),
        (["edifact/d96a/ORDERS", "edifact/d96a-ean008/ORDERS"], "D.96A", "EAN008", "edifact/d96a-ean008/ORDERS"),
        (["edifact/d96a-ean008/ORDERS", "edifact/d96a/ORDERS"], "D.96A", "EAN008B", "edifact/d96a-ean008/ORDERS"),
        (["edifact/d01b-s3/ORDERS", "edifact/d01b-s4/ORDERS"], "D.01B", "S4", "edifact/d01b-s4/ORDERS"),
        (["edifact/d01b-s3/ORDERS"], "D.01B", "S4", None),
        (["edifact/d96a/ORDERS"], "D.01B", None, None),
    ],
)
def test_the_nearest_version_serves(
    agreed: list[str], version: str, association: str | None, found: str | None
) -> None:
    head = SHOP.split("[[agreement]]")[0]
    text = head + "".join(f'[[agreement]]\nreceive = "{reference}"\n' for reference in agreed)
    standard, _, type_ = agreed[0].split("/")
    agreement = partners(text).agreement_in("shop", "us", "production", standard, type_, version, association, now=NOW)
    assert (agreement.reference if agreement else None) == found


def test_a_newer_agreement_is_in_force_from_its_day_in_the_partners_zone() -> None:
    text = SHOP + '[[agreement]]\nsend = "x12/004010/856"\nactive_from = 2026-03-02\ndue = "1h"\n'
    registry = partners(text)
    midnight = datetime(2026, 3, 2, 6, tzinfo=UTC)  # in Chicago

    def due(now: datetime) -> timedelta:
        (agreement,) = registry.agreements_out("shop", "us", "ShipNotice", "production", now=now)
        return agreement.due

    assert due(midnight - timedelta(seconds=1)) == timedelta(hours=24)
    assert due(midnight) == timedelta(hours=1)


def test_what_is_received_comes_under_the_latest_agreement_in_force() -> None:
    head = SHOP.split("[[agreement]]")[0]
    days = ["active_from = 2026-03-10", "active_from = 2026-02-01", "active_from = 2026-01-01"]
    registry = partners(head + "".join(f'[[agreement]]\nreceive = "x12/004010/850"\n{day}\n' for day in days))

    def since(day: int) -> str:
        at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        agreement = registry.agreement_in("shop", "us", "production", "x12", "850", "004010", now=at)
        return str(agreement and agreement.active_from)

    assert [since(day) for day in (-2, 0, 40, 80)] == ["None", "2026-01-01", "2026-02-01", "2026-03-10"]


def test_a_message_nobody_agreed_on_is_held_with_the_lines_to_add() -> None:
    registry = partners()
    assert registry.agreement_in("shop", "us", "production", "edifact", "ORDERS", "D.96A", now=NOW) is None
    identified = registry.identify("shop/mailbox", "ZZ:SHOP", "ZZ:US", test=False)
    assert isinstance(identified, Identified)
    found = registry.no_agreement(identified, "edifact", "ORDERS", "D.96A", "EAN008")
    assert found.finding.code == "HUB-4110"
    assert 'receive = "edifact/d96a/ORDERS"' in found.finding.message
    assert not found.security
    unknown = registry.no_agreement(identified, "csv", "csv").finding.message
    assert unknown.startswith("shop sent something that reads as CSV, which no agreement in force is for.")
    assert "receive =" not in unknown


def test_what_is_agreed_in_production_is_not_agreed_in_test() -> None:
    registry = partners(SHOP.replace('receive = "x12/004010/850"', 'receive = "x12/004010/850"\nenvironment = "test"'))
    assert registry.agreement_in("shop", "us", "production", "x12", "850", "004010", now=NOW) is None
    assert registry.agreement_in("shop", "us", "test", "x12", "850", "004010", now=NOW) is not None


ERP = 'name = "ERP"\nrole = "merchant"\n[connection.http]\nconnector = "http"\n[[agreement]]\nsend = "json/canonical"\n'


def test_a_merchants_system_gets_a_copy_of_every_document() -> None:
    registry = partners(erp=ERP)
    (copy,) = registry.route_copy("us", "TrackingEvent", "production", now=NOW)
    assert (copy.partner, copy.standard, copy.type, copy.version) == ("erp", "json", "canonical", "")
    assert (copy.envelope, copy.expects, copy.file_name) == (("", ""), "none", "{type}_{control_number}.json")
    only_orders = partners(erp=ERP + 'documents = ["Order"]\n')
    assert only_orders.route_copy("us", "TrackingEvent", "production", now=NOW) == []
    assert len(only_orders.route_copy("us", "Order", "production", now=NOW)) == 1


def test_what_is_sent_may_leave_by_a_networks_connection() -> None:
    big = BIG.replace('"ZZ:BIG/DIVISION7", ', "") + '[[agreement]]\nsend = "x12/004010/850"\n'
    (agreement,) = partners(net=NETWORK, big=big, small=SMALL).agreements_out(
        "big", "us", "Order", "production", now=NOW
    )
    assert agreement.connection == "net/box"


def test_separators_change_only_what_is_named() -> None:
    (agreement,) = partners(SHOP + 'separators = { segment = "~\\r\\n", element = "|" }\n').agreements_out(
        "shop", "us", "ShipNotice", "production", now=NOW
    )
    assert agreement.writing.separators is not None
    found = agreement.writing.separators
    assert (found.element, found.segment, found.line, found.component) == ("|", "~", "\r\n", ">")


# -- connections and sources -------------------------------------------------------------------------------------------


def test_hub_toml_changes_a_connection_for_this_installation() -> None:
    registry = partners(hub=HUB + '[connection."depot/sftp"]\nhost = "127.0.0.1"\npoll = "1s"\n')
    connection = registry.connection("depot/sftp")
    assert connection.settings == {"host": "127.0.0.1", "port": 22}
    assert connection.poll == timedelta(seconds=1)
    assert [one.name for one in registry.connections()] == ["shop/mailbox", "shop/trial", "depot/sftp"]


@pytest.mark.parametrize(
    ("items", "partner", "country", "ship_from"),
    [
        (["NW-1"], "shop", "US", "depot"),
        (["00012345", "NW-1"], "other", "US", "depot"),
        (["NW-1"], "shop", "DE", None),
        (["AL-1"], "shop", "DE", "depot"),
        (["AL-1"], "other", "DE", None),
        (["nw-1"], "shop", "US", None),
        ([], "shop", "US", None),
    ],
)
def test_the_first_rule_that_fits_says_who_ships(
    items: list[str], partner: str, country: str, ship_from: str | None
) -> None:
    source = partners().source(items, partner=partner, ship_to_country=country)
    assert (source.ship_from if source else None) == ship_from


def test_partners_and_accounts_are_parties_of_documents() -> None:
    text = DEPOT.replace("[conn", 'ids = { duns = "123456789" }\naddress = { city = "Newark", country = "US" }\n[conn')
    registry = Partners([file("depot", text)], read_hub(HUB.split("[[source]]")[0]))
    party = registry.get("depot").party("warehouse")
    assert (party.role, party.name, party.ids[0].scheme, party.ids[0].value) == (
        "warehouse",
        "Depot",
        "duns",
        "123456789",
    )
    assert party.address is not None
    assert party.address.city == "Newark"
    assert registry.account("us").party("seller").name == "Us"


# -- contradictions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shop", "hub", "code", "line", "says"),
    [
        (SHOP, "", "HUB-4009", 7, "hub.toml has none"),
        (SHOP, HUB + '[account.too]\nname = "Too"\n', "HUB-4009", 7, "2 accounts (us, too)"),
        (SHOP.replace('"mailbox"\n[', '"mailbox"\naccount = "uss"\n['), HUB, "HUB-4008", 9, 'did you mean "us"?'),
        (SHOP.replace('"mailbox"\n[', '"mailbox"\ncarries = ["depo"]\n['), HUB, "HUB-4008", 9, 'did you mean "depot"?'),
        (SHOP.replace('environment = "test"\n', ""), HUB, "HUB-4009", 11, "shop/mailbox and shop/trial both serve"),
        (SHOP + 'connection = "mailbx"\n', HUB, "HUB-4008", 16, 'did you mean "shop/mailbox"?'),
        (SHOP + 'connection = "depot/sftp"\n', HUB, "HUB-4005", 16, "it does not carry shop"),
        (SHOP + 'connection = "trial"\nenvironment = "production"\n', HUB, "HUB-4005", 16, "it is for test"),
        (SHOP + 'identity = "ZZ:SHOP3"\n', HUB, "HUB-4008", 16, "ZZ:SHOP, ZZ:SHOP2"),
        (SHOP + 'our_identity = "ZZ:USS"\n', HUB, "HUB-4008", 16, "ZZ:US, 14:4098765000010"),
        (SHOP.replace('identities = ["ZZ:SHOP", "ZZ:SHOP2"]', ""), HUB, "HUB-4003", 12, "shop's identities are empty"),
        (SHOP + 'charset = "klingon"\n', HUB, "HUB-4005", 16, "windows-1252"),
        (SHOP + 'charset = "cp037"\n', HUB, "HUB-4005", 16, "can be received, not sent"),
        (SHOP.replace('"ZZ:SHOP"', '"Z:SHOP"'), HUB, "HUB-4005", 12, "does not fit an ISA"),
        (SHOP.replace('"ZZ:SHOP"', '"ZZ:ABCDEFGHIJKLMNOP"'), HUB, "HUB-4005", 12, "at most 15"),
        (SHOP.split("[conn")[0] + '[[agreement]]\nsend = "x12/004010/856"\n', HUB, "HUB-4003", 7, "no connection"),
    ],
)
def test_a_contradiction_between_files_is_named_at_its_place(
    shop: str, hub: str, code: str, line: int, says: str
) -> None:
    without_sources = hub.split("[[source]]")[0] + hub.partition('from = "depot"\n')[2].partition('from = "depot"\n')[2]
    found = check_partners([file("shop", shop), file("depot", DEPOT)], read_hub(without_sources))[0]
    assert (found.code, found.file) == (code, "partners/shop/partner.toml"), str(found)
    assert says in found.message
    assert found.line == line, str(found)
    with pytest.raises(ConfigError):
        Partners([file("shop", shop), file("depot", DEPOT)], read_hub(without_sources))


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        ('[[source]]\nfrom = "depo"\n', "HUB-4008", 2, 'did you mean "depot"?'),
        ('[connection."depot/ftp"]\nport = 1\n', "HUB-4008", 1, 'did you mean "depot/sftp"?'),
        ('[connection."depot/sftp"]\npoll = "soon"\n', "HUB-4005", 2, "60s, 5m"),
        ('[connection."depot/sftp"]\npassword = "hunter2"\n', "HUB-4007", 2, "secret:<name>"),
    ],
)
def test_a_contradiction_in_hub_toml_is_named_there(text: str, code: str, line: int, says: str) -> None:
    found = check_partners([file("shop", SHOP), file("depot", DEPOT)], read_hub(HUB + text))[0]
    assert (found.code, found.file, found.line) == (code, "hub.toml", HUB.count("\n") + line), str(found)
    assert says in found.message


def test_two_partners_with_one_identity_on_one_connection_are_refused() -> None:
    big = BIG.replace("ZZ:OWN", "ZZ:BIG")
    files = [file("net", NETWORK), file("big", big), file("small", SMALL)]
    found = check_partners(files, read_hub(HUB.split("[[source]]")[0]))[0]
    assert (found.code, found.line) == ("HUB-4006", 4)
    assert "ZZ:BIG is an identity of both small and big" in found.message
