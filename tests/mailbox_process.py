"""A mailbox as a process of its own, to be killed: python -m tests.mailbox_process DATABASE_URL prints its port."""

import sys
import threading

from hub.store.engine import open_database
from tests.mailboxes import running

if __name__ == "__main__":
    with running(open_database(sys.argv[1])) as mailbox:
        print(mailbox.port, flush=True)
        threading.Event().wait()
