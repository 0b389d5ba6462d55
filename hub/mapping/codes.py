"""Code tables (crosswalks): a standard's codes and our words for them. A table belongs to one standard.

A file of `mappings/codes/` says its standard and holds tables:

    standard: x12
    tables:
      party-role:
        place: N101
        codes: {BY: buyer, ST: ship_to, VN: seller, SE: seller}
        preferred: {seller: SE}

`also` gives words that are written with a code and never read from one (`also: {per_each: AAA}`); `only_read` lists
codes ("*" for all) that are read and never written, unless the message itself had them there.
`place` names the element in codes nobody has a word for: "x12:N101/Q9".
"""

from dataclasses import dataclass

from hub.mapping.spec import Spec, Text, as_mapping, as_text, wrong

_KEYS = {"place", "codes", "preferred", "also", "only_read"}


@dataclass(frozen=True)
class CodeTable:
    """words: code -> our word. back: our word -> the code written. variants: codes read that are not the one
    written.
    """

    name: str
    standard: str
    place: str | None
    words: dict[str, str]
    back: dict[str, str]

    @property
    def only_read(self) -> bool:
        """Whether some word here has no code to be written with."""
        return any(word not in self.back for word in self.words.values())

    @property
    def variants(self) -> frozenset[str]:
        return frozenset(code for code, word in self.words.items() if self.back.get(word) != code)


def table(name: str, standard: str, spec: Spec) -> CodeTable:
    """ConfigError HUB-3017: two codes for one word and nobody says which one is written."""
    body = as_mapping(spec, f'The code table "{name}"', name)
    if "codes" not in body:
        body = {Text("codes"): body}
    for key in body:
        if key not in _KEYS:
            raise wrong(
                key, "HUB-3017", f'a code table has codes, preferred, also, only_read and place; "{key}" is none'
            )
    codes = as_mapping(body.get(Text("codes")), "codes", body)
    words = {str(code): str(as_text(word, "A word", code)) for code, word in codes.items()}
    preferred = as_mapping(body.get(Text("preferred"), {}), "preferred", name)
    only_read = body.get(Text("only_read"), [])
    only_read = list(codes) if only_read == "*" else only_read
    back: dict[str, str] = {}
    for word, code in preferred.items():
        if words.get(str(code)) != word:
            raise wrong(
                word, "HUB-3017", f'table {name}: the preferred code "{code}" of "{word}" does not mean "{word}"'
            )
        back[str(word)] = str(code)
    for code, word in ((code, Text(words[code])) for code in codes if code not in only_read):
        if str(word) in back:
            if word not in preferred:
                raise wrong(
                    code,
                    "HUB-3017",
                    f'table {name}: "{back[str(word)]}" and "{code}" both mean "{word}"; say in '
                    f"`preferred:` which one is written",
                )
            continue
        back[str(word)] = str(code)
    for word, chosen in as_mapping(body.get(Text("also"), {}), "also", name).items():
        if word in back:
            raise wrong(word, "HUB-3017", f'table {name}: "{word}" has a code of its own, so `also` has no use for it')
        back[str(word)] = str(as_text(chosen, "A code", word))
    place = body.get(Text("place"))
    return CodeTable(name, standard, str(place) if place is not None else None, words, back)


def tables_of(spec: dict[Text, Spec]) -> dict[str, CodeTable]:
    """The tables of one file of mappings/codes."""
    standard = str(as_text(spec.get(Text("standard")), "standard", spec))
    tables = as_mapping(spec.get(Text("tables")), "tables", spec)
    return {str(name): table(str(name), standard, body) for name, body in tables.items()}


def over_shared(shared: CodeTable | None, name: Text, body: Spec) -> Spec:
    """A table of a mapping's own adds to and replaces rows of the shared one of that name."""
    own = as_mapping(body, f'The code table "{name}"', name)
    if shared is None:
        return own
    whole = Text("codes") in own
    codes = as_mapping(own[Text("codes")], "codes", name) if whole else own
    preferred = as_mapping(own.get(Text("preferred"), {}), "preferred", name) if whole else {}
    words: dict[Text, Spec] = {Text(code): Text(word) for code, word in shared.words.items()}
    words |= codes
    back: dict[Text, Spec] = {
        Text(word): Text(code) for word, code in shared.back.items() if words.get(Text(code)) == word
    }
    also: dict[Text, Spec] = {
        Text(word): Text(code) for word, code in shared.back.items() if word not in words.values()
    }
    also |= as_mapping(own.get(Text("also"), {}), "also", name) if whole else {}
    merged: dict[Text, Spec] = {Text("codes"): words, Text("preferred"): back | preferred, Text("also"): also}
    mute: list[Spec] = [Text(code) for code, word in shared.words.items() if word not in shared.back]
    more = own.get(Text("only_read"), []) if whole else []
    merged[Text("only_read")] = mute + (more if isinstance(more, list) else [more])
    if shared.place:
        merged[Text("place")] = Text(shared.place)
    return merged
