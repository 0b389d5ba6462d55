"""The files that the how-to shows are right as whole workspaces, their connectors' settings included."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli.partner import mapping_gaps
from hub.mapping.faults import mapping_faults
from hub.workspace import Workspace, builtin_root

PAGE = builtin_root() / "docs" / "how-to" / "add-a-partner.md"
DEVIATE = PAGE.with_name("deviate.md")
BLOCK = re.compile(r"```toml\n# (\S+)\n(.*?)```", re.DOTALL)


def workspaces() -> Iterator[tuple[str, dict[str, str]]]:
    """Per section of the page the files it shows, over those of the first section."""
    first: dict[str, str] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        shown = dict(BLOCK.findall(section))
        first = first or shown
        if shown:
            yield section.partition("\n")[0], {**first, **shown}


@pytest.mark.parametrize(("section", "shown"), list(workspaces()))
def test_what_the_page_shows_is_right(section: str, shown: dict[str, str], tmp_path: Path) -> None:
    for path, text in shown.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert [str(fault) for fault in Workspace(tmp_path).faults()] == []
    assert any("partner.toml" in path for path in shown)


def test_what_deviates_is_right_too(tmp_path: Path) -> None:
    """A mapping, a guide and a crosswalk as shown, over the first section of the other page."""
    blocks = re.findall(
        r"```(?:toml|yaml|text)\n(?:# )?(\S+/\S+)\n(.*?)```", DEVIATE.read_text(encoding="utf-8"), re.DOTALL
    )
    _, first = next(workspaces())
    for path, text in {**first, **dict(blocks)}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    workspace = Workspace(tmp_path)
    assert len(blocks) == 4
    assert [
        str(fault) for fault in (*workspace.faults(), *mapping_faults(workspace.mappings(), "x12/850-bluebird"))
    ] == []
    assert mapping_gaps(workspace) == ([], [])


def test_the_mistake_on_the_page_reads_as_shown(tmp_path: Path) -> None:
    _, shown = next(workspaces())
    path = "partners/bluebird/partner.toml"
    shown[path] = "# partner\n" + shown[path].replace("receive", "recieve")
    for name, text in shown.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    said = str(Workspace(tmp_path).faults()[0])
    (promised,) = re.findall(r"^(partners/\S+ HUB-.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert said == promised
