"""`extends` and `use` of mapping files; the reading of their YAML is hub.syntax.yaml's."""

from collections.abc import Callable, Mapping

from hub.syntax.yaml import Spec, Text, as_mapping, as_text, load, near, wrong

__all__ = ["Spec", "Text", "as_mapping", "as_text", "expand", "load", "near", "resolve", "wrong"]


def resolve(spec: dict[Text, Spec], base_of: Callable[[Text], dict[Text, Spec]]) -> dict[Text, Spec]:
    """The spec merged over what it extends, as deep as that goes. Each text keeps its own file and line."""
    chain, seen = [spec], set()
    while isinstance(parent := chain[-1].get(Text("extends")), Text):
        if parent in seen:
            raise wrong(parent, "HUB-3015", f'mapping "{parent}" extends itself')
        seen.add(str(parent))
        chain.append(base_of(parent))
    merged = chain.pop()
    while chain:
        merged = _merge(merged, chain.pop())
    return merged


def expand(spec: Spec, part_of: Callable[[Text], Spec], inside: tuple[str, ...] = ()) -> Spec:
    """The spec with each `use: part` replaced by that part; what stands beside `use` changes it, as `extends` does."""
    if isinstance(spec, list):
        return [one for entry in spec for one in _spread(entry, expand(entry, part_of, inside))]
    if not isinstance(spec, dict):
        return spec
    changes = {key: expand(value, part_of, inside) for key, value in spec.items() if key != "use"}
    name = spec.get(Text("use"))
    if name is None:
        return changes
    if not isinstance(name, Text):
        raise wrong(name, "HUB-3014", "`use` takes the name of one part: use: edifact/party.")
    if name in inside:
        raise wrong(name, "HUB-3015", f'the part "{name}" uses itself')
    part = expand(part_of(name), part_of, (*inside, name))
    if isinstance(part, dict):
        return _merge(part, changes)
    if changes:
        raise wrong(changes, "HUB-3015", f'the part "{name}" is a list: it is used as it is, or not at all')
    return part


def _spread(entry: Spec, expanded: Spec) -> list[Spec]:
    """A part that is a list of alternatives joins the list it is used in."""
    return expanded if isinstance(expanded, list) and not isinstance(entry, list) else [expanded]


def _merge(base: dict[Text, Spec], over: dict[Text, Spec]) -> dict[Text, Spec]:
    out = dict(base)
    for key, value in over.items():
        if key.endswith("+"):
            name = key.like(key[:-1])
            _known(name, out, "HUB-3015")
            out[name] = [*as_list(out[name]), *as_list(value)]
        elif isinstance(value, Text) and value == "remove":
            _known(key, out, "HUB-3015")
            del out[key]
        elif isinstance(value, dict) and isinstance(inner := out.get(key), dict):
            out[key] = _merge(inner, value)
        else:
            out[key] = value
    return out


def as_list(value: Spec) -> list[Spec]:
    """What may be one or several."""
    return value if isinstance(value, list) else [value]


def _known(name: Text, known: Mapping[Text, Spec], code: str) -> None:
    if name not in known:
        raise wrong(name, code, f'there is no "{name}" to change here{near(name, known)}')
