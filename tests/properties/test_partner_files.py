"""Whatever stands in a partner.toml, it is read or refused with a place in the file; nothing else comes out."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import ConfigError
from hub.partner import partner_faults, read_partner
from hub.workspace import builtin_root

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(builtin_root().glob("partners/*/partner.toml"))]
FILE = "partners/x/partner.toml"
PIECES = [
    '"',
    "'",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\n",
    "#",
    ",",
    ".",
    "\\",
    "1",
    "true",
    "x",
    '"""',
    "2026-01-01",
]


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A right file with a few stretches cut out, doubled or replaced."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        put = draw(st.one_of(st.sampled_from(PIECES), st.just(text[start:end] * 2), st.text(max_size=5), st.just("")))
        text = text[:start] + put + text[end:]
    return text


@given(mutations())
@example("\x00")
@example('agreement = [{ receive = "x12/004010/850" }, 3]\nname = "x"\nrole = "carrier"')
@example('connection = { a = [1] }\nname = "x"\nrole = "carrier"')
@example('name = "x"\nrole = "carrier"\n[connection.a]\nconnector = "x"\nconnector.y = 1')
def test_a_damaged_file_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    faults = partner_faults(text, FILE)
    lines = text.replace("\r\n", "\n").split("\n")
    for fault in faults:
        assert fault.file == FILE
        assert fault.line is not None
        assert fault.column is not None
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 2
    if faults:
        with pytest.raises(ConfigError) as caught:
            read_partner(text, FILE)
        assert str(caught.value) == str(faults[0])
    else:
        assert read_partner(text, FILE).id == "x"
