"""The charset a payload is cut in: what its bytes say, until an agreement names another."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from hub.partner import Connection, Partners, read_hub, read_partner
from hub.pipeline.children import Children
from hub.pipeline.context import Content
from hub.pipeline.cut import cut_payload
from hub.syntax.charset import to_ebcdic
from tests.unit.edi import ORDER, ORDERS, edifact, x12

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HUB = '[account.us]\nname = "Us"\nidentities = ["12:4015550100", "14:4098765000004"]\n'
SHOP = """
name = "Shop"
role = "retailer"
identities = ["ZZ:BLUEBIRD", "14:4012345000009"]
connection.mailbox = {{ connector = "mailbox", environment = "test" }}
agreement = [{{ receive = "x12/004010/850", charset = "{charset}" }}, {{ receive = "edifact/d96a/ORDERS" }}]
"""
FROM = {"connection": "shop/mailbox", "partner": "shop", "account": "us", "environment": "test"}


class Agreed:
    """Content with partners who agree on one charset."""

    def __init__(self, charset: str, children: Children) -> None:
        hub = read_hub(HUB, "hub.toml")
        self.partners = Partners([read_partner(SHOP.format(charset=charset), "partners/shop/partner.toml")], hub)
        self.children = children
        self.library = None
        self.revision = ""

    def connector(self, connection: Connection) -> object:
        raise AssertionError(f"nothing is fetched by {connection.name}")


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    children = Children({}, size=1)
    yield children
    children.close()


NAMED = x12([ORDER[0], "N1*ST*Müller", *ORDER[1:]]).decode()


@pytest.mark.parametrize(
    ("charset", "body", "read_as"),
    [
        ("UNOC", NAMED.encode("latin-1"), "latin-1"),
        ("windows-1252", NAMED.encode("cp1252"), "cp1252"),
        ("iso-8859-2", NAMED.encode("iso8859-2"), "iso8859-2"),
        ("cp500", to_ebcdic(NAMED.encode("latin-1"), "cp500"), "cp500"),
        ("cp037", NAMED.encode(), "utf-8"),
        ("windows-1252", edifact(ORDERS), "latin-1"),
    ],
)
def test_a_payload_is_cut_in_the_charset_agreed(charset: str, body: bytes, read_as: str, children: Children) -> None:
    content = cast(Content, Agreed(charset, children))
    result = cut_payload(content, cast(Any, FROM), body, NOW)
    (interchange,) = result.interchanges
    assert interchange.charset == read_as
    assert [span.type for span in interchange.messages] in (["850"], ["ORDERS"])


def test_ebcdic_without_an_agreement_stays_unreadable(children: Children) -> None:
    content = cast(Content, Agreed("utf-8", children))
    result = cut_payload(content, cast(Any, FROM), to_ebcdic(x12(ORDER), "cp037"), NOW)
    assert result.interchanges == []
    assert result.unreadable is not None
    assert result.unreadable.code == "HUB-1005"
