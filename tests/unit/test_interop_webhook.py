"""Webhook signatures: the styles' published examples, two live secrets, tolerance, and what must not pass."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.interop.webhook import TOLERANCE, Signature, Style, sign, verify

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BODY = b'{"id": 1, "name": "gr\xc3\xb6\xc3\x9fe"}\n'
STYLES: list[Style] = ["plain", "shopify", "stripe", "svix"]
NEW, OLD = "new-secret", "old-secret"


def signed(style: Style, secret: str = NEW, at: datetime = NOW) -> dict[str, str]:
    return sign(Signature(style=style, secrets=["one"]), secret, BODY, message_id="msg_1", now=int(at.timestamp()))


def right(style: Style, headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> bool:
    return verify(Signature(style=style, secrets=["one", "two"]), [NEW, OLD], body, headers=headers, now=now)


@pytest.mark.parametrize("style", STYLES)
class TestEveryStyle:
    def test_either_live_secret_is_right(self, style: Style) -> None:
        assert right(style, signed(style, NEW))
        assert right(style, signed(style, OLD))

    def test_another_secret_is_wrong(self, style: Style) -> None:
        assert not right(style, signed(style, "guess"))

    def test_one_changed_byte_is_wrong(self, style: Style) -> None:
        assert not right(style, signed(style), body=BODY[:-1])
        assert not right(style, signed(style), body=BODY + b" ")

    def test_without_signature(self, style: Style) -> None:
        assert not right(style, {})
        assert not right(style, dict.fromkeys(signed(style), ""))

    def test_nonsense(self, style: Style) -> None:
        for value in ("x", "t=,v1=", "v1,", "=,=", "\udcff", "v1,\xe9", "t=9" * 500):
            assert not right(style, dict.fromkeys(signed(style), value))

    def test_without_secrets_nothing_is_right(self, style: Style) -> None:
        wanted = Signature(style=style, secrets=["one"])
        assert not verify(wanted, [], BODY, headers=signed(style), now=NOW)
        assert not verify(wanted, [""], BODY, headers=signed(style, ""), now=NOW)

    def test_time(self, style: Style) -> None:
        for seconds, expected in (
            (TOLERANCE, True),
            (TOLERANCE + 1, False),
            (-TOLERANCE, True),
            (-TOLERANCE - 1, False),
        ):
            moment = NOW + timedelta(seconds=seconds)
            assert right(style, signed(style), now=moment) is (expected or style == "shopify")

    def test_changed_time_is_wrong(self, style: Style) -> None:
        headers = signed(style)
        later = str(int(NOW.timestamp()) + 1)
        changed = {name: value.replace(str(int(NOW.timestamp())), later) for name, value in headers.items()}
        assert right(style, changed) is (style == "shopify")

    def test_own_header(self, style: Style) -> None:
        wanted = Signature(style=style, secrets=["one"], header="X-Acme-Sign")
        headers = sign(wanted, NEW, BODY, message_id="msg_1", now=int(NOW.timestamp()))
        assert "x-acme-sign" in headers
        assert verify(wanted, [NEW], BODY, headers=headers, now=NOW)
        assert not right(style, headers)


def test_svix_example() -> None:
    """The worked example of the Standard Webhooks specification's reference libraries."""
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    now = datetime.fromtimestamp(1614265330, UTC)
    wanted = Signature(style="svix", secrets=["one"])
    assert verify(wanted, [secret], body, headers=headers, now=now)
    several = {**headers, "svix-signature": "v1,bm90 v2,other " + headers["svix-signature"]}
    assert verify(wanted, [secret], body, headers=several, now=now)
    assert not verify(wanted, [secret], body, headers={**headers, "svix-id": "msg_other"}, now=now)


def test_stripe_takes_any_of_several_signatures() -> None:
    header = signed("stripe")["stripe-signature"]
    stamp, own = header.split(",")
    assert right("stripe", {"stripe-signature": f"{stamp},v1=00,{own},v0=11"})
    assert not right("stripe", {"stripe-signature": own})
    assert not right("stripe", {"stripe-signature": f"{stamp},{own.replace('v1', 'v0')}"})
