"""Every message type the trade uses is checked in every release, by its own directory or by the nearest that has it."""

import pytest

from hub.acknowledgement import check_messages
from hub.schema import definition
from hub.schema.directory import directories, directory
from hub.syntax import cut
from tests.unit.edi import ORDER, edifact, x12


def words(text: str) -> list[str]:
    return text.split()


X12_TYPES = words(
    "810 812 816 820 824 830 832 846 850 852 855 856 857 860 861 862 864 865 867 869 870 875 876 880 940 "
    "943 944 945 947 180 204 210 214 990 753 754 997 999"
)
ONE_RELEASE = {"753": "005010", "754": "005010", "999": "005010", "857": "004010", "876": "004010"}
ONE_RELEASE |= {"830": "004010", "862": "004010"}
RELEASES = words("003040 003050 003060 003070 004010 004020 004030 004040 004050 004060 005010 005020 005030 006010")
RELEASES += words("006020 006030 006040 007010 007020 007030 007040 007050 007060 008010")
EDIFACT_TYPES = words(
    "ORDERS ORDRSP ORDCHG OSTRPT DESADV RECADV INVOIC REMADV INVRPT SLSRPT SLSFCT DELFOR DELJIT PRICAT "
    "PARTIN IFTMIN IFTMBF IFTMBC IFTMCS IFTSTA INSDES HANMOV RETANN RETINS APERAK GENRAL"
)


def nearest(release: str) -> str:
    return "004010" if release < "004060" or release == "004060" else "005010"


@pytest.mark.parametrize("type_", X12_TYPES)
def test_x12_types_are_served_in_every_release(type_: str) -> None:
    for release in RELEASES:
        made = definition("x12", release, type_)
        assert made is not None, release
        expected = ONE_RELEASE.get(type_) or nearest(release)
        assert (made.version, made.exact) == (expected, release == expected), release


@pytest.mark.parametrize("suffix", ["VICS", "UCS", "X231A1", "AIAG", ""])
def test_industry_suffixes_are_the_release(suffix: str) -> None:
    made = definition("x12", f"004010{suffix}", "850")
    assert made is not None
    assert (made.version, made.exact) == ("004010", True)


@pytest.mark.parametrize("type_", EDIFACT_TYPES)
def test_edifact_types_are_served_in_every_directory(type_: str) -> None:
    for version in [*directories("edifact"), "D.95B", "D.99A", "D.02A", "D.05B", "D.16A", "D.20B", "D.24A", "S.93A"]:
        made = definition("edifact", version, type_)
        assert made is not None, version
        there = version in directories("edifact") and type_ in directory(f"edifact-{version.lower()}").types()
        assert made.exact == there
        assert not there or made.version == version


@pytest.mark.parametrize("version", ["1", "2", "3", "4", "D.3", "D.96A", "4.1"])
def test_contrl_is_served_by_the_service_directories(version: str) -> None:
    made = definition("edifact", version, "CONTRL")
    assert made is not None
    assert made.version == ("4" if version.startswith("4") else "3")


@pytest.mark.parametrize("name", ["x12-004010", "x12-005010"])
def test_the_816_allows_what_its_table_says(name: str) -> None:
    made = directory(name).message("816", exact=True)
    assert made is not None
    assert made.functional_id == "OR"
    stores = [
        "BHT*0001*00*1*20260122",
        "N1*BY*CHAIN*92*01",
        "HL*1**20*1",
        "N1*BT*HQ*92*01",
        "HL*2*1*21",
        "N1*ST*S*92*02",
    ]
    payload = x12(stores, type="816", group="OR", version=name.removeprefix("x12-"))
    (interchange,) = cut(payload)
    assert [each.findings for each in check_messages(payload, interchange)] == [[]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ORDERS:D:96A:UN:EAN008", []),
        ("ORDERS:D:96A:UN:EAN008B", ["HUB-2025"]),
        ("ORDERS:D: 96A:UN", ["HUB-2025"]),
        ("ORDERS:D:96A:EN", []),
        ("ORDERS:D:01B:UN:EAN010", []),
    ],
)
def test_association_codes_and_agencies_are_tolerated(kind: str, expected: list[str]) -> None:
    body = ["BGM+220+PO1+9", "DTM+137:20260122:102", "LIN+1++4000862141404:EN", "QTY+21:5", "UNS+S"]
    payload = edifact(body).replace(b"ORDERS:D:96A:UN", kind.encode())
    (interchange,) = cut(payload)
    (result,) = check_messages(payload, interchange)
    assert [each.code for each in result.findings] == expected
    assert {each.severity for each in result.findings} <= {"warn"}


@pytest.mark.parametrize("version", ["003040", "004030", "006020", "008010"])
def test_a_release_that_is_not_here_says_so(version: str) -> None:
    payload = x12(ORDER, version=version)
    (interchange,) = cut(payload)
    (result,) = check_messages(payload, interchange)
    (said,) = [each for each in result.findings if each.code == "HUB-2002"]
    assert (said.value, said.severity) == (version, "warn")
    assert (said.expected or "") in said.message
