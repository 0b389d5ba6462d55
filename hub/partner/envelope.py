"""The envelope an agreement asks for."""

from datetime import datetime

from hub.partner.identity import split_identity
from hub.partner.model import Agreement
from hub.record import replace
from hub.syntax.charset import codec_of
from hub.syntax.model import EDIFACT_SEPARATORS, Separators
from hub.syntax.writer import Envelope

EDIFACT_SYNTAX = "3"


def interchange_version(standard: str, version: str) -> str:
    """ISA12 of a message version ("004010" -> "00401"), or UNB 0002."""
    return version[:5] if standard == "x12" else EDIFACT_SYNTAX


def envelope_for(
    agreement: Agreement, version: str, control_number: str, prepared: datetime, *, password: str = ""
) -> Envelope:
    """The envelope of an interchange to the partner. version: of the message, "004010" or "D.96A". password: UNB 0022,
    the secret that the agreement names.
    """
    sender, receiver = agreement.envelope
    writing, x12 = agreement.writing, agreement.standard == "x12"
    asked = not x12 and agreement.is_awaited
    return Envelope(
        standard=agreement.standard,
        sender=sender,
        receiver=receiver,
        control_number=control_number,
        prepared=prepared,
        test=agreement.environment == "test",
        version=version[:5] if x12 else writing.syntax_version,
        syntax=agreement.charset or "UNOC",
        separators=_separators(agreement),
        exchange=writing.exchange,
        columns=writing.columns,
        acknowledgement=asked if writing.ask is None else writing.ask,
        sender_address="" if x12 else split_identity(agreement.our_identity)[1],
        receiver_address="" if x12 else split_identity(agreement.identity)[1],
        password=password,
        password_qualifier=writing.password_qualifier,
        application=writing.application,
        priority=writing.priority,
        agreement=writing.agreement_id,
        una=writing.una,
        transliterate=writing.transliterate,
        codec=_codec(agreement.charset) if x12 and agreement.charset else None,
    )


def header_of(agreement: Agreement) -> dict[str, str]:
    """What the header of an XML document (of cXML, GS1's business document header) says of the two sides, as options of
    its mapping; the agreement's own options go before it."""
    options: dict[str, str] = {}
    for side, identity in (("sender", agreement.our_identity), ("receiver", agreement.identity)):
        qualifier, _, id_ = split_identity(identity)[0].partition(":")
        if id_:
            options |= {f"{side}_domain": qualifier, f"{side}_identity": id_}
    return {**options, **agreement.options}


def _separators(agreement: Agreement) -> Separators | None:
    """With the decimal mark that is agreed, so that a UNA tells it."""
    separators, mark = agreement.writing.separators, agreement.writing.decimal
    if mark in (None, "."):
        return separators
    return replace(separators or EDIFACT_SEPARATORS, decimal=mark)


def _codec(charset: str) -> str | None:
    """What is agreed to be ASCII is read as ISO 8859-1, to be lenient, and written as ASCII."""
    return "ascii" if charset.strip().lower() in ("ascii", "us-ascii") else codec_of(charset)
