"""Codecs: how the text at a place becomes a typed value and back, as expressions for the generated reader and writer.

A codec's expressions call functions of hub.mapping.values and tables of the generated module; nothing here runs per
message. `code` and `unit` take a code table of the mapping's standard.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hub.canonical import Moment
from hub.mapping.codes import CodeTable
from hub.mapping.spec import Text, near, wrong
from hub.schema import ElementDef

NAMES = (
    "text", "raw", "date", "time", "moment", "dtm", "decimal", "int", "code", "unit", "upper", "pad", "zone",
    "phone", "iso", "number", "flag", "fraction", "epoch", "call", "crosswalk", "gtin",
)  # fmt: skip


@dataclass(frozen=True)
class Codec:
    """read and write make source: read from the sources of its raw parts, write from the source of a value.

    width: how many parts it takes at most (1, or 3 for moment, 2 for dtm). accept: source that says whether the place
    can hold a value. odd: source that says whether a raw text would come back spelled in another way (then it is
    remembered). known: source that looks up a value read before which would not, None if there is none. table: the code
    table, if there is one. qualifiers: the codes the first of two parts must be one of.
    """

    name: str
    python: type
    read: Callable[[Sequence[str]], str]
    write: Callable[[str], str]
    width: int = 1
    accept: Callable[[str], str] | None = None
    odd: Callable[[Sequence[str], str], str] | None = None
    table: CodeTable | None = None
    open: bool = False
    label: str = ""
    digits: int | None = None
    qualifiers: tuple[str, ...] = ()
    known: Callable[[Sequence[str]], str] | None = None

    @property
    def before(self) -> int:
        """How many parts qualify the others."""
        return self.qualifiers[0].count("/") + 1 if self.qualifiers else 0


TableOf = Callable[[str, Text], CodeTable]


def make_codec(source: Text, place: str, standard: str, table_of: TableOf) -> Codec:
    """The codec a rule names ("code party-role open"); place names an unknown code of an open table. HUB-3011,
    HUB-3012.
    """
    name, *words = source.split()
    if name in ("code", "unit"):
        wanted = words.pop(0) if name == "code" and words else "unit" if name == "unit" else ""
        if not wanted:
            raise wrong(source, "HUB-3011", "`code` needs the name of a code table, as in `code party-role`")
        if words not in ([], ["open"]):
            raise wrong(source, "HUB-3011", f'`code` takes a table and perhaps `open`, not "{" ".join(words)}"')
        table = table_of(wanted, source)
        return _code(table, bool(words), f"{table.standard}:{table.place or place}/")
    if name == "crosswalk":
        if len(words) != 1:
            raise wrong(source, "HUB-3011", "`crosswalk` needs the name of a table, as in `crosswalk ship-method`")
        table = table_of(words[0], source)
        return _code(table, False, "") if table.words else _text()
    make = _MAKERS.get(name)
    if make is None:
        raise wrong(source, "HUB-3011", f'no codec "{name}"{near(name, NAMES)}')
    try:
        return make(*words)
    except (TypeError, ValueError):
        raise wrong(
            source, "HUB-3011", f'"{source}" is not how `{name}` is written; see the mapping language'
        ) from None


@dataclass(frozen=True)
class Modifiers:
    """What follows a place in a rule: its codec, and what stands for an absent value (`default`, `else`, `omit`)."""

    codec: Codec
    default: str | None = None
    omit: bool = False
    written_only: bool = False


def read_modifiers(
    modifiers: Sequence[str], at: Text, label: str, standard: str, elements: Sequence[ElementDef], table_of: TableOf,
    *, constant: bool,
) -> Modifiers:  # fmt: skip
    """label names the place in unknown codes. HUB-3009: text where the standard has codes; HUB-3011, HUB-3012."""
    default, omit, written_only = None, False, False
    codec: Codec | None = None
    codes: list[str] = []
    for modifier in (word.strip() for word in modifiers):
        name, *words = modifier.split()
        if name in ("default", "else"):
            omit, written_only = words[-1:] == ["omit"], name == "else"
            default = " ".join(words[: -1 if omit else None])
        elif name == "qualified":
            before = words[0].count("/") + 1 if words else 0
            if not before or len(elements) <= before or any(word.count("/") + 1 != before for word in words):
                raise wrong(
                    at, "HUB-3011", "`qualified` takes two parts and codes, as in `CUR01..02 | qualified SE BY`"
                )
            codes, elements = words, elements[before:]
        elif codec is not None:
            raise wrong(at, "HUB-3011", f"a rule has one codec, not `{codec.name}` and `{modifier}`")
        elif name == "joined":
            codec = _joined(elements[0].max)
        else:
            codec = make_codec(at.like(modifier), label, standard, table_of)
    if not constant and (codec is None or codec.name == "text") and any(element.coded for element in elements):
        raise wrong(
            at, "HUB-3009", f"{str(at).split(' | ')[0]} holds codes of the standard; say `| code TABLE`, or `| raw` if "
            f"the value means the same everywhere",
        )  # fmt: skip
    codec = codec or _text()
    return Modifiers(_qualified(codec, codes) if codes else codec, default, omit, written_only)


def _qualified(codec: Codec, codes: Sequence[str]) -> Codec:
    """The codec of more parts: a qualifier that must be one of the codes (the first is written; "5/3/D" is one of three
    parts), and what the codec takes. None is read where the qualifier is another; all parts are kept then.
    """
    wanted = tuple(tuple(code.split("/")) for code in codes)
    first, before, inner = wanted[0], len(wanted[0]), codec.odd

    def parts(raw: Sequence[str]) -> str:
        return f"({', '.join(raw[:before])},)"

    def odd(raw: Sequence[str], value: str) -> str:
        other = f"{parts(raw)} != {first!r}" + (f" or {inner(raw[before:], value)}" if inner is not None else "")
        return f"{value} is not None and ({other})"

    star = "*" if codec.width > 1 else ""
    return replace(
        codec, width=codec.width + before, qualifiers=tuple(codes), odd=odd, known=None,
        read=lambda raw: f"({codec.read(raw[before:])} if {raw[before]} and {parts(raw)} in {wanted!r} else None)",
        write=lambda value: f"(*{first!r}, {star}{codec.write(value)})",
    )  # fmt: skip


def _joined(longest: int) -> Codec:
    """One text in two parts, the second of which goes on where the first is full."""
    return Codec(
        "joined", str, lambda raw: f"({' + '.join(raw)})", lambda value: f"halves({value}, {longest})", width=2,
        odd=lambda raw, value: f"halves({value}, {longest}) != ({', '.join(raw)})",
    )  # fmt: skip


def _code(table: CodeTable, open_: bool, label: str) -> Codec:
    words, back, variants = (f"{kind}[{table.name!r}]" for kind in ("WORDS", "BACK", "VARIANTS"))
    odd = (lambda raw, value: f"{raw[0]} in {variants}") if table.variants else None
    if open_:

        def foreign(value: str) -> str:
            """What is written for a word that has no code to be written with: nothing, where it has one to be read."""
            source = f"foreign({value}, {label!r})"
            return f"('' if {value} in {words}.values() else {source})" if table.only_read else source

        return Codec(
            f"code {table.name} open", str,
            lambda raw: f"({words}.get({raw[0]}) or {label!r} + {raw[0]})",
            lambda value: f"({back}.get({value}) or {foreign(value)})",
            accept=lambda value: f"({value} in {back} or {value}.startswith({label!r}))",
            odd=odd, table=table, open=True, label=label,
        )  # fmt: skip
    return Codec(
        f"code {table.name}", str,
        lambda raw: f"{words}[{raw[0]}]",
        lambda value: f"{back}.get({value}, '')" if table.only_read else f"{back}[{value}]",
        accept=lambda value: f"{value} in {back}",
        odd=odd, table=table,
    )  # fmt: skip


def _same(raw: Sequence[str]) -> str:
    return raw[0]


def _text() -> Codec:
    return Codec("text", str, _same, lambda value: value)


def _raw() -> Codec:
    return Codec("raw", str, _same, lambda value: value)


def _spelled(
    name: str, kind: type, read: Callable[[str], str], write: Callable[[str], str], *, digits: int | None = None
) -> Codec:
    """One value, which is odd where it is not spelled as it would be written."""
    return Codec(
        name, kind, lambda raw: read(raw[0]), write, odd=lambda raw, value: f"{write(value)} != {raw[0]}", digits=digits
    )


def _upper() -> Codec:
    return Codec(
        "upper", str, lambda raw: f"{raw[0]}.upper()", lambda value: f"{value}.upper()",
        odd=lambda raw, value: f"{raw[0]} != {value}",
    )  # fmt: skip


def _pad(width: str, fill: str = "0") -> Codec:
    size = int(width)
    if len(fill) != 1:
        raise ValueError(fill)
    return _spelled(
        f"pad {size} {fill}", str, lambda raw: f"({raw}.lstrip({fill!r}) or {fill!r})",
        lambda value: f"{value}.rjust({size}, {fill!r})",
    )  # fmt: skip


def _gtin() -> Codec:
    """A GTIN in 14 digits; one of 8, 12 or 13 (an EAN, a UPC) is the same with zeros before it."""
    return _spelled("gtin", str, lambda raw: raw, lambda value: f"gtin({value})")


def _date() -> Codec:
    return Codec(
        "date", Moment, lambda raw: f"day_alone({raw[0]})", lambda value: f"write_day({value})",
        odd=lambda raw, value: f"len({raw[0]}) == 6", known=lambda raw: f"DAYS.get({raw[0]})",
    )  # fmt: skip


def _time() -> Codec:
    return Codec("time", str, lambda raw: f"clock({raw[0]})", lambda value: f"write_clock({value})")


def _zone() -> Codec:
    return _spelled("zone", str, lambda raw: f"read_zone({raw})", lambda value: f"write_zone({value})")


def _odd_moment(raw: Sequence[str], value: str) -> str:
    short = f"len({raw[0]}) == 6"
    return f"{short} or {raw[2]} and write_moment({value})[2] != {raw[2]}" if len(raw) > 2 else short


def _known_moment(raw: Sequence[str]) -> str:
    lookup = f"DAYS.get({raw[0]})"
    return f"None if {' or '.join(raw[1:])} else {lookup}" if len(raw) > 1 else lookup


def _moment(form: str = "") -> Codec:
    """`period`: behind date, time and time code stand a format (X12 element 1250) and what is written in it."""
    if form == "period":
        return Codec(
            "moment period", Moment, lambda raw: f"x12_period({', '.join(raw)})",
            lambda value: f"write_x12_period({value})", width=5,
            odd=lambda raw, value: (
                f"len({raw[0]}) == 6 or ({raw[2]} or {raw[3]}) and write_x12_period({value}) != ({', '.join(raw)})"
            ),
        )  # fmt: skip
    if form:
        raise ValueError(form)
    return Codec(
        "moment", Moment, lambda raw: f"moment({', '.join(raw)})", lambda value: f"write_moment({value})", width=3,
        odd=_odd_moment, known=_known_moment,
    )  # fmt: skip


def _dtm(default: str = "") -> Codec:
    if default and not default.isdigit():
        raise ValueError(default)

    def read(raw: Sequence[str]) -> str:
        if len(raw) > 1:
            return f"dtm({raw[0]}, {raw[1]} or {default!r})" if default else f"dtm({raw[0]}, {raw[1]})"
        return f"dtm({raw[0]}, {default!r})"

    def odd(raw: Sequence[str], value: str) -> str:
        return (
            f"{raw[1]} not in ('102', '203') and write_dtm({value}) != ({raw[0]}, {raw[1]})"
            if len(raw) > 1
            else f"write_dtm({value})[0] != {raw[0]}"
        )

    def known(raw: Sequence[str]) -> str:
        return f"DTMS.get(({raw[0]}, {raw[1] if len(raw) > 1 else repr(default)}))"

    return Codec(
        f"dtm {default}".rstrip(), Moment, read, lambda value: f"write_dtm({value})", width=2, odd=odd, known=known
    )


def _written_decimal(value: str) -> str:
    """Most numbers are texts of digits with at most a point, which need no call."""
    return f"(t if (t := str({value})).replace('.', '', 1).isdigit() else write_decimal({value}))"


def _decimal(*words: str) -> Codec:
    rest = list(words)
    comma = "comma" in rest
    if comma:
        rest.remove("comma")
    if comma and not rest:
        return Codec(
            "decimal", Decimal, lambda raw: f"decimal({raw[0]})", lambda value: f"write_comma({value})",
            odd=lambda raw, value: f"write_comma({value}) != {raw[0]}",
        )  # fmt: skip
    if not rest:
        return Codec(
            "decimal", Decimal, lambda raw: f"(NUMBERS.get({raw[0]}) or decimal({raw[0]}))", _written_decimal,
            odd=lambda raw, value: f"{raw[0]} not in NUMBERS and not is_spelled({raw[0]})",
            known=lambda raw: f"NUMBERS.get({raw[0]})",
        )  # fmt: skip
    if rest == ["trailing"] or rest == ["minus"]:
        return _trailing(minus=rest == ["minus"])
    if len(rest) != 2 or rest[0] != "implied":
        raise ValueError(rest)
    places = int(rest[1])
    return _spelled(
        f"decimal implied {places}", Decimal, lambda raw: f"implied({raw}, {places})",
        lambda value: f"write_implied({value}, {places})", digits=places,
    )  # fmt: skip


def _trailing(*, minus: bool) -> Codec:
    """A minus sign stands behind the number. minus: it always does, and only says what is known already."""
    sign = "-" if minus else ""
    return _spelled(
        f"decimal {'minus' if minus else 'trailing'}", Decimal, lambda raw: f"{sign}trailing({raw})",
        lambda value: f"write_trailing({sign}{value})",
    )  # fmt: skip


def _phone() -> Codec:
    return Codec(
        "phone", str, lambda raw: f"phone({', '.join(raw)})", lambda value: f"write_phone({value})", width=4,
        odd=lambda raw, value: f"write_phone({value}) != ({', '.join(raw)})",
    )  # fmt: skip


def _int() -> Codec:
    return _spelled("int", int, lambda raw: f"whole({raw})", lambda value: f"str({value})")


def _call(function: str, inverse: str = "") -> Codec:
    """A function of the `.py` file beside the mapping; without an inverse the rule is one-way."""
    if not function.isidentifier() or (inverse and not inverse.isidentifier()):
        raise ValueError(function)
    return Codec(
        f"call {function} {inverse}".rstrip(), object, lambda raw: f"HOOKS[{function!r}]({', '.join(raw)})",
        lambda value: f"HOOKS[{inverse or function!r}]({value})",
    )  # fmt: skip


def _iso(form: str = "") -> Codec:
    """A moment in one place; `date`: its date alone; `full`: with a time, midnight without zone where there is none;
    `split`: date and time in two."""
    if form == "full":
        return _spelled("iso full", Moment, lambda raw: f"iso_full({raw})", lambda value: f"write_iso_full({value})")
    if form == "date":
        return Codec(
            "iso date", Moment, lambda raw: f"iso_day({raw[0]})", lambda value: f"write_iso_day({value})",
            odd=lambda raw, value: f"len({raw[0]}) != 10",
        )  # fmt: skip
    if form == "split":
        return Codec(
            "iso", Moment, lambda raw: f"iso_parts({', '.join(raw)})", lambda value: f"write_iso_parts({value})",
            width=2, odd=lambda raw, value: f"write_iso_parts({value}) != ({', '.join(raw)})",
        )  # fmt: skip
    if form:
        raise ValueError(form)
    return _spelled("iso", Moment, lambda raw: f"iso({raw})", lambda value: f"write_iso({value})")


_MAKERS: dict[str, Callable[..., Codec]] = {
    "text": _text, "raw": _raw, "upper": _upper, "pad": _pad, "date": _date, "time": _time, "zone": _zone,
    "moment": _moment, "dtm": _dtm, "decimal": _decimal, "int": _int, "iso": _iso, "call": _call,
    "gtin": _gtin, "phone": _phone,
}  # fmt: skip
