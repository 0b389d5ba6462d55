"""How an agreement has interchanges written: what its keys settle to, and what is refused."""

from datetime import UTC, datetime

import pytest

from hub.errors import ConfigError
from hub.partner import Agreement, Partners, envelope_for, read_hub, read_partner
from hub.partner.decimals import with_decimal_mark
from hub.schema import definition
from hub.syntax import Element, Most, OutGroup, OutMessage, cut, pack, write

NOW = datetime(2026, 1, 22, 14, 30, tzinfo=UTC)
HUB = '[account.us]\nname = "Us"\nidentities = ["ZZ:US", "14:4098765000010/OURS"]\n'
SHOP = """
name = "Shop"
role = "retailer"
identities = ["ZZ:SHOP", "14:4012345000009/DIVISION7"]
[connection.mailbox]
connector = "mailbox"
"""
X12 = '[[agreement]]\nsend = "x12/004010/855"\n'
EDIFACT = (
    '[[agreement]]\nsend = "edifact/d96a/ORDRSP"\nidentity = "14:4012345000009/DIVISION7"\n'
    'our_identity = "14:4098765000010/OURS"\n'
)


def agreement(text: str) -> Agreement:
    hub = read_hub(HUB, "hub.toml")
    partners = Partners([read_partner(SHOP + text, "partners/shop/partner.toml")], hub)
    (found,) = partners.agreements_out("shop", "us", "OrderResponse", "production", now=NOW)
    return found


def written(found: Agreement, *segments: list[Element]) -> bytes:
    version = "004010" if found.standard == "x12" else "D.96A"
    message = OutMessage(type=found.type, version=version, control_number="1", segments=segments)
    functional_id = "PR" if found.standard == "x12" else None
    sender, receiver = found.group
    group = OutGroup(functional_id=functional_id, sender=sender, receiver=receiver, version=version, messages=[message])
    return write(envelope_for(found, version, "7", NOW, password="OPEN" if found.writing.password else ""), [group])


def test_nothing_said_is_the_standards_usual() -> None:
    assert agreement(X12).writing.most == Most(messages=1)
    unb = b"UNB+UNOC:3+4098765000010:14:OURS+4012345000009:14:DIVISION7+260122:1430+7'"
    assert written(agreement(EDIFACT), ["BGM", "231"]).startswith(unb)


def test_every_key_of_an_x12_agreement_counts() -> None:
    found = agreement(
        X12 + 'charset = "ascii"\ncharset_fallback = "transliterate"\nseparators = { element = "|", exchange = true }\n'
        'writing = { lines = "segments", messages = 20, bytes = 50000, ask = true }\n'
    )
    assert found.writing.most == Most(messages=20, bytes=50_000)
    payload = written(found, ["N1", "ST", "Bäcker > Söhne"])
    lines = payload.decode("ascii").split("\n")
    assert lines[0].endswith("|1|P|:~")
    assert "N1|ST|Backer > Sohne~" in lines


def test_every_key_of_an_edifact_agreement_counts() -> None:
    found = agreement(
        EDIFACT + 'charset = "UNOB"\ncharset_fallback = "transliterate"\n'
        'writing = { una = true, syntax_version = "2", decimal = ",", application = "APP", priority = "A", ask = true, '
        'agreement_id = "ID", password = "secret:shop", password_qualifier = "BB", lines = "segments" }\n'
    )
    lines = written(found, ["FTX", "AAI", "Straße"]).decode("ascii").split("\n")
    assert lines[:2] == [
        "UNA:+,? '",
        "UNB+UNOB:2+4098765000010:14:OURS+4012345000009:14:DIVISION7+260122:1430+7+OPEN:BB+APP+A+1+ID'",
    ]
    assert "FTX+AAI+Strasse'" in lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (X12 + "writing = { una = true }\n", "writing.una is for edifact"),
        (X12 + 'writing = { decimal = "," }\n', "writing.decimal is for edifact"),
        (EDIFACT + "separators = { exchange = true }\n", "separators.exchange is for x12"),
        (X12 + 'writing = { lines = "80" }\nseparators = { segment = "~\\n" }\n', "names a line break"),
        (X12 + 'writing = { lines = "72" }\n', 'writing.lines is "72"'),
        (X12 + "writing = { messages = 0 }\n", "greater than or equal to 1"),
        (X12 + 'charset_fallback = "guess"\n', 'is "guess", expected refuse or transliterate'),
        (EDIFACT + 'writing = { password = "OPEN" }\n', "holds a secret itself"),
        ('[[agreement]]\nreceive = "x12/004010/850"\nwriting = { messages = 2 }\n', "writing has no meaning"),
    ],
)
def test_what_has_no_meaning_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_partner(SHOP + text, "partners/shop/partner.toml")
    assert words in str(caught.value)


def test_numbers_alone_get_the_decimal_mark() -> None:
    found = definition("edifact", "D.96A", "ORDRSP")
    assert found is not None
    segments: list[list[Element]] = [
        ["BGM", "231", "1.5", "29"],
        ["QTY", ["21", "2.5", "KGM"]],
        ["PRI", ["AAA", "4,20"]],
        ["FTX", "AAI", "", "", "1.5 kg"],
        ["XYZ", "1.5"],
    ]
    assert with_decimal_mark(segments, found, ",") == [
        ["BGM", "231", "1.5", "29"],
        ["QTY", ["21", "2,5", "KGM"]],
        ["PRI", ["AAA", "4,20"]],
        ["FTX", "AAI", "", "", "1.5 kg"],
        ["XYZ", "1.5"],
    ]
    assert with_decimal_mark([["PRI", ["AAA", "4,20"]]], found, ".") == [["PRI", ["AAA", "4.20"]]]


@pytest.mark.parametrize("text", [X12, EDIFACT, X12 + 'writing = { lines = "80" }\n'])
@pytest.mark.parametrize("most", [1000, 1500, 4000])
def test_no_interchange_is_larger_than_agreed_and_none_smaller_than_need_be(text: str, most: int) -> None:
    found = agreement(text)
    version = "004010" if found.standard == "x12" else "D.96A"
    messages = [
        OutMessage(type=found.type, version=version, control_number=f"{n:04}", segments=[["MSG", "A" * (n * 37 % 300)]])
        for n in range(1, 60)
    ]
    group = OutGroup(functional_id="PR", sender="US", receiver="SHOP", version=version, messages=[])
    envelope = envelope_for(found, version, "999999999", NOW)
    packs = list(pack(messages, Most(bytes=most), envelope, group))
    assert [each for together in packs for each in together] == messages
    for number, together in enumerate(packs):
        group.messages = together
        payload = write(envelope, [group])
        (interchange,) = cut(payload)
        assert len(interchange.messages) == len(together)
        assert len(payload) <= most
        if number + 1 < len(packs):
            group.messages = [*together, packs[number + 1][0]]
            assert len(write(envelope, [group])) > most - 40 * len(group.messages)


def test_a_message_larger_than_agreed_goes_alone() -> None:
    found = agreement(X12)
    sizes = (10, 5000, 10, 10)
    messages = [
        OutMessage(type="855", version="004010", control_number="1", segments=[["MSG", "A" * size]]) for size in sizes
    ]
    group = OutGroup(functional_id="PR", sender="US", receiver="SHOP", messages=[], version="004010")
    packs = pack(messages, Most(bytes=1000), envelope_for(found, "004010", "1", NOW), group)
    assert [len(together) for together in packs] == [1, 1, 2]
