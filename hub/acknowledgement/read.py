"""Acknowledgements that come in: 997, 999, CONTRL and TA1, read into what they say of our interchanges and messages."""

from collections.abc import Sequence

from hub.acknowledgement.business_read import read_824, read_aperak
from hub.acknowledgement.codes import CONTRL, ELEMENT, GROUP, INTERCHANGE, MESSAGE, SEGMENT, meaning
from hub.acknowledgement.model import Acknowledgement, Answer, Level, Status
from hub.errors import DataError, Finding, Severity, finding
from hub.location import Location
from hub.record import replace
from hub.syntax.model import Interchange, Message, Segment

_STATUS: dict[str, Status] = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partially",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
"""X12 715, 717 and I17; M, W and X are rejections by the security check."""

_ACTIONS: dict[str, Status] = {"4": "rejected", "7": "accepted", "8": "accepted"}
"""EDIFACT 0083: 4 rejected with all lower levels, 7 acknowledged, 8 interchange received."""


def read_acknowledgement(message: Message) -> Acknowledgement:
    """What a 997, 999 or CONTRL says, or in business terms an 824 or APERAK.

    DataError (HUB-7020): the message is none of them, or does not say what it answers.
    """
    reader = _Reader(message)
    if message.type in ("997", "999"):
        reader.x12()
    elif message.type == "CONTRL":
        reader.contrl()
    elif message.type == "824":
        reader.answers = read_824(message)
    elif message.type == "APERAK":
        reader.answers = read_aperak(message)
    else:
        raise DataError(
            "HUB-7020",
            f"The message type {message.type} is no acknowledgement; 997, 999, CONTRL, 824, APERAK are.",
            location=message.location(0),
            value=message.type,
        )
    if not reader.answers:
        missing = _SAYS_WHAT[message.type]
        raise DataError(
            "HUB-7020",
            f"The {message.type} {message.span.control_number} has no {missing}, so nothing says what it answers. "
            "Ask the partner what became of the message.",
            location=message.location(0),
            expected=missing,
        )
    return Acknowledgement(kind=message.type, control_number=message.span.control_number, answers=reader.answers)


def read_ta1(interchange: Interchange) -> list[Acknowledgement]:
    """What the TA1 segments of an interchange say, one acknowledgement each; empty where it has none."""
    found = []
    for note in interchange.notes:
        control, status, code = _at(note, 1), _STATUS.get(_at(note, 4)), _at(note, 5)
        answer = Answer(level="interchange", control_number=control, status=status or "rejected", findings=[])
        if code not in ("", "000"):
            text = f"The partner says of our interchange {control}: {meaning(INTERCHANGE, code)} (TA105 {code})."
            answer.findings.append(_said("HUB-7010", text, "TA105", code, answer.status, Location()))
        if status is None:
            answer.findings.append(_unknown_status(_at(note, 4), "TA104", f"our interchange {control}"))
        found.append(Acknowledgement(kind="TA1", control_number=interchange.control_number, answers=[answer]))
    return found


_SAYS_WHAT = {"997": "AK1", "999": "AK1", "CONTRL": "UCI", "824": "OTI", "APERAK": "RFF"}
"""The segment that says what is answered."""


class _Reader:
    def __init__(self, message: Message) -> None:
        self.message = message
        self.kind = message.type
        self.answers: list[Answer] = []
        self.segment = Location()

    # -- 997 and 999

    def x12(self) -> None:
        for parts in self.message.segments:
            tag = parts[0]
            if tag == "AK1":
                self.answer("group", _at(parts, 2), _at(parts, 1), None)
            elif not self.answers:
                continue
            elif tag == "AK2":
                self.answer("message", _at(parts, 2), _at(parts, 1), self.answers[0].control_number)
            elif tag in ("AK3", "IK3"):
                self.x12_segment(parts)
            elif tag in ("AK4", "IK4"):
                self.x12_element(parts)
            elif tag in ("AK5", "IK5"):
                self.conclude(self.answers[-1], parts, 1, _STATUS)
                self.whole("HUB-7012", self.answers[-1], parts, range(2, 7), MESSAGE)
            elif tag == "AK9":
                self.conclude(self.answers[0], parts, 1, _STATUS)
                self.whole("HUB-7011", self.answers[0], parts, range(5, 10), GROUP)

    def x12_segment(self, parts: Segment) -> None:
        tag, code = _at(parts, 1), _at(parts, 4)
        self.segment = Location(segment=_number(_at(parts, 2)), tag=tag or None)
        if code != "8":
            text = (
                f"The partner says of {tag}, segment {_at(parts, 2)}: {meaning(SEGMENT, code)} ({parts[0]}04 {code})."
            )
            self.note("HUB-7013", text, f"{parts[0]}04", code, self.segment)

    def x12_element(self, parts: Segment) -> None:
        position = [*self.message.components(_at(parts, 1)), "", ""]
        code = _at(parts, 3)
        place = replace(
            self.segment,
            element=_number(position[0]),
            component=_number(position[1]),
            repetition=_number(position[2]),
        )
        self.element_note(parts[0], "03", place, code, meaning(ELEMENT, code), self.message.text(_at(parts, 4)) or None)

    # -- CONTRL

    def contrl(self) -> None:
        for parts in self.message.segments:
            tag = parts[0]
            if tag == "UCI":
                answer = self.answer("interchange", self.text(parts, 1), None, None)
                self.service(answer, parts, 4, "HUB-7010")
            elif not self.answers:
                continue
            elif tag == "UCF":
                self.service(self.answer("group", self.text(parts, 1), None, None), parts, 4, "HUB-7011")
            elif tag == "UCM":
                groups = [each.control_number for each in self.answers if each.level == "group"]
                kind = self.message.components(_at(parts, 2))[0] or None
                answer = self.answer("message", self.text(parts, 1), kind, groups[-1] if groups else None)
                self.service(answer, parts, 3, "HUB-7012")
            elif tag == "UCS":
                self.segment = Location(segment=_number(_at(parts, 1)))
                code = _at(parts, 2)
                if code:
                    text = f"The partner says of segment {_at(parts, 1)}: {meaning(CONTRL, code)} (UCS 0085 {code})."
                    self.note("HUB-7013", text, "UCS 0085", code, self.segment)
            elif tag == "UCD":
                position = [*self.message.components(_at(parts, 2)), ""]
                place = replace(self.segment, element=_element(position[0]), component=_number(position[1]))
                self.element_note("UCD", " 0085", place, _at(parts, 1), meaning(CONTRL, _at(parts, 1)), None)

    def service(self, answer: Answer, parts: Segment, action: int, code: str) -> None:
        """Status and fault of UCI, UCF or UCM; the fault names a service segment and an element of it."""
        self.conclude(answer, parts, action, _ACTIONS)
        fault = _at(parts, action + 1)
        if fault:
            tag, place = _at(parts, action + 2) or None, [*self.message.components(_at(parts, action + 3)), ""]
            where = f" in {tag}" if tag else ""
            self.segment = Location()
            text = f"The partner says of our {answer.level} {answer.control_number}{where}: {meaning(CONTRL, fault)}"
            location = Location(tag=tag, element=_element(place[0]), component=_number(place[1]))
            self.note(code, f"{text} ({parts[0]} 0085 {fault}).", f"{parts[0]} 0085", fault, location)

    # -- both

    def answer(self, level: Level, control_number: str, type: str | None, group: str | None) -> Answer:
        """Begin an answer. Until its status is read it counts as rejected."""
        made = Answer(
            level=level,
            control_number=control_number.strip(),
            status="rejected",
            type=type,
            group_control_number=group,
            findings=[],
        )
        self.answers.append(made)
        self.segment = Location()
        return made

    def conclude(self, answer: Answer, parts: Segment, at: int, known: dict[str, Status]) -> None:
        status = known.get(_at(parts, at))
        answer.status = status or "rejected"
        if status is None:
            what = f"our {answer.level} {answer.control_number}"
            answer.findings.append(_unknown_status(_at(parts, at), f"{parts[0]}{at:02}", what))
        if answer.status != "rejected":
            answer.findings = [replace(each, severity="error") for each in answer.findings]

    def whole(self, code: str, answer: Answer, parts: Segment, places: Sequence[int], codes: dict[str, str]) -> None:
        """The faults of a message or group as a whole; "segments have faults" only where no segment was named."""
        named = bool(answer.findings)
        for at in places:
            value = _at(parts, at)
            if value and not (value in ("5", "I5") and codes is MESSAGE and named):
                text = f"The partner says of our {answer.type} {answer.control_number}: {meaning(codes, value)}"
                rule = f"{parts[0]}{at:02}"
                said = f"{text} ({rule} {value})."
                answer.findings.append(_said(code, said, f"{self.kind} {rule}", value, answer.status, Location()))

    def element_note(self, tag: str, place: str, location: Location, code: str, words: str, sent: str | None) -> None:
        copy = f" They received {sent!r}." if sent else ""
        text = f"The partner says of {location}: {words} ({tag}{place} {code}).{copy}"
        self.note("HUB-7014", text, f"{tag}{place}", code, location)

    def note(self, code: str, text: str, rule: str, value: str, location: Location) -> None:
        answer = self.answers[-1]
        answer.findings.append(_said(code, text, f"{self.kind} {rule}", value, answer.status, location))

    def text(self, parts: Segment, at: int) -> str:
        return self.message.text(_at(parts, at))


def _said(code: str, text: str, rule: str, value: str, status: Status, location: Location) -> Finding:
    severity: Severity = "reject" if status == "rejected" else "error"
    return finding(code, text, location=location, value=value or None, rule=rule, severity=severity)


def _unknown_status(value: str, rule: str, what: str) -> Finding:
    text = f"The status {value!r} of {what} is none the standard knows; it is taken as rejected. Ask the partner."
    return finding("HUB-7020", text, value=value or None, rule=rule)


def _at(parts: Segment, at: int) -> str:
    return parts[at] if at < len(parts) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _element(text: str) -> int | None:
    """EDIFACT 0098 counts the tag as position 1."""
    number = _number(text)
    return number - 1 if number is not None and number > 1 else None
