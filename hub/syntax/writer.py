"""From segments to the bytes of one interchange, valid by construction: envelope, counts and trailers are made here."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hub.errors import DataError
from hub.record import Record, replace
from hub.syntax.charset import LEVELS, UNOX
from hub.syntax.isa import REPETITION_SINCE
from hub.syntax.model import EDIFACT_SEPARATORS, X12_SEPARATORS, Element, Separators, apart, marks
from hub.syntax.pen import BINARY_TAGS, Pen, Ready


class OutMessage(Record):
    """A message to write: segments as lists of elements, tag first, without ST/SE and UNH/UNT.

    Segments that are Ready have the separators of the envelope, which nothing may then exchange.
    joined: each segment is one text, with SEAM and JOINT in it, which no value holds (hub.syntax.model).
    version: "004010", "D.96A". control_number: ST02 (padded to four digits) or UNH 0062. association: ST03 or UNH 0057.
    """

    type: str
    version: str
    control_number: str
    segments: Iterable[Sequence[Element] | Ready]
    association: str | None = None
    joined: bool = False

    def __init__(
        self,
        type: str,
        version: str,
        control_number: str,
        segments: Iterable[Sequence[Element] | Ready],
        association: str | None = None,
        joined: bool = False,
    ) -> None:
        self.type = type
        self.version = version
        self.control_number = control_number
        self.segments = segments
        self.association = association
        self.joined = joined


class OutGroup(Record):
    """A group to write. functional_id None: messages without a group (EDIFACT only).

    sender, receiver: GS02 and GS03 as they stand there; in UNG identities "qualifier:id". version: GS08 or UNG S008, by
    default the first message's.
    """

    messages: Sequence[OutMessage]
    functional_id: str | None = None
    sender: str = ""
    receiver: str = ""
    control_number: str = "1"
    version: str = ""


class Envelope(Record):
    """What ISA or UNB says. sender, receiver: "qualifier:id". prepared: written as it is (no time zone is applied).

    version: ISA12 or UNB 0002. separators None: the standard's own. exchange: in X12, another separator takes the place
    of one that a value holds. columns: the width of lines the bytes are broken into, 0 for none. acknowledgement: ISA14
    or UNB 0031. syntax: UNB 0001. UNB's own: sender_address (0008), receiver_address (0014), password (0022) and its
    qualifier (0025), application (0026), priority (0029), agreement (0032). una: write a UNA even where the separators
    are the standard's own. transliterate: spell what the charset does not hold with what it holds (UNOA: in capitals),
    instead of refusing it. codec: the Python codec, by default the syntax identifier's, and utf-8 in X12.
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
    exchange: bool = False
    columns: int = 0
    acknowledgement: bool = False
    sender_address: str = ""
    receiver_address: str = ""
    password: str = ""
    password_qualifier: str = ""
    application: str = ""
    priority: str = ""
    agreement: str = ""
    una: bool = False
    transliterate: bool = False
    codec: str | None = None


def write(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    """The interchange as bytes; `cut` of them gives these groups and messages back, without a finding (but for its
    lines of one width, if columns asks for them).

    DataError: a value holds an X12 separator or a control character, a character is not in the charset, an identity or
    control number does not fit its place, a tag is none. Its location counts segments and elements as the reader would.
    """
    written = _write_x12(envelope, groups) if envelope.standard == "x12" else _write_edifact(envelope, groups)
    return _in_lines(written, envelope, groups) if envelope.columns else written


def _in_lines(written: bytes, envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    """Broken into lines of one width, wherever that falls (records of 80 columns, as mainframes send them)."""
    separators = envelope.separators
    if separators and (separators.line or separators.segment in "\r\n"):
        raise DataError("HUB-1064", "Lines of one width and a line break per segment exclude each other; agree on one.")
    tags = {segment[0] for group in groups for message in group.messages for segment in _listed(message) if segment}
    if tags & BINARY_TAGS:
        raise DataError("HUB-1064", "Binary data cannot be broken into lines; agree on an interchange without lines.")
    width = envelope.columns
    return b"\n".join(written[at : at + width] for at in range(0, len(written), width))


def _write_x12(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    version = _fits("ISA12", envelope.version or "00401", 5)
    separators = envelope.separators or X12_SEPARATORS
    if envelope.exchange:
        separators = _free_separators(separators, envelope, groups)
    separators = replace(
        separators, release=None, repetition=separators.repetition if version >= REPETITION_SINCE else None
    )
    codec = envelope.codec or "utf-8"
    pen = Pen(separators, codec, transliterate=envelope.transliterate)
    number = _digits("ISA13", envelope.control_number, 9).zfill(9)
    pen.out.append(_isa(envelope, separators, version, number).encode(codec))
    for index, group in enumerate(groups, 1):
        pen.group, pen.message, pen.segment = index, None, 0
        control = _digits("GS06", group.control_number, 9)
        pen.write(_gs(envelope.prepared, group, control))
        for position, message in enumerate(group.messages, 1):
            reference = _fits("ST02", message.control_number.zfill(4), 9)
            header = ["ST", message.type, reference, message.association or ""]
            _write_message(pen, position, header, message, "SE", reference)
        pen.message = None
        pen.write(["GE", str(len(group.messages)), control])
    pen.group = None
    pen.write(["IEA", str(len(groups)), number])
    return pen.written()


def _listed(message: OutMessage) -> Iterable[Sequence[Element]]:
    """Its segments but for what is Ready, apart."""
    listed = (segment for segment in message.segments if not isinstance(segment, Ready))
    return apart(listed) if message.joined else listed


def _isa(envelope: Envelope, separators: Separators, version: str, number: str) -> str:
    sender_qualifier, sender = _identity(envelope.sender)
    receiver_qualifier, receiver = _identity(envelope.receiver)
    sender_qualifier, receiver_qualifier = sender_qualifier or "ZZ", receiver_qualifier or "ZZ"
    named = {"ISA05": sender_qualifier, "ISA06": sender, "ISA07": receiver_qualifier, "ISA08": receiver}
    for name, value in {**named, "ISA12": version}.items():
        if not value or not value.isascii() or not value.isprintable() or set(value) & set(marks(separators)):
            text = (
                f"{name} {value!r} is empty, or holds a separator or a character beyond ASCII; correct the agreement."
            )
            raise DataError("HUB-1062", text, value=value)
    parts = [
        "ISA",
        *("00", " " * 10, "00", " " * 10),
        *(_fits("ISA05", sender_qualifier, 2).ljust(2), _fits("ISA06", sender, 15).ljust(15)),
        *(_fits("ISA07", receiver_qualifier, 2).ljust(2), _fits("ISA08", receiver, 15).ljust(15)),
        *(f"{envelope.prepared:%y%m%d}", f"{envelope.prepared:%H%M}"),
        *(separators.repetition or "U", version.ljust(5, "0"), number),
        *("1" if envelope.acknowledgement else "0", "T" if envelope.test else "P", separators.component),
    ]
    return separators.element.join(parts) + separators.segment + separators.line


def _gs(prepared: datetime, group: OutGroup, control: str) -> list[Element]:
    for name, value in (("GS01", group.functional_id), ("GS02", group.sender), ("GS03", group.receiver)):
        if not value:
            raise DataError("HUB-1062", f"{name} is empty; correct the agreement.", value="")
    version = group.version or (group.messages[0].version if group.messages else "")
    date, time = f"{prepared:%Y%m%d}", f"{prepared:%H%M}"
    return ["GS", group.functional_id or "", group.sender, group.receiver, date, time, control, "X", version]


def _write_edifact(envelope: Envelope, groups: Sequence[OutGroup]) -> bytes:
    version, syntax = envelope.version or "3", envelope.syntax.upper()
    codec = envelope.codec or UNOX.get(syntax)
    if codec is None:
        raise DataError("HUB-1033", f"The syntax identifier {syntax!r} is unknown; use UNOA to UNOY.", value=syntax)
    separators = envelope.separators or EDIFACT_SEPARATORS
    if version != "4":
        separators = replace(separators, repetition=None)
    level = LEVELS.get(syntax)
    pen = Pen(
        separators,
        "ascii" if level else codec,
        level=level | frozenset(marks(separators)) if level else None,
        name=syntax,
        transliterate=envelope.transliterate,
    )
    if envelope.una or not _is_standard(separators, version):
        pen.out.append(_una(separators).encode("latin-1"))
    number = _fits("UNB 0020", envelope.control_number, 14)
    prepared = [f"{envelope.prepared:{'%Y%m%d' if version == '4' else '%y%m%d'}}", f"{envelope.prepared:%H%M}"]
    parties = [
        _party("UNB S002", envelope.sender, _fits("UNB 0008", envelope.sender_address, 35)),
        _party("UNB S003", envelope.receiver, _fits("UNB 0014", envelope.receiver_address, 35)),
    ]
    pen.write(["UNB", [syntax, version], *parties, prepared, number, *_flags(envelope)])
    for index, group in enumerate(groups, 1):
        pen.group, pen.message, pen.segment = index, None, 0
        _write_group(pen, group, prepared)
    explicit = sum(1 for group in groups if group.functional_id is not None)
    count = explicit or sum(len(group.messages) for group in groups)
    pen.group = None
    pen.write(["UNZ", str(count), number])
    return pen.written()


def _flags(envelope: Envelope) -> list[Element]:
    """UNB from S005 on: password, application reference, priority, acknowledgement request, agreement, test."""
    password = _fits("UNB 0022", envelope.password, 14)
    return [
        [password, _fits("UNB 0025", envelope.password_qualifier, 2) if password else ""],
        _fits("UNB 0026", envelope.application, 14),
        _fits("UNB 0029", envelope.priority, 1),
        "1" if envelope.acknowledgement else "",
        _fits("UNB 0032", envelope.agreement, 35),
        "1" if envelope.test else "",
    ]


def _una(separators: Separators) -> str:
    service = separators.component + separators.element + separators.decimal + (separators.release or " ")
    return f"UNA{service}{separators.repetition or ' '}{separators.segment}{separators.line}"


def _is_standard(separators: Separators, version: str) -> bool:
    """Whether a reader knows these separators without a UNA."""
    own = replace(EDIFACT_SEPARATORS, line=separators.line, repetition="*" if version == "4" else None)
    return separators == own


def _write_group(pen: Pen, group: OutGroup, prepared: list[str]) -> None:
    number = _fits("UNG 0048", group.control_number, 14)
    if group.functional_id is not None:
        parties = [_party("UNG S006", group.sender), _party("UNG S007", group.receiver)]
        version = group.version or (group.messages[0].version if group.messages else "")
        pen.write(["UNG", group.functional_id, *parties, prepared, number, "UN", _directory(version)])
    for position, message in enumerate(group.messages, 1):
        reference = _fits("UNH 0062", message.control_number, 14)
        kind = [message.type, *_directory(message.version), "UN", message.association or ""]
        _write_message(pen, position, ["UNH", reference, kind], message, "UNT", reference)
    pen.message = None
    if group.functional_id is not None:
        pen.write(["UNE", str(len(group.messages)), number])


def _write_message(
    pen: Pen, position: int, header: Sequence[Element], message: OutMessage, trailer: str, reference: str
) -> None:
    pen.message, pen.segment = position, 0
    pen.write(header)
    pen.write_message(message.segments, joined=message.joined)
    pen.write([trailer, str(pen.segment + 1), reference])


def _party(name: str, identity: str, address: str = "") -> Element:
    """S002, S003, S006 or S007: id, then qualifier, then the address for internal routing."""
    qualifier, value = _identity(identity)
    return [_fits(name, value, 35), _fits(f"{name} 0007", qualifier, 4), address]


def _identity(identity: str) -> tuple[str, str]:
    qualifier, found, value = identity.partition(":")
    return (qualifier, value) if found else ("", identity)


def _directory(version: str) -> list[str]:
    """Version and release ("D.96A") as two components."""
    return version.split(".", 1)


def _digits(name: str, value: str, most: int) -> str:
    if not (value.isascii() and value.isdigit()):
        raise DataError("HUB-1062", f"{name} {value!r} is no number; correct the number range.", value=value)
    return _fits(name, value, most)


def _fits(name: str, value: str, most: int) -> str:
    if len(value) > most:
        text = f"{name} {value!r} is longer than {most} characters; correct it in the agreement."
        raise DataError("HUB-1062", text, value=value, expected=f"at most {most} characters")
    return value


_NO_TEXT = "\x1c\x1d\x1e\x1f"
"""No value holds these, so that one of them is always free."""

_CHOICES = {"element": "*|", "component": ">:<", "segment": "~'`", "repetition": "^!"}


def _free_separators(first: Separators, envelope: Envelope, groups: Sequence[OutGroup]) -> Separators:
    """These X12 separators, each exchanged for another where a value holds it."""
    used: set[str] = {*_identity(envelope.sender)[1], *_identity(envelope.receiver)[1]}
    for group in groups:
        used.update(group.sender, group.receiver)
        for message in group.messages:
            for segment in _listed(message):
                for value in segment[1:]:
                    if segment[0] not in ("BIN", "BDS"):
                        _collect_characters(value, used)
    chosen: dict[str, str] = {}
    for name, choice in _CHOICES.items():
        mark = getattr(first, name) or choice[0]
        free = (each for each in (mark, *choice, *_NO_TEXT) if each not in used and each not in chosen.values())
        chosen[name] = next(free, mark)
    return replace(first, **chosen)


def _collect_characters(value: Element, used: set[str]) -> None:
    if isinstance(value, str):
        used.update(value)
        return
    for part in value:
        _collect_characters(part, used)
