"""hub demo: the hub at work among six partners on this machine."""

import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.demo import scenario
from hub.demo.play import Play, Told

STYLES = {"got": "green", "wrong": "bold red", "refused": "yellow", "repeat": "yellow"}


@click.command()
@click.option("--once", is_flag=True, help="Play to the end and exit; the default where the output is no terminal.")
@click.option("--database", default=None, help="SQLAlchemy URL of an empty database; default: a SQLite file.")
@click.option("--seconds", default=120.0, show_default=True, help="How long the play may take.")
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Keep workspace, database and logs here.")
@click.pass_obj
def demo(options: Options, once: bool, database: str | None, seconds: float, keep: Path | None) -> None:
    """Run the hub among simulated partners: two retailers, a warehouse, a drop-shipper, a carrier, the merchant.

    Needs nothing and changes nothing outside of a folder of its own. Exit status 0: every document arrived and every
    acknowledgement came.
    """
    once = once or not sys.stdout.isatty()
    folder = keep or Path(tempfile.mkdtemp(prefix="crossdock-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    play = Play(folder, database=database)
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
    say = people().print
    if not options.json:
        say("Starting the hub and six partners ..")
    play.start()
    started = time.time()
    if not options.json:
        say(f"The page: {play.ready['page']}\n")
    got: dict[tuple[str, str], int] = {}
    for told in play.follow(seconds):
        if told["kind"] == "got":
            key = (told["who"], told["what"])
            got[key] = got.get(key, 0) + 1
        _show(options, told, started)
    amiss = play.settle(30.0)
    if options.json:
        print_json({"kind": "end", "amiss": amiss, "seconds": round(time.time() - started, 1)})
        return amiss
    rows = [(scenario.NAMES[who], what, count) for (who, what), count in sorted(got.items())]
    say("")
    print_table(("Who", "got", ""), rows, title="What arrived")
    for text in amiss:
        say(f"  amiss: {text}", style="bold red")
    if not amiss:
        total = len(play.messages())
        say(
            f"Every document arrived and every acknowledgement came: {total} messages in {time.time() - started:.0f} s."
        )
    return amiss


def _show(options: Options, told: Told, started: float) -> None:
    if options.json:
        print_json(told)
        return
    if told["kind"] in ("ready", "done", "ended"):
        return
    who = scenario.NAMES[told["who"]]
    clock = f"{told['at'] - started:5.1f} s"
    what = f"{told.get('what', '')} {told.get('number', '')} {told.get('text', '')}".strip()
    arrow = {"sent": f"{who} -> hub", "got": f"hub -> {who}"}.get(told["kind"], f"{who} {told['kind']}")
    people().print(f"{clock}  {arrow:28} {what}", style=STYLES.get(told["kind"]))


def _look_around(play: Play) -> None:
    people().print(f"\nLook around: {play.ready['page']}\nCtrl-C ends everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
