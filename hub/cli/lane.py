"""hub lane: what waits where, and holding or releasing it."""

from datetime import datetime
from typing import Any

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.cli.stored import open_stored


@click.group()
def lane() -> None:
    """Lanes: the order in which work is done, and what holds it up."""


@lane.command("list")
@click.option("--all", "all_", is_flag=True, help="Lanes with nothing to do, too.")
@click.pass_obj
def list_lanes(options: Options, all_: bool) -> None:
    """List the lanes that have work, are paused or back off."""
    from hub import dispatch

    with open_stored(options).read() as conn:
        rows = dispatch.list_lanes(conn)
    rows = [
        row
        for row in rows
        if all_ or row.waiting or row.set_aside or row.state == "paused" or row.backoff_until or row.drain_by
    ]
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Lane", "State", "Waiting", "Set aside", "Due (UTC)", "Backs off until (UTC)"),
        [
            (
                row.name,
                "draining" if row.drain_by else row.state,
                row.waiting,
                row.set_aside,
                _time(row.due_at),
                _time(row.backoff_until),
            )
            for row in rows
        ],
    )


@lane.command("work")
@click.option("--lane", "name", default=None, help="Only this lane's.")
@click.pass_obj
def list_work(options: Options, name: str | None) -> None:
    """List the work that was set aside and waits for a person, with the reason."""
    from hub import dispatch

    with open_stored(options).read() as conn:
        rows = dispatch.list_set_aside(conn, name)
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Id", "Lane", "Kind", "Subject", "Why", "Since (UTC)"),
        [(row.id, row.lane, row.kind, row.subject_id, row.note, _time(row.created_at)) for row in rows],
    )


_reason = click.option("--reason", default="", help="Why; the audit log keeps it.")


@lane.command()
@click.argument("name")
@_reason
@click.pass_obj
def pause(options: Options, name: str, reason: str) -> None:
    """Begin no further work of a lane until it is resumed."""
    _change(options, "pause_lane", name, reason, f"Lane {name} is paused.")


@lane.command()
@click.argument("name")
@click.option("--seconds", default=600, show_default=True, help="Wait so long; the lane is drained all the same.")
@_reason
@click.pass_obj
def drain(options: Options, name: str, seconds: int, reason: str) -> None:
    """Let a running hub finish what waits in a lane, then pause it. Resuming the lane gives that up."""
    import time

    from hub import dispatch
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    end = time.monotonic() + seconds
    hub = open_hub(options)
    try:
        empty = hub.desk.drain_lane(name, operator(), reason)
        while not empty and time.monotonic() < end:
            time.sleep(0.5)
            with hub.database.read() as conn:
                empty = any(one.name == name and one.state == "paused" for one in dispatch.list_lanes(conn))
    finally:
        hub.stop()
    options.note(int(not empty))
    if options.json:
        print_json({"done": "drain_lane", "subject": name, "drained": empty})
    elif empty:
        people().print(f"Lane {name} is empty and paused.")
    else:
        people().print(
            f"Lane {name} still has work after {seconds} s. A running hub pauses it once it is empty; "
            f"hub lane resume {name} gives that up."
        )


@lane.command()
@click.argument("name")
@_reason
@click.pass_obj
def resume(options: Options, name: str, reason: str) -> None:
    """Let a lane go on at once, whether it was paused or backs off."""
    _change(options, "resume_lane", name, reason, f"Lane {name} goes on.")


@lane.command("retry")
@click.argument("work_id", type=int)
@_reason
@click.pass_obj
def retry_work(options: Options, work_id: int, reason: str) -> None:
    """Try work again that was set aside, once its cause is mended."""
    _change(options, "retry_work", work_id, reason, f"Work {work_id} is tried again.")


@lane.command("drop")
@click.argument("work_id", type=int)
@_reason
@click.pass_obj
def drop_work(options: Options, work_id: int, reason: str) -> None:
    """Give up work that was set aside. The message, payload or delivery it was about waits for you then."""
    _change(options, "drop_work", work_id, reason, f"Work {work_id} is dropped.")


def _change(options: Options, operation: str, what: Any, reason: str, sentence: str) -> None:
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        getattr(hub.desk, operation)(what, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"done": operation, "subject": what})
    else:
        people().print(sentence)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
