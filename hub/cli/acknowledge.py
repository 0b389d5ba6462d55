"""What `hub acknowledge` writes for a payload."""

from datetime import datetime

from hub.acknowledgement import KINDS, acknowledge, check_messages
from hub.errors import UsageError
from hub.syntax import cut


def acknowledge_payload(data: bytes, *, kind: str | None, control_number: int, at: datetime) -> list[bytes]:
    """The technical acknowledgement of each interchange of a payload that may be acknowledged, one output each.

    control_number is the first output's and counts up, interchange and groups alike. UnreadableError: nothing here can
    read the payload. UsageError: its standard has no such kind, or no technical acknowledgement at all.
    """
    written: list[bytes] = []
    for interchange in cut(data):
        if interchange.standard not in KINDS:
            raise UsageError("HUB-7001", f"{interchange.standard.upper()} has no technical acknowledgement.")
        results = list(check_messages(data, interchange))
        number = control_number + len(written)
        answer = acknowledge(interchange, results, kind=kind, control_number=number, group_control_number=number, at=at)
        if answer is not None:
            written.append(answer)
    return written
