"""The rule table: what a mapping says, resolved against one directory and the document's structs.

Reader, writer, trace, loss report, coverage and the strategies of the tests all come from these objects, none from the
YAML again. A *scope* reads one struct; its *block* is the loop it stands in; a *claim* takes segments of one slot.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from hub.mapping.codec import Codec
from hub.mapping.place import Place, Test
from hub.mapping.spec import Text
from hub.schema import Loop, MessageDef, SegmentDef

Path = tuple[str, ...]
ALWAYS = "always"
OneWay = Literal["", "read", "write"]


@dataclass(eq=False)
class Rule:
    """One leaf. path: the field, from the scope's struct. positions: (element, component) of each raw part; component
    None is the whole element. written_only: the default is for writers alone (`else`). many: the field is a list of
    texts. constant: writes this text, reads nothing."""

    id: int
    at: Text
    path: Path
    place: Place | None
    positions: list[tuple[int, int | None]]
    codec: Codec
    default: str | None = None
    omit: bool = False
    written_only: bool = False
    one_way: OneWay = ""
    many: bool = False
    constant: str | None = None
    max: int | None = None


@dataclass(eq=False)
class Slots:
    """Groups of elements in one segment that each make an item. parts: (field path, offset, rule); offset is an element
    (X12, 0-based in the group; negative: an element of the segment that all its groups share, 1-based) or a component
    (EDIFACT, 1-based). constants: (field, value). label: the ext key of what
    is remembered of its items."""

    field: "ListField"
    place: Place
    start: int
    last: int
    step: int
    parts: list[tuple[Path, int, Rule]]
    constants: list[tuple[str, str]]
    one: bool = False
    label: str = ""

    @property
    def shared(self) -> list[int]:
        """The offsets of what all groups of a segment share."""
        return sorted(offset for _, offset, _ in self.parts if offset < 0)

    @property
    def capacity(self) -> int:
        return 1 if self.one else (self.last - self.start + 1) // self.step


@dataclass(eq=False)
class Claim:
    """Takes segments of one slot: one (the first that fits, or the n-th), all (every one, for a list or slots),
    each.
    """

    kind: Literal["one", "all", "each"]
    key: str
    tag: str
    name: str
    tests: tuple[Test, ...]
    number: str | None
    definition: SegmentDef
    rules: list[Rule] = field(default_factory=list)
    slots: list[Slots] = field(default_factory=list)
    each: "Alternative | None" = None
    scope: "Scope | None" = None
    computed: list["Computed"] = field(default_factory=list)
    fixed: list[Rule] = field(default_factory=list)
    most: int = 1


@dataclass(eq=False)
class Alternative:
    """One way an item of a list field comes and goes: an each (over a segment or loop) or slots.

    group: alternatives over one slot share it; their items stay in message order. most: the slot's own limit.
    """

    field: "ListField"
    sets: list[tuple[str, str]]
    when: list[tuple[Path, str]]
    claim: Claim | None = None
    loop: "EachLoop | None" = None
    slots: Slots | None = None
    at: Text | None = None

    group: tuple[int, str] = (0, "")
    most: int = 1

    @property
    def coded(self) -> list[Rule]:
        """The rules by whose code tables it takes an item."""
        if self.slots is not None:
            rules = [rule for path, _, rule in self.slots.parts if len(path) == 1]
        else:
            scope = self.loop.scope if self.loop is not None else self.claim.scope if self.claim is not None else None
            rules = [rule for rule in scope.rules if len(rule.path) == 1] if scope is not None else []
        return [rule for rule in rules if rule.codec.table is not None]

    @property
    def closed(self) -> bool:
        """Whether a closed code table decides if it takes an item."""
        return any(not rule.codec.open for rule in self.coded)


@dataclass(eq=False)
class ListField:
    """A list of structs: its alternatives in order of the file."""

    path: Path
    item: type
    alternatives: list[Alternative] = field(default_factory=list)


@dataclass(eq=False)
class EachLoop:
    """One item per instance of a loop. outer: the scope of what stands around the loop `inner` where items are those of
    every instance of it (hub.mapping.nests); shared: the fields read there; most: how many of inner there may be."""

    key: str
    name: str
    tests: tuple[Test, ...]
    alternative: Alternative
    scope: "Scope"
    block: "Block"
    outer: "Scope | None" = None
    inner: str = ""
    shared: tuple[str, ...] = ()
    most: int = 1


@dataclass(eq=False)
class Sub:
    """A loop on the way to rules of the same struct: its first instance that fits."""

    key: str
    name: str
    tests: tuple[Test, ...]
    block: "Block"


@dataclass(eq=False)
class Block:
    """The rules inside one loop (or the message): claims of its segments, loops that make items, loops passed
    through. passed: the loops whose items others read, and the scope that writes one.
    """

    loop: Loop
    prefix: str
    tests: tuple[Test, ...] = ()
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    eachs: dict[str, list[EachLoop]] = field(default_factory=dict)
    subs: dict[str, list[Sub]] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Computed:
    """A place whose value is always made anew: function and its words; if_present: only where the message had it."""

    id: int
    at: Text
    place: Place
    position: tuple[int, int | None]
    function: str
    words: list[str]
    if_present: bool = False
    check: bool = False


@dataclass(eq=False)
class Scope:
    """Reads and writes one struct. segment: the claim whose single segment it reads, None for a loop.

    given: required fields somebody else fills (hierarchy ids). partial: other scopes write the rest of the struct.
    own_ext: the struct has an ext of its own.
    """

    id: int
    cls: type
    block: Block
    segment: Claim | None
    own_ext: bool
    constants: list[tuple[Path, Rule]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    lists: dict[Path, ListField] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    partial: bool = False


@dataclass(eq=False)
class Plan:
    """All of a mapping for one directory version. unsaid: fields, from the document on, that no
    rule need speak of, and the field beside each that has to say it instead ("always": none)."""

    mapping: str
    definition: MessageDef
    document: type
    root: Scope
    scopes: list[Scope]
    rules: list[Rule]
    computed: list[Computed]
    tables: dict[str, "Codec"]
    unsaid: dict[str, str] = field(default_factory=dict)
    levels: dict[str, Scope] = field(default_factory=dict)
    hierarchy: dict[str, Any] = field(default_factory=dict)
