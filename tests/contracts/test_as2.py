"""The AS2 connector sends: the contract, what is sent, and every fault of a far end."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from hub import testing
from hub.as2 import Wanted, make_receipt, read_heading, read_key
from hub.connector import Parcel
from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.testing import check_raises, parcel
from tests.contracts.as2_ends import OTHER, THEM, Far, as2, message, ours, to
from tests.contracts.as2_peers import NOW, Identity, identity
from tests.contracts.http_peer import Came, HttpPeer, answer, reset


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
        "disposition-notification-options": "signed-receipt-protocol=optional, pkcs7-signature; "
        "signed-receipt-micalg=optional, sha-256",
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
        ({"certificates": ["secret:word"]}, "secret:word holds no certificate"),
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


@pytest.mark.parametrize("address", ["https://127.0.0.1/mdn", "https://169.254.169.254/latest", "https://localhost/"])
def test_a_later_receipt_reaches_nothing_inside(address: str) -> None:
    arrival = ours().accept(message(wanted=Wanted(True, ("sha-256",), address)))
    assert check_raises(PermanentError, lambda: ours().deliver(arrival.later)).code == "HUB-5030"


def test_a_connection_that_only_takes_messages() -> None:
    told = ours(None).test()
    assert told.startswith('It has no url, so it takes messages only. Ours: "CN=us"')
    assert check_raises(PermanentError, lambda: ours(None).deliver(parcel())).code == "HUB-5008"


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
        ({"certificates": ["hello"]}, "it holds no certificate that can be read"),
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


@pytest.mark.slow
def test_a_hundred_megabytes(peer: HttpPeer) -> None:
    """Signed and encrypted, over HTTP and back as a receipt."""
    far, large = Far(peer, max_size=200_000_000), b"PO1*1*48*EA*9.25**CB*065322-117~\r\n" * 3_000_000
    to(peer, total_timeout=120).deliver(parcel(body=large))
    ((_, arrived),) = far.delivered()
    assert len(arrived) > 100_000_000
    assert arrived == large
