"""Wires everything: the only place that knows all the parts."""

import logging
import socket
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection as Transaction

from hub.config import Config
from hub.connector import Answer, Request
from hub.dispatch import Dispatcher, Handler, run_workers
from hub.errors import HubError, UsageError
from hub.mailbox import MailboxServer, MailboxUser, Uploaded
from hub.mapping import Library
from hub.mapping.faults import mapping_faults
from hub.partner import Connection, Partners
from hub.partner.keeping import settle_retention
from hub.pipeline.acknowledge import AcknowledgeStage
from hub.pipeline.bulk import Bulk, BulkStage
from hub.pipeline.children import Children
from hub.pipeline.collect import CollectStage, schedule_polls
from hub.pipeline.context import Context
from hub.pipeline.deliver import DeliverStage
from hub.pipeline.desk import Desk
from hub.pipeline.due import DueStage, schedule_due
from hub.pipeline.enter import Enter
from hub.pipeline.identify import Identify
from hub.pipeline.operations import Operations
from hub.pipeline.receive import accept_payload, listen, listen_for
from hub.pipeline.retain import RetainStage, schedule_retention
from hub.pipeline.route import RouteStage
from hub.pipeline.translate import TranslateStage
from hub.pipeline.write import DepartStage, WriteStage
from hub.store import revisions
from hub.store.engine import Database, open_database
from hub.store.incidents import open_incident, resolve_incident
from hub.store.objects import objects_at
from hub.store.ports import Clock, SystemClock, new_id
from hub.workspace import Workspace, digest

log = logging.getLogger("hub.app")

CHECK_SECONDS = 2.0
"""How often a process looks whether another revision was published."""


def stages(context: Context) -> list[Handler]:
    """Every stage there is work for."""
    made = (
        Identify,
        TranslateStage,
        AcknowledgeStage,
        RouteStage,
        WriteStage,
        DepartStage,
        DeliverStage,
        CollectStage,
        DueStage,
        BulkStage,
        RetainStage,
    )
    return [stage(context) for stage in made]


class Content:
    """One revision, loaded: partners, mappings, children that run them, connectors."""

    def __init__(self, workspace: Workspace, config: Config, revision: str, *, children: int) -> None:
        self.revision = revision
        self.partners: Partners = workspace.partners()
        mappings = {path.removeprefix("mappings/"): body for path, body in workspace.mappings().items()}
        self.library = Library(files=mappings)
        self.children = Children(mappings, size=children)
        self.retention = settle_retention(workspace.hub().keep, config.folder)
        self._workspace = workspace
        self._config = config
        self._connectors: dict[str, object] = {}
        self._lock = threading.Lock()

    def connector(self, connection: Connection) -> object:
        """A connection's connector, built once; a hosted one is its module."""
        with self._lock:
            if connection.name not in self._connectors:
                module = self._workspace.connector(connection.connector)
                hosted = getattr(module, "hosted", False)
                built = module if hosted else self._workspace.connect(connection, self._config.secrets)
                self._connectors[connection.name] = built
            return self._connectors[connection.name]

    def test_connection(self, connection: Connection) -> tuple[bool, str]:
        """Whether a connection works, and a sentence for a person."""
        return self._workspace.test(connection, self._config.secrets)

    def close(self) -> None:
        """Ends the children and hangs up on partners' systems. Work under way ends first, by itself."""
        self.children.close()
        with self._lock:
            for connector in self._connectors.values():
                if hasattr(connector, "close"):
                    connector.close()

    def mailbox_users(self) -> dict[str, MailboxUser]:
        """Everybody who may open the mailbox, by user name."""
        users = {}
        for connection in self.partners.connections():
            if connection.connector != "mailbox":
                continue
            settings = self._workspace.settings(connection).model_dump()
            try:
                password = self._config.secrets(settings["password"]) if settings["password"] else None
            except UsageError as error:  # one partner's missing secret keeps nobody else out
                log.warning("%s cannot log in to the mailbox: %s", settings["user"], error.message)
                continue
            users[settings["user"]] = MailboxUser(
                user=settings["user"],
                connection=connection.name,
                partner=connection.partner,
                account=connection.account,
                environment=connection.environment,
                password=password,
                public_keys=tuple(settings["public_keys"]),
                keep_hours=settings["keep_hours"],
            )
        return users


class Hub:
    """A running hub over one database: what serve, worker and mailbox share.

    follow: take the workspace's files as they are (a development machine); else the published revision is in force, and
    the workspace's files are published once if nothing was.
    """

    def __init__(
        self,
        workspace: Workspace,
        config: Config,
        *,
        clock: Clock | None = None,
        follow: bool = False,
        children: int = 2,
        tokens: Mapping[str, str] | None = None,
    ) -> None:
        self.database: Database = open_database(config.database, objects_at(config.payloads, config.secrets))
        self.clock: Clock = clock or SystemClock()
        self.tokens: Mapping[str, str] = tokens or {}
        self.largest_request = config.largest_request
        self.context = Context(self.database, self.clock, self.content, config.secrets, self.content_of)
        self.operations = Operations(self.context)
        self.bulk = Bulk(self.operations)
        self.desk = Desk(self.context)
        self.enter = Enter(self.context)
        self._workspace = workspace
        self._config = config
        self._follow = follow
        self._size = children
        self._content: Content | None = None
        self._chosen: Content | None = None
        self._looked_at = 0.0
        self._fault: HubError | None = None
        self._told: HubError | None = None
        self._polled = ""
        self._host = socket.gethostname()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    # -- content -------------------------------------------------------------------------------------------------------

    def content(self) -> Content:
        """The revision in force; looked up again every CHECK_SECONDS. What cannot be loaded leaves the one before in
        force here for what is under way; may_work says whether more may be begun."""
        with self._lock:
            self._look()
            if self._content is None:
                raise HubError("HUB-6020", "No revision is published: run hub publish in the workspace.")
            return self._content

    def content_of(self, revision: str) -> Content:
        """A published revision by its digest, run by the Python of this machine; the last one asked for is kept."""
        with self._lock:
            for known in (self._content, self._chosen):
                if known is not None and known.revision == revision:
                    return known
            with self.database.read() as conn:
                files = revisions.files(conn, revision)
            workspace = Workspace.from_files(files, self._workspace.folder)
            before, self._chosen = self._chosen, Content(workspace, self._config, revision, children=1)
            if before is not None:
                before.close()
            return self._chosen

    def may_work(self) -> bool:
        """Whether this process may begin work: not while the revision in force needs other code, or cannot be loaded.
        Polls of connections that a new revision brings begin here, and its children start."""
        content = self.content()
        with self._lock:
            fault, told, self._told = self._fault, self._told, self._fault
            new, self._polled = content.revision != self._polled, content.revision
        cause = f"revision/{self._host}"
        if fault is not None and str(fault) != str(told):
            log.error("No work is begun here: %s", fault)
            with self.database.begin() as conn:
                open_incident(conn, self.clock, cause, fault.code, fault.message, "revision", self._host)
        elif fault is None and told is not None:
            with self.database.begin() as conn:
                resolve_incident(conn, self.clock.now(), cause)
        if fault is None and new:
            content.children.start()
            schedule_polls(self.context)
        return fault is None

    def why_idle(self) -> str | None:
        """Why this process may begin no work; None: it may."""
        with self._lock:
            try:
                self._look()
            except HubError as error:
                return error.message
            return self._fault.message if self._fault is not None else None

    def _look(self) -> None:
        now = self.clock.now().timestamp()
        if self._content is not None and 0 <= now - self._looked_at < CHECK_SECONDS:
            return
        self._looked_at = now
        try:
            self._refresh()
        except HubError as error:
            if self._content is None:
                raise
            if not self._follow:
                self._fault = error
            elif str(error) != str(self._told):  # somebody is still typing
                log.warning("What was right last stays in force: %s", error)
                self._told = error
            return
        self._fault = None

    def _refresh(self) -> None:
        files, revision = self._published()
        if self._content is not None and self._content.revision == revision:
            return
        workspace = Workspace.from_files(files, self._workspace.folder)
        before, self._content = self._content, Content(workspace, self._config, revision, children=self._size)
        if before is not None:
            before.close()

    def _published(self) -> tuple[Mapping[str, bytes], str]:
        if self._follow:
            files = self._workspace.files()
            return files, digest(files)
        with self.database.read() as conn:
            active = revisions.active(conn)
            known = self._content.revision if self._content else None
            if active is not None and active["digest"] == known:
                return {}, active["digest"]
            stored = revisions.files(conn, active["digest"]) if active else None
        if active is None or stored is None:
            return self._publish_first()
        if active["code_digest"] != self._workspace.code_digest():
            text = (
                f"Revision {active['digest'][:12]} was published with other Python code than this machine has. "
                "Install the same release and connectors here, or publish again."
            )
            raise HubError("HUB-6021", text)
        return stored, active["digest"]

    def _publish_first(self) -> tuple[Mapping[str, bytes], str]:
        """A new database takes the workspace's files as its first revision. ConfigError: one of them is wrong."""
        faults: list[HubError] = [*self._workspace.faults()]
        if not faults and (self._workspace.folder / "mappings").is_dir():
            faults = mapping_faults(self._workspace.mappings())
        if faults:
            raise faults[0]
        files = self._workspace.files()
        with self.database.begin() as conn:
            revision = revisions.publish(
                conn,
                self.clock.now(),
                digest(files),
                files,
                code_digest=self._workspace.code_digest(),
                author="hub",
                note="the first one, published at the first start",
            )
        return files, revision

    def connections(self) -> Sequence[Connection]:
        """Every connection of the revision in force, by name."""
        return self.content().partners.connections()

    def test_connection(self, name: str) -> tuple[bool, str]:
        """Try a connection without side effects: whether it works, and a sentence for a person. UsageError HUB-4008."""
        content = self.content()
        known = {one.name: one for one in content.partners.connections()}
        if name not in known:
            raise UsageError("HUB-4008", f'There is no connection "{name}" in the revision in force.')
        return content.test_connection(known[name])

    # -- running -------------------------------------------------------------------------------------------------------

    def start_workers(self, threads: int) -> None:
        """Starts that many threads of work; polls and timers are scheduled once for all processes."""
        schedule_due(self.context)
        schedule_retention(self.context)
        workers = [self.dispatcher(f"worker-{number}") for number in range(threads)]
        thread = threading.Thread(target=run_workers, args=(workers, self._stop), name="workers", daemon=True)
        thread.start()
        self._threads.append(thread)

    @property
    def is_working(self) -> bool:
        """Whether the workers that were started still run."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def dispatcher(self, name: str) -> Dispatcher:
        """One worker's dispatcher over all stages."""
        return _Worker(self, stages(self.context), f"{name}/{new_id(self.clock)}")

    def mailbox(self, host: str, port: int) -> MailboxServer:
        """The SFTP mailbox, not started."""
        return MailboxServer(
            self.database, self.clock, lambda: self.content().mailbox_users(), self._receive_upload, host, port
        )

    def _receive_upload(self, conn: Transaction, _now: datetime, uploaded: Uploaded) -> str:
        content = self._content or self.content()  # no look for another one inside this transaction
        connection = content.partners.connection(uploaded.user.connection)
        return accept_payload(conn, self.context, connection, uploaded.body, file_name=uploaded.file_name)

    def listen(self, partner: str, connection: str, request: Request) -> Answer:
        """A partner's HTTP request: what to answer."""
        return listen(self.context, partner, connection, request)

    def listen_for(self, transport: str, request: Request) -> Answer:
        """An HTTP request to the address that all connections of a transport share: what to answer."""
        return listen_for(self.context, transport, request)

    def stop(self) -> None:
        """Lets work under way end, then ends the children and closes the database."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
        for content in (self._content, self._chosen):
            if content is not None:
                content.close()
        self.database.dispose()


class _Worker(Dispatcher):
    """Begins nothing while its process may not work."""

    def __init__(self, hub: Hub, handlers: Sequence[Handler], owner: str) -> None:
        super().__init__(hub.database, handlers, hub.clock, owner)
        self._hub = hub

    def step(self) -> bool:
        return self._hub.may_work() and super().step()
