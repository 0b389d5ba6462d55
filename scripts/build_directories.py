"""Build hub/schema/directories/ from plain JSON tables of X12 and UN/EDIFACT structures (see NOTICE for their sources).

Usage: python scripts/build_directories.py SOURCE TARGET

SOURCE holds x12/<release>/{sets,segments,composites,elements,codes}.json, x12/functional_groups.json,
edifact/<directory>/{messages,..}.json and edifact/service/v<n>.json. TARGET gets one JSON file per directory:

    messages    "850": {"functional_id": "PO", "slots": [slot, ..]}, a slot is [tag, min, max] or, where it opens a
                loop, [tag, min, max, loop name, [slot, ..]] with the trigger as the loop's own first slot
    segments    "PO1": {"elements": [[id, use] or [id, use, repeat], ..], "notes": ["P0607"], "inexact": true}
    composites  the same shape as segments
    elements    "373": [type, min, max]
    codes       "353": "00 01 02", values separated by one space

use is "M" or "O". An LS..LE pair and the loops between it become one loop "LS", because only LS may open it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

Table = dict[str, Any]
NOTES = {"RCD": {"P151603": "P151617", "P03050303": "P181920"}}
"""Syntax notes whose positions the tables garble."""

OPTIONAL = {("005010", "BGN", 8), ("005010", "C999", 2)}
"""(release, segment or composite, element) that the tables have as mandatory after one industry's guide."""

AS_TEXT = {("005010", "C999"): ("725", "725-AN", ["AN", 1, 4])}
"""(release, composite): the element that is no number there, its name and format: CTX06 may name a composite (C023)."""

OPEN_LISTS = ("0007", "0051")
"""Service elements whose lists are incomplete: partners agree on qualifiers and agencies of their own."""

PARTY = "N1 1 1, N2 0 2, N3 0 2, N4 0 1"
ORGANIZATIONS: list[Any] = [
    "ST 1 1, BHT 1 1, DTM 0 10, REF 0 12",
    ("N1", 1, [f"{PARTY}, PER 0 3, REF 0 12"]),
    ("HL", 1, ["HL 1 1", ("N1", 0, [f"{PARTY}, PER 0 *, REF 0 12, QTY 0 5, DTM 0 10, LQ 0 *, ASI 0 1"])]),
    "SE 1 1",
]
"""The 816, which the tables lack: "tag least most, ..", and (trigger, least, slots) for loops without a limit. Facts
agree in four published lists of releases 003040 to 006030; whether each HL must have an N1 differs, so it need not."""

SERVICE_TAGS = ("UNH", "UNS", "UNT", "UGH", "UGS")


def read(path: Path) -> Table:
    table: Table = json.loads(path.read_text("utf-8"))
    return table


def slots(items: list[Table]) -> list[list[Any]]:
    """The slots of one level; a bounded loop (LS, loops, LE) becomes one slot that opens the loop "LS"."""
    out: list[list[Any]] = []
    for item in items:
        least = 1 if item["req"] == "M" else 0
        if "segment" in item:
            out.append([item["segment"], least, item["max"]])
            continue
        inner = slots(item["items"])
        name = item.get("loop") or f"SG{item['group']}"
        out.append([inner[0][0], least, item["max"], item.get("id", name), inner])
    tags = [slot[0] for slot in out]
    while "LE" in tags:
        end = tags.index("LE")
        start = end - 1 - tags[:end][::-1].index("LS")
        bounded = [["LS", 1, 1], *out[start + 1 : end], ["LE", 1, 1]]
        out[start : end + 1] = [["LS", 0, out[start][2], "LS", bounded]]
        tags[start : end + 1] = ["(LS)"]
    return out


def written(rows: list[Any]) -> list[list[Any]]:
    """Slots from the short form of ORGANIZATIONS."""
    out: list[list[Any]] = []
    for row in rows:
        if isinstance(row, str):
            for tag, least, most in (each.split() for each in row.split(", ")):
                out.append([tag, int(least), 999999 if most == "*" else int(most)])
        else:
            trigger, least, inner = row
            out.append([trigger, least, 999999, trigger, written(inner)])
    return out


def shapes(table: Table) -> Table:
    """Segments or composites: their elements in order, with notes and the mark of facts from another release."""
    out: Table = {}
    for name, shape in sorted(table.items()):
        elements = []
        for element in shape["elements"]:
            row: list[Any] = [element["id"], "M" if element["req"] == "M" else "O"]
            repeat = element.get("repeat", element.get("max", 1))
            elements.append([*row, repeat] if repeat > 1 else row)
        out[name] = {"elements": elements}
        if shape.get("notes"):
            out[name]["notes"] = shape["notes"]
        if "from" in shape:
            out[name]["inexact"] = True
    return out


def edifact_format(text: str) -> list[Any]:
    """The type, minimum and maximum length: an..35 is ["an", 1, 35], n6 is ["n", 6, 6]."""
    match = re.fullmatch(r"(an|a|n)(\.\.)?(\d+)", text)
    if match is None:
        raise ValueError(f"not an EDIFACT format: {text!r}")
    most = int(match[3])
    return [match[1], 1 if match[2] else most, most]


def values(codes: Table) -> Table:
    out: Table = {}
    for element, listed in sorted(codes.items()):
        if any(" " in code or not code for code in listed):
            raise ValueError(f"element {element} has a code with a space in it")
        if listed and element not in OPEN_LISTS:
            out[element] = " ".join(sorted(listed))
    return out


def corrected(release: str, table: Table) -> Table:
    """An X12 table with the corrections above."""
    for name, shape in table.items():
        shape["notes"] = [NOTES.get(name, {}).get(note, note) for note in shape.get("notes", [])]
        for position, element in enumerate(shape["elements"], 1):
            if (release, name, position) in OPTIONAL:
                element["req"] = "O"
            if (release, name) in AS_TEXT and element["id"] == AS_TEXT[release, name][0]:
                element["id"] = AS_TEXT[release, name][1]
    return table


def x12(source: Path, release: str) -> Table:
    folder = source / "x12" / release
    messages = {
        name: {
            "functional_id": entry["functional_group"],
            "slots": slots([item for area in entry["areas"] for item in area["items"]]),
        }
        for name, entry in sorted(read(folder / "sets.json").items())
    }
    messages["816"] = {"functional_id": "OR", "slots": written(ORGANIZATIONS)}
    elements = read(folder / "elements.json")
    segments = corrected(release, read(folder / "segments.json"))
    if "BHT" not in segments:
        segments["BHT"] = read(source / "x12" / "004010" / "segments.json")["BHT"] | {"from": "004010"}
    return {
        "standard": "x12",
        "version": release,
        "messages": dict(sorted(messages.items())),
        "segments": shapes(segments),
        "composites": shapes(corrected(release, read(folder / "composites.json"))),
        "elements": {k: [e["type"], e["min"], min(e["max"], 999999)] for k, e in sorted(elements.items())}
        | {name: form for (at, _), (_, name, form) in AS_TEXT.items() if at == release},
        "codes": values(read(folder / "codes.json")),
    }


def formats(*parts: Table) -> Table:
    """The format of every element, from the elements tables and from where segments and composites use them."""
    out: Table = {}
    for part in parts:
        out |= {k: edifact_format(e["fmt"]) for k, e in part["elements"].items() if "fmt" in e}
        for shape in (*part["segments"].values(), *part["composites"].values()):
            out |= {e["id"]: edifact_format(e["fmt"]) for e in shape["elements"] if "fmt" in e}
    return dict(sorted(out.items()))


def edifact(version: str, tables: Table, service: Table | None) -> Table:
    """One directory; service gives UNH, UNS, UNT where the tables themselves leave them out."""
    segments, composites, parts = dict(tables["segments"]), dict(tables["composites"]), [tables]
    if service is not None:
        segments |= {tag: service["segments"][tag] for tag in SERVICE_TAGS}
        used = {e["id"] for tag in SERVICE_TAGS for e in service["segments"][tag]["elements"]}
        composites |= {name: shape for name, shape in service["composites"].items() if name in used}
        parts = [service, tables]
    messages = {name: {"slots": slots(entry["items"])} for name, entry in sorted(tables["messages"].items())}
    composite_shapes, segment_shapes = shapes(composites), shapes(segments)
    needed = {row[0] for shape in (composite_shapes | segment_shapes).values() for row in shape["elements"]}
    return {
        "standard": "edifact",
        "version": version,
        "messages": messages,
        "segments": segment_shapes,
        "composites": composite_shapes,
        "elements": {k: v for k, v in formats(*parts).items() if k in needed},
        "codes": values(tables["codes"]),
    }


def write(target: Path, name: str, directory: Table) -> None:
    """One key of each table per line, so that a change shows as a change of that line."""
    lines = [f'"standard":"{directory["standard"]}","version":"{directory["version"]}"']
    for table in ("messages", "segments", "composites", "elements", "codes"):
        rows = [
            f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in directory[table].items()
        ]
        lines.append(f'"{table}":{{\n' + ",\n".join(rows) + "}")
    (target / f"{name}.json").write_text("{" + ",\n".join(lines) + "}\n", "utf-8")


def main(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for folder in sorted((source / "x12").iterdir()):
        if folder.is_dir():
            write(target, f"x12-{folder.name}", x12(source, folder.name))
    service = {n: read(source / "edifact" / "service" / f"v{n}.json") for n in (1, 2, 3, 4)}
    for number, table in service.items():
        write(target, f"edifact-service-{number}", edifact(str(number), {"messages": {}} | table, None))
    for folder in sorted((source / "edifact").glob("D.*")):
        tables = {n: read(folder / f"{n}.json") for n in ("messages", "segments", "composites", "elements", "codes")}
        write(target, f"edifact-{folder.name.lower()}", edifact(folder.name, tables, service[4]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
