"""Puts measured tables into docs/explanation/speed.md, between the marks of their section."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "explanation"


def write(section: str, text: str) -> None:
    """Replace what stands between <!-- section --> and <!-- /section -->. ValueError: the page has no such section."""
    page = FOLDER / "speed.md"
    before, begin, rest = page.read_text().partition(f"<!-- {section} -->\n")
    _, end, after = rest.partition(f"<!-- /{section} -->")
    if not begin or not end:
        raise ValueError(f"{page} has no section {section}")
    page.write_text(f"{before}{begin}{text.strip()}\n{end}{after}")
