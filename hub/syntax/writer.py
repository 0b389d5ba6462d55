"""From segments to the bytes of one interchange, valid by construction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from hub.errors import DataError
from hub.location import Location
from hub.syntax.charset import ASCII_ONLY, UNOX
from hub.syntax.model import EDIFACT_SEPARATORS, X12_SEPARATORS, Element, Separators

_REPETITION_FROM = "00402"
_UNA = EDIFACT_SEPARATORS


class OutMessage(msgspec.Struct, kw_only=True):
    """A message to write: segments as lists of elements, tag first, without ST/SE and UNH/UNT.

    version: "004010", "D.96A". control_number: ST02 or UNH 0062. association: UNH 0057; ST03 in X12.
    """

    type: str
    version: str
    control_number: str
    segments: Sequence[Sequence[Element]]
    association: str | None = None


class OutGroup(msgspec.Struct, kw_only=True):
    """A group to write. functional_id None: messages without a group (EDIFACT only). sender, receiver: GS02 and GS03 as
    they stand there, or identities "qualifier:id" in UNG."""

    messages: Sequence[OutMessage]
    functional_id: str | None = None
    sender: str = ""
    receiver: str = ""
    control_number: str = "1"
    version: str = ""


class Envelope(msgspec.Struct, kw_only=True):
    """What ISA or UNB says. sender, receiver: "qualifier:id". prepared: written as it is (no time zone is applied).

    version: ISA12 or UNB 0002. syntax: UNB 0001. separators None: the writer chooses, in X12 so that no value holds one.
    acknowledgement: ISA14 or UNB 0031. application: UNB 0026. agreement: UNB 0032. una: write a UNA even where the
    separators are the standard's own. upper: fold UNOA text to upper case. codec: the Python codec if it is not the
    syntax identifier's (X12: utf-8).
    """

    standard: str
    sender: str
    receiver: str
    control_number: str
    prepared: datetime
    test: bool = False
    version: str = ""
    syntax: str = "UNOC"
    separators: Separators | None = None
    acknowledgement: bool = False
    application: str = ""
    agreement: str = ""
    una: bool = False
    upper: bool = False
    codec: str | None = None


def write(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    """The interchange as bytes: envelope, counts and trailers are made here.

    DataError: a value holds an X12 separator or a control character, a character is not in the charset, an identity or
    control number does not fit its place, a tag is none. The location counts segments and elements as the reader would.
    """
    if envelope.standard == "x12":
        return _write_x12(envelope, groups)
    return _write_edifact(envelope, groups)


class _Pen:
    """Renders segments with one set of separators and one codec."""

    def __init__(self, standard: str, separators: Separators, codec: str, *, ascii_only: str = "", upper: bool = False):
        self.separators = separators
        self.codec = codec
        self.ascii_only = ascii_only
        self.upper = upper
        self.release = separators.release if standard == "edifact" else None
        marks = [separators.element, separators.component, separators.segment, separators.repetition, separators.release]
        self.marks = [mark for mark in marks if mark]
        _check_separators(self.marks)
        self.end = separators.segment + separators.line
        self.group: int | None = None
        self.message: int | None = None
        self.segment = 0
        self.out: list[bytes] = []

    def write(self, segment: Sequence[Element]) -> None:
        """Add one segment; trailing empty elements and components are left out."""
        self.segment += 1
        tag = segment[0]
        if not isinstance(tag, str) or not 2 <= len(tag) <= 3 or not tag.isascii() or not tag.isalnum():
            self.refuse("HUB-1065", f"{tag!r} is no segment tag", None, str(tag))
        assert isinstance(tag, str)  # noqa: S101 - checked above
        if tag in ("BIN", "BDS") and self.release is None:
            self.out.append(self.binary(tag, segment))
            return
        parts = [tag, *(self.element(tag, number, value) for number, value in enumerate(segment[1:], 1))]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        if len(parts) == 1 and len(segment) > 1:
            self.refuse("HUB-1065", f"The segment {tag} has no element with a value", None, tag)
        self.out.append(self.encode(tag, self.separators.element.join(parts) + self.end))

    def element(self, tag: str, number: int, value: Element) -> str:
        if isinstance(value, str):
            return self.text(tag, number, value)
        if not value:
            return ""
        if all(isinstance(part, str) for part in value):
            return self.composite(tag, number, value)  # type: ignore[arg-type]
        if self.separators.repetition is None:
            message = f"{tag}{number:02} repeats, but this interchange has no repetition separator"
            self.refuse("HUB-1064", message, number, str(value))
        repeats = [part if isinstance(part, str) else self.composite(tag, number, part) for part in value]
        while repeats and not repeats[-1]:
            repeats.pop()
        return (self.separators.repetition or "").join(repeats)

    def composite(self, tag: str, number: int, value: Sequence[str]) -> str:
        parts = [self.text(tag, number, part) for part in value]
        while parts and not parts[-1]:
            parts.pop()
        return self.separators.component.join(parts)

    def text(self, tag: str, number: int, value: str) -> str:
        if self.upper:
            value = value.upper()
        if not value.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in value):
            self.refuse("HUB-1063", f"{tag}{number:02} {value!r} holds a control character", number, value)
        for mark in self.marks:
            if mark in value:
                return self.released(tag, number, value)
        return value

    def released(self, tag: str, number: int, value: str) -> str:
        """The value with every separator in it released; in X12, which cannot do that, a DataError."""
        if self.release is None:
            held = next(mark for mark in self.marks if mark in value)
            message = f"{tag}{number:02} {value!r} holds {held!r}, a separator of this interchange"
            self.refuse("HUB-1060", message, number, value)
        return "".join(f"{self.release}{c}" if c in self.marks else c for c in value)

    def binary(self, tag: str, segment: Sequence[Element]) -> bytes:
        *before, last = segment
        data = str(last).encode("latin-1", "replace")
        head = [str(part) for part in before[: 1 if tag == "BIN" else 2]]
        text = self.separators.element.join([*head, str(len(data)), ""])
        return text.encode(self.codec) + data + self.end.encode("latin-1")

    def encode(self, tag: str, text: str) -> bytes:
        try:
            return text.encode("ascii" if self.ascii_only else self.codec)
        except UnicodeEncodeError as error:
            name = self.ascii_only or self.codec
            character = text[error.start]
            self.refuse("HUB-1061", f"{character!r} in {tag} does not exist in {name}", None, character, expected=name)
            raise

    def refuse(
        self, code: str, what: str, element: int | None, value: str, *, expected: str | None = None
    ) -> None:
        location = Location(group=self.group, message=self.message, segment=self.segment, element=element)
        hint = {
            "HUB-1060": "Correct the value or choose other separators",
            "HUB-1061": "Agree on another charset or change the text",
        }.get(code, "Correct the value or the mapping")
        raise DataError(code, f"{what} ({location}). {hint}.", location=location, value=value, expected=expected)


def _write_x12(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    version = envelope.version or "00401"
    separators = envelope.separators or _free_separators(groups)
    if version < _REPETITION_FROM:
        separators = msgspec.structs.replace(separators, repetition=None)
    pen = _Pen("x12", separators, envelope.codec or "utf-8")
    number = _digits("ISA13", envelope.control_number, 9).zfill(9)
    pen.out.append(_isa(envelope, separators, version, number).encode(pen.codec, "strict"))
    for index, group in enumerate(groups, 1):
        pen.group, pen.message, pen.segment = index, None, 0
        stamp = envelope.prepared
        gs_version = group.version or (group.messages[0].version if group.messages else "")
        date, time = f"{stamp:%Y%m%d}", f"{stamp:%H%M}"
        control = _digits("GS06", group.control_number, 9)
        pen.write(["GS", group.functional_id or "", group.sender, group.receiver, date, time, control, "X", gs_version])
        for position, message in enumerate(group.messages, 1):
            reference = message.control_number.zfill(4)
            header: list[Element] = ["ST", message.type, _fits("ST02", reference, 9)]
            if message.association:
                header.append(message.association)
            _write_message(pen, position, header, "SE", message.segments, reference)
        pen.message = None
        pen.write(["GE", str(len(group.messages)), control])
    pen.group = None
    pen.write(["IEA", str(len(groups)), number])
    return b"".join(pen.out)


def _isa(envelope: Envelope, separators: Separators, version: str, number: str) -> str:
    sender_qualifier, sender = _identity(envelope.sender)
    receiver_qualifier, receiver = _identity(envelope.receiver)
    parts = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        _fits("ISA05", sender_qualifier or "ZZ", 2).ljust(2),
        _fits("ISA06", sender, 15).ljust(15),
        _fits("ISA07", receiver_qualifier or "ZZ", 2).ljust(2),
        _fits("ISA08", receiver, 15).ljust(15),
        f"{envelope.prepared:%y%m%d}",
        f"{envelope.prepared:%H%M}",
        separators.repetition or "U",
        _fits("ISA12", version, 5).ljust(5, "0"),
        number,
        "1" if envelope.acknowledgement else "0",
        "T" if envelope.test else "P",
        separators.component,
    ]
    for name, value in zip(("ISA06", "ISA08"), (sender, receiver), strict=True):
        if not value.isascii() or not value.isprintable() or set(value) & set(_marks(separators)):
            raise DataError("HUB-1062", f"{name} {value!r} holds a separator or a character the ISA cannot hold.")
    return separators.element.join(parts) + separators.segment + separators.line


def _write_edifact(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    version = envelope.version or "3"
    separators = envelope.separators or EDIFACT_SEPARATORS
    if version != "4":
        separators = msgspec.structs.replace(separators, repetition=None)
    syntax = envelope.syntax.upper()
    codec = envelope.codec or UNOX.get(syntax)
    if codec is None:
        raise DataError("HUB-1033", f"The syntax identifier {syntax!r} is unknown; use UNOA to UNOY.", value=syntax)
    pen = _Pen("edifact", separators, codec, ascii_only=syntax if syntax in ASCII_ONLY else "", upper=envelope.upper)
    default = Separators(
        element="+", component=":", segment="'", release="?", repetition=separators.repetition and "*",
        line=separators.line,
    )
    if envelope.una or separators != default:
        release, repetition = separators.release or " ", separators.repetition or " "
        service = (
            f"{separators.component}{separators.element}{separators.decimal}{release}{repetition}{separators.segment}"
        )
        pen.out.append(f"UNA{service}{separators.line}".encode("latin-1"))
    number = _fits("UNB 0020", envelope.control_number, 14)
    date_format = "%Y%m%d" if version == "4" else "%y%m%d"
    prepared = [f"{envelope.prepared:{date_format}}", f"{envelope.prepared:%H%M}"]
    flags = ["", envelope.application, "", "1" if envelope.acknowledgement else "", envelope.agreement]
    unb: list[Element] = ["UNB", [syntax, version], _party("UNB S002", envelope.sender)]
    unb += [_party("UNB S003", envelope.receiver), prepared, number]
    pen.write([*unb, *flags, "1" if envelope.test else ""])
    for index, group in enumerate(groups, 1):
        pen.group, pen.message, pen.segment = index, None, 0
        if group.functional_id is not None:
            ung: list[Element] = ["UNG", group.functional_id, _party("UNG S006", group.sender)]
            ung += [_party("UNG S007", group.receiver), prepared, group.control_number, "UN", group.version.split(".")]
            pen.write(ung)
        for position, message in enumerate(group.messages, 1):
            kind = [message.type, *_directory(message.version), "UN", message.association or ""]
            header = ["UNH", _fits("UNH 0062", message.control_number, 14), kind]
            _write_message(pen, position, header, "UNT", message.segments, message.control_number)
        pen.message = None
        if group.functional_id is not None:
            pen.write(["UNE", str(len(group.messages)), group.control_number])
    explicit = [group for group in groups if group.functional_id is not None]
    count = len(explicit) + sum(len(group.messages) for group in groups if group.functional_id is None)
    pen.group = None
    pen.write(["UNZ", str(count), number])
    return b"".join(pen.out)


def _write_message(
    pen: _Pen,
    position: int,
    header: Sequence[Element],
    trailer: str,
    segments: Iterable[Sequence[Element]],
    reference: str,
) -> None:
    pen.message, pen.segment = position, 0
    pen.write(header)
    for segment in segments:
        pen.write(segment)
    pen.write([trailer, str(pen.segment + 1), reference])


def _party(name: str, identity: str) -> Element:
    """S002, S003, S006 or S007: id, qualifier and what follows them in the identity."""
    qualifier, value = _identity(identity)
    return [_fits(name, value, 35), _fits(f"{name} 0007", qualifier, 4)]


def _identity(identity: str) -> tuple[str, str]:
    qualifier, found, value = identity.partition(":")
    return (qualifier, value) if found else ("", identity)


def _directory(version: str) -> list[str]:
    first, _, second = version.partition(".")
    return [first, second]


def _digits(name: str, value: str, most: int) -> str:
    if not (value.isascii() and value.isdigit()):
        raise DataError("HUB-1062", f"{name} {value!r} is no number; correct the number range.", value=value)
    return _fits(name, value, most)


def _fits(name: str, value: str, most: int) -> str:
    if len(value) > most:
        message = f"{name} {value!r} is longer than {most} characters; correct it in the agreement."
        raise DataError("HUB-1062", message, value=value, expected=f"at most {most} characters")
    return value


def _marks(separators: Separators) -> list[str]:
    marks = [separators.element, separators.component, separators.segment, separators.repetition, separators.release]
    return [mark for mark in marks if mark]


def _check_separators(marks: Sequence[str]) -> None:
    bad = [mark for mark in marks if len(mark) != 1 or mark.isalnum() or ord(mark) > 0xFF]
    if bad or len(set(marks)) != len(marks):
        raise DataError(
            "HUB-1064", f"The separators {' '.join(map(repr, marks))} must be single marks that all differ."
        )


_CHOICES = {
    "element": "*|\x1d",
    "component": ">:\x1f<",
    "segment": "~\x1c\n",
    "repetition": "^!\x1e",
}


def _free_separators(groups: Sequence[OutGroup]) -> Separators:
    """The standard X12 separators, each exchanged for another where a value holds it."""
    used: set[str] = set()
    for group in groups:
        used.update(group.sender, group.receiver)
        for message in group.messages:
            for segment in message.segments:
                for value in segment:
                    _characters(value, used)
    chosen = {
        name: next((mark for mark in marks if mark not in used), marks[0]) for name, marks in _CHOICES.items()
    }
    return msgspec.structs.replace(X12_SEPARATORS, **chosen)


def _characters(value: Element, used: set[str]) -> None:
    if isinstance(value, str):
        used.update(value)
    else:
        for part in value:
            _characters(part, used)
