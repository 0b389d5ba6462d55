"""The AS2 connector takes in: messages and late receipts, and what it refuses."""

import email
import re
from collections.abc import Callable
from typing import Any

import pytest

from hub import testing
from hub.as2 import Heading, Wanted, make_receipt, read_key
from hub.connector import Arrival, Refusal, Request
from hub.errors import PermanentError
from tests.contracts.as2_ends import OTHER, THEM, US, as2, asked, message, ours, secret
from tests.contracts.as2_peers import NOW, Identity, identity


def test_lets_in() -> None:
    good = message()
    forged = [message({"private_keys": ["secret:other"]}), message({"as2_to": "others"}), message({"sign": False})]
    assert ours().knows(good)
    assert not ours().knows(forged[1])
    testing.check_lets_in(ours(), good, forged, map(secret, ("us", "them")), body=b"ISA~")


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
    "too large": (lambda: message(body=b"0" * 10_000), {"max_size": 9_999}, "decompression-failed", "takes 9,999"),
    "a bomb": (
        lambda: message({"compress": True}, b"0" * 5_000_000),
        {"max_size": 100_000},
        "decompression-failed",
        "larger than 165,536 bytes",
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
    assert refusal.kept.endswith(b"\r\n\r\n" + request.body)
    assert email.message_from_bytes(refusal.kept)["Content-Type"] == request.headers["content-type"]
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


@pytest.mark.parametrize(
    ("settings", "late_one"),
    [
        ({"private_keys": ["secret:word"]}, False),
        ({"certificates": ["secret:word"]}, False),
        ({"certificates": ["secret:word"]}, True),
    ],
)
def test_keys_that_are_not_there_are_no_fault_of_the_sender(settings: dict[str, Any], late_one: bool) -> None:
    """So they are no refusal, and the hub asks the sender to come again."""
    with pytest.raises(PermanentError, match="HUB-5040 secret:word holds no"):
        ours(**settings).accept(late() if late_one else message())


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
