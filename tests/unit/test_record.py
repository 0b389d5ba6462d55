"""Records are dataclasses to whoever asks."""

import copy
import dataclasses
import pickle

import msgspec
import pytest

from hub.errors import Finding, finding
from hub.location import Location
from hub.record import Record, as_dict, replace


class Mark(Record, frozen=True):
    text: str
    size: int = 1


class Page(Record):
    first: Mark
    marks: list[Mark] = []
    names: dict[str, int] = {}


class Sheet(msgspec.Struct):
    page: Page
    found: list[Finding] = []


def test_fields_are_given_by_name_or_in_order() -> None:
    assert Mark("a", 2) == Mark(text="a", size=2) == Mark("a", size=2)
    assert (Mark("a").size, repr(Mark("a"))) == (1, "Mark(text='a', size=1)")


@pytest.mark.parametrize("given", [{}, {"text": "a", "width": 1}, {"size": 1, "width": 1}])
def test_others_than_its_fields_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=r"Mark has no value .*: .*(text|width)"):
        Mark(**given)  # type: ignore[arg-type]


def test_default_lists_are_nobody_elses() -> None:
    one, other = Page(Mark("a")), Page(Mark("a"))
    one.marks.append(Mark("b"))
    one.names["b"] = 1
    assert (other.marks, other.names) == ([], {})
    assert one != other


def test_frozen_ones_are_keys() -> None:
    assert {Mark("a"): 1}[Mark("a")] == 1
    assert {Location(segment=1): 1}[Location(segment=1)] == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(Page(Mark("a")))


def test_a_copy_may_differ() -> None:
    hash(mark := Mark("a"))
    assert replace(mark, size=3) == Mark("a", 3) == dataclasses.replace(mark, size=3)
    assert hash(replace(mark, size=3)) == hash(Mark("a", 3))
    assert as_dict(mark) == {"text": "a", "size": 1}


def test_msgspec_reads_and_writes_them() -> None:
    place = Location(message=1, segment=3, tag="PO1", offset=20)
    sheet = Sheet(Page(Mark("a"), [Mark("b", 2)]), [finding("HUB-2020", location=place, value="x")])
    for form in (msgspec.json, msgspec.msgpack):
        assert form.decode(form.encode(sheet), type=Sheet) == sheet
    assert msgspec.to_builtins(sheet.page) == {
        "first": {"text": "a", "size": 1},
        "marks": [{"text": "b", "size": 2}],
        "names": {},
    }
    with pytest.raises(msgspec.ValidationError, match="text"):
        msgspec.json.decode(b'{"page": {"first": {"size": 1}}}', type=Sheet)


def test_they_are_copied_and_pickled() -> None:
    page = Page(Mark("a"), [Mark("b")])
    assert copy.deepcopy(page) == page == pickle.loads(pickle.dumps(page))  # noqa: S301 - our own
