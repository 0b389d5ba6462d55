"""The AS2 connector: the contract, every fault of a far end, and what it lets in."""

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from hub import testing
from hub.as2 import Heading, Wanted, make_receipt, read_heading, read_key
from hub.connector import Arrival, Parcel, Refusal, Request
from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.testing import check_raises, parcel
from tests.contracts.as2_peers import NOW, Identity, identity
from tests.contracts.http_peer import Came, HttpPeer, answer, reset
from tests.contracts.peers import load

as2 = load("as2")
US, THEM = identity("us"), identity("them")
OTHER = identity("other")
KEYS = {name: identity(name).pem for name in ("us", "them", "us-new", "them-new", "other", "ec")}
KEYS |= {"old": identity("old", -400, -1).pem, "early": identity("early", 5, 400).pem}
SECRETS = {f"secret:{name}": pem for name, pem in KEYS.items()} | {"secret:word": "w0rd"}


def ours(url: str | None = "https://edi.partner.example/as2", **settings: Any) -> Any:
    plain = {
        "as2_from": "us",
        "as2_to": "them",
        "url": url,
        "private_keys": ["secret:us"],
        "certificates": [THEM.certificate],
    }
    return as2.Connector(as2.Settings(**{**plain, **settings}), SECRETS.__getitem__)


def theirs(**settings: Any) -> Any:
    """The partner, with the same connector."""
    plain = {
        "as2_from": "them",
        "as2_to": "us",
        "private_keys": ["secret:them"],
        "certificates": [US.certificate],
    }
    return ours(**{**plain, **settings})


def to(peer: HttpPeer, **settings: Any) -> Any:
    short = {"connect_timeout": 2, "timeout": 5, "total_timeout": 10, "allow_private": True}
    return ours(f"http://127.0.0.1:{peer.port}/as2", **{**short, **settings})


def asked(headers: dict[str, str], body: bytes) -> Request:
    return Request(
        method="POST", headers={name.lower(): value for name, value in headers.items()}, query={}, body=body, now=NOW
    )


class Far:
    """A partner with the same connector; it takes each Message-ID once, and answers again what it answered first."""

    def __init__(self, peer: HttpPeer, **settings: Any) -> None:
        self.peer, self.connector = peer, theirs(**settings)
        self.arrivals: dict[str, Arrival] = {}
        peer.answer = self.take

    def take(self, peer: socket.socket, came: Came) -> None:
        arrival = self.connector.accept(asked(came.headers, came.body))
        answered = self.arrivals.setdefault(arrival.protocol_id, arrival).answer
        head = [f"HTTP/1.1 {answered.status} OK", f"Content-Length: {len(answered.body)}"]
        head += [f"{name}: {value}" for name, value in answered.headers.items()]
        peer.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + answered.body)

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        return [(arrival.file_name, arrival.body) for arrival in self.arrivals.values()]

    def strays(self) -> Sequence[str]:
        return [name for name, _ in self.delivered() if "/" in name or "\\" in name or not name.isprintable()]


@pytest.fixture
def peer() -> Iterator[HttpPeer]:
    with HttpPeer().running() as running:
        yield running


# -- delivering


def test_module() -> None:
    testing.check_module(as2)


@pytest.mark.parametrize("check", testing.DELIVERER_CHECKS)
def test_contract(check: Callable[..., None], peer: HttpPeer) -> None:
    check(to(peer), Far(peer))


def test_unreachable() -> None:
    testing.check_unreachable(ours("http://127.0.0.1:1/as2", allow_private=True))


def test_addresses_inside_are_refused() -> None:
    assert check_raises(PermanentError, lambda: ours("https://127.0.0.1/as2").deliver(parcel())).code == "HUB-5030"


def test_what_is_sent(peer: HttpPeer) -> None:
    Far(peer)
    receipt = to(peer, user="me", password="secret:word", subject="Orders").deliver(
        Parcel(file_name="größe.edi", body=b"ISA~", key="k-1", media_type="application/edi-x12")
    )
    (came,) = peer.came
    wanted = {
        "as2-version": "1.2",
        "as2-from": "us",
        "as2-to": "them",
        "message-id": "<k-1@us>",
        "subject": "Orders",
        "authorization": "Basic bWU6dzByZA==",
        "disposition-notification-options": "signed-receipt-protocol=required, pkcs7-signature; "
        "signed-receipt-micalg=required, sha-256",
        "content-type": 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
    }
    assert wanted.items() <= came.headers.items()
    assert b"ISA~" not in came.body
    assert receipt.reference == "<k-1@us>"
    assert receipt.evidence["mic"].endswith(", sha-256")
    assert receipt.body


@pytest.mark.parametrize("name", ["My Co", 'a"b\\c', "A=B;c", "x"])
def test_names_with_spaces_and_quotes(name: str, peer: HttpPeer) -> None:
    far = Far(peer, as2_to=name)
    to(peer, as2_from=name).deliver(parcel())
    assert far.delivered() == [(parcel().file_name, parcel().body)]


@pytest.mark.parametrize("key", ["0192f0c2-77aa-7c3e", "a/b c", "ü=2F", "=", "k" * 100])
def test_a_message_id_names_its_delivery_and_nothing_else(key: str) -> None:
    connector = ours(as2_from="Us & Co")
    message_id = connector._message_id(key)
    assert re.fullmatch(r"<[A-Za-z0-9_.=-]+@us-co>", message_id)
    assert connector._key_of(message_id) == key
    assert connector._key_of(message_id.replace("@us-co", "@them")) is None
    assert connector._key_of("<=FF@us-co>") is None


@pytest.mark.parametrize(
    "settings",
    [{"pss": True}, {"digest": "sha-512"}, {"cipher": "aes-128-gcm"}, {"cipher": "aes-192-cbc"}, {"digest": "sha-384"}],
)
def test_algorithms(settings: dict[str, Any], peer: HttpPeer) -> None:
    far = Far(peer)
    to(peer, **settings).deliver(parcel())
    assert far.delivered() == [(parcel().file_name, parcel().body)]


def test_keys_of_elliptic_curves_sign(peer: HttpPeer) -> None:
    far = Far(peer, certificates=[identity("ec").certificate])
    to(peer, private_keys=["secret:ec"]).deliver(parcel())
    assert far.delivered() == [(parcel().file_name, parcel().body)]


def receipt(came: Came, signer: Identity | None = THEM, message_id: str = "", **told: str) -> Any:
    """An answer with this receipt."""
    heading = read_heading(came.headers)
    if message_id:
        heading = heading._replace(message_id=message_id)
    signing = (read_key(signer.pem, None, "them"), "sha-256") if signer is not None else None
    made = make_receipt(heading, text="So it is.", message_id="<m@them>", now=NOW, signing=signing, **told)
    return answer("200 OK", made[1], *(f"{name}: {value}" for name, value in made[0].items()))


Fault = Callable[[Came], Any]
FAULTS: dict[str, tuple[Fault, dict[str, Any], type[HubError], str]] = {
    "refused by receipt": (
        lambda came: receipt(came, modifier="decryption-failed"),
        {},
        PermanentError,
        "HUB-5041",
    ),
    "refused, unsigned": (
        lambda came: receipt(came, None, modifier="authentication-failed"),
        {},
        PermanentError,
        "HUB-5041",
    ),
    "another MIC": (lambda came: receipt(came, mic="AAAA, sha-256"), {}, PermanentError, "HUB-5042"),
    "no MIC": (lambda came: receipt(came), {}, PermanentError, "HUB-5042"),
    "refused at once": (
        lambda came: receipt(came, modifier="decryption-failed"),
        {"mdn": "async", "mdn_url": "https://us.example/as2"},
        PermanentError,
        "HUB-5041",
    ),
    "not signed": (lambda came: receipt(came, None, mic="AAAA, sha-256"), {}, PermanentError, "HUB-5043"),
    "signed by others": (lambda came: receipt(came, OTHER, mic="AAAA, sha-256"), {}, PermanentError, "HUB-5043"),
    "of another message": (lambda came: receipt(came, message_id="<x@us>"), {}, TransientError, "HUB-5007"),
    "no receipt": (lambda came: answer("200 OK", b"<html>thanks"), {}, TransientError, "HUB-5007"),
    "nothing": (lambda came: answer("204 No Content"), {"repeatable": False}, InDoubtError, "HUB-5007"),
    "reset": (lambda came: reset, {}, TransientError, "HUB-5007"),
    "reset, not repeatable": (lambda came: reset, {"repeatable": False}, InDoubtError, "HUB-5007"),
    "500": (lambda came: answer("500 Oops"), {}, TransientError, "HUB-5034"),
    "403": (lambda came: answer("403 Forbidden"), {}, PermanentError, "HUB-5005"),
    "302": (lambda came: answer("302 Found", b"", "Location: https://x/"), {}, PermanentError, "HUB-5032"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, peer: HttpPeer) -> None:
    fault, settings, kind, code = FAULTS[name]
    peer.answer = lambda far, came: fault(came)(far, came)
    error = check_raises(kind, lambda: to(peer, **settings).deliver(parcel()))
    assert error.code == code
    assert str(peer.port) in error.message
    assert len(peer.came) == 1


def test_a_duplicate_is_as_good_as_taken(peer: HttpPeer) -> None:
    peer.answer = lambda far, came: receipt(came, modifier="duplicate-document")(far, came)
    assert to(peer).deliver(parcel()).evidence["disposition"] == "processed/error: duplicate-document"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"private_keys": ["secret:old"]}, "CN=old.*ended on"),
        ({"private_keys": ["secret:early"]}, "CN=early.*is not valid before"),
        ({"certificates": [identity("old", -400, -1).certificate]}, "CN=old.*ended on"),
        ({"certificates": [identity("ec").certificate]}, "CN=ec.*is not RSA"),
        ({"certificates": ["hello"]}, "certificates, number 1, holds no certificate"),
        ({"private_keys": ["secret:word"]}, "secret:word holds no private key"),
    ],
)
def test_unusable_keys_and_certificates(settings: dict[str, Any], said: str, peer: HttpPeer) -> None:
    for call in (lambda: to(peer, **settings).deliver(parcel()), to(peer, **settings).test):
        error = check_raises(PermanentError, call)
        assert error.code == "HUB-5040"
        assert re.search(said, error.message), error.message
    assert peer.came == []


def test_the_first_valid_ones_are_used(peer: HttpPeer) -> None:
    """An ended one before the new one does no harm."""
    far = Far(peer)
    keys, certificates = ["secret:old", "secret:us"], [identity("old", -400, -1).certificate, THEM.certificate]
    to(peer, private_keys=keys, certificates=certificates).deliver(parcel())
    assert len(far.delivered()) == 1


def test_test_tells_what_ends_soon(peer: HttpPeer) -> None:
    soon = identity("soon", -10, 20).certificate
    told = to(peer, certificates=[THEM.certificate, soon]).test()
    assert told.startswith("Reached 127.0.0.1")
    assert re.search(r'Ours: "CN=us" \(serial number [0-9A-F]+, valid until 20', told)
    assert re.search(r'Warning: "CN=soon" .* ends in (19|20) days\.', told)
    assert told.count("Warning") == 1
    assert peer.came == []


# -- taking messages in


SIGNED = Wanted(True, ("sha-256",))


def message(sender: dict[str, Any] | None = None, body: bytes = b"ISA~", wanted: Wanted | None = SIGNED) -> Request:
    """A message of the partner to us, as their settings make it."""
    connector = theirs(**(sender or {}))
    settings = connector.settings
    made = as2.as2.make(
        body,
        heading=Heading(settings.as2_from, settings.as2_to, "<1@them>", wanted),
        media_type="application/edi-x12",
        file_name="order.edi",
        subject="x",
        protection=as2.as2.Protection(
            signing=connector._keys()[0] if settings.sign else None,
            encrypting=connector._certificates()[0] if settings.encrypt else None,
            compressed=settings.compress,
            digest=settings.digest,
            cipher=settings.cipher,
        ),
        now=NOW,
        random=lambda size: b"r" * size,
    )
    return asked(made.headers, made.body)


def test_lets_in() -> None:
    good = message()
    forged = [message({"private_keys": ["secret:other"]}), message({"as2_to": "others"}), message({"sign": False})]
    assert ours().knows(good)
    assert not ours().knows(forged[1])
    testing.check_lets_in(ours(), good, forged, KEYS.values(), body=b"ISA~")


def changed(request: Request, old: bytes, new: bytes) -> Request:
    assert old in request.body
    return asked(dict(request.headers), request.body.replace(old, new))


def damaged_signature(request: Request) -> Request:
    """The last bytes of the signature are others."""
    at = request.body.rindex(b"\r\n\r\n--") - 12
    return changed(request, request.body[at : at + 4], b"AAAA")


CLEAR = {"require_encrypted": False}
REFUSED: dict[str, tuple[Callable[[], Request], dict[str, Any], str, str]] = {
    "another receiver": (lambda: message({"as2_to": "x"}), {}, "unknown-trading-partner", '"them" to "x"'),
    "another sender": (lambda: message({"as2_from": "x"}), {}, "unknown-trading-partner", '"x" to "us"'),
    "not signed": (lambda: message({"sign": False}), {}, "insufficient-message-security", "not signed"),
    "not encrypted": (lambda: message({"encrypt": False}), {}, "insufficient-message-security", "not encrypted"),
    "signed by others": (
        lambda: message({"private_keys": ["secret:other"]}),
        {},
        "authentication-failed",
        "serial number .*by none of the partner's certificates.*CN=them",
    ),
    "certificate ended": (
        lambda: message({"private_keys": ["secret:old"]}),
        {"certificates": [identity("old", -400, -1).certificate]},
        "authentication-failed",
        "CN=old.*ended on",
    ),
    "certificate not yet valid": (
        lambda: message({"private_keys": ["secret:early"]}),
        {"certificates": [identity("early", 5, 400).certificate]},
        "authentication-failed",
        "CN=early.*not valid before",
    ),
    "for another key": (
        lambda: message({"certificates": [OTHER.certificate]}),
        {},
        "decryption-failed",
        "serial number .*ours are: .CN=us",
    ),
    "content changed": (
        lambda: changed(message({"encrypt": False}), b"ISA~", b"ISB~"),
        CLEAR,
        "integrity-check-failed",
        "changed on its way",
    ),
    "signature changed": (
        lambda: damaged_signature(message({"encrypt": False})),
        CLEAR,
        "authentication-failed",
        "by none of the partner's certificates",
    ),
    "cut off": (
        lambda: changed(message({"encrypt": False}), message({"encrypt": False}).body[-60:], b""),
        CLEAR,
        "unexpected-processing-error",
        "closing boundary",
    ),
    "envelope cut off": (
        lambda: asked(dict(message().headers), message().body[:-40]),
        {},
        "decryption-failed",
        "breaks off",
    ),
    "sha-1": (
        lambda: message({"digest": "sha-1"}),
        {},
        "insufficient-message-security",
        "digest sha-1; allowed are sha-256",
    ),
    "3des": (lambda: message({"cipher": "3des"}), {}, "insufficient-message-security", "by 3des; allowed are aes"),
    "a bomb": (
        lambda: message({"compress": True}, b"0" * 5_000_000),
        {"max_size": 100_000},
        "decompression-failed",
        "larger than 100,000 bytes",
    ),
    "receipt to nowhere": (
        lambda: message(wanted=Wanted(True, (), "ftp://them.example/")),
        {},
        "unexpected-processing-error",
        "ftp://them.example/: url must",
    ),
    "receipt by plain http": (
        lambda: message(wanted=Wanted(True, (), "http://them.example/")),
        {},
        "unexpected-processing-error",
        "must be https",
    ),
    "receipt to a stranger": (
        lambda: message({"sign": False}, wanted=Wanted(True, (), "https://victim.example/")),
        {"require_signed": False},
        "insufficient-message-security",
        "no signature proves",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """A negative receipt tells the sender what, and the hub's people everything."""
    make, settings, modifier, why = REFUSED[name]
    request = make()
    with pytest.raises(Refusal) as caught:
        ours(**settings).accept(request)
    refusal = caught.value
    assert re.fullmatch(modifier, refusal.cause)
    assert re.search(why, refusal.why), refusal.why
    assert refusal.why.startswith("AS2 message <1@them> of ")
    assert refusal.kept == request.body
    if "receipt" in name:
        assert (refusal.status, refusal.answer, refusal.later) == (403, None, None)
        return
    assert refusal.status == 200
    assert refusal.answer is not None
    said = as2.as2.read_receipt(
        {key.lower(): value for key, value in refusal.answer.headers.items()},
        refusal.answer.body,
        ours(certificates=[US.certificate])._certificates(),
        digests=["sha-256"],
        now=NOW,
    )
    assert (said.accepted, said.message_id) == (False, "<1@them>")
    assert said.disposition == f"processed/error: {refusal.cause}"
    assert said.signer is not None


def test_old_algorithms_by_setting() -> None:
    for sender, settings in (
        ({"digest": "sha-1"}, {"digests": ["sha-1"]}),
        ({"cipher": "3des"}, {"ciphers": ["3des"]}),
        ({"sign": False, "encrypt": False}, {"require_signed": False, "require_encrypted": False}),
    ):
        arrival = ours(**settings).accept(message(sender))
        assert isinstance(arrival, Arrival)
        assert arrival.body == b"ISA~"


def test_no_receipt_wanted() -> None:
    arrival = ours().accept(message(wanted=None))
    assert (arrival.answer.status, arrival.answer.body, arrival.later) == (200, b"", None)
    with pytest.raises(Refusal) as caught:
        ours().accept(message({"sign": False}, wanted=None))
    assert (caught.value.status, caught.value.answer) == (403, None)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Request(method="GET", headers={}, query={}, body=b"", now=NOW), 405),
        (asked({}, b"ISA~"), 400),
        (asked({"as2-from": "them", "as2-to": "us"}, b"ISA~"), 400),
    ],
)
def test_no_as2_at_all(request_: Request, status: int) -> None:
    assert not ours().knows(request_)
    with pytest.raises(Refusal) as caught:
        ours().accept(request_)
    assert (caught.value.status, caught.value.why) == (status, "")


@pytest.mark.parametrize("signing", ["them", "them-new"])
@pytest.mark.parametrize("encrypting", ["us", "us-new"])
def test_roll_over(signing: str, encrypting: str) -> None:
    """While both ends roll their certificates over, old and new go through in every mixture."""
    both = ours(
        private_keys=["secret:us-new", "secret:us"],
        certificates=[THEM.certificate + identity("them-new").certificate],
    )
    sender = {"private_keys": [f"secret:{signing}"], "certificates": [identity(encrypting).certificate]}
    arrival = both.accept(message(sender))
    assert arrival.body == b"ISA~"


def test_the_same_message_has_the_same_identity() -> None:
    first, second = ours().accept(message()), ours().accept(message())
    assert first.protocol_id == second.protocol_id == "<1@them>"


def test_receipts_go_to_the_partners_own_host_or_a_named_one() -> None:
    wanted = Wanted(False, (), "https://mdn.partner.example/x")
    unsigned = {"sign": False}
    for settings in ({"mdn_hosts": ["mdn.partner.example"]}, {"url": "https://mdn.partner.example/as2"}):
        arrival = ours(require_signed=False, **settings).accept(message(unsigned, wanted=wanted))
        assert arrival.later.address == wanted.address
    signed = ours().accept(message(wanted=wanted))
    assert signed.later.address == wanted.address


def test_a_later_receipt_is_posted_as_it_is(peer: HttpPeer) -> None:
    address = f"http://127.0.0.1:{peer.port}/mdn"
    connector = to(peer, user="me", password="secret:word")
    arrival = connector.accept(message(wanted=Wanted(True, ("sha-256",), address)))
    connector.deliver(arrival.later)
    (came,) = peer.came
    assert came.line == "POST /mdn HTTP/1.1"
    assert came.body == arrival.later.body
    assert came.headers["as2-from"] == "us"
    assert "authorization" not in came.headers
    peer.answer = answer("503 Busy")
    assert check_raises(TransientError, lambda: connector.deliver(arrival.later)).code == "HUB-5034"


# -- receipts that come late


def late(
    signer: Identity | None = THEM, key: str = "k-1", names: tuple[str, str] = ("us", "them"), **told: str
) -> Request:
    heading = Heading(*names, f"<{key}@us>", None)
    signing = (read_key(signer.pem, None, "them"), "sha-256") if signer is not None else None
    told = {"mic": "AAAA, sha-256", **told}
    return asked(*make_receipt(heading, text="So it is.", message_id="<m@them>", now=NOW, signing=signing, **told))


def waiting(**settings: Any) -> Any:
    return ours(mdn="async", mdn_url="https://us.example/as2", **settings)


def test_late_receipts() -> None:
    word = testing.check_word(waiting(), late(), "k-1", accepted=True)
    assert word.evidence["mic"] == "AAAA, sha-256"
    assert word.answer.status == 204
    word = testing.check_word(waiting(), late(modifier="decryption-failed"), "k-1", accepted=False)
    assert "decryption-failed" in word.text
    assert "So it is." in word.text
    word = testing.check_word(waiting(), late(mic=""), "k-1", accepted=False)
    assert "no MIC" in word.text
    testing.check_word(waiting(mdn_signed=False), late(None), "k-1", accepted=True)


@pytest.mark.parametrize(
    ("request_", "status", "cause"),
    [
        (late(None), 403, "insufficient-message-security"),
        (late(OTHER), 403, "authentication-failed"),
        (late(names=("us", "x")), 403, "unknown-trading-partner"),
        (late(key="k@elsewhere"), 404, "refused"),
    ],
)
def test_late_receipts_that_prove_nothing(request_: Request, status: int, cause: str) -> None:
    with pytest.raises(Refusal) as caught:
        waiting().accept(request_)
    assert (caught.value.status, caught.value.cause) == (status, cause)


# -- settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "http://partner.example/"}, "must be https"),
        ({"as2_from": "größe"}, "printable ASCII"),
        ({"subject": "a\r\nX: 1"}, "printable ASCII"),
        ({"private_keys": ["-----BEGIN"]}, "secret:<name>"),
        ({"private_keys": []}, "sign and require_encrypted need private_keys"),
        ({"certificates": []}, "need certificates"),
        ({"mdn": "async"}, "mdn = async and mdn_url belong together"),
        ({"mdn_url": "https://us.example/"}, "mdn = async and mdn_url belong together"),
        ({"mdn": "async", "mdn_url": "us.example"}, "https://"),
        ({"user": "me"}, "user and password belong together"),
        ({"cipher": "rc2"}, "aes-128-cbc"),
        ({"pss": True, "digest": "sha-1"}, "sha-2"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ours(**settings)


def test_damage_of_what_is_signed_is_always_found() -> None:
    """A byte changed anywhere in the signed part, its headers too, is never let in."""
    request, connector = message({"encrypt": False}), ours(require_encrypted=False)
    body = request.body
    start, end = body.index(b"Content-Type"), body.index(b"ISA~") + 4
    for at in range(start, end, 5):
        damaged = body[:at] + bytes((body[at] ^ 0x15,)) + body[at + 1 :]
        with pytest.raises(Refusal) as caught:
            connector.accept(asked(dict(request.headers), damaged))
        assert caught.value.cause == "integrity-check-failed"


@pytest.mark.slow
def test_a_hundred_megabytes(peer: HttpPeer) -> None:
    """Signed and encrypted, over HTTP and back as a receipt."""
    far, large = Far(peer), b"PO1*1*48*EA*9.25**CB*065322-117~\r\n" * 3_000_000
    to(peer, total_timeout=120).deliver(parcel(body=large))
    ((_, arrived),) = far.delivered()
    assert len(arrived) > 100_000_000
    assert arrived == large
