"""hub demo: the hub at work among seven partners on this machine."""

import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.demo import scenario
from hub.demo.play import Play
from hub.demo.show import Line, Show


@click.command()
@click.option("--once", is_flag=True, help="Play to the end and exit; the default where the output is no terminal.")
@click.option("--database", default=None, help="SQLAlchemy URL of an empty database; default: a SQLite file.")
@click.option("--seconds", default=120.0, show_default=True, help="How long the play may take.")
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Keep workspace, database and logs here.")
@click.pass_obj
def demo(options: Options, once: bool, database: str | None, seconds: float, keep: Path | None) -> None:
    """Run the hub among simulated partners: three retailers, a warehouse, a drop-shipper, a carrier, the merchant.

    Needs nothing, and leaves nothing behind but compiled mappings in the user's cache folder. Exit status 0: every
    document arrived and every acknowledgement came.
    """
    once = once or not sys.stdout.isatty()
    folder = keep or Path(tempfile.mkdtemp(prefix="crossdock-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    play = Play(folder, database=database)
    for ending in (signal.SIGTERM, signal.SIGHUP):  # a closed window too; so that what follows is cleaned up
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        amiss = _perform(options, play, seconds)
        options.note(int(bool(amiss)))
        if not once:
            _look_around(play)
    except KeyboardInterrupt:
        if once:
            raise
    finally:
        play.stop()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _perform(options: Options, play: Play, seconds: float) -> list[str]:
    """Starts everything, shows what happens, and says how it ended. What is amiss, if anything."""
    if not options.json:
        people().print("Starting the hub and seven partners ..")
    play.start()
    started = time.monotonic()
    if not options.json:
        people().print(f"The page: {play.ready['page']}\n")
    show = Show()
    while not play.over and time.monotonic() - started < seconds:
        play.step(0.7)
        _print(options, show.lines(play.messages()))
    amiss = play.settle(30.0)
    _print(options, show.lines(play.messages(), last=True))
    _sum_up(options, play, amiss, time.monotonic() - started)
    return amiss


def _print(options: Options, lines: Sequence[Line]) -> None:
    for line in lines:
        if options.json:
            print_json({"kind": "message", **line._asdict()})
        else:
            text = f"{line.time}  {line.way:26} {line.what:26} {line.number:20} {line.statuses}"
            people().print(text, style=None if line.good else "bold red")


def _sum_up(options: Options, play: Play, amiss: list[str], seconds: float) -> None:
    total = len(play.messages())
    if options.json:
        print_json({"kind": "end", "amiss": amiss, "messages": total, "seconds": round(seconds, 1)})
        return
    arrived: dict[str, list[str]] = {}
    for (who, what), count in sorted(play.got.items()):
        arrived.setdefault(scenario.NAMES[who], []).append(what if count == 1 else f"{count} {what}")
    people().print("")
    print_table(("Partner", "got"), [(who, ", ".join(what)) for who, what in arrived.items()])
    for text in amiss:
        people().print(f"Amiss: {text}", style="bold red")
    if not amiss:
        people().print(
            f"Every document arrived and every acknowledgement came: {total} messages in {seconds:.0f} s. The one bad "
            "order was rejected alone, and the merchant's system had its answer after two refusals."
        )


def _look_around(play: Play) -> None:
    people().print(f"\nLook around: {play.ready['page']}\nCtrl-C ends everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
