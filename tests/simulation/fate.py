"""What goes wrong, and when: by chance (a seed decides), or at one place that is counted up to."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from tests.simulation.house import Points
from tests.simulation.network import lost, refused

if TYPE_CHECKING:
    from tests.simulation.world import World

DATABASE = ("statement", "commit", "committed")


class Killed(BaseException):
    """The process ends here."""


class Fate(Points):
    """Lets nothing fail. count: places passed; met: what went wrong, by kind."""

    world: "World"
    working = -1

    def __init__(self) -> None:
        self.passed = 0
        self.met: Counter[str] = Counter()
        self._off = 0
        self._dead = False

    def at(self, place: str) -> None:
        if self._off:
            return
        if self._dead:  # what unwinds after its process is gone does nothing any more
            raise Killed(place)
        self.passed += 1
        self.decide(place)

    def decide(self, place: str) -> None:
        """Lets the place fail, or not."""

    def kill(self, place: str) -> None:
        self._dead = True
        raise Killed(place)

    def fail(self, place: str, kind: str) -> None:
        """kind: error, doubt (the far end's answer is lost), killed."""
        self.met[kind] += 1
        if kind == "killed":
            self.kill(place)
        if place in DATABASE:
            raise OperationalError(place, {}, Exception("the disk is full"))
        if place == "request" or place.startswith("answer "):
            raise ConnectionError(place)
        raise lost(place) if kind == "doubt" else refused(place)

    def revive(self) -> None:
        """Another process takes the place of the dead one."""
        self._dead = False

    @contextlib.contextmanager
    def off(self) -> Iterator[None]:
        """Whoever looks or mends meets no faults."""
        self._off += 1
        try:
            yield
        finally:
            self._off -= 1

    def rest(self) -> None:
        """Nothing goes wrong from now on."""

    def repeats(self) -> bool:
        """Whether somebody sends once more what was taken."""
        return False

    def jump(self) -> None:
        """The clock may be set."""


class AtPlace(Fate):
    """Fails at the n-th place, once. places: the names of all that were passed."""

    def __init__(self, nth: int, kind: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self._nth = nth
        self._kind = kind

    def decide(self, place: str) -> None:
        self.places.append(place)
        if self.passed == self._nth:
            self.fail(place, self._kind)


class Chance(Fate):
    """Faults by chance. Each seed knows some kinds of faults and not others, and some are frequent."""

    KINDS = ("error", "outage", "killed", "killed after", "refused", "busy", "lost", "unanswered", "stall", "repeat")
    JUMPS = ("forward", "back")
    MOST = 60

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = Random(f"fate {seed}")  # noqa: S311 - repeatable on purpose
        rates = (0.0, 0.002, 0.01, 0.05)
        self._rates = {kind: self._chance.choice(rates) for kind in (*self.KINDS, *self.JUMPS)}
        self._left = self.MOST
        self._until: object = None

    def _meets(self, kind: str, weight: float = 1.0) -> bool:
        if self._left <= 0 or self._chance.random() >= self._rates[kind] * weight:
            return False
        self._left -= 1
        self.met[kind] += 1
        return True

    def decide(self, place: str) -> None:
        if self._left <= 0:
            return
        if place in DATABASE:
            self._database(place)
        elif place == "request":
            if self._meets("refused", 4):
                raise ConnectionError(place)
        elif place.startswith("answer "):
            if self._meets("unanswered", 4):
                raise ConnectionError(place)
            if self._meets("killed after", 4):
                self.kill(place)
        else:
            self._network(place)

    def _database(self, place: str) -> None:
        weight = 0.1 if place == "statement" else 1.0
        now = self.world.clock.now()
        if self._until is not None and now < self._until:  # type: ignore[operator]
            raise OperationalError(place, {}, Exception("the database is away"))
        if self._meets("outage", weight / 4):
            self._until = now + timedelta(seconds=self._chance.uniform(1, 40))
        if self._meets("error", weight):
            raise OperationalError(place, {}, Exception("the disk is full"))
        if self._meets("killed after" if place == "committed" else "killed", weight):
            self.kill(place)

    def _network(self, place: str) -> None:
        told = place.startswith(("delivered ", "taken away "))
        if self._meets("stall", 2) and not place.startswith(("fetch", "half")):
            self.world.stall()
        if told and self._meets("unanswered", 4):
            raise lost(place) if place.startswith("delivered") else refused(place)
        if told and self._meets("killed after", 4):
            self.kill(place)
        if not told and self._meets("refused", 4):
            raise refused(place)
        if not told and self._meets("busy", 4):
            raise refused(place, self._chance.choice((0, 1, 90, 4000)))
        if place.startswith("deliver ") and self._meets("lost", 4):
            raise lost(place)
        if not told and self._meets("killed", 4):
            self.kill(place)

    def rest(self) -> None:
        self._left = 0
        self._until = None

    def repeats(self) -> bool:
        return not self._off and self._meets("repeat", 5)

    def jump(self) -> None:
        clock = self.world.clock
        if self._meets("forward", 0.5):
            clock.advance(self._chance.uniform(60, 3 * 3600))
        if self._meets("back", 0.5):
            clock.advance(-self._chance.uniform(1, 3600))
            self._until = None  # or the outage would last longer by that
