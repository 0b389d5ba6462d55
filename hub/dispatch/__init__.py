"""Who does which work when. Knows handlers, not stages.

A lane is the unit of order, lease, pause and back-off. enqueue writes work in the caller's transaction; a Dispatcher
claims lanes, runs their work through handlers, and what a handler writes commits together with the end of the work.
"""

from hub.dispatch.commit import Commit, LeaseLostError
from hub.dispatch.dispatcher import Dispatcher, Handler
from hub.dispatch.lanes import (
    Lane,
    SetAside,
    drain_lane,
    drop_work,
    list_lanes,
    list_set_aside,
    pause_lane,
    resume_lane,
    resume_work,
)
from hub.dispatch.loop import run_workers
from hub.dispatch.withdraw import bring_forward, withdraw
from hub.dispatch.work import Item, NewItem, enqueue, enqueue_many

__all__ = [
    "Commit",
    "Dispatcher",
    "Handler",
    "Item",
    "Lane",
    "LeaseLostError",
    "NewItem",
    "SetAside",
    "bring_forward",
    "drain_lane",
    "drop_work",
    "enqueue",
    "enqueue_many",
    "list_lanes",
    "list_set_aside",
    "pause_lane",
    "resume_lane",
    "resume_work",
    "run_workers",
    "withdraw",
]
