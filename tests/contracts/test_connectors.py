"""The SFTP connector as a partner of our own mailbox: the contract and random cuts, from both sides."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from hub import testing
from hub.errors import PermanentError
from hub.store.blobs import body_of, store_payload
from hub.store.engine import open_database
from hub.store.mailbox import place_in_outbox
from hub.store.ports import SystemClock, new_id
from tests.contracts.peers import load
from tests.mailboxes import Running, running

sftp = load("sftp")
mailbox_connector = load("mailbox")


class Seen:
    """The mailbox as the hub sees it: what was received is delivered; what is laid out can be collected."""

    def __init__(self, mailbox: Running) -> None:
        self.mailbox = mailbox

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        return self.mailbox.payloads()

    def strays(self) -> Sequence[str]:
        return [name for folder, name, _ in self.mailbox.files() if folder != "inbox" or "/" in name or "\n" in name]

    def offer(self, name: str, body: bytes) -> None:
        clock = SystemClock()
        with self.mailbox.database.begin() as conn:
            row = body_of(conn, new_id(clock), body)
            made = store_payload(conn, clock.now(), row, direction="out", state="received")
            place_in_outbox(
                conn,
                clock.now(),
                file_id=new_id(clock),
                connection="acme/mailbox",
                name=name,
                payload_id=made,
                size=len(body),
            )

    def offered(self) -> Sequence[str]:
        return [name for folder, name, state in self.mailbox.files() if folder == "outbox" and state != "removed"]


@pytest.fixture
def mailbox(sqlite_url: str) -> Iterator[Running]:
    database = open_database(sqlite_url)
    with running(database) as started:
        yield started
    database.dispose()


@pytest.fixture
def build(mailbox: Running) -> Iterator[Callable[..., Any]]:
    made = []

    def make(**settings: Any) -> Any:
        wanted = mailbox.settings(**settings)
        made.append(
            sftp.Connector(sftp.Settings(**wanted), {"secret:acme": "sesame", "secret:no": "guess"}.__getitem__)
        )
        return made[-1]

    yield make
    for connector in made:
        connector.close()


@pytest.mark.parametrize("name", ["sftp", "http", "mailbox"])
def test_modules(name: str) -> None:
    testing.check_module(load(name))


def test_only_the_mailbox_is_hosted() -> None:
    assert mailbox_connector.hosted is True
    assert not hasattr(sftp, "hosted")


@pytest.mark.parametrize("check", testing.DELIVERER_CHECKS)
def test_delivers_into_a_mailbox(check: Callable[..., None], build: Callable[..., Any], mailbox: Running) -> None:
    check(build(), Seen(mailbox))


# A mailbox shows files of one name one after the other, so none is ever replaced by a newer one.
COLLECTOR_CHECKS = [check for check in testing.COLLECTOR_CHECKS if check is not testing.check_done_spares_newer]


@pytest.mark.parametrize("check", COLLECTOR_CHECKS)
def test_collects_from_a_mailbox(check: Callable[..., None], build: Callable[..., Any], mailbox: Running) -> None:
    check(build(), Seen(mailbox))


def test_files_of_one_name_are_all_collected(build: Callable[..., Any], mailbox: Running) -> None:
    seen, connector, fetched = Seen(mailbox), build(), []
    for body in (b"first", b"second one", b"third one, too"):
        seen.offer("855.edi", body)
    while files := connector.list():
        (file,) = files
        fetched.append(b"".join(connector.fetch(file)))
        connector.done(file)
    assert fetched == [b"first", b"second one", b"third one, too"]


def test_refused_by_a_mailbox(build: Callable[..., Any]) -> None:
    testing.check_refused(build(password="secret:no"))


def test_uploading_again_what_was_received_is_one_payload(build: Callable[..., Any], mailbox: Running) -> None:
    one = testing.parcel("a.edi", b"ISA~")
    build().deliver(one)
    assert build().probe(one) == "delivered"
    assert build().deliver(one).evidence["found"] == "already there"
    with pytest.raises(PermanentError, match="HUB-5011"):
        build().deliver(testing.parcel("a.edi", b"IEA~"))
    assert mailbox.payloads() == [("a.edi", b"ISA~")]


@pytest.mark.slow
def test_random_cuts_at_the_mailbox(mailbox: Running) -> None:
    def build(host: str, port: int) -> Any:
        settings = {**mailbox.settings(), "host": host, "port": port}
        return sftp.Connector(sftp.Settings(**settings), {"secret:acme": "sesame"}.__getitem__)

    outcomes = testing.check_cuts(build, mailbox.server.address, Seen(mailbox), cuts=200, seed=2)
    states = Counter(state for _, _, state in mailbox.files())
    print(f"200 cuts at the mailbox: {outcomes}, {dict(states)}, 0 partial payloads")
    assert states["aborted"] > 20
    assert states["received"] >= outcomes["delivered"] > 5
