"""The SFTP server of the mailbox: any number of processes may serve the same partners from one store."""

import contextlib
import logging
import socket
import threading
from datetime import timedelta

import paramiko
from sqlalchemy.exc import SQLAlchemyError

from hub.mailbox.keys import host_keys
from hub.mailbox.login import Login, Throttle, Users
from hub.mailbox.session import Session
from hub.mailbox.uploads import Receive
from hub.store.engine import Database
from hub.store.mailbox import abort_stale_uploads
from hub.store.ports import Clock

log = logging.getLogger("hub.mailbox")

LOGIN_SECONDS = 30
KEEPALIVE_SECONDS = 30
SWEEP_SECONDS = 300
STALE = timedelta(hours=1)
MOST_CONNECTIONS = 200


class MailboxServer:
    """Serves the users' inboxes and outboxes. receive accepts an upload in the transaction it is given.

    users is asked at every login, so that a change of partners needs no restart.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        users: Users,
        receive: Receive,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._database, self._clock, self._users, self._receive = database, clock, users, receive
        self._bind = (host, port)
        self._throttle = Throttle(clock)
        self._stopping = threading.Event()
        self._listening: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._open: set[paramiko.Transport] = set()
        self._lock = threading.Lock()
        self._keys: list[paramiko.PKey] = []

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are listened on. RuntimeError: not started."""
        if self._listening is None:
            raise RuntimeError("the mailbox server is not started")
        host, port = self._listening.getsockname()[:2]
        return host, port

    @property
    def host_key_lines(self) -> list[str]:
        """What partners pin, as "ssh-ed25519 AAAA..", once started."""
        return [f"{key.get_name()} {key.get_base64()}" for key in self._keys]

    def start(self) -> None:
        """Listen, and serve each connection in threads of its own."""
        self._keys = host_keys(self._database, self._clock)
        family = socket.AF_INET6 if ":" in self._bind[0] else socket.AF_INET
        self._listening = socket.create_server(self._bind, family=family, backlog=64)
        for name, work in (("mailbox", self._accept), ("mailbox-sweep", self._sweep)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop listening and cut what is open; uploads on their way end as aborted."""
        self._stopping.set()
        if self._listening is not None:
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
        with self._lock:
            transports = list(self._open)
        for transport in transports:
            transport.close()
        for thread in [*self._threads, *transports]:
            thread.join(timeout=10)

    def _accept(self) -> None:
        listening = self._listening
        while listening is not None and not self._stopping.is_set():
            try:
                connection, address = listening.accept()
            except OSError:
                if self._stopping.wait(0.2):
                    return
                continue
            if len(self._open) >= MOST_CONNECTIONS:
                log.warning("mailbox: %s refused: %d connections are open", address[0], MOST_CONNECTIONS)
                connection.close()
                continue
            threading.Thread(
                target=self._serve, args=(connection, address[0]), name="mailbox-connection", daemon=True
            ).start()

    def _serve(self, connection: socket.socket, address: str) -> None:
        """One connection: it has LOGIN_SECONDS to log in and open a session."""
        try:
            transport = paramiko.Transport(connection)
        except (OSError, paramiko.SSHException):
            connection.close()
            return
        transport.set_log_channel("hub.mailbox.ssh")
        transport.local_version = "SSH-2.0-crossdock"
        with self._lock:
            self._open.add(transport)
        try:
            for key in self._keys:
                transport.add_server_key(key)
            transport.set_subsystem_handler(
                "sftp", paramiko.SFTPServer, Session, self._database, self._clock, self._receive
            )
            transport.start_server(event=threading.Event(), server=Login(self._users, self._throttle, address))
            session = transport.accept(LOGIN_SECONDS)  # paramiko closes a channel that nobody refers to
            if session is not None:
                transport.set_keepalive(KEEPALIVE_SECONDS)
                while transport.is_active() and not self._stopping.is_set():
                    transport.join(timeout=60)
        except (OSError, EOFError, paramiko.SSHException) as error:
            log.info("mailbox: connection of %s ended: %s", address, error)
        finally:
            transport.close()
            with self._lock:
                self._open.discard(transport)

    def _sweep(self) -> None:
        """Uploads whose mailbox process was killed end as aborted."""
        while not self._stopping.is_set():
            try:
                with self._database.begin() as conn:
                    abort_stale_uploads(conn, self._clock.now(), STALE)
            except SQLAlchemyError:
                log.exception("mailbox: abandoned uploads could not be looked for")
            self._stopping.wait(SWEEP_SECONDS)
