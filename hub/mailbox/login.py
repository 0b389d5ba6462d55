"""Who may open the mailbox, and nothing but its files: no shell, no commands, no forwarding."""

import hashlib
import hmac
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError
from hub.store.ports import Clock

log = logging.getLogger("hub.mailbox")

TRIES = 5
LOCKED = timedelta(minutes=15)
_REMEMBERED = 10_000


class MailboxUser(msgspec.Struct, frozen=True, kw_only=True):
    """A partner's access. public_keys: lines as "ssh-ed25519 AAAA..". keep_hours: how long it sees what is done."""

    user: str
    connection: str
    partner: str
    account: str
    environment: str
    password: str | None = None
    public_keys: tuple[str, ...] = ()
    keep_hours: float = 72


Users = Callable[[], Mapping[str, MailboxUser]]


class Throttle:
    """After TRIES wrong passwords for a user from an address, no more are looked at for LOCKED."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()

    def locked(self, user: str, address: str) -> bool:
        since = self._clock.now() - LOCKED
        with self._lock:
            return sum(1 for moment in self._failed.get((user, address), ()) if moment > since) >= TRIES

    def failed(self, user: str, address: str) -> None:
        with self._lock:
            moments = self._failed.pop((user, address), [])
            self._failed[user, address] = [*moments, self._clock.now()][-TRIES:]
            if len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)

    def passed(self, user: str, address: str) -> None:
        with self._lock:
            self._failed.pop((user, address), None)


class Login(paramiko.ServerInterface):
    """Paramiko's questions about one connection. user is set once somebody has logged in."""

    def __init__(self, users: Users, throttle: Throttle, address: str) -> None:
        self._users = users
        self._throttle = throttle
        self._address = address
        self.user: MailboxUser | None = None

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        if self._throttle.locked(username, self._address):
            log.warning("login of %r from %s: locked after %d wrong passwords", username, self._address, TRIES)
            return AUTH_FAILED
        found = self._known(username)
        right = found.password if found is not None else None
        same = hmac.compare_digest(_digest(password), _digest(right or ""))
        if found is None or not right or not same:
            self._throttle.failed(username, self._address)
            log.warning("login of %r from %s: refused", username, self._address)
            return AUTH_FAILED
        self._throttle.passed(username, self._address)
        self.user = found
        return AUTH_SUCCESSFUL

    def _known(self, username: str) -> MailboxUser | None:
        """None, too, where the users cannot be looked up: nobody is let in by a fault."""
        try:
            return self._users().get(username)
        except (HubError, SQLAlchemyError):
            log.exception("login of %r from %s: the users cannot be read", username, self._address)
            return None

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Asked before paramiko has seen a signature, and again with one; only the second makes a login."""
        found = self._known(username)
        offered = (key.get_name(), key.get_base64())
        if found is None or offered not in [tuple(line.split()[:2]) for line in found.public_keys]:
            return AUTH_FAILED
        self.user = found
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        return name == "sftp" and super().check_channel_subsystem_request(channel, name)


def _digest(text: str) -> bytes:
    """Of equal length whatever the text, so that comparing tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
