"""Which of the messages that are ready to leave go together in one interchange."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import RowMapping

from hub.partner import Agreement
from hub.pipeline.jobs_write import Write, Written
from hub.syntax import Envelope, OutGroup, OutMessage, pack


class Ready(NamedTuple):
    """A message that its agreement lets leave."""

    row: RowMapping
    agreement: Agreement
    job: Write
    written: Written


def pack_ready(ready: Iterable[Ready]) -> Iterator[Sequence[Ready]]:
    """The messages of each interchange, as many together as its agreement allows, in the order they stand in:
    only neighbours go together, so that an invoice never overtakes its ship notice.

    Interchanges come in the order of their envelopes: whoever numbers several takes the numbers in one order, or two
    could wait for each other.
    """
    for _, run in groupby(sorted(ready, key=_envelope), _key):
        yield from _packed(list(run))


def _envelope(ready: Ready) -> tuple[str, str]:
    return ready.agreement.envelope if ready.agreement.identity else ("", "")


def _key(ready: Ready) -> tuple[str, ...]:
    agreement = ready.agreement
    whose = (agreement.partner, agreement.account, agreement.environment, agreement.connection)
    return (*_envelope(ready), *whose, agreement.reference, ready.row["version"])


def _packed(ready: Sequence[Ready]) -> Iterator[Sequence[Ready]]:
    if ready[0].job.envelope is None or ready[0].agreement.writing.most.messages == 1:
        yield from ([one] for one in ready)
        return
    envelope, group = envelope_of(ready)
    rest = iter(ready)
    for messages in pack(group.messages, ready[0].agreement.writing.most, envelope, group):
        yield [next(rest) for _ in messages]


def envelope_of(ready: Sequence[Ready]) -> tuple[Envelope, OutGroup]:
    """The interchange of these messages, its control numbers still to be taken."""
    job, agreement = ready[0].job, ready[0].agreement
    if job.envelope is None:
        raise ValueError(f"{agreement.reference} has no envelope")
    x12 = agreement.standard == "x12"
    messages = [
        OutMessage(
            type=each.row["type"],
            version=each.row["version"],
            control_number=f"{number:04}" if x12 else str(number),
            association=each.job.association,
            segments=each.written.segments or [],
            joined=each.written.joined,
        )
        for number, each in enumerate(ready, 1)
    ]
    if not x12:
        return job.envelope, OutGroup(messages=messages)
    sender, receiver = agreement.group
    group = OutGroup(
        functional_id=job.functional_id,
        sender=sender,
        receiver=receiver,
        version=ready[0].row["version"],
        messages=messages,
    )
    return job.envelope, group
