"""What `hub acknowledge` writes for a payload."""

from datetime import datetime

import msgspec

from hub.acknowledgement import KINDS, MessageResult, acknowledge, check_messages
from hub.cli.source import Stored
from hub.errors import UsageError
from hub.syntax import cut
from hub.syntax.charset import to_ebcdic


def acknowledge_payload(
    payload: bytes | Stored, *, kind: str | None, control_number: int, at: datetime, charset: str | None = None
) -> list[bytes]:
    """The technical acknowledgement of each interchange of a payload that may be acknowledged, one output each.

    control_number is the first output's and counts up, interchange and groups alike. charset: the codec agreed on;
    EBCDIC is answered in EBCDIC. UnreadableError: nothing here can read the payload. UsageError: its standard has no
    such kind, or no technical acknowledgement at all.
    """
    written: list[bytes] = []
    for interchange in cut(payload, charset=charset):
        if interchange.standard not in KINDS:
            raise UsageError("HUB-7001", f"{interchange.standard.upper()} has no technical acknowledgement.")
        checked = check_messages(payload if isinstance(payload, bytes) else payload.at, interchange)
        results = [kept for result in checked if (kept := _for_answer(result)) is not None]
        number = control_number + len(written)
        answer = acknowledge(interchange, results, kind=kind, control_number=number, group_control_number=number, at=at)
        if answer is not None:
            written.append(to_ebcdic(answer, interchange.charset))
    return written


def _for_answer(result: MessageResult) -> MessageResult | None:
    """What the answer needs of a result: a 997 its findings, a CONTRL the header of the message too."""
    message = result.message
    if message is None or message.standard == "edifact":
        header = message and msgspec.structs.replace(message, segments=message.segments[:1], offsets=[])
        return msgspec.structs.replace(result, message=header)
    return msgspec.structs.replace(result, message=None) if result.findings else None
