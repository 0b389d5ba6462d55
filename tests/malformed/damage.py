"""Damage done to good interchanges, kind after kind: hundreds of payloads, each named by what was done."""

import gzip
import io
import zipfile
from collections.abc import Iterator

X12 = (
    b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *260122*1430*^*00501*000000007*0*P*>~"
    b"GS*PO*BLUEBIRD*NORTHWIND*20260122*1430*1*X*005010~ST*850*0001~BEG*00*SA*PO-1**20260122~REF*DP*1>2^3>4~SE*4*0001~"
    b"ST*850*0002~BEG*00*SA*PO-2**20260122~SE*3*0002~GE*2*1~IEA*1*000000007~"
)
EDIFACT = (
    b"UNA:+.? 'UNB+UNOC:3+4012345000009:14+4012345000016:14+260122:1430+REF1'"
    b"UNG+ORDERS+A:14+B:14+260122:1430+1+UN+D:96A'"
    b"UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'FTX+AAI+++it?'s 1?+1'UNT+4+1'UNH+2+ORDERS:D:96A:UN'BGM+220+PO-2+9'UNT+3+2'"
    b"UNE+2+1'UNZ+1+REF1'"
)
ISA_LENGTH = 106
UNB_END = EDIFACT.index(b"UNG")
SYNTAXES = [f"UNO{letter}" for letter in "ABCDEFGHIJKLWXYZ"] + ["", "unoc", "KECA"]
TEXTS = {
    "ascii": b"ABC abc",
    "latin-1": "Müller".encode("latin-1"),
    "utf-8": "Müller € 東".encode(),
    "windows-1252": "€ ™ Š".encode("cp1252"),
    "latin-2": "Łódź Škoda".encode("iso8859-2"),
    "cyrillic": "Москва".encode("iso8859-5"),
    "every-high-byte": bytes(range(0x80, 0x100)),
    "broken-utf-8": b"\xc3\x28\xe2\x82",
}


def cases() -> Iterator[tuple[str, bytes]]:
    """Name and payload of each."""
    for standard, payload, header in (("x12", X12, ISA_LENGTH), ("edifact", EDIFACT, UNB_END)):
        yield f"{standard}/good", payload
        yield from _cut_short(standard, payload, header)
        yield from _bytes_of_header(standard, payload, header)
        yield from _segments(standard, payload)
        yield from _between(standard, payload)
        yield from _around(standard, payload)
    yield from _widths()
    yield from _marks()
    yield from _trailers()
    yield from _charsets()
    yield from _releases()
    yield from _foreign()


def _cut_short(standard: str, payload: bytes, header: int) -> Iterator[tuple[str, bytes]]:
    """Truncated behind every byte of the header, and at every segment's start, end and middle behind it."""
    for length in range(1, header + 1):
        yield f"{standard}/cut-behind-byte-{length:03}", payload[:length]
    end = payload[header - 1 : header]
    places = [at for at in range(header, len(payload)) if payload[at : at + 1] == end]
    for number, at in enumerate(places[:-1], 1):
        yield f"{standard}/cut-before-terminator-{number}", payload[:at]
        yield f"{standard}/cut-behind-terminator-{number}", payload[: at + 1]
        yield f"{standard}/cut-in-tag-{number}", payload[: at + 3]


def _bytes_of_header(standard: str, payload: bytes, header: int) -> Iterator[tuple[str, bytes]]:
    """Each byte of the header gone, or another."""
    for at in range(header):
        yield f"{standard}/without-byte-{at:03}", payload[:at] + payload[at + 1 :]
    for at in range(0, header, 7):
        yield f"{standard}/nul-at-byte-{at:03}", payload[:at] + b"\x00" + payload[at + 1 :]
        yield f"{standard}/line-break-before-byte-{at:03}", payload[:at] + b"\r\n" + payload[at:]


def _segments(standard: str, payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Each segment left out, twice, or behind its neighbour."""
    end = b"~" if standard == "x12" else b"'"
    parts = [part + end for part in payload.replace(b"?'", b"\x01").split(end)[:-1]]
    parts = [part.replace(b"\x01", b"?'") for part in parts]
    for number, part in enumerate(parts):
        tag = part[:3].decode().strip("*+:")
        name = f"{number + 1:02}-{tag}"
        yield f"{standard}/without-segment-{name}", b"".join(parts[:number] + parts[number + 1 :])
        yield f"{standard}/twice-segment-{name}", b"".join([*parts[:number], part, *parts[number:]])
        if number + 1 < len(parts):
            swapped = [*parts[:number], parts[number + 1], part, *parts[number + 2 :]]
            yield f"{standard}/swapped-segment-{name}", b"".join(swapped)


def _between(standard: str, payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Something between all segments, as mail gateways and editors leave it."""
    end = b"~" if standard == "x12" else b"'"
    for name, mark in (("lf", b"\n"), ("crlf", b"\r\n"), ("cr", b"\r"), ("blanks", b"   "), ("tab", b"\t")):
        yield f"{standard}/{name}-behind-segments", payload.replace(end, end + mark)
    for name, mark in (("nul", b"\x00"), ("sub", b"\x1a"), ("empty", end), ("bom", b"\xef\xbb\xbf"), ("letter", b"X")):
        yield f"{standard}/{name}-behind-segments", payload.replace(end, end + mark)
    for width in (72, 80, 128):
        lines = [payload[at : at + width] for at in range(0, len(payload), width)]
        yield f"{standard}/lines-of-{width}", b"\n".join(lines)
        yield f"{standard}/records-of-{width}", b"\r\n".join(line.ljust(width) for line in lines)


def _around(standard: str, payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Before, behind and around the whole."""
    yield f"{standard}/bom", b"\xef\xbb\xbf" + payload
    yield f"{standard}/two-boms", b"\xef\xbb\xbf" * 2 + payload
    yield f"{standard}/mail-before", b"Dear partner, see below.\n\n" + payload
    yield f"{standard}/mail-behind", payload + b"\n-- \nSent from my phone\n"
    yield f"{standard}/blanks-before", b" \r\n\t" * 50 + payload
    yield f"{standard}/padding-behind", payload + b"\x00" * 500 + b"\x1a" * 20
    yield f"{standard}/twice", payload + payload
    yield f"{standard}/quoted", b'"' + payload + b'"'
    yield f"{standard}/utf-16-le", payload.decode().encode("utf-16-le")
    yield f"{standard}/utf-16-be", payload.decode().encode("utf-16-be")
    yield f"{standard}/utf-16-bom", payload.decode().encode("utf-16")
    yield f"{standard}/utf-32", payload.decode().encode("utf-32")
    yield f"{standard}/ebcdic", payload.decode().encode("cp037")
    yield f"{standard}/base64", b"SVNBKjAwKg==" if standard == "x12" else b"VU5BOisuPyAn"
    yield f"{standard}/small-letters", payload.lower()
    yield f"{standard}/reversed", payload[::-1]
    yield f"{standard}/inside-html", b"<html><body><pre>" + payload + b"</pre></body></html>"
    yield f"{standard}/inside-json", b'{"edi": "' + payload + b'"}'


def _widths() -> Iterator[tuple[str, bytes]]:
    """Each ISA element one character too short or too long."""
    parts = X12[:ISA_LENGTH].split(b"*")
    for number in range(1, 16):
        for name, value in (("short", parts[number][:-1]), ("long", parts[number] + b"0"), ("empty", b"")):
            changed = [*parts[:number], value, *parts[number + 1 :]]
            yield f"x12/isa{number:02}-{name}", b"*".join(changed) + X12[ISA_LENGTH:]


def _marks() -> Iterator[tuple[str, bytes]]:
    """One character for two separators; separators that are letters, digits, blanks, line breaks or beyond ASCII."""
    x12 = {"element": b"*", "component": b">", "repetition": b"^", "terminator": b"~"}
    for one, mark in x12.items():
        for other, taken in x12.items():
            if one != other:
                yield f"x12/{one}-is-{other}", X12.replace(mark, taken)
    una = {"component": b":", "element": b"+", "release": b"?", "terminator": b"'"}
    for one, mark in una.items():
        for other, taken in una.items():
            if one != other:
                yield f"edifact/{one}-is-{other}", EDIFACT.replace(mark, taken)
    for name, made in (
        ("letter", b"A"),
        ("digit", b"1"),
        ("blank", b" "),
        ("lf", b"\n"),
        ("high", b"\xa7"),
        ("nul", b"\0"),
    ):
        for one, mark in x12.items():
            yield f"x12/{one}-is-{name}", X12.replace(mark, made)
        for one, mark in una.items():
            yield f"edifact/{one}-is-{name}", EDIFACT.replace(mark, made)


def _trailers() -> Iterator[tuple[str, bytes]]:
    """Counts and control numbers that are wrong in each of the ways people get them wrong."""
    counts = {"none": b"", "less": b"0", "letters": b"A", "huge": b"9" * 30, "signed": b"+2", "padded": b"0002"}
    x12 = ((b"SE*", b"4", b"*", b"0001"), (b"GE*", b"2", b"*", b"1"), (b"IEA*", b"1", b"*", b"000000007"))
    edifact = ((b"UNT+", b"4", b"+", b"1"), (b"UNE+", b"2", b"+", b"1"), (b"UNZ+", b"1", b"+", b"REF1"))
    for standard, payload, trailers in (("x12", X12, x12), ("edifact", EDIFACT, edifact)):
        for tag, right, mark, number in trailers:
            name, whole = tag[:-1].decode().lower(), tag + right + mark + number
            for fault, count in counts.items():
                yield f"{standard}/{name}-count-{fault}", payload.replace(whole, tag + count + mark + number)
            for fault, other in {"missing": b"", "other": b"999", "blank": b"   "}.items():
                yield f"{standard}/{name}-number-{fault}", payload.replace(whole, tag + right + mark + other)
            yield f"{standard}/{name}-alone", payload.replace(whole, tag[:-1])


def _charsets() -> Iterator[tuple[str, bytes]]:
    """Each syntax identifier over each kind of text."""
    for syntax in SYNTAXES:
        for name, text in TEXTS.items():
            changed = EDIFACT.replace(b"UNOC", syntax.encode()).replace(b"it?'s", text)
            yield f"charset/{syntax or 'none'}-over-{name}", changed
    for name, text in TEXTS.items():
        yield f"charset/x12-over-{name}", X12.replace(b"SA*PO-1", b"SA*" + text)


def _releases() -> Iterator[tuple[str, bytes]]:
    """Release characters where they release nothing, or the wrong thing."""
    places = {
        "tag": b"BGM",
        "element": b"BGM+220",
        "segment": b"PO-1+9",
        "unt": b"UNT+4",
        "unz": b"UNZ+1",
        "unb": b"REF1",
    }
    for name, before in places.items():
        for count in (1, 2, 3):
            yield f"edifact/{count}-releases-behind-{name}", EDIFACT.replace(before, before + b"?" * count, 1)
    yield "edifact/release-at-end", EDIFACT + b"?"
    yield "edifact/releases-only", b"UNB+" + b"?" * 1000


def _foreign() -> Iterator[tuple[str, bytes]]:
    """Other things that end up in an EDI mailbox."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("order.edi"), X12)
    starts = {
        "zip": archive.getvalue(),
        "gzip": gzip.compress(X12, mtime=0),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "xlsx": archive.getvalue()[:40],
        "mime": b"Content-Type: application/edi-x12\r\n\r\n" + X12,
        "mail": b"From: a@example.com\nSubject: order\n\nplease send ten\n",
        "html": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        "text": b"ORDER NO 4711\nQTY 10\n",
        "csv": b"sku;quantity\nA;1\n",
        "tradacoms": b"STX=ANA:1+5000000000000:A+5010000000000:B+260122:143000+1'MHD=1+ORDHDR:9'MTR=2'END=1'",
        "hl7": b"MSH|^~\\&|SEND|FAC|RECV|FAC|20260122||ADT^A01|1|P|2.5\rPID|1\r",
        "idoc": b"EDI_DC40  1000000000000012345740 3012",
        "fixed": b"HDR0001ORDER     20260122\nLIN0001ITEM      00010\n",
        "binary": bytes(range(256)) * 4,
        "empty-object": b"{}",
        "json-cut-short": b'{"order": [1, 2',
        "json-trailing-comma": b'{"order": [1, 2,]}',
        "json-single-quotes": b"{'order': 1}",
        "json-bom": b'\xef\xbb\xbf{"order": 1}',
        "json-twice": b'{"order": 1}{"order": 2}',
        "json-lines": b'{"order": 1}\n{"order": 2}\n',
        "json-infinity": b'{"order": -Infinity}',
        "json-control": b'{"order": "a\x01b"}',
        "xml-cut-short": b"<order><line>",
        "xml-two-roots": b"<order/><order/>",
        "xml-latin-1-undeclared": "<order>Müller</order>".encode("latin-1"),
        "xml-unknown-encoding": b'<?xml version="1.0" encoding="klingon"?><order/>',
        "xml-utf-16": '<?xml version="1.0" encoding="utf-16"?><order/>'.encode("utf-16"),
        "xml-control": b"<order>&#1;</order>",
        "xml-entity": b"<order>&undeclared;</order>",
        "nothing": b"",
        "one-byte": b"I",
        "line-breaks": b"\r\n" * 100,
        "nuls": b"\x00" * 100,
    }
    for name, payload in starts.items():
        yield f"foreign/{name}", payload
