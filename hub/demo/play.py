"""The director: starts the partners and the hub as processes, follows what they tell, and judges how it ended."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from hub.demo import scenario
from hub.demo.workspace import HUB_KEY, TOKENS, make_secrets, write_workspace

PEERS = {
    "bluebird": "retailer_us",
    "summit": "retailer_as2",
    "europa": "retailer_eu",
    "harbor": "warehouse",
    "alpine": "dropshipper",
    "roadrunner": "carrier",
    "northwind-erp": "merchant",
}
START_SECONDS = 60.0


class Told(dict[str, Any]):
    """One thing a partner told, with `who` it was."""


class Play:
    """One performance in one folder. database: SQLAlchemy URL; None is a SQLite file in the folder.

    scaled: the hub as four processes that share nothing but the database (PostgreSQL): API, mailbox, two workers.
    """

    def __init__(self, folder: Path, *, database: str | None = None, scaled: bool = False) -> None:
        self.folder = folder
        self.ready: dict[str, Any] = {}
        self.done: set[str] = set()
        self.got: dict[tuple[str, str], int] = {}
        self.wrong: list[Told] = []
        self.repeats: list[Told] = []
        self.told: queue.Queue[Told] = queue.Queue()
        self._database = database
        self._peers: dict[str, subprocess.Popen[str]] = {}
        self._listeners: list[threading.Thread] = []
        self._hub: list[subprocess.Popen[bytes]] = []
        self._scaled = scaled
        self._ports = (0, 0)
        self._secrets: dict[str, str] = {}

    # -- starting and stopping -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Partners first, because the hub's workspace names their ports; then the hub; then the curtain rises."""
        self._secrets = make_secrets(self.folder)
        said = self._start_peers()
        write_workspace(self.folder, said)
        self.start_hub()
        for peer in self._peers.values():
            self._say_go(peer)

    def _start_peers(self) -> dict[str, Told]:
        for name, module in PEERS.items():
            arguments = [self._secrets[TOKENS[name]]] if name in TOKENS else []
            if name == "harbor":
                arguments.append(str(self.folder / "harbor"))
            with (self.folder / f"{name}.log").open("wb") as log:
                peer = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-P", "-m", f"hub.demo.peers.{module}", *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            self._peers[name] = peer
            listener = threading.Thread(target=self._listen, args=(name, peer), daemon=True)
            listener.start()
            self._listeners.append(listener)
        said: dict[str, Told] = {}
        while len(said) < len(PEERS):
            told = self._next(START_SECONDS)
            if told["kind"] != "ready":
                raise RuntimeError(f"{told['who']} could not start: {told}; see {self.folder / told['who']}.log")
            said[told["who"]] = told
        return said

    def _listen(self, name: str, peer: "subprocess.Popen[str]") -> None:
        for line in peer.stdout or ():
            self.told.put(Told(json.loads(line), who=name))
        self.told.put(Told(kind="ended", who=name))

    def _say_go(self, peer: "subprocess.Popen[str]") -> None:
        go = {name: self.ready[name] for name in ("http", "mailbox", "host_keys")}
        if peer.stdin is not None:
            secrets = {name: secret for name, secret in self._secrets.items() if name != HUB_KEY}
            peer.stdin.write(json.dumps({**go, "secrets": secrets}) + "\n")
            peer.stdin.flush()

    def start_hub(self) -> None:
        """The hub, ready to be talked to, on the ports it had before. RuntimeError: it does not start."""
        api, mailbox = (str(port) for port in self._ports)
        ready = [self.folder / "ready.json"]
        for file in self.folder.glob("ready*.json"):
            file.unlink()
        if self._scaled:
            ready.append(self.folder / "ready-mailbox.json")
            self._run("serve", "--no-workers", "--no-mailbox", "--port", api, "--ready-file", str(ready[0]))
            self._await(ready[0])  # it makes the tables and publishes; the others find them
            self._run("mailbox", "--port", mailbox, "--ready-file", str(ready[1]))
            self._run("worker")
            self._run("worker")
        else:
            self._run("serve", "--port", api, "--mailbox-port", mailbox, "--ready-file", str(ready[0]))
        for file in ready:
            said = json.loads(self._await(file).read_text(encoding="utf-8"))
            self.ready |= {name: value for name, value in said.items() if value}
        self._ports = (int(self.ready["http"].rpartition(":")[2]), self.ready["mailbox"][1])

    def _run(self, *arguments: str) -> None:
        """One process of the hub, in a process group with its children. It ends when this process does."""
        environment = {
            name: value for name, value in os.environ.items() if name not in ("HUB_DATABASE", "HUB_PAYLOADS")
        }
        if self._database is not None:
            environment["HUB_DATABASE"] = self._database
        command = [sys.executable, "-P", "-m", "hub.cli", *arguments, "--workspace", str(self.folder)]
        with (self.folder / "hub.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, "--end-with-stdin"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self._hub.append(process)

    def _await(self, file: Path) -> Path:
        deadline = time.monotonic() + START_SECONDS
        while not file.exists():
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._hub):
                raise RuntimeError(f"the hub does not start; see {self.folder / 'hub.log'}")
            time.sleep(0.1)
        return file

    def kill_hub(self) -> None:
        """kill -9, the hub and its children at once: nothing is flushed, closed or said goodbye to."""
        _kill(self._hub)
        self._hub.clear()

    def stop(self) -> None:
        """Ends every process, children included."""
        for process in self._hub:
            process.terminate()
        for process in self._hub:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        _kill([*self._hub, *self._peers.values()])
        for listener in self._listeners:
            listener.join(timeout=5)
        for peer in self._peers.values():
            if peer.stdout is not None:
                peer.stdout.close()

    # -- following -----------------------------------------------------------------------------------------------------

    def _next(self, seconds: float) -> Told:
        try:
            return self._take(self.told.get(timeout=seconds))
        except queue.Empty:
            raise RuntimeError("a partner of the demo says nothing") from None

    def _take(self, told: Told) -> Told:
        if told["kind"] == "done":
            self.done.add(told["who"])
        elif told["kind"] == "ended":
            self.wrong.append(Told(told, text=f"it ended; see {self.folder / told['who']}.log"))
        elif told["kind"] == "wrong":
            self.wrong.append(told)
        elif told["kind"] == "repeat":
            self.repeats.append(told)
        elif told["kind"] == "got":
            key = (told["who"], told["what"])
            self.got[key] = self.got.get(key, 0) + 1
        return told

    @property
    def over(self) -> bool:
        """Whether all partners have what they wait for, or one of them ended."""
        return len(self.done) == len(PEERS) or any(told["kind"] == "ended" for told in self.wrong)

    def step(self, seconds: float) -> None:
        """Takes in what the partners tell within so many seconds, or until it is over."""
        deadline = time.monotonic() + seconds
        while not self.over and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._take(self.told.get(timeout=max(0.01, deadline - time.monotonic())))

    # -- judging -------------------------------------------------------------------------------------------------------

    def messages(self) -> list[dict[str, Any]]:
        """All messages, as the hub's API tells, newest first."""
        headers = {"authorization": f"Bearer {self.ready['token']}"}
        found: list[dict[str, Any]] = []
        before: str | None = None
        while True:
            query: dict[str, str | int] = {"limit": 200, **({"before": before} if before else {})}
            page = httpx.get(f"{self.ready['http']}/api/messages", params=query, headers=headers, timeout=20).json()
            found += page["messages"]
            before = page["before"]
            if before is None:
                return found

    def settle(self, seconds: float) -> list[str]:
        """Waits until the hub has nothing left to do; what is still amiss then, in sentences. Empty: all is well."""
        deadline = time.monotonic() + seconds
        while True:
            amiss = self._amiss()
            if not amiss or time.monotonic() > deadline:
                return amiss
            time.sleep(0.5)

    def _amiss(self) -> list[str]:
        found = [f"{scenario.NAMES[told['who']]}: {told.get('text')}" for told in self.wrong]
        found += [f"{scenario.NAMES[name]} still waits for documents" for name in PEERS if name not in self.done]
        rejected = 0
        for message in self.messages():
            what = f"{message['type']} {message['number']} of {message['partner']}"
            if message["direction"] == "in":
                if message["validation"] == "rejected":
                    rejected += 1
                elif message["validation"] != "accepted":
                    found.append(f"{what} is {message['validation']}: {message['hold_reason']}")
            elif message["delivery"] != "delivered":
                found.append(f"{what} is {message['delivery']}: {message['hold_reason']}")
            elif message["acknowledgement"] not in ("none", "accepted"):
                found.append(f"{what} is delivered, its acknowledgement is {message['acknowledgement']}")
        if rejected != 1:
            found.append(f"{rejected} messages are rejected instead of the one bad order")
        return found


def _kill(processes: "Sequence[subprocess.Popen[bytes] | subprocess.Popen[str]]") -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
