"""Whatever is done to the bytes of a payload, checking and acknowledging end in findings, an answer or a HubError."""

from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hub.acknowledgement import read_acknowledgement, read_ta1
from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import check_payload
from hub.errors import HubError
from hub.syntax import cut, parse

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
GOLDEN = Path(__file__).parents[1] / "golden"
PAYLOADS = [path.read_bytes() for path in sorted(GOLDEN.glob("acknowledgement/*.edi"))]
PAYLOADS += [data for path in sorted(GOLDEN.glob("samples/*/*")) if len(data := path.read_bytes()) < 3000]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A payload with some bytes replaced, left out, or copied from elsewhere in it."""
    payload = bytearray(draw(st.sampled_from(PAYLOADS)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(payload)))
        size = draw(st.integers(0, 30))
        source = draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"~", b"*", b"'", b"+", b":", b"?", b"\n"])))
        payload[at : at + size] = source
    return bytes(payload)


@given(damaged())
def test_damage_ends_in_findings_or_an_error_of_the_family(payload: bytes) -> None:
    *_, last = check_payload("payload", payload)
    assert "summary" in last
    try:
        written = acknowledge_payload(payload, kind=None, control_number=1, at=AT)
    except HubError:
        return
    for answer in written:
        for interchange in cut(answer):
            read_ta1(interchange)
            for span in interchange.messages:
                read_acknowledgement(parse(answer[span.offset : span.offset + span.length], span, interchange))
