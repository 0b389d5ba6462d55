"""Codecs from text to value and back, with the spelling a partner chose; functions beside a mapping; repetitions."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.canonical import Moment, Order
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.mapping.samples import rewritten, run_sample
from hub.mapping.variants import strip
from tests.unit.edi import ORDERS, edifact, messages

MAPPINGS = Path(__file__).parents[2] / "mappings"


def mapping(fields: str, tmp_path: Path, hook: bytes = b"") -> Mapping:
    spec = f"mapping: json/shop\ndocument: Order\nfields:\n  number: n\n{fields}\n".encode()
    files = {"json/shop.yaml": spec} | ({"json/shop.py": hook} if hook else {})
    return Library(files=files, cache=tmp_path).get("json/shop")


@pytest.mark.parametrize(
    ("rule", "tree", "path", "value", "written"),
    [
        ("currency: a | upper", {"a": "usd"}, "currency", "USD", {"a": "USD"}),
        ("currency: a | pad 6 0", {"a": "000042"}, "currency", "42", {"a": "000042"}),
        ("currency: a | pad 6 0", {"a": "42"}, "currency", "42", {"a": "000042"}),
        ("currency: a | pad 5 x", {"a": "xxAB"}, "currency", "AB", {"a": "xxxAB"}),
        ("currency: a | zone", {"a": "ET"}, "currency", "America/New_York", {"a": "ET"}),
        ("currency: a | zone", {"a": "01"}, "currency", "+01:00", {"a": "01"}),
        ("currency: a | time", {"a": "1430"}, "currency", "14:30", {"a": "1430"}),
        ("total: a | decimal implied 2", {"a": "1250"}, "total", Decimal("12.50"), {"a": "1250"}),
        ("total: a | decimal implied 2 | pad 9 0", {"a": "000001250"}, "total", Decimal("12.50"),
         {"a": "000001250"}),
        ("total: a | decimal comma", {"a": "12,5"}, "total", Decimal("12.5"), {"a": "12,5"}),
        ("issued: a | date", {"a": "260122"}, "issued", Moment(date="2026-01-22"), {"a": "20260122"}),
        ("issued: a + b | dtm", {"a": "202601221430+0100", "b": "205"}, "issued",
         Moment(date="2026-01-22", time="14:30", zone="+01:00"), {"a": "202601221430+0100", "b": "205"}),
        ("issued: a + b | dtm", {"a": "20260122143005CET", "b": "304"}, "issued",
         Moment(date="2026-01-22", time="14:30:05", zone="CET"), {"a": "20260122143005CET", "b": "304"}),
        ("issued: a + b + c | moment", {"a": "20260122", "b": "1430", "c": "PT"}, "issued",
         Moment(date="2026-01-22", time="14:30", zone="America/Los_Angeles"),
         {"a": "20260122", "b": "1430", "c": "PT"}),
        ("currency: a | default EUR", {}, "currency", "EUR", {"a": "EUR"}),
        ("currency: a | default EUR omit", {}, "currency", "EUR", {}),
    ],
)  # fmt: skip
def test_a_codec_there_and_back(
    rule: str, tree: dict[str, Any], path: str, value: object, written: dict[str, Any], tmp_path: Path
) -> None:
    one = mapping(f"  {rule}", tmp_path)
    reading = one.read_tree({"n": "1", **tree})
    assert reading.findings == []
    assert reading.document is not None
    assert getattr(reading.document, path) == value
    assert one.write_tree(reading.document).tree == {"n": "1", **({**written, **tree})}
    assert one.write_tree(strip(reading.document)).tree == {"n": "1", **written}


@pytest.mark.parametrize("form", ["801", "720"])
def test_a_span_without_a_day_is_no_moment_and_holds(form: str, tmp_path: Path) -> None:
    reading = mapping("  issued: a + b | dtm", tmp_path).read_tree({"n": "1", "a": "202604", "b": form})
    assert reading.document is None
    assert [found.code for found in reading.findings] == ["HUB-3203"]


def test_a_week_goes_back_as_a_week_and_elsewhere_as_its_days(tmp_path: Path) -> None:
    one = mapping("  issued: a + b | dtm", tmp_path)
    document = one.read_tree({"n": "1", "a": "202604", "b": "616"}).document
    assert isinstance(document, Order)
    assert document.issued == Moment(date="2026-01-19", until=Moment(date="2026-01-25"))
    assert one.write_tree(document).tree == {"n": "1", "a": "202604", "b": "616"}
    assert one.write_tree(strip(document)).tree == {"n": "1", "a": "2026011920260125", "b": "718"}
    other = mapping("  issued: a | iso", tmp_path).write_tree(strip(document))
    assert other.tree == {"n": "1", "a": "2026-01-19"}
    assert [(found.code, found.severity) for found in other.findings] == [("HUB-3228", "warn")]


def test_a_changed_value_forgets_how_the_old_one_was_spelled(tmp_path: Path) -> None:
    one = mapping("  total: a | decimal", tmp_path)
    document = one.read_tree({"n": "1", "a": "+12.50"}).document
    assert isinstance(document, Order)
    assert one.write_tree(document).tree["a"] == "+12.50"
    document.total = Decimal("13")
    assert one.write_tree(document).tree["a"] == "13"


HOOK = b"def price(text):\n    return text.removeprefix('$')\n\ndef dollars(value):\n    return f'${value}'\n"


def test_functions_beside_a_json_mapping(tmp_path: Path) -> None:
    one = mapping("  currency: a | call price dollars", tmp_path, HOOK)
    document = one.read_tree({"n": "1", "a": "$5"}).document
    assert isinstance(document, Order)
    assert document.currency == "5"
    assert one.write_tree(document).tree == {"n": "1", "a": "$5"}


def test_a_function_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='no function "dolars"; did you mean "dollars"'):
        mapping("  currency: a | call price dolars", tmp_path, HOOK).read_tree({})


def test_repetitions_no_rule_reads_are_kept_and_written_back() -> None:
    one = Library([MAPPINGS]).get("edifact/ORDERS")
    segments = [*ORDERS[:2], "NAD+BY+4012345000009::9", "CTA+IC", "COM+030 1234:TE*a@b.example:EM", *ORDERS[2:]]
    payload = edifact(segments, version="D:01B", syntax="UNOC:4")
    [message] = messages(payload)
    assert message.separators.repetition == "*"
    document = one.read(message).document
    assert document is not None
    written = rewritten(message, one.write(document, "D.01B").segments)
    assert written.segments[5] == message.segments[5]
    [sampled] = run_sample(one, payload)
    assert (sampled.written, sampled.lost) == ("identical", [])


@pytest.mark.parametrize(
    ("terms", "written"),
    [
        (["TOD+3", "LOC+1+DEHAM"], "place"),
        (["TOD", "LOC+1+DEHAM"], "place"),
        (["TOD+6", "LOC+1+DEHAM"], "place"),
        (["TOD+3"], None),
        (["TOD+6++DAP", "LOC+1+DEHAM"], "both"),
    ],
)
def test_terms_of_delivery_may_have_a_place_alone(terms: list[str], written: str | None) -> None:
    one = Library([MAPPINGS]).get("edifact/ORDERS")
    [message] = messages(edifact([*ORDERS[:2], *terms, *ORDERS[2:]]))
    document = one.read(message).document
    assert isinstance(document, Order)
    found = document.delivery_terms
    assert (found.place.id if found and found.place else None) == ("DEHAM" if written else None)
    again = [segment for segment in one.write(document, "D.96A").segments if segment[0] in ("TOD", "LOC")]
    assert ["TOD", "3"] not in again or terms[0] in ("TOD", "TOD+3")
    alone = one.write(strip(document), "D.96A").segments
    assert (["TOD", "3"] in alone) == (written == "place")
    back = one.read(rewritten(message, alone)).document
    assert back is not None
    assert strip(back) == strip(document)
    if written == "place":
        assert back == strip(document)
