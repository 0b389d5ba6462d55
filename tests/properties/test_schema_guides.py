"""Guides over random and damaged messages: nothing is raised, they only take away what they allow, and they find it."""

from random import Random

import pytest

from hub.schema import check, definition
from hub.schema.guide import Guide
from hub.schema.guide_check import check_guide
from hub.schema.guide_file import read_guide
from hub.syntax import Separators
from tests.properties.edi_messages import EDIFACT, EDIFACT_4, ODD, X12, damage, random_message

GUIDES = {
    "x12/004010/850": """
rules:
  BEG01: {codes: ["00"]}
  REF: mandatory
  REF(DP)02: {length: 3}
  PO1: {max: 1}
  PO1/PID: {min: 1, max: 200000}
  PO103: {codes+: [XX]}
  PO1(06=UP)07: {length: 1..60}
  N1(ST)/N3: optional
  DTM: forbidden
  BEG: optional
  BEG05: optional
segments:
  PO1/ZZ1: {max: 1, elements: [AN 1..5 mandatory, R 1..9]}
  W05: {}
together:
  - {if: BEG02 = NE, require: REF(CT)}
  - {in: PO1, if: PO103, forbid: PO1/SLN}
  - {if: PO106, require: PO107}
""",
    "edifact/d96a/ORDERS": """
rules:
  BGM01: {codes: [220]}
  DTM(137)01-3: {value: 102}
  RFF: mandatory
  LIN: {max: 1}
  LIN/QTY(21): mandatory
  NAD(BY)02-1: {length: 13}
  UNS: optional
  FTX: forbidden
segments:
  LIN/ZZZ: {max: 2, elements: [an..35]}
together:
  - {in: LIN, if: LIN03-2 = EN, require: QTY(21)}
""",
}
CASES = [("x12/004010/850", X12), ("x12/004010/850", ODD), ("edifact/d96a/ORDERS", EDIFACT)]
CASES += [("edifact/d96a/ORDERS", EDIFACT_4)]
PRESENT = {"x12/004010/850": ("REF", "DTM"), "edifact/d96a/ORDERS": ("RFF", "FTX")}


def guide(reference: str) -> Guide:
    return read_guide(f"guide: {reference}{GUIDES[reference]}".encode(), "random.yaml", "random")


@pytest.mark.parametrize(("reference", "separators"), CASES, ids=str)
def test_a_guide_takes_away_and_adds_what_it_says(reference: str, separators: Separators) -> None:
    random = Random(f"{reference}{separators}")  # noqa: S311 - repeatable, not secret
    standard, version, type_ = reference.split("/")
    made, ours = definition(standard, version, type_), guide(reference)
    bare = ours._replace(rules=(), extras=(), together=())
    assert made is not None
    required, forbidden = PRESENT[reference]
    taken = 0
    for _ in range(30):
        right = random_message(random, made, separators)
        for message in [right, *(damage(random, right, made) for _ in range(4))]:
            found, left = check(message, made), check(message, made, guide=ours)
            assert check(message, made, guide=bare) == found
            assert [each for each in found if each in left] == left
            taken += len(found) - len(left)
            against = check_guide(message, made, ours)
            assert check_guide(message, made, bare) == []
            assert all(each.code.startswith("HUB-331") for each in against)
            tags = [segment[0] for segment in message.segments]
            told = {(each.code, each.location.tag) for each in against}
            if len(against) < 1000:
                assert (("HUB-3310", required) in told) == (required not in tags)
                assert sum(each.location.tag == forbidden for each in against if each.code == "HUB-3311") == tags.count(
                    forbidden
                )
    assert taken > 0
