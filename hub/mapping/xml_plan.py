"""The rule table of an XML mapping: which places of the tree a struct's fields correspond to.

A *scope* reads one struct from one node; *spots* are the nodes below it that rules read, as a tree by their steps. An
alternative whose place is "." has no node of its own: its rules read spots of the scope around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.mapping.codec import Codec
from hub.mapping.plan import OneWay, Path
from hub.mapping.spec import Text
from hub.mapping.xml_place import XmlPlace, XmlStep


@dataclass(eq=False)
class Spot:
    """A node on the way. many: all of that name (`#*`), read as texts at `rest` below each. groups: tag of children ->
    alternatives that make items of them. read: attributes read; text: whether its text is read; given: attributes
    that repeat a field of the document, or have a value of their own ("=en"); written: attributes only written."""

    id: int
    step: XmlStep | None
    parent: "Spot | None"
    tag: str
    rest: tuple[str, ...] | None = None
    kids: dict[str, "Spot"] = field(default_factory=dict)
    groups: dict[str, "list[XmlEach]"] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    text: bool = False
    given: dict[str, Path] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    @property
    def way(self) -> str:
        """The place of the spot below its scope, as a prefix of ext keys."""
        return "" if self.step is None or self.parent is None else f"{self.parent.way}{self.step.key}/"


@dataclass(eq=False)
class XmlRule:
    """One leaf. spots: the spot and attribute (None: the text) of each place."""

    id: int
    at: Text
    path: Path
    places: list[XmlPlace]
    spots: list[tuple[Spot, str | None]]
    codec: Codec
    default: str | None = None
    omit: bool = False
    written_only: bool = False
    one_way: OneWay = ""
    constant: str | None = None
    many: bool = False
    lines: bool = False


@dataclass(eq=False)
class XmlEach:
    """One way the items of a list field come and go. step None: the place is ".". needs: fields without which its
    element would lack what it must hold. also: words that are written there, besides those of `sets`."""

    id: int
    at: Text
    path: Path
    item: type
    spot: Spot
    step: XmlStep | None
    sets: list[tuple[str, str]]
    when: list[tuple[Path, str]]
    scope: "XmlScope"
    most: int | None = None
    needs: tuple[Path, ...] = ()
    also: dict[str, list[str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What parts the spelling of its values from others in one ext, where it has no node of its own."""
        return f"{'.'.join(self.path)}({','.join(value for _, value in self.sets)})."


@dataclass(eq=False)
class XmlScope:
    """Reads and writes one struct. here: its spots belong to the scope around it."""

    id: int
    cls: type
    root: Spot
    own_ext: bool
    here: bool = False
    rules: list[XmlRule] = field(default_factory=list)
    eachs: list[XmlEach] = field(default_factory=list)


@dataclass(eq=False)
class XmlPlan:
    """All of an XML mapping. ranks: tag -> child -> its position. given: (tag or "", attribute) -> field. void:
    texts that stand for no date. fillers: (parent, child) -> the text that only says that nothing is said."""

    mapping: str
    document: type
    root: XmlScope
    scopes: list[XmlScope]
    rules: list[XmlRule]
    ranks: Mapping[str, Mapping[str, int]]
    given: Mapping[tuple[str, str], Path]
    void: tuple[str, ...] = ()
    fillers: Mapping[tuple[str, str], str] = field(default_factory=dict)
