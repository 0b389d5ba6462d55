"""Cut a payload into interchanges in the charset agreed with its sender."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping

from hub.errors import finding
from hub.partner import Agreement, Identified, Unidentified
from hub.partner.reference import COPY
from hub.pipeline.context import Content
from hub.pipeline.jobs import PIECE, Cut, CutResult
from hub.store.blobs import copy_payload, read_payload
from hub.store.engine import Database
from hub.syntax import Interchange
from hub.syntax.charset import EBCDIC, codec_of

BYTES_A_SECOND = 4_000_000
"""What may be cut in a second at the least: a large payload is given the time it needs."""


@contextlib.contextmanager
def readable_body(database: Database, payload: RowMapping) -> Iterator[bytes | Path]:
    """The payload's bytes; a large one's in a file that nobody else can read, and that is gone afterwards."""
    if payload["size"] <= PIECE:
        with database.read() as conn:
            body = read_payload(conn, payload["id"])
        yield body
        return
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        file = Path(folder) / "payload"
        with file.open("wb") as target:
            for piece in copy_payload(database, payload["id"]):
                target.write(piece)
        yield file


def cut_payload(content: Content, payload: RowMapping, body: bytes | Path, now: datetime) -> CutResult:
    """The payload's interchanges. One charset for all: that of its first message's agreement, if that names any.

    body: its bytes, or the file that holds them.
    """
    flat = _agreed_mappings(content, payload, now, "csv", "fixed")
    result = _cut(content, body, flat=flat, trees=_agreed_mappings(content, payload, now, "json"))
    charset = _agreed_charset(content, payload, result, now)
    return result if charset is None else _cut(content, body, charset)


def _cut(
    content: Content,
    body: bytes | Path,
    charset: str | None = None,
    flat: Sequence[str] = (),
    trees: Sequence[str] = (),
) -> CutResult:
    whole = body if isinstance(body, bytes) else b""
    path, size = ("", len(body)) if isinstance(body, bytes) else (str(body), body.stat().st_size)
    job = Cut(whole, charset, list(flat), list(trees), path)
    result = content.children.run(job, more=size / BYTES_A_SECOND)
    if not isinstance(result, CutResult):
        raise TypeError(f"cut answered {type(result).__name__}")
    return result


def _agreed_mappings(content: Content, payload: RowMapping, now: datetime, *standards: str) -> list[str]:
    """The mappings of payloads in those standards that this one's sender may send: nothing else says what they are."""
    agreed = content.partners.agreements(payload["partner"], payload["account"], payload["environment"], "in")
    named = [mapping_by_name(content, one) for one in agreed if one.standard in standards and one.is_active(now)]
    return [id for id in named if id is not None]


def mapping_by_name(content: Content, agreement: Agreement) -> str | None:
    """The mapping of a payload without an envelope, as its agreement names it; json/canonical is itself."""
    if agreement.mapping is None and agreement.standard == "json" and agreement.type == "canonical":
        return COPY
    return agreement.mapping or content.library.named(agreement.standard, agreement.version, agreement.type)


def _agreed_charset(content: Content, payload: RowMapping, result: CutResult, now: datetime) -> str | None:
    """The codec to cut the payload in again: the one its first message's agreement names, where it is another.

    EBCDIC says nothing of itself before it is read, so there any agreement of the connection's partners will do.
    """
    partners = content.partners
    if result.unreadable is not None:
        connection = partners.connection(payload["connection"]) if result.unreadable.value == "EBCDIC" else None
        for partner in connection.carries if connection else ():
            for agreed in partners.agreements(partner, payload["account"], payload["environment"], "in"):
                if agreed.charset and (codec := codec_of(agreed.charset)) in EBCDIC:
                    return codec
        return None
    first = result.interchanges[0]
    whose = whose_is(content, payload, first) if first.standard in ("x12", "edifact") else None
    if not isinstance(whose, Identified) or not first.messages:
        return None
    span = first.messages[0]
    kind = (first.standard, span.type, span.version, span.association)
    agreement = partners.agreement_in(whose.partner, whose.account, whose.environment, *kind, now=now)
    codec = codec_of(agreement.charset) if agreement and agreement.charset else None
    return None if codec == first.charset or codec in EBCDIC else codec


def whose_is(content: Content, came: RowMapping, interchange: Interchange) -> Identified | Unidentified:
    """The partner an enveloped interchange is from, by all of its groups. came: the row of its payload, or its own."""
    ends = dict.fromkeys((group.sender or "", group.receiver or "") for group in interchange.groups)
    found = [
        content.partners.identify(
            came["connection"],
            interchange.sender,
            interchange.receiver,
            *names,
            test=interchange.test,
            standard=interchange.standard,
        )
        for names in ends or [("", "")]
    ]
    wrong = next((one for one in found if isinstance(one, Unidentified)), None)
    if wrong is not None or len({one.partner for one in found}) == 1:
        return wrong or found[0]
    partners = ", ".join(dict.fromkeys(one.partner for one in found))
    text = (
        f"The groups of interchange {interchange.control_number} from {interchange.sender} by {came['connection']} are "
        f"of several partners ({partners}). It is held: ask its sender for an interchange of each partner's own."
    )
    by = found[0]
    return Unidentified(
        finding=finding("HUB-4102", text, value=partners),
        account=by.account,
        environment=by.environment,
        connection=by.connection,
    )
