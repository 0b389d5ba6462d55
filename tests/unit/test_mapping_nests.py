"""`each: LX/W12`: every W12 of every LX is a line, and what the LX says belongs to each of them."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hub.canonical import Quantity, Reference, ShipmentConfirmation, ShippedLine
from hub.mapping import Library, Mapping
from hub.mapping.compiled import emit
from hub.mapping.nests import Counts, ordinal
from tests.unit.edi import messages, x12

MAPPINGS = Path(__file__).parents[2] / "mappings"
BODY = (
    "LX*1~MAN*GM*00340123450000000018~MAN*CP*1Z999AA1~PAL*4~W12*CC*5*5*0*EA**VN*SKU-1~N9*LV*LPN1~W12*CC*2*2*0*EA**VN*SKU-2~"
    "LX*2~MAN*GM*00340123450000000025~W12*CP*10*6*4*EA**VN*SKU-3~"
)


@cache
def mapping() -> Mapping:
    return Library([MAPPINGS]).get("x12/945")


def read(body: str) -> ShipmentConfirmation:
    payload = x12(["W06*F*DO-2001*20240116*SHP-77", *body[:-1].split("~")], type="945", group="SW")
    document = mapping().read(messages(payload)[0]).document
    assert isinstance(document, ShipmentConfirmation)
    return document


def written(document: ShipmentConfirmation) -> str:
    writing = mapping().write(document, "004010")
    assert writing.findings == []
    return "".join("*".join(str(element) for element in segment) + "~" for segment in writing.segments[1:])


def test_every_inner_loop_is_an_item_and_shares_what_stands_around_it() -> None:
    lines = read(BODY).lines
    assert [line.item("vendor") for line in lines] == ["SKU-1", "SKU-2", "SKU-3"]
    assert [line.number for line in lines] == ["1", "1", "2"]
    assert [[entry.value for entry in line.references] for line in lines] == [
        ["00340123450000000018", "1Z999AA1"], ["00340123450000000018", "1Z999AA1"], ["00340123450000000025"],
    ]  # fmt: skip
    assert lines[0].references is not lines[1].references


def test_lines_go_back_into_their_outer_loop_with_what_was_not_read() -> None:
    assert written(read(BODY)) == BODY


def test_outer_loops_that_say_the_same_stay_two() -> None:
    body = "LX*1~MAN*CP*T1~W12*CC*5*5**EA**VN*A~LX*1~MAN*CP*T1~W12*CC*6*6**EA**VN*B~"
    assert written(read(body)) == body


def test_lines_of_other_marks_get_outer_loops_of_their_own() -> None:
    def line(number: str, mark: str, item: int) -> ShippedLine:
        return ShippedLine(
            number=number, status="complete", shipped=Quantity(value=Decimal(item)),
            references=[Reference(type="tracking", value=mark)],
        )  # fmt: skip

    document = ShipmentConfirmation(number="S", warehouse_order="W", purpose="original", lines=[
        line("1", "T1", 1), line("1", "T1", 2), line("1", "T2", 3), line("2", "T2", 4)])  # fmt: skip
    assert written(document) == (
        "LX*1~MAN*CP*T1~W12*CC**1~W12*CC**2~LX*1~MAN*CP*T2~W12*CC**3~LX*2~MAN*CP*T2~W12*CC**4~"
    )


def test_an_outer_loop_without_inner_one_is_kept_whole() -> None:
    body = "LX*1~W12*CC*5*5**EA**VN*A~LX*2~MAN*CP*T9~"
    document = read(body)
    assert len(document.lines) == 1
    assert written(document) == body


def test_lines_without_a_number_are_counted() -> None:
    document = ShipmentConfirmation(number="S", lines=[ShippedLine(status="complete"), ShippedLine(status="over")])
    assert written(document) == "LX*1~W12*CC~W12*CM~"


def test_the_fast_reader_and_writer_do_it_too() -> None:
    plan = mapping().plan("004010")
    assert "read_nest(" in emit(plan, "read")
    assert "write_nests(" in emit(plan, "write")


class Looked(list[list[str]]):
    """A list that tells how many of its entries were looked at."""

    looked = 0

    def __getitem__(self, at: Any) -> Any:
        self.looked += 1
        return super().__getitem__(at)


def test_segments_are_counted_once() -> None:
    counts: Counts = {}
    written, other = Looked(), Looked([["LX", "1"]])
    for number in range(1, 101):
        assert ordinal(counts, written, "LX") == str(number)
        written += [["LX", str(number)], ["W12"]]
    assert written.looked < 200
    assert ordinal(counts, other, "LX") == "2"
    del written[2:]
    assert ordinal(counts, written, "LX") == "2"
