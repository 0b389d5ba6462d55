"""A worker process over a folder of its own, all stages, the hub's loop: racing_worker.py FOLDER DATABASE LEASE."""

import sys
import threading
from datetime import timedelta
from pathlib import Path

from hub.app import Hub
from hub.config import Config, Secrets
from hub.dispatch import run_workers
from hub.workspace import Workspace
from tests.hubs import SECRETS


def main() -> None:
    folder, database, lease = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    drops = {"HUB_SECRET_DROPS": str(folder.parent / "drops")}
    config = Config(folder=folder, database=database, secrets=Secrets(folder, {**SECRETS, **drops}))
    hub = Hub(Workspace(folder), config, children=1)
    workers = [hub.dispatcher("racing")]
    for worker in workers:
        worker.lease = timedelta(seconds=lease)
    run_workers(workers, threading.Event())


if __name__ == "__main__":
    main()
