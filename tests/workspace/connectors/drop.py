"""A folder at the partner's: what is delivered lies in it under its name. Its file `script` says how the next
tries end.

Lines of the script, used up one by one: ok, transient, transient <seconds asked for>, permanent, in_doubt (nothing
arrived), in_doubt_arrived, killed (our process ends before anything arrives), killed_arrived. The file `probe`, if it
is there, is what a probe answers.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from hub.connector import Parcel, Receipt, Secrets
from hub.errors import InDoubtError, PermanentError, TransientError


class Settings(BaseModel):
    """folder: of the partner."""

    model_config = ConfigDict(extra="forbid")

    folder: str


class Connector:
    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._folder = Path(secrets("drops")) / settings.folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def deliver(self, parcel: Parcel) -> Receipt:
        how, _, asked = self._next().partition(" ")
        self._note(f"{how} {parcel.key}")
        if how in ("ok", "in_doubt_arrived", "killed_arrived"):
            (self._folder / parcel.file_name).write_bytes(parcel.body)
        if how == "transient":
            raise TransientError(
                "HUB-5002", "The folder is away for a moment.", retry_after=float(asked) if asked else None
            )
        if how == "permanent":
            raise PermanentError("HUB-5003", "The folder refuses us.")
        if how.startswith("in_doubt"):
            raise InDoubtError("HUB-5004", "The line went dead.")
        if how.startswith("killed"):
            raise SystemExit
        return Receipt(reference=parcel.file_name)

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        self._note(f"probe {parcel.key}")
        answer = self._folder.with_suffix(".probe")
        said = answer.read_text() if answer.exists() else ""
        if said == "transient":
            raise TransientError("HUB-5002", "The folder is away for a moment.")
        if said == "unknown":
            return "unknown"
        return "delivered" if (self._folder / parcel.file_name).exists() else "absent"

    def _next(self) -> str:
        script = self._folder.with_suffix(".script")
        lines = script.read_text().splitlines() if script.exists() else []
        script.write_text("\n".join(lines[1:]))
        return lines[0] if lines else "ok"

    def _note(self, line: str) -> None:
        with self._folder.with_suffix(".log").open("a") as log:
            log.write(line + "\n")
