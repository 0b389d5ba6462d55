"""A far end that answers by receipts of its own, as AS2 does. Its file `script` says how the next tries end.

Lines of the script, used up one by one: sync, awaited, refused, transient, permanent, in_doubt, killed (our process
ends after it arrived). What it gets it notes in its file `log`, a parcel a line.
"""

import os
from pathlib import Path
from typing import Literal

import msgspec
from pydantic import BaseModel, ConfigDict

from hub.connector import Answer, Arrival, Parcel, Receipt, Refusal, RefusedError, Request, Secrets, Word
from hub.errors import InDoubtError, PermanentError, TransientError


class Settings(BaseModel):
    """name: by which requests to the common address call this connection."""

    model_config = ConfigDict(extra="forbid")

    name: str = "line"


class Connector:
    repeatable = True

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._name = settings.name
        self._folder = Path(secrets("drops"))
        self._folder.mkdir(parents=True, exist_ok=True)

    def deliver(self, parcel: Parcel) -> Receipt:
        script, log = self._folder / "line.script", self._folder / "line.log"
        lines = script.read_text().splitlines() if script.exists() else []
        script.write_text("\n".join(lines[1:]))
        how = lines[0] if lines else "sync"
        with log.open("ab") as file:
            file.write(msgspec.json.encode(parcel) + b"\n")
        if how == "transient":
            raise TransientError("HUB-5002", "The line is busy for a moment.")
        if how == "permanent":
            raise PermanentError("HUB-5003", "The line refuses us.")
        if how == "in_doubt":
            raise InDoubtError("HUB-5004", "The line went dead.")
        if how == "killed":
            raise SystemExit
        evidence = {"mic": "abc, sha-256"}
        if how == "refused":
            raise RefusedError("HUB-5003", "They say no.", Receipt(reference="r-1", evidence=evidence, body=b"no"))
        if how == "awaited":
            return Receipt(reference="r-1", evidence=evidence, awaited=True)
        return Receipt(reference="r-1", evidence=evidence, body=b"yes")

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        return "unknown"

    def knows(self, request: Request) -> bool:
        return request.headers.get("line-to") == self._name

    def accept(self, request: Request) -> Arrival | Word:
        said = request.headers
        if "word" in said:
            return Word(
                key=said["word"],
                accepted=said.get("accepted", "yes") == "yes",
                text="So they say.",
                evidence={"mic": said.get("mic", "abc, sha-256")},
                body=request.body,
                answer=Answer(status=200, body=b"heard"),
            )
        fresh = os.urandom(8).hex()  # never the same twice, so that a repeated one is seen
        later = None
        if "later" in said:
            headers = {"content-type": "text/x-receipt; of=" + "x" * 200}
            later = Parcel(
                file_name=f"{fresh}.txt", body=fresh.encode(), key=fresh, headers=headers, address=said["later"]
            )
        answer = Answer(status=200, headers={"x-receipt": fresh}, body=fresh.encode() if later is None else b"")
        if "bad" in said:
            raise Refusal(403, "no", answer=answer, later=later, kept=request.body, why="It is bad.", cause=said["bad"])
        return Arrival(body=request.body, protocol_id=said["id"], answer=answer, later=later)
