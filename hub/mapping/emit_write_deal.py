"""The writer's look at a document: which alternative takes an item, and what there is to say at all."""

from hub.mapping.emit_write_slots import NUMBERED, SlotWriter
from hub.mapping.fields import hints, required
from hub.mapping.plan import Alternative, Block, Claim, ListField, Path, Plan, Rule, Scope
from hub.mapping.source import COUNTED, nested_class, single_claim
from hub.schema.model import UNLIMITED


class DealWriter(SlotWriter):
    """Emits the dealing of items; the base of the writer's emitter."""

    def __init__(self, plan: Plan, careful: bool, quick: bool) -> None:
        super().__init__(plan, careful, quick)
        self.shared: dict[tuple[int, str], list[Alternative]] = {}
        self.known = ""
        """What is sure of the document where a claim is written (source)."""

    def value(self, path: Path) -> str:
        if len(path) == 1:
            return f"o.{path[0]}"
        if self.known == f"{local_name(path[:-1])} is not None":
            return f"{local_name(path[:-1])}.{path[-1]}"
        return f"({local_name(path[:-1])}.{path[-1]} if {local_name(path[:-1])} is not None else None)"

    def is_there(self, rule: Rule, scope: Scope) -> bool:
        """Whether the field of a rule has a value where it is written."""
        struct = f"{local_name(rule.path[:-1])} is not None"
        if self.known == f"o.{rule.path[0]} is not None" and len(rule.path) == 1:
            return True
        needed = rule.path[-1] in required(nested_class(scope.cls, rule.path[:-1]))
        return needed and (len(rule.path) == 1 or self.known == struct)

    def items(self, path: Path) -> str:
        return f"o.{path[0]}" if len(path) == 1 else f"({self.value(path)} or ())"

    def deal(self, field: ListField) -> None:
        add = self.out.add
        alternatives = field.alternatives
        alone = alternatives[0] if len(alternatives) == 1 else None
        plain = alone is not None and (not self._accepts(alone, "it") or self._is_loud(alone))
        groups: dict[tuple[int, str], list[Alternative]] = {}
        for alternative in alternatives:
            groups.setdefault(alternative.group, []).append(alternative)
        for group in groups.values():
            bucket = self.out.fresh("b")
            self.shared[group[0].group] = group
            for alternative in group:
                self.buckets[id(alternative)] = bucket
        buckets = [self.buckets[id(group[0])] for group in groups.values()]
        add(1, f"{' = '.join(buckets)} = ()", f"if {self.value(field.path)}:")
        for bucket in buckets:
            add(2, f"{bucket} = {self.items(field.path)}" if plain else f"{bucket} = []")
        if not plain:
            add(2, f"for it in {self.items(field.path)}:")
            word = "if"
            for alternative in alternatives:
                bucket = self.buckets[id(alternative)]
                index = groups[alternative.group].index(alternative)
                conditions = self._accepts(alternative, "it")
                if alternative.slots is not None and conditions and not self.quick:
                    conditions = self.remembered(alternative.slots, conditions, bucket)
                most = self._most(alternative)
                if most is not None and len(alternatives) > 1 and alternative is not alternatives[-1]:
                    conditions.insert(0, f"len({bucket}) < {most}")
                taken = f"    {bucket}.append({f'(it, {index})' if len(groups[alternative.group]) > 1 else 'it'})"
                if not conditions:
                    add(3, f"{'else' if word == 'elif' else 'if True'}:", taken)
                    break
                add(3, f"{word} {' and '.join(conditions)}:", taken)
                word = "elif"
            else:
                shown, foreign = self._shown(alternatives)
                add(3, "else:", f"    M.no_place({'.'.join(field.path)!r}, {shown}, it, {foreign})")
        for group in groups.values():
            most = self._most(group[0])
            if most is not None:
                bucket, where = self.buckets[id(group[0])], str(group[0].at)
                where = group[0].claim.name if group[0].claim else group[0].loop.name if group[0].loop else where
                add(2, f"if len({bucket}) > {most}:")
                add(
                    3,
                    f"M.too_many({'.'.join(field.path)!r}, {where!r}, len({bucket}), {most})",
                    f"{bucket} = {bucket}[:{most}]",
                )

    def _is_loud(self, alternative: Alternative) -> bool:
        """Whether an item it does not take stops a quick writer anyway, so that none is asked for beforehand."""
        if (
            not self.quick
            or alternative.sets
            or alternative.when
            or (alternative.slots and alternative.slots.constants)
        ):
            return False
        return all(_refuses(rule) and rule.default is None for rule in alternative.coded)

    def is_said(self, scope: Scope) -> bool:
        """Whether the first segment of an item always says something: its number, or a code it cannot be without."""
        claim = single_claim(scope)
        if scope.segment is None:
            if scope.block.loop.slots[0].tag in NUMBERED:
                return True
            claims = scope.block.claims.get(scope.block.loop.slots[0].key, [])
            claim = claims[0] if len(claims) == 1 else None
        return claim is not None and any(
            len(rule.path) == 1 and rule.path[0] in required(scope.cls) and _refuses(rule) and not rule.one_way
            for rule in claim.rules
        )

    def _most(self, alternative: Alternative) -> int | None:
        """How many items an alternative holds; None for no limit that a document could reach."""
        slots, claim = alternative.slots, alternative.claim
        if slots is not None and claim is not None:
            if claim.kind == "one":
                return slots.capacity
            most = self._slot_max(claim.key, alternative)
            return None if most is None else most * slots.capacity
        return self._slot_max(claim.key if claim else "", alternative)

    def _slot_max(self, key: str, alternative: Alternative) -> int | None:
        most = alternative.most
        return None if most >= UNLIMITED else most

    def _accepts(self, alternative: Alternative, item: str) -> list[str]:
        parts = [f"{item}.{name} == {value!r}" for name, value in alternative.sets]
        parts += [f"M.at({path!r}) == {value!r}" for path, value in alternative.when]
        if alternative.slots is not None:
            constants = [pair for pair in alternative.slots.constants if pair not in alternative.sets]
            parts += [f"{item}.{name} == {value!r}" for name, value in constants]
            others = alternative.field.alternatives
            if "ext" in hints(alternative.field.item) and any(one.slots is None for one in others):
                parts.append(f"not ({item}.ext and M.mapping in {item}.ext)")
            if more := _held_elsewhere(alternative):
                parts.append(f"not ({' or '.join(f'{item}.{name}' for name in more)})")
            leaves = [(path, rule) for path, _, rule in alternative.slots.parts]
            said = dict.fromkeys(path[0] for path, _ in leaves)
            if said and not said.keys() & set(required(alternative.field.item)):
                parts.append(f"({' or '.join(f'{item}.{name} is not None' for name in said)})")
        else:
            scope = alternative.loop.scope if alternative.loop else alternative.claim.scope  # type: ignore[union-attr]
            assert scope is not None  # noqa: S101 - the builder made it so
            leaves = [(rule.path, rule) for rule in scope.rules if rule.one_way == ""]
        for path, rule in leaves:
            if len(path) == 1 and rule.codec.accept is not None and not rule.many:
                value = f"{item}.{path[0]}"
                condition = rule.codec.accept(value)
                optional = path[0] not in required(alternative.field.item)
                if optional and len(alternative.field.alternatives) == 1 and not self.mandatory(rule):
                    continue
                if rule.default is not None:
                    condition = f"{value} == {rule.default!r} or {condition}"
                parts.append(f"({value} is None or {condition})" if optional else f"({condition})")
        return parts

    def _shown(self, alternatives: list[Alternative]) -> tuple[str, str]:
        """Sources: what names the item that has no place, and whether only an open code stands in the way."""
        names = []
        for alternative in alternatives:
            names += [name for name, _ in alternative.sets]
            names += [rule.path[-1] for rule in alternative.coded]
        closed = all(alternative.closed for alternative in alternatives)
        known = list(dict.fromkeys(names))
        shown = " + ' ' + ".join(f"str(it.{name})" for name in known) or "''"
        return shown, repr(not closed)

    # ---- what there is to say

    def given(self, claim: Claim, block: Block) -> list[str] | None:
        """Sources of which one is true where the claim's segment has anything to say; None: it may without them."""
        slot = next((slot for slot in block.loop.slots if slot.key == claim.key), None)
        constant = slot is not None and slot.min and any(rule.constant is not None for rule in claim.rules)
        if constant or claim.fixed or any(not entry.check for entry in claim.computed):
            return None
        found = [
            self.buckets[id(one)] for slots in claim.slots for one in slots.field.alternatives if one.slots is slots
        ]
        for rule in claim.rules:
            if rule.one_way != "read" and rule.constant is None:
                found.append(self._there(rule))
        return list(dict.fromkeys(found))

    def _there(self, rule: Rule) -> str:
        """Source that is true where a rule has a value to write."""
        if len(rule.path) > 1:
            return f"{local_name(rule.path[:-1])} is not None"
        return f"o.{rule.path[0]}" if rule.many else f"o.{rule.path[0]} is not None"

    def given_inside(self, block: Block) -> list[str] | None:
        """The same of a loop on the way."""
        found: list[str] = []
        trigger = block.loop.slots[0].tag
        if block.passed or trigger in COUNTED or trigger in NUMBERED:
            return None
        for claim in (claim for claims in block.claims.values() for claim in claims):
            if claim.kind == "each":
                continue
            given = self.given(claim, block)
            if given is None or any(rule.constant is not None for rule in claim.rules):
                return None
            found += given
        for each in (each for eachs in block.eachs.values() for each in eachs):
            found.append(self.buckets[id(each.alternative)])
        for claim in (claim for claims in block.claims.values() for claim in claims if claim.kind == "each"):
            found.append(self.buckets[id(claim.each)])
        for sub in (sub for subs in block.subs.values() for sub in subs):
            given = self.given_inside(sub.block)
            if given is None:
                return None
            found += given
        return list(dict.fromkeys(found))


def _held_elsewhere(alternative: Alternative) -> list[str]:
    """The fields that slots have no part for and a segment or loop of the same list has."""
    assert alternative.slots is not None  # noqa: S101 - the caller saw it
    held = {path[0] for path, _, _ in alternative.slots.parts} | {name for name, _ in alternative.slots.constants}
    found = set()
    for one in alternative.field.alternatives:
        scope = None if one.slots else one.loop.scope if one.loop else one.claim.scope if one.claim else None
        found |= (
            {rule.path[0] for rule in scope.rules if rule.path and not rule.one_way} if scope is not None else set()
        )
    return sorted(found - held)


def _refuses(rule: Rule) -> bool:
    """Whether a word without a code stops the writer."""
    table = rule.codec.table
    return table is not None and (rule.codec.open or not table.only_read)


def local_name(path: Path) -> str:
    """The variable of a nested struct."""
    return "o_" + "_".join(path)
