"""Segments rendered together are the segments rendered one by one, or are refused in the same words."""

from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import DataError
from hub.syntax.model import EDIFACT_SEPARATORS, JOINT, SEAM, X12_SEPARATORS, Element, Separators
from hub.syntax.pen import Pen, Ready

TEXTS = st.text(alphabet="AB1 é\u2019+:'?*>~^\n\x1c\x7f", max_size=4)
COMPOSITES = st.lists(TEXTS, max_size=3) | st.lists(TEXTS, max_size=3).map(tuple)
ELEMENTS = st.one_of(TEXTS, COMPOSITES, st.lists(COMPOSITES, max_size=2))
TAGS = st.sampled_from(["BGM", "LIN", "N1", "PO1", "UNT", "BIN", "UNO", "UNP", "A", "A+B", ""])
SEGMENTS = st.lists(st.builds(lambda tag, rest: [tag, *rest], TAGS, st.lists(ELEMENTS, max_size=4)), max_size=20)
PLAIN = st.lists(
    st.builds(
        lambda tag, rest: [tag, *rest],
        st.sampled_from(["BGM", "LIN"]),
        st.lists(st.text(alphabet="AB1 ", min_size=1, max_size=4), min_size=1, max_size=4),
    ),
    max_size=20,
)
X12 = Separators(element="*", component=">", segment="~", line="\r\n")
PENS = st.sampled_from([
    (EDIFACT_SEPARATORS, "latin-1", None, False),
    (EDIFACT_SEPARATORS, "ascii", frozenset("AB1 .+:'?"), True),
    (X12_SEPARATORS, "utf-8", None, True),
    (X12, "utf-8", None, False),
    (Separators(element="\x1c", component=">", segment="\n"), "ascii", None, False),
    (Separators(element="\x1f", component="\x1e", segment="~"), "ascii", None, False),
    (Separators(element="*", component="\x1f", segment="\x1e"), "ascii", None, False),
])  # fmt: skip


class Word(str):
    """A text of another class."""

    __slots__ = ()


def written(
    segments: list[list[Element]], pen: tuple[Separators, str, frozenset[str] | None, bool], how: str
) -> object:
    separators, codec, level, spell = pen
    made = Pen(separators, codec, level=level, transliterate=spell)
    try:
        if how == "together":
            made.write_message(segments)
        elif how == "joined":
            made.write_message([SEAM.join(map(_joined, segment)) for segment in segments], joined=True)
        else:
            for segment in segments:
                made.write_inside(segment)
        return made.written(), made.segment
    except DataError as error:
        return error.code, str(error), made.segment


@given(SEGMENTS | PLAIN, PENS)
@example(
    [["LIN", "1", "", ("4000862141401", "EN")], ["IMD", "F", "", ("", "", "", "A")]],
    (EDIFACT_SEPARATORS, "latin-1", None, False),
)
@example([["LIN", "'"], ["LIN", "+'+"], ["LIN", Word("AB"), ("A", "B")]], (EDIFACT_SEPARATORS, "latin-1", None, False))
@example([["MOA", ("67", "B+'")]], (EDIFACT_SEPARATORS, "latin-1", None, False))
@example([["LIN", ("A", ""), "B"], ["LIN", "A", ""]], (EDIFACT_SEPARATORS, "latin-1", None, False))
def test_together_is_one_by_one(
    segments: list[list[Element]], pen: tuple[Separators, str, frozenset[str] | None, bool]
) -> None:
    assert written(segments, pen, "together") == written(segments, pen, "apart")


def _joined(element: Element) -> str:
    return element if isinstance(element, str) else JOINT.join(str(part) for part in element)


def _is_joinable(segment: list[Element]) -> bool:
    if not segment or segment[0] not in ("BGM", "LIN", "N1", "PO1", "UNS"):
        return False
    for element in segment[1:]:
        parts = [element] if isinstance(element, str) else element
        if not all(isinstance(part, str) and SEAM not in part and JOINT not in part for part in parts):
            return False
        if parts[-1:] != [element] and not any(parts[-1:]):
            return False
    return bool(segment[-1]) or len(segment) == 1


@given(SEGMENTS | PLAIN, PENS)
@example([["LIN", "1", "", ("4000862141401", "EN")], ["N1", "BY"]], (EDIFACT_SEPARATORS, "latin-1", None, False))
@example([["LIN", "1"], ["UNS"]], (EDIFACT_SEPARATORS, "latin-1", None, False))
@example([["LIN", "A\x1c"]], (EDIFACT_SEPARATORS, "latin-1", None, False))
def test_joined_is_one_by_one(
    segments: list[list[Element]], pen: tuple[Separators, str, frozenset[str] | None, bool]
) -> None:
    fit = [segment for segment in segments if _is_joinable(segment)]
    assert written(fit, pen, "joined") == written(fit, pen, "apart")


def test_bytes_stand_among_segments() -> None:
    pen = Pen(EDIFACT_SEPARATORS, "latin-1")
    pen.write_message([["BGM", "220"], Ready(b"LIN+1'LIN+2'", 2), ["UNS", "S"]])
    assert pen.written() == b"BGM+220'LIN+1'LIN+2'UNS+S'"
    assert pen.segment == 4


def test_many_segments_of_which_one_is_refused() -> None:
    segments: list[list[Element]] = [["LIN", str(number)] for number in range(1, 1001)]
    segments[700] = ["LIN", "1\t"]
    assert written(segments, (EDIFACT_SEPARATORS, "latin-1", None, False), "together") == written(
        segments, (EDIFACT_SEPARATORS, "latin-1", None, False), "apart"
    )
