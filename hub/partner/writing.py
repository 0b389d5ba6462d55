"""How an agreement has interchanges written: the tables of a partner.toml, and what they settle to."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.partner.model import Writing
from hub.partner.table import Table
from hub.syntax.model import EDIFACT_SEPARATORS, X12_SEPARATORS, Separators
from hub.syntax.pack import Most

_EDIFACT_ONLY = ("una", "syntax_version", "decimal", "application", "priority", "agreement_id", "password")
_COLUMNS = 80


class SeparatorsTable(Table):
    element: str | None = Field(default=None, min_length=1, max_length=1, description="Between elements.")
    component: str | None = Field(default=None, min_length=1, max_length=1, description="Between components.")
    repetition: str | None = Field(default=None, min_length=1, max_length=1, description="Between repetitions.")
    release: str | None = Field(
        default=None, min_length=1, max_length=1, description="Marks the next character as text."
    )
    segment: str | None = Field(
        default=None, min_length=1, max_length=3, description='Behind a segment, with the line break if any: "~\\n".'
    )
    exchange: bool = Field(
        default=False,
        description="x12: where a value holds a separator, another is used in that interchange, and its ISA says so. "
        "Without it such a message is held.",
    )


class WritingTable(Table):
    lines: Literal["none", "segments", "80"] = Field(
        default="none", description="segments: a line break behind each segment; 80: lines of 80 columns."
    )
    messages: int | None = Field(
        default=None,
        ge=1,
        description="At most so many messages in one interchange. What waits at the same moment goes together; nothing "
        "is kept waiting. Default: 1; with a window, any number.",
    )
    bytes: int | None = Field(
        default=None, ge=1000, description="At most so many bytes in one interchange, unless a message alone has more."
    )
    ask: bool | None = Field(
        default=None,
        description="Ask for a technical acknowledgement: ISA14, UNB 0031. Default: edifact: if expects says so.",
    )
    una: bool = Field(default=False, description="edifact: write a UNA even where the separators are the usual.")
    syntax_version: Literal["1", "2", "3", "4"] = Field(default="3", description="edifact: UNB 0002.")
    decimal: Literal[".", ","] | None = Field(
        default=None, description="edifact: the decimal mark of numbers. Default: the mapping's, a point."
    )
    application: str = Field(default="", max_length=14, description="edifact: application reference, UNB 0026.")
    priority: str = Field(default="", max_length=1, description="edifact: processing priority, UNB 0029.")
    agreement_id: str = Field(default="", max_length=35, description="edifact: UNB 0032.")
    password: str = Field(
        default="", description='edifact: the recipient\'s reference or password, UNB 0022, as "secret:name".'
    )
    password_qualifier: str = Field(default="", max_length=2, description="edifact: AA or BB, UNB 0025.")

    @model_validator(mode="after")
    def _secret_is_named(self) -> "WritingTable":
        if self.password and not self.password.startswith("secret:"):
            raise PydanticCustomError("inline_secret", "a secret stands in the file", {"path": ("password",)})
        return self


def writing_fault(standard: str, table: WritingTable | None, separators: SeparatorsTable | None) -> str | None:
    """What a standard has no place for, or what excludes each other, as a sentence's end; None: nothing."""
    given = table.model_fields_set if table else set()
    if standard == "x12" and (wrong := next((key for key in _EDIFACT_ONLY if key in given), None)):
        return f"writing.{wrong} is for edifact; take it out"
    if standard == "edifact" and separators and separators.exchange:
        return "separators.exchange is for x12; in edifact a separator in a value is released"
    line = separators is not None and separators.segment is not None and len(separators.segment) > 1
    if table and table.lines != "none" and line:
        return f'writing.lines is "{table.lines}", and separators.segment names a line break; take one of them out'
    return None


def settle_writing(
    standard: str,
    table: WritingTable | None,
    separators: SeparatorsTable | None,
    fallback: str | None,
    *,
    gather: bool = False,
) -> Writing:
    """The agreement's `writing`, `separators` and `charset_fallback` together. gather: what it sends goes together."""
    table = table or WritingTable()
    messages = table.messages or (None if gather else 1)
    return Writing(
        separators=_separators(separators, standard, broken=table.lines == "segments"),
        exchange=separators is not None and separators.exchange,
        columns=_COLUMNS if table.lines == str(_COLUMNS) else 0,
        transliterate=fallback == "transliterate",
        most=Most(messages=messages, bytes=table.bytes),
        ask=table.ask,
        una=table.una,
        syntax_version=table.syntax_version,
        decimal=table.decimal,
        application=table.application,
        priority=table.priority,
        agreement_id=table.agreement_id,
        password=table.password,
        password_qualifier=table.password_qualifier,
    )


def _separators(table: SeparatorsTable | None, standard: str, *, broken: bool) -> Separators | None:
    if table is None and not broken:
        return None
    table = table or SeparatorsTable()
    usual = X12_SEPARATORS if standard == "x12" else EDIFACT_SEPARATORS
    terminator = table.segment or usual.segment
    return Separators(
        element=table.element or usual.element,
        component=table.component or usual.component,
        segment=terminator[0],
        line="\n" if broken else terminator[1:] or usual.line,
        repetition=table.repetition or usual.repetition,
        release=table.release or usual.release,
    )
