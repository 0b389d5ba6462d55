"""The JSON Schema of mapping files: every shipped mapping fits it, typical slips do not."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hub.mapping.faults import mapping_files
from hub.mapping.spec import Spec, Text, load
from hub.mapping.spec_schema import spec_schema

ROOT = Path(__file__).parents[2]
FILES = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "mappings").rglob("*.yaml")}
MAPPINGS = sorted(path for paths in mapping_files(FILES).values() for path in paths)


@cache
def validator() -> Any:
    jsonschema.Draft7Validator.check_schema(spec_schema())
    return jsonschema.Draft7Validator(spec_schema())


def validate(spec: Any) -> None:
    validator().validate(spec)


def plain(spec: Spec) -> Any:
    """What an editor sees: texts, lists, objects."""
    if isinstance(spec, dict):
        return {str(key): plain(value) for key, value in spec.items()}
    return [plain(value) for value in spec] if isinstance(spec, list) else str(spec)


@pytest.mark.parametrize("path", MAPPINGS)
def test_a_shipped_mapping_fits(path: str) -> None:
    validate(plain(load(FILES[path], path)))


GOOD: dict[str, Any] = {
    "mapping": "x12/850-acme", "document": "Order", "versions": ["004010", 5010],
    "fields": {
        "number": "BEG03", "issued": "BEG05 | date",
        "lines": {"each": "PO1", "quantity": {"value": "PO102 | decimal", "unit": "PO103 | unit"}},
        "parties": [{"each": "N1(BY|ST)", "role": "N101 | code party-role open | only 004010"}],
    },
    "fixed": {"BEG01": 0}, "computed": {"CTT/CTT01": "count lines"},
}  # fmt: skip


def test_the_example_fits() -> None:
    validate(GOOD)
    validate({"mapping": "acme/850", "extends": "x12/850", "fields": {"release": "remove", "references+": []}})


@pytest.mark.parametrize(
    "slip",
    [
        {"document": "Ordre"},
        {"feilds": {}},
        {"mapping": "850"},
        {"fields": GOOD["fields"] | {"nubmer": "BEG03"}},
        {"fields": GOOD["fields"] | {"issued": "BEG05 | dte"}},
        {"fields": GOOD["fields"] | {"lines": {"each": "PO1", "qty": "PO102 | decimal"}}},
        {"fields": GOOD["fields"] | {"lines": "PO101"}},
        {"fields": GOOD["fields"] | {"parties": {"each": "N1", "fil": "one"}}},
        {"computed": {"CTT01": "number of lines"}},
        {"codes": {"status": {"codes": {"A": "accepted"}, "prefered": {"accepted": "A"}}}},
        {"versions": {"first": "004010"}},
    ],
)
def test_a_slip_does_not_fit(slip: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(GOOD | slip)


def test_what_is_missing_is_missed() -> None:
    for key in ("mapping", "document", "fields"):
        with pytest.raises(jsonschema.ValidationError):
            validate({name: value for name, value in GOOD.items() if name != key})


def test_the_line_for_editors_is_a_comment_to_the_hub() -> None:
    source = b"# yaml-language-server: $schema=../../docs/reference/mapping.schema.json\nmapping: x12/850-acme\n"
    assert load(source, "x")[Text("mapping")] == "x12/850-acme"
