"""The envelope an agreement asks for."""

from datetime import datetime

from hub.partner.model import Agreement
from hub.syntax.charset import codec_of
from hub.syntax.writer import Envelope

EDIFACT_SYNTAX = "3"


def interchange_version(standard: str, version: str) -> str:
    """ISA12 of a message version ("004010" -> "00401"), or UNB 0002."""
    return version[:5] if standard == "x12" else EDIFACT_SYNTAX


def envelope_for(agreement: Agreement, version: str, control_number: str, prepared: datetime) -> Envelope:
    """The envelope of an interchange to the partner. version: of the message, "004010" or "D.96A"."""
    sender, receiver = agreement.envelope
    x12 = agreement.standard == "x12"
    return Envelope(
        standard=agreement.standard,
        sender=sender,
        receiver=receiver,
        control_number=control_number,
        prepared=prepared,
        test=agreement.environment == "test",
        version=interchange_version(agreement.standard, version),
        syntax=agreement.charset or "UNOC",
        separators=agreement.separators,
        acknowledgement=not x12 and agreement.obligation,
        codec=codec_of(agreement.charset) if x12 and agreement.charset else None,
    )
