"""What envelope headers declare: dates, qualifiers, versions, the kind of message; and what an acknowledgement says."""

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.catalogue import envelope
from hub.schema.directory import directories, directory
from hub.syntax import cut
from hub.syntax.declared import FUNCTIONAL_IDS
from tests.unit.edi import ORDER, ORDERS, edifact, x12
from tests.unit.test_acknowledgement_write import AT

PAYLOAD_5010 = x12(ORDER, version="005010")
PAYLOAD, EDIFACT = x12(ORDER), edifact(ORDERS)
GROUPED = EDIFACT.replace(b"UNH+1", b"UNG+ORDERS+1:14+2:14+260122:1430+9+UN+D:96A'\nUNH+1", 1)
NOTED = PAYLOAD.replace(b"GS*", b"TA1*000000905*260122*1430*E*014~\nGS*", 1)
GROUPED = GROUPED.replace(b"UNZ+1", b"UNE+1+9'\nUNZ+1")

CASES = [
    (PAYLOAD, b"GS*PO*", b"GS*OW*", "HUB-1042", "error", "ST", 1),
    (GROUPED, b"UNG+ORDERS", b"UNG+INVOIC", "HUB-1042", "error", "UNH", 2),
    (PAYLOAD_5010, b"ST*850*0001", b"ST*850*0001*004010", "HUB-1043", "warn", "ST", 3),
    (GROUPED, b"UN+D:96A'", b"UN+D:01B'", "HUB-1043", "warn", "UNH", 2),
    (PAYLOAD, b"*260122*1430*U", b"*260231*1430*U", "HUB-1044", "error", "ISA", 9),
    (PAYLOAD, b"*20260122*1430*77", b"*20261322*1430*77", "HUB-1044", "error", "GS", 4),
    (EDIFACT, b"+260122:1430", b"+262222:1430", "HUB-1044", "error", "UNB", 4),
    (GROUPED, b"+260122:1430+9+UN", b"+2601:1430+9+UN", "HUB-1044", "error", "UNG", 4),
    (PAYLOAD, b"*260122*1430*U", b"*260122*2430*U", "HUB-1045", "error", "ISA", 10),
    (PAYLOAD, b"*20260122*1430*77", b"*20260122*14*77", "HUB-1045", "error", "GS", 5),
    (EDIFACT, b"+260122:1430", b"+260122:1460", "HUB-1045", "error", "UNB", 4),
    (PAYLOAD, b"*ZZ*BLUEBIRD", b"*Q!*BLUEBIRD", "HUB-1046", "warn", "ISA", 5),
    (PAYLOAD, b"*12*4015550100", b"*99*4015550100", "HUB-1047", "warn", "ISA", 7),
    (PAYLOAD, b"*ZZ*BLUEBIRD       *", b"*ZZ*               *", "HUB-1048", "error", "ISA", 6),
    (EDIFACT, b"+4012345000009:14+", b"++", "HUB-1048", "error", "UNB", 2),
    (PAYLOAD, b"*12*4015550100     *", b"*12*               *", "HUB-1049", "error", "ISA", 8),
    (EDIFACT, b"+4098765000004:14+", b"++", "HUB-1049", "error", "UNB", 3),
    (PAYLOAD, b"ISA*00*", b"ISA*99*", "HUB-1050", "warn", "ISA", 1),
    (PAYLOAD, b"*00*          *ZZ", b"*02*          *ZZ", "HUB-1050", "warn", "ISA", 3),
    (PAYLOAD, b"*U*00401", b"*^*00401", "HUB-1051", "warn", "ISA", 11),
    (PAYLOAD, b"*U*00401", b"*U*00040", "HUB-1052", "warn", "ISA", 12),
    (EDIFACT, b"UNOC:3", b"UNOC:7", "HUB-1052", "warn", "UNB", 1),
    (PAYLOAD, b"*0*T*", b"*2*T*", "HUB-1053", "warn", "ISA", 14),
    (PAYLOAD, b"*20260122*1430*77", b"*260122*1430*77", "HUB-1054", "warn", "GS", 4),
    (PAYLOAD, b"*77*X*", b"*77*Q*", "HUB-1055", "warn", "GS", 7),
    (PAYLOAD, b"GS*PO*BLUEBIRD", b"GS*PO*", "HUB-1058", "warn", "GS", 2),
    (PAYLOAD, b"*X*004010", b"*X*004010*MORE", "HUB-1059", "warn", "GS", 9),
    (PAYLOAD, b"GE*1*77", b"GE*1*77*1", "HUB-1059", "warn", "GE", 3),
    (PAYLOAD, b"IEA*1*000000905", b"IEA*1*000000905**1", "HUB-1059", "warn", "IEA", 4),
    (NOTED, b"*E*014", b"*E*014*1", "HUB-1059", "warn", "TA1", 6),
    (NOTED, b"TA1*000000905", b"TA1*905", "HUB-1057", "error", "TA1", 1),
    (NOTED, b"905*260122", b"905*2601", "HUB-1057", "error", "TA1", 2),
    (NOTED, b"*1430*E", b"*14*E", "HUB-1057", "error", "TA1", 3),
    (NOTED, b"*E*014", b"*P*014", "HUB-1057", "error", "TA1", 4),
    (NOTED, b"*E*014", b"*E*041", "HUB-1057", "error", "TA1", 5),
    (NOTED, b"*E*014", b"*E", "HUB-1057", "error", "TA1", 5),
    (PAYLOAD, b"*0*T*", b"*0*Q*", "HUB-1030", "error", "ISA", 15),
    (EDIFACT, b"++++++1'", b"++++++X'", "HUB-1030", "error", "UNB", 11),
]


def test_an_identity_padded_with_nul_is_the_identity() -> None:
    (interchange,) = cut(PAYLOAD.replace(b"BLUEBIRD       *", b"BLUEBIRD" + b"\0" * 7 + b"*"))
    assert (interchange.sender, interchange.all_findings) == ("ZZ:BLUEBIRD", [])
    assert b"*BLUEBIRD       *" in (acknowledge(interchange, [], at=AT) or b"")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"UNB+UNOC:3+ACME:14+B:14+260122:1430+77'", "Interchange 77 from 14:ACME has no UNZ:"),
        (b"UNB+UNOC:3+ACME+B+260122:1430+77'", "Interchange 77 from ACME has no UNZ:"),
        (b"UNB+UNOC:3'", "Interchange 1 from nobody has no UNZ:"),
    ],
)
def test_a_broken_interchange_is_named_by_what_is_there(header: bytes, said: str) -> None:
    (interchange,) = cut(header)
    assert [each.message for each in interchange.findings if each.message.startswith(said)]


def test_the_number_of_a_group_has_digits_alone() -> None:
    (interchange,) = cut(PAYLOAD.replace(b"*77*X", b"*A7*X").replace(b"GE*1*77", b"GE*1*A7"))
    (found,) = interchange.all_findings
    assert (found.code, found.location.tag, found.location.element) == ("HUB-1029", "GS", 6)


def test_a_ta1_repeats_a_date_and_a_time_that_do_not_exist() -> None:
    (interchange,) = cut(NOTED.replace(b"905*260122*1430", b"905*262222*3339"))
    assert interchange.all_findings == []


@pytest.mark.parametrize(("right", "old", "new", "code", "severity", "tag", "element"), CASES)
def test_each_fault_is_found_alone_and_at_its_place(
    right: bytes, old: bytes, new: bytes, code: str, severity: str, tag: str, element: int
) -> None:
    (interchange,) = cut(right)
    assert interchange.all_findings == []
    payload = right.replace(old, new, 1)
    assert payload != right
    (interchange,) = cut(payload)
    (found,) = interchange.all_findings
    place = found.location
    assert (found.code, found.severity, place.tag, place.element) == (code, severity, tag, element)
    assert place.offset is not None
    assert payload[place.offset :].decode().startswith(found.value or "") or place.component is not None


def test_every_code_of_the_envelope_has_its_case() -> None:
    assert {code for *_, code, _, _, _ in CASES} == {row.code for row in envelope.ROWS} | {"HUB-1030"}


def test_functional_ids_are_those_of_the_directories() -> None:
    for name in directories("x12"):
        for type_ in directory(f"x12-{name}").types():
            made = directory(f"x12-{name}").message(type_, exact=True)
            assert made is not None
            assert FUNCTIONAL_IDS[type_] == made.functional_id


def test_other_forms_that_the_trade_sends_are_fine() -> None:
    (interchange,) = cut(edifact(ORDERS).replace(b"+260122:1430", b"+20260122:143059"))
    assert interchange.all_findings == []
    (interchange,) = cut(x12(ORDER, version="003040").replace(b"*20260122*1430*77", b"*260122*143059*77"))
    assert interchange.all_findings == []


def test_services_of_networks_may_stand_before_the_group() -> None:
    (interchange,) = cut(PAYLOAD.replace(b"GS*PO*", b"ISB*1~\nISE*200601*0515*04~\nGS*PO*"))
    assert interchange.all_findings == []
    (interchange,) = cut(PAYLOAD.replace(b"GS*PO*", b"ISB*1~\nXYZ*1~\nGS*PO*"))
    assert [each.code for each in interchange.all_findings] == ["HUB-1025"]


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (b"*260122*1430*U", b"*260231*1430*U", b"*E*014~"),
        (b"*260122*1430*U", b"*260122*2430*U", b"*E*015~"),
        (b"*1*T*", b"*1*Q*", b"*E*020~"),
        (b"*1*T*", b"*1*T*", b"*A*000~"),
    ],
)
def test_the_ta1_names_it(old: bytes, new: bytes, note: bytes) -> None:
    payload = x12(ORDER, ask="1").replace(old, new, 1)
    (interchange,) = cut(payload)
    written = acknowledge(interchange, list(check_messages(payload, interchange)), at=AT) or b""
    assert note in written.split(b"TA1", 1)[1].replace(b"\n", b"")[:60]


@pytest.mark.parametrize(("kind", "said"), [("997", b"AK5*E*6~"), ("999", b"IK5*E*18~")])
def test_a_message_of_another_group_is_told_in_its_acknowledgement(kind: str, said: bytes) -> None:
    payload = PAYLOAD_5010.replace(b"GS*PO*", b"GS*OW*")
    (interchange,) = cut(payload)
    written = acknowledge(interchange, list(check_messages(payload, interchange)), kind=kind, at=AT) or b""
    assert said in written.replace(b"\n", b"")
