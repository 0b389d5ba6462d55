"""Which rule takes which segment: the order of claims, and what a writer needs to choose."""

from hub.mapping.plan import Block, Claim
from hub.mapping.spec import wrong


def check_tests(block: Block, segment: Claim | None) -> None:
    """HUB-3016: a test that lets several codes through, and no rule that says which one the writer puts there."""
    trigger = block.claims.get(segment.key if segment else block.loop.slots[0].key, []) if block.tests else []
    wanted = [(block.tests, [rule for claim in trigger for rule in claim.rules])]
    wanted += [
        (claim.tests, claim.rules) for claims in block.claims.values() for claim in claims if claim.kind == "one"
    ]
    for tests, rules in wanted:
        for test in tests:
            spots = {(element, component or 1) for rule in rules for element, component in rule.positions}
            if test.constant is None and (test.element, test.component) not in spots and rules:
                raise wrong(
                    rules[0].at, "HUB-3016", f"element {test.element:02} is tested for more than one code here, and no "
                    f"rule reads it; a writer could not choose",
                )  # fmt: skip
    for subs in block.subs.values():
        for sub in subs:
            check_tests(sub.block, None)


def sort_claims(block: Block) -> None:
    """Claims in the order they take segments: tested ones first, then single ones before lists, then as in the file."""
    order = {"one": 0, "all": 1, "each": 1}
    for claims in block.claims.values():
        claims.sort(key=lambda claim: (not claim.tests, order[claim.kind], claim.number is None))
    for subs in block.subs.values():
        subs.sort(key=lambda sub: not sub.tests)
        for sub in subs:
            sort_claims(sub.block)
    for eachs in block.eachs.values():
        eachs.sort(key=lambda each: not each.tests)
