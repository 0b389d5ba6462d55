"""Random messages that a definition allows, and random damage to them. Seeded, so that a failure can be repeated."""

from random import Random

from hub.schema import ElementDef, Loop, MessageDef, SegmentDef
from hub.schema.notes import breaches, positions
from hub.syntax import Message, MessageSpan, Separators

X12 = Separators(element="*", component=">", segment="~", repetition="^")
EDIFACT = Separators(element="+", component=":", segment="'", release="?")
EDIFACT_4 = Separators(element="+", component=":", segment="'", release="?", repetition="*")
ODD = Separators(element="|", component="\\", segment="\n", repetition="]")

TEXT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghij 0123456789 .,-/()ÄÖé"
SPECIAL = "+:'?*"


def random_message(random: Random, definition: MessageDef, separators: Separators) -> Message:
    """A message that the definition allows: structure, values, syntax notes."""
    segments = _loop(random, definition, definition.root, separators, depth=0)
    return message_of(definition, segments, separators)


def message_of(definition: MessageDef, segments: list[list[str]], separators: Separators) -> Message:
    """A message of these segments, as the parser would give it."""
    offsets, at = [], 0
    for segment in segments:
        offsets.append(at)
        at += len(separators.element.join(segment).encode()) + 1
    span = MessageSpan(
        index=1, ordinal=1, type=definition.type, version=definition.version, control_number="1", offset=0, length=at,
        segments=len(segments), group=1,
    )  # fmt: skip
    escaped = separators.release is not None and any(separators.release in part for each in segments for part in each)
    return Message(
        span=span,
        standard=definition.standard,
        separators=separators,
        segments=segments,
        offsets=offsets,
        escaped=escaped,
    )


def _loop(random: Random, definition: MessageDef, loop: Loop, separators: Separators, depth: int) -> list[list[str]]:
    out: list[list[str]] = []
    for slot in loop.slots:
        times = (
            slot.min if random.random() < 0.55 + depth / 8 else random.randint(slot.min, min(slot.max, slot.min + 2))
        )
        for _ in range(times):
            if slot.loop is not None:
                out += _loop(random, definition, slot.loop, separators, depth + 1)
            else:
                made = definition.segments.get(slot.tag)
                out.append(_segment(random, made, separators, definition) if made else [slot.tag])
    return out


def _segment(random: Random, segment: SegmentDef, separators: Separators, definition: MessageDef) -> list[str]:
    wanted = _choose(random, [each.mandatory for each in segment.elements], segment.notes)
    parts = [segment.tag]
    for present, element in zip(wanted, segment.elements, strict=True):
        parts.append(_element(random, element, separators, definition) if present else "")
    while not parts[-1]:
        parts.pop()
    return parts


def _choose(random: Random, mandatory: list[bool], notes: list[str]) -> list[bool]:
    """Which elements have a value, so that every note holds: broken notes are repaired, or the choice made anew."""
    while True:
        chosen = _repaired(random, mandatory, notes)
        given = {at for at, has in enumerate(chosen, 1) if has}
        if not any(breaches(note, given, str) for note in notes):
            return chosen


def _repaired(random: Random, mandatory: list[bool], notes: list[str]) -> list[bool]:
    likely = random.choice([0.1, 0.4])
    chosen = [must or random.random() < likely for must in mandatory]
    for _ in range(5):
        for note in notes:
            places = [place - 1 for place in positions(note)]
            there = [place for place in places if chosen[place]]
            if note[0] == "P" and there:
                _set(chosen, places, True)
            elif note[0] == "R" and not there:
                chosen[random.choice(places)] = True
            elif note[0] == "E" and len(there) > 1:
                keep = next((place for place in there if mandatory[place]), there[0])
                _set(chosen, [place for place in places if place != keep], False)
            elif note[0] == "C" and chosen[places[0]]:
                _set(chosen, places[1:], True)
            elif note[0] == "L" and there == places[:1]:
                chosen[places[1]] = True
    return chosen


def _set(chosen: list[bool], places: list[int], value: bool) -> None:
    for place in places:
        chosen[place] = value


def _element(random: Random, element: ElementDef, separators: Separators, definition: MessageDef) -> str:
    if element.components is None:
        return _value(random, element, separators, definition)
    if element.id == "C507":
        kind = _value(random, element.components[0], separators, definition)
        value, form = random.choice(
            [("20260122", "102"), ("202601221430", "203"), ("260122", "101"), ("20240229", "102"), ("1430", "401"),
             ("202603", "616"), ("2026012220260131", "718"), ("", "")]
        )  # fmt: skip
        return separators.component.join(part for part in (kind, value, form) if part)
    wanted = _choose(random, [part.mandatory for part in element.components], element.notes)
    if not any(wanted):
        wanted[random.randrange(len(wanted))] = True
    parts = [
        _value(random, part, separators, definition) if present else ""
        for present, part in zip(wanted, element.components, strict=True)
    ]
    while not parts[-1]:
        parts.pop()
    return separators.component.join(parts)


def _value(random: Random, element: ElementDef, separators: Separators, definition: MessageDef) -> str:
    least, most = element.min, min(element.max, max(element.min, 12))
    if element.id in ("1250", "1251"):
        return "D8" if element.id == "1250" else "20260122"
    if element.codes is not None:
        fitting = sorted(code for code in element.codes if least <= len(code) <= element.max)
        if fitting:
            return random.choice(fitting)
    size = random.randint(least, most)
    kind = element.type
    if kind == "DT":
        return random.choice(["20260122", "20240229", "19991231"]) if element.max == 8 else "260122"
    if kind == "TM":
        return random.choice(["0000", "2359", "235959", "12000099"][: 4 if element.max >= 8 else 2])
    if kind == "R" or kind == "n" or (kind[0] == "N" and kind[1:].isdigit()):
        digits = "".join(random.choice("0123456789") for _ in range(size))
        sign = random.choice(["", "", "-"])
        if kind[0] == "N" or size < 2 or random.random() < 0.5:
            return sign + digits
        at = random.randint(1, size - 1)
        return f"{sign}{digits[:at]}{'.' if definition.standard == 'x12' else random.choice('.,')}{digits[at:]}"
    if kind == "a":
        return "".join(random.choice("ABCXYZ") for _ in range(size))
    text = "".join(random.choice(TEXT) for _ in range(size))
    if separators.release is None:
        return text
    if random.random() < 0.2:
        text = text[:-1] + random.choice(SPECIAL)
    marks = [separators.element, separators.component, separators.segment, separators.release, separators.repetition]
    return "".join(separators.release + each if each in marks else each for each in text)


JUNK = [
    "", "X", "1", "0", "-1", "1.5", "1,5", ".", "-", "1E5", "1E-5", "+5", "20260230", "20240229", "99999999", "2460",
    "2400", "12345", "260122", "A" * 3, "A" * 40, "A" * 400, "9" * 20, "9" * 9 + "." + "9" * 9, " ", "  ", "é", "\t",
    "\n", "²", "٣", "102", "203", "D8", "BY",
]  # fmt: skip


def damage(random: Random, message: Message, definition: MessageDef) -> Message:
    """The message with one to three random changes of segments, elements, components or characters."""
    segments = [list(each) for each in message.segments]
    separators = message.separators
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(segments))
        segment = segments[at]
        kind = random.randrange(11)
        if kind == 0 and len(segments) > 2:
            del segments[at]
        elif kind == 1:
            segments.insert(random.randrange(len(segments) + 1), list(segment))
        elif kind == 2:
            other = random.randrange(len(segments))
            segments[at], segments[other] = segments[other], segments[at]
        elif kind == 3:
            tag = random.choice([*definition.segments, "XYZ", "", "N?", "BIG", "DTM"])
            segments.insert(at, [tag, random.choice(JUNK)])
        elif kind == 4:
            segment.append(random.choice(JUNK))
        elif kind == 5 and len(segment) > 1:
            segment.pop()
        elif len(segment) > 1:
            place = random.randrange(1, len(segment))
            value = segment[place]
            if kind == 6:
                segment[place] = random.choice(JUNK)
            elif kind == 7:
                segment[place] = ""
            elif kind == 8:
                segment.insert(place, random.choice(JUNK))
            elif kind == 9:
                marks = [separators.component, separators.repetition or "", separators.component * 2, "\x01"]
                if separators.release:
                    marks += [separators.release * 2, separators.release + separators.segment, separators.release + "A"]
                cut = random.randint(0, len(value))
                segment[place] = value[:cut] + random.choice(marks) + value[cut:]
            else:
                parts = value.split(separators.component)
                parts[random.randrange(len(parts))] = random.choice(JUNK)
                segment[place] = separators.component.join(parts)
    segments = [[_parsed(part, separators) for part in each] for each in segments]
    return message_of(definition, segments, separators)


def _parsed(part: str, separators: Separators) -> str:
    """The element as the parser could give it: no element separator or terminator in it that is not released."""
    out, characters = [], iter(part)
    for each in characters:
        if each == separators.release:
            out.append(each + next(characters, each))
        elif each not in (separators.element, separators.segment):
            out.append(each)
    return "".join(out)
