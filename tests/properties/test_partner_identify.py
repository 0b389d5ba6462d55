"""Spoofing: whatever an envelope claims, it is identified only as somebody on the list of the connection it came by.

The judge is written from the rules alone: allow-list, receiver's account, test indicator and environment.
"""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from hub.partner import Identified, Partners, read_hub, read_partner

IDS = ["ZZ:A", "ZZ:B", "01:A", ":A", "ZZ:A/ONE", "ZZ:A/TWO", "ZZ:a", "ZZ:NOBODY"]
OURS = ["ZZ:US", "14:US", "ZZ:UST"]
HUB = """
[account.us]
name = "Us"
identities = ["ZZ:US", "14:US"]
test_identities = ["ZZ:UST"]
"""


class Side(NamedTuple):
    production: list[str]
    test: list[str]

    def of(self, environment: str) -> list[str]:
        return self.production if environment == "production" else self.test or self.production


OUR_SIDE = Side(["ZZ:US", "14:US"], ["ZZ:UST"])


def carried(identities: list[str], envelope: str, group: str) -> bool:
    """Whether one of the identities is this envelope's, its group named or not."""
    return any(one in (envelope, f"{envelope}/{group}") for one in identities)


def partner_text(side: Side, environments: Mapping[str, str], carries: list[str]) -> str:
    text = f'name = "P"\nrole = "retailer"\nidentities = {side.production}\ntest_identities = {side.test}\n'
    for name, environment in environments.items():
        text += f'[connection.{name}]\nconnector = "x"\nenvironment = "{environment}"\ncarries = {carries}\n'
    return text


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Side]:
    """Three partners that share no identity."""
    free = draw(st.permutations(IDS[:-1]))
    cuts = sorted(draw(st.lists(st.integers(0, len(free)), min_size=5, max_size=5)))
    parts = [free[start:end] for start, end in zip([0, *cuts], [*cuts, len(free)], strict=True)]
    return {name: Side(parts[2 * index], parts[2 * index + 1]) for index, name in enumerate(("one", "two", "three"))}


@given(
    sides=worlds(),
    by=st.sampled_from(["one/live", "one/trial"]),
    carries_two=st.booleans(),
    choice=st.data(),
    receiver=st.sampled_from([*OURS, "ZZ:OTHER", ""]),
    test=st.booleans(),
)
def test_nobody_is_identified_who_is_not_on_the_connections_list(
    sides: dict[str, Side], by: str, carries_two: bool, choice: st.DataObject, receiver: str, test: bool
) -> None:
    known = [tuple(one.partition("/")[::2]) for one in sides["one"].production + sides["one"].test]
    anybody = st.tuples(
        st.sampled_from([one for one in IDS if "/" not in one] + [""]), st.sampled_from(["", "ONE", "TWO", "A"])
    )
    sender, group = choice.draw(st.one_of(anybody, st.sampled_from(known)) if known else anybody)
    environments = {"live": "production", "trial": "test"}
    files = [
        read_partner(
            partner_text(side, environments, ["two"] if name == "one" and carries_two else []),
            f"partners/{name}/partner.toml",
        )
        for name, side in sides.items()
    ]
    found = Partners(files, read_hub(HUB)).identify(by, sender, receiver, group, "US", test=test)

    environment = environments[by.partition("/")[2]]
    allowed = {"one": sides["one"]} | ({"two": sides["two"]} if carries_two else {})
    owners = [name for name, side in allowed.items() if carried(side.of(environment), sender, group)]
    may = bool(owners) and carried(OUR_SIDE.of(environment), receiver, "US") and test == (environment == "test")

    assert isinstance(found, Identified) == may
    if isinstance(found, Identified):
        assert found.partner in owners
        exact = [name for name, side in allowed.items() if f"{sender}/{group}" in side.of(environment)]
        assert found.partner in (exact or owners)
        assert (found.account, found.environment, found.connection) == ("us", environment, by)
    else:
        assert found.security
        assert found.finding.severity == "reject"
        assert found.connection == by
