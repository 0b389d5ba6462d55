"""AS2 both ways with two other implementations: sign x encrypt x compress x sync or async receipt."""

import itertools
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from hub.connector import Arrival, Parcel, Request, Word
from tests.contracts.as2_peers import ASYNC_URL, NOW, PEERS, As2Peer, Way, identity
from tests.contracts.http_peer import Came, HttpPeer
from tests.contracts.peers import load

as2 = load("as2")
US, THEM = identity("us"), identity("them")
BODY = b"ISA*00*\r\nBEG*00\x85\xff\n--boundary\r\n\r\n~" * 3
TEXT = b"ISA*00*          *00*~\r\nST*850*0001~\r\n"
WAYS = [Way(*flags, mdn) for flags in itertools.product((False, True), repeat=3) for mdn in ("sync", "async")]

pytestmark = [
    pytest.mark.peer("openssl"),
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]


def shown(way: Way) -> str:
    words = [name for name, value in zip(("sign", "encrypt", "compress"), way[:3], strict=True) if value]
    return "-".join([*words, way.mdn])


@pytest.fixture(params=list(PEERS), scope="module")
def far(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> As2Peer:
    return PEERS[request.param](US, THEM, tmp_path_factory.mktemp("far"))


@pytest.fixture(scope="module")
def http() -> Iterator[HttpPeer]:
    with HttpPeer().running() as running:
        yield running


def connector(way: Way, url: str) -> Any:
    settings = as2.Settings(
        as2_from="us",
        as2_to="them",
        url=url,
        allow_private=True,
        private_keys=["secret:us"],
        certificates=[THEM.certificate],
        sign=way.sign,
        encrypt=way.encrypt,
        compress=way.compress,
        mdn=way.mdn,
        mdn_url=ASYNC_URL if way.mdn == "async" else None,
        require_signed=way.sign,
        require_encrypted=way.encrypt,
    )
    return as2.Connector(settings, {"secret:us": US.pem}.__getitem__)


def asked(headers: dict[str, str], body: bytes) -> Request:
    lower = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    return Request(method="POST", headers=lower, query={}, body=body, now=NOW)


@pytest.mark.parametrize("way", WAYS, ids=shown)
def test_we_send(way: Way, far: As2Peer, http: HttpPeer) -> None:
    mdns = []

    def take(peer: socket.socket, came: Came) -> None:
        payload, mdn = far.receive(came.headers, came.body, way)
        assert payload == BODY
        mdns.append(mdn)
        headers, body = mdn if way.mdn == "sync" else ({}, b"")
        lines = [f"{name}: {' '.join(value.split())}" for name, value in headers.items()]
        head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *lines])
        peer.sendall(head.encode() + b"\r\n\r\n" + body)

    http.answer = take
    ours = connector(way, f"http://127.0.0.1:{http.port}/as2")
    receipt = ours.deliver(Parcel(file_name="order.edi", body=BODY, key="k/1", media_type="application/edi-x12"))
    assert receipt.awaited == (way.mdn == "async")
    ((headers, body),) = mdns
    if way.mdn == "sync":
        assert receipt.evidence["disposition"] == "processed"
        assert "CN=them" in receipt.evidence["signed_by"]
        return
    word = ours.accept(asked(headers, body))
    assert isinstance(word, Word)
    assert (word.key, word.accepted) == ("k/1", True), word.text
    assert word.evidence.get("mic", receipt.evidence["mic"]) == receipt.evidence["mic"]
    assert ("mic" in word.evidence) or not way.sign


@pytest.mark.parametrize("way", WAYS, ids=shown)
def test_we_receive(way: Way, far: As2Peer, http: HttpPeer) -> None:
    ours = connector(way, f"http://127.0.0.1:{http.port}/as2")
    arrival = ours.accept(asked(*far.send(TEXT, way)))
    assert isinstance(arrival, Arrival)
    assert arrival.body == TEXT
    assert arrival.media_type == "application/edi-x12"
    assert arrival.answer is not None
    if way.mdn == "sync":
        assert arrival.later is None
        headers, body = arrival.answer.headers, arrival.answer.body
    else:
        assert (arrival.answer.status, arrival.answer.body) == (200, b"")
        assert arrival.later is not None
        assert arrival.later.address == ASYNC_URL
        headers, body = arrival.later.headers, arrival.later.body
    assert far.judge({name.lower(): value for name, value in headers.items()}, body) == "processed"
