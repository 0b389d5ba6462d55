"""Plays worlds: `python -m tests.simulation.play TEMPLATE FOLDER SEED..` prints the digest of each."""

import shutil
import sys
from pathlib import Path

from tests.simulation.fate import Chance, Fate
from tests.simulation.world import World


def play(template: Path, folder: Path, seed: int, fate: Fate, *, small: bool = False) -> World:
    """A world at its end, on a copy of the database at template. Its house is the caller's to close."""
    file = folder / "world.db"
    for old in folder.glob("world.db*"):
        old.unlink()
    shutil.copy(template, file)
    world = World(f"sqlite:///{file}", seed, fate, small=small)
    try:
        return world.run()
    except BaseException:
        world.house.close()
        raise


if __name__ == "__main__":
    for number in map(int, sys.argv[3:]):
        played = play(Path(sys.argv[1]), Path(sys.argv[2]), number, Chance(number))
        print(played.digest())
        played.house.close()
