"""The HTTP connector: the contract, what it sends, every fault of the far end, and what it lets in."""

import base64
import gzip
import hashlib
import hmac
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hub import testing
from hub.connector import Parcel, Request
from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.interop.exchange import EVIDENCE, retry_after
from hub.testing import check_raises, parcel
from tests.contracts.http_peer import Answer, Authority, Came, HttpPeer, answer, raw, reset
from tests.contracts.peers import load

http = load("http")
SECRETS = {
    "secret:token": "t0ken",
    "secret:old": "0ld",
    "secret:whsec": "whsec_" + base64.b64encode(b"k" * 24).decode(),
}


@pytest.fixture
def peer() -> Iterator[HttpPeer]:
    with HttpPeer().running() as running:
        yield running


def connector(url: str | None = "https://edi.partner.example/in", **settings: Any) -> Any:
    return http.Connector(http.Settings(url=url, **settings), SECRETS.__getitem__)


def to(peer: HttpPeer, **settings: Any) -> Any:
    short = {"connect_timeout": 2, "timeout": 5, "total_timeout": 10, "allow_private": True}
    return connector(f"http://127.0.0.1:{peer.port}/in", **{**short, **settings})


# -- delivering


@pytest.mark.parametrize("check", testing.DELIVERER_CHECKS)
def test_contract(check: Callable[..., None], peer: HttpPeer) -> None:
    check(to(peer), peer)


def test_unreachable(peer: HttpPeer) -> None:
    testing.check_unreachable(connector("http://127.0.0.1:1/in", allow_private=True))
    testing.check_unreachable(connector("https://no-such-host.invalid/in"))


def test_refused(peer: HttpPeer) -> None:
    peer.answer = answer("401 Unauthorized", b"who are you?")
    error = check_raises(PermanentError, lambda: to(peer, auth="bearer", secret="secret:token").deliver(parcel()))
    assert error.code == "HUB-5002"
    assert "t0ken" not in str(error)


def test_what_is_sent(peer: HttpPeer) -> None:
    one = Parcel(
        file_name="größe.edi", body=b"ISA~", key="k-1", media_type="application/edi-x12", headers={"X-Doc": "850"}
    )
    receipt = to(peer, headers={"X-Account": "us"}, auth="bearer", secret="secret:token").deliver(one)
    (came,) = peer.came
    assert came.line == "POST /in HTTP/1.1"
    assert came.body == b"ISA~"
    wanted = {
        "idempotency-key": "k-1",
        "content-type": "application/edi-x12",
        "authorization": "Bearer t0ken",
        "x-doc": "850",
        "x-account": "us",
        "accept-encoding": "identity",
        "host": f"127.0.0.1:{peer.port}",
    }
    assert wanted.items() <= came.headers.items()
    assert receipt.evidence == {"status": "200", "body": "thanks", "sent_sha256": hashlib.sha256(b"ISA~").hexdigest()}


def test_basic_header_and_signature(peer: HttpPeer) -> None:
    signature = {"style": "plain", "secrets": ["secret:token"]}
    to(peer, auth="basic", user="us", secret="secret:token", signature=signature).deliver(parcel())
    to(peer, auth="header", auth_header="X-Key", secret="secret:token", method="PUT").deliver(parcel())
    first, second = peer.came
    assert base64.b64decode(first.headers["authorization"].removeprefix("Basic ")) == b"us:t0ken"
    content = first.headers["x-timestamp"].encode() + b"." + parcel().body
    assert first.headers["x-signature"] == hmac.new(b"t0ken", content, "sha256").hexdigest()
    assert abs(int(first.headers["x-timestamp"]) - time.time()) < 60
    assert (second.line, second.headers["x-key"]) == ("PUT /in HTTP/1.1", "t0ken")


def test_no_header_can_be_smuggled_in(peer: HttpPeer) -> None:
    evil = Parcel(file_name="a.edi", body=b"", key="k\r\nX-Evil: 1")
    broken = [{"x-evil": "1\n2"}, {"x evil": "1"}, {"": "1"}, {"x": "\0"}, {"x:": "1"}, {"größe": "1"}, {"x": " 1"}]
    parcels = [evil, *(Parcel(file_name="a.edi", body=b"", key="k", headers=headers) for headers in broken)]
    for one in parcels:
        assert check_raises(PermanentError, lambda one=one: to(peer).deliver(one)).code == "HUB-5036"
    assert peer.came == []


def test_header_values_may_be_utf8(peer: HttpPeer) -> None:
    to(peer, headers={"X-Name": "größe"}).deliver(parcel())
    assert peer.came[0].headers["x-name"].encode("latin-1").decode() == "größe"


# -- faults: name -> (answer, settings, error, code)

GZIP_BOMB = gzip.compress(b"0" * 50_000_000)


def drip(peer: socket.socket, came: Came) -> None:
    """A header byte now and then, for ever."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        peer.sendall(b"x")
        time.sleep(0.05)


def silence(peer: socket.socket, came: Came) -> None:
    peer.settimeout(2)
    peer.recv(1)


def chunked(chunks: bytes) -> Answer:
    return raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


FAULTS: dict[str, tuple[Answer, dict[str, Any], type[HubError], str]] = {
    "408": (answer("408 Request Timeout"), {}, TransientError, "HUB-5034"),
    "425": (answer("425 Too Early"), {}, TransientError, "HUB-5034"),
    "429": (answer("429 Too Many Requests"), {}, TransientError, "HUB-5034"),
    "500": (answer("500 Internal Server Error", b"oops"), {}, TransientError, "HUB-5034"),
    "502": (answer("502 Bad Gateway"), {}, TransientError, "HUB-5034"),
    "503": (answer("503 Service Unavailable"), {}, TransientError, "HUB-5034"),
    "504": (answer("504 Gateway Timeout"), {}, TransientError, "HUB-5034"),
    "400": (answer("400 Bad Request", b"no PO number"), {}, PermanentError, "HUB-5033"),
    "403": (answer("403 Forbidden"), {}, PermanentError, "HUB-5005"),
    "404": (answer("404 Not Found"), {}, PermanentError, "HUB-5033"),
    "409": (answer("409 Conflict"), {}, PermanentError, "HUB-5033"),
    "301": (answer("301 Moved", b"", "Location: https://new.example/"), {}, PermanentError, "HUB-5032"),
    "307 inside": (answer("307 T", b"", "Location: http://169.254.169.254/"), {}, PermanentError, "HUB-5032"),
    "200 with an error": (
        answer("200 OK", b'{"status": "ERROR"}'),
        {"failure_pattern": '"status": *"ERROR"'},
        PermanentError,
        "HUB-5035",
    ),
    "truncated body": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        {},
        InDoubtError,
        "HUB-5007",
    ),
    "bad chunk": (chunked(b"zz\r\nhalf"), {}, InDoubtError, "HUB-5007"),
    "chunks without end": (chunked(b"4\r\nhalf\r\n"), {}, InDoubtError, "HUB-5007"),
    "reset after a full send": (reset, {}, InDoubtError, "HUB-5007"),
    "closed after a full send": (raw(b""), {}, InDoubtError, "HUB-5007"),
    "not HTTP": (raw(b"ISA*00*"), {}, InDoubtError, "HUB-5007"),
    "read time-out": (silence, {"timeout": 0.2}, InDoubtError, "HUB-5007"),
    "total time-out": (drip, {"total_timeout": 0.4}, InDoubtError, "HUB-5007"),
    "reset, deduplicating": (reset, {"idempotent": True}, TransientError, "HUB-5007"),
    "huge header": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000), {}, InDoubtError, "HUB-5007"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, peer: HttpPeer) -> None:
    peer.answer, settings, kind, code = FAULTS[name]
    error = check_raises(kind, lambda: to(peer, **settings).deliver(parcel()))
    assert error.code == code
    assert f"POST http://127.0.0.1:{peer.port}/in" in error.message
    assert len(peer.came) == 1


def test_refusal_says_what_the_far_end_said(peer: HttpPeer) -> None:
    peer.answer = answer("422 Unprocessable", b"no PO number")
    error = check_raises(PermanentError, lambda: to(peer).deliver(parcel()))
    assert "422" in error.message
    assert "no PO number" in error.message


def test_gzip_bomb_is_never_unpacked(peer: HttpPeer) -> None:
    peer.answer = answer("200 OK", GZIP_BOMB, "Content-Encoding: gzip")
    receipt = to(peer).deliver(parcel())
    assert len(receipt.evidence["body"].encode()) < 6 * EVIDENCE


def test_endless_body_is_cut_off(peer: HttpPeer) -> None:
    def endless(far: socket.socket, came: Came) -> None:
        far.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            far.sendall(b"x" * 65536)

    peer.answer = endless
    assert len(to(peer).deliver(parcel()).evidence["body"]) == EVIDENCE


def test_early_refusal_of_a_large_body(peer: HttpPeer) -> None:
    """The far end answers and closes while we still send: its answer counts, not the broken pipe."""

    def refuse(far: socket.socket) -> None:
        far.recv(65536)
        far.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        far.shutdown(socket.SHUT_WR)
        while far.recv(65536):
            pass

    peer.before_read = refuse
    error = check_raises(PermanentError, lambda: to(peer).deliver(parcel(body=b"x" * 5_000_000)))
    assert error.code == "HUB-5033"


def test_reset_before_everything_was_sent_is_transient(peer: HttpPeer) -> None:
    def refuse(far: socket.socket) -> None:
        far.recv(1000)
        reset(far, Came("", {}, b""))

    peer.before_read = refuse
    error = check_raises(TransientError, lambda: to(peer).deliver(parcel(body=b"x" * 20_000_000)))
    assert error.code == "HUB-5001"
    assert peer.came == []


def test_connect_time_out() -> None:
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    filler = [socket.socket() for _ in range(3)]
    for one in filler:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    try:
        url = f"http://127.0.0.1:{full.getsockname()[1]}/in"
        slow = connector(url, allow_private=True, connect_timeout=0.3)
        assert check_raises(TransientError, lambda: slow.deliver(parcel())).code == "HUB-5006"
    finally:
        for one in (*filler, full):
            one.close()


@pytest.mark.slow
def test_random_cuts(peer: HttpPeer) -> None:
    def build(host: str, port: int) -> Any:
        url = f"http://{host}:{port}/in"
        return connector(url, allow_private=True, connect_timeout=2, timeout=5, total_timeout=10)

    outcomes = testing.check_cuts(build, ("127.0.0.1", peer.port), peer, cuts=200, seed=3)
    print(f"200 cuts of HTTP: {outcomes}, 0 partial bodies taken")
    assert min(outcomes.values()) > 5


# -- TLS and addresses


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize(
    ("make", "trusted", "said"),
    [
        ({"expired": True}, True, "expired"),
        ({"host": "other.example"}, True, "IP address mismatch"),
        ({}, False, "unable to get local issuer|self-signed"),
    ],
    ids=["expired", "wrong host", "unknown authority"],
)
def test_certificates_not_to_trust(
    authority: Authority, tmp_path: Path, make: dict[str, Any], trusted: bool, said: str
) -> None:
    with HttpPeer(authority.server(tmp_path, **make)).running() as peer:
        url = f"https://127.0.0.1:{peer.port}/in"
        far = connector(url, allow_private=True, ca=authority.pem if trusted else None)
        for call in (lambda: far.deliver(parcel()), far.test):
            error = check_raises(PermanentError, call)
            assert error.code == "HUB-5031"
            assert any(one in error.message for one in said.split("|"))
            assert error.message.startswith("POST" if call != far.test else f"https://127.0.0.1:{peer.port}: ")
        assert peer.came == []


def test_trusted_certificate(authority: Authority, tmp_path: Path) -> None:
    with HttpPeer(authority.server(tmp_path)).running() as peer:
        far = connector(f"https://127.0.0.1:{peer.port}/in", allow_private=True, ca=authority.pem)
        assert far.deliver(parcel()).evidence["status"] == "200"
        assert far.test().endswith("its certificate is trusted.")


def test_ca_that_is_no_certificate() -> None:
    far = connector("https://127.0.0.1:1/in", allow_private=True, ca="hello")
    assert check_raises(PermanentError, lambda: far.deliver(parcel())).code == "HUB-5031"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://[::ffff:169.254.169.254]/latest/meta-data",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://localhost:9/",
        "https://10.1.2.3/",
    ],
)
def test_addresses_inside_are_refused(url: str) -> None:
    for call in (lambda: connector(url).deliver(parcel()), connector(url).test):
        assert check_raises(PermanentError, call).code == "HUB-5030"


@pytest.mark.parametrize(
    "url",
    [
        "http://edi.partner.example/in",
        "ftp://edi.partner.example/in",
        "file:///etc/passwd",
        "https:///in",
        "edi.partner.example",
        "https://us:word@edi.partner.example/in",
        "https://edi.partner.example@127.0.0.1/",
        "gopher://127.0.0.1:25/",
        "https://partner.example/a b",
        "https://gr\u00f6\u00dfe.example/",
        "https://partner.example/\r\nX-Evil: 1",
        "https://partner.example:99999/",
    ],
)
def test_urls_that_settings_refuse(url: str) -> None:
    with pytest.raises(ValidationError):
        http.Settings(url=url)


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": "bearer"},
        {"auth": "basic", "secret": "secret:token"},
        {"failure_pattern": "("},
        {"inbound": {}},
        {"colour": "red"},
    ],
)
def test_settings_that_do_not_fit_together(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        http.Settings(url="https://edi.partner.example/in", **settings)


def test_no_url_is_set() -> None:
    for call in (lambda: connector(None).deliver(parcel()), connector(None).test):
        assert check_raises(PermanentError, call).code == "HUB-5008"


# -- Retry-After

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "date", "seconds"),
    [
        (None, None, None),
        ("0", None, 0),
        ("120", None, 120),
        (" 7 ", None, 7),
        ("99999999999999999999", None, 3600),
        ("-5", None, None),
        ("1.5", None, None),
        ("soon", None, None),
        ("", None, None),
        ("Sun, 01 Mar 2026 12:02:00 GMT", None, 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 3600),
        ("Sun, 01 Mar 2026 10:02:00 GMT", "Sun, 01 Mar 2026 10:00:00 GMT", 120),
        ("Sun, 99 Foo 2026 12:02:00 GMT", None, None),
    ],
)
def test_retry_after(said: str | None, date: str | None, seconds: float | None) -> None:
    assert retry_after(said, date, NOW) == seconds


def test_retry_after_is_passed_on(peer: HttpPeer) -> None:
    peer.answer = answer("429 Too Many Requests", b"", "Retry-After: 17")
    error = check_raises(TransientError, lambda: to(peer).deliver(parcel()))
    assert isinstance(error, TransientError)
    assert error.retry_after == 17


# -- letting in


def request(body: bytes = b"ISA~", method: str = "POST", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method=method, headers=named, query={}, body=body, now=NOW)


def test_bearer_tokens() -> None:
    inbound = connector(None, inbound={"tokens": ["secret:token", "secret:old"]})
    forged = [
        request(),
        request(authorization=""),
        request(authorization="Bearer"),
        request(authorization="Bearer "),
        request(authorization="Bearer t0kem"),
        request(authorization="Bearer t0ken0ld"),
        request(authorization="Basic t0ken"),
        request(authorization="Bearer \udcff"),
        request(method="GET", authorization="Bearer t0ken"),
    ]
    for token in ("Bearer t0ken", "bearer  0ld "):
        testing.check_lets_in(inbound, request(authorization=token), forged, SECRETS.values())


def test_a_connection_without_inbound_lets_nothing_in() -> None:
    with pytest.raises(http.Refusal) as refused:
        connector().accept(request(authorization="Bearer t0ken"))
    assert refused.value.status == 404


@pytest.mark.parametrize("style", ["plain", "shopify", "stripe", "svix"])
def test_signed_requests(style: str) -> None:
    signature = {"style": style, "secrets": ["secret:whsec"]}
    settings = http.Settings(inbound={"signature": signature})
    now = int(NOW.timestamp())
    headers = http.sign(settings.inbound.signature, SECRETS["secret:whsec"], b"ISA~", message_id="m-1", now=now)
    good = request(**headers)
    forged = [
        request(b"IEA~", **headers),
        request(),
        request(**{name: value[:-2] + "xx" for name, value in headers.items()}),
    ]
    inbound = connector(None, inbound={"signature": signature})
    testing.check_lets_in(inbound, good, forged, SECRETS.values())
    first = inbound.accept(good).protocol_id
    assert first == inbound.accept(good).protocol_id  # a replay is the same one
    assert first == {"shopify": "m-1", "svix": "m-1"}.get(
        style, headers.get("x-signature", headers.get("stripe-signature"))
    )


def test_token_and_signature_are_both_needed() -> None:
    signature = {"style": "plain", "secrets": ["secret:old"]}
    inbound = connector(None, inbound={"tokens": ["secret:token"], "signature": signature})
    model = http.Settings(inbound={"signature": signature}).inbound.signature
    signed = http.sign(model, "0ld", b"ISA~", message_id="", now=int(NOW.timestamp()))
    good = request(authorization="Bearer t0ken", **signed)
    testing.check_lets_in(inbound, good, [request(**signed), request(authorization="Bearer t0ken")])


def test_what_is_let_in() -> None:
    inbound = connector(
        None, inbound={"tokens": ["secret:token"], "media_types": ["application/edi-x12"], "max_size": 10}
    )
    token = {"authorization": "Bearer t0ken"}
    good = request(
        content_type="Application/EDI-X12; charset=x", idempotency_key="k-9", x_file_name="../../o\nrder.edi", **token
    )
    arrival = inbound.accept(good)
    assert (arrival.media_type, arrival.protocol_id) == ("application/edi-x12", "k-9")
    assert arrival.file_name == "order.edi"
    for wrong, status in ((request(b"x" * 11, **token), 413), (request(content_type="text/html", **token), 415)):
        with pytest.raises(http.Refusal) as refused:
            inbound.accept(wrong)
        assert refused.value.status == status
        assert refused.value.why, "who runs the hub learns of it too"


def test_own_id_header() -> None:
    inbound = connector(None, inbound={"tokens": ["secret:token"], "id_header": "X-Order-Id"})
    arrival = inbound.accept(request(authorization="Bearer t0ken", x_order_id="7", idempotency_key="other"))
    assert arrival.protocol_id == "7"
