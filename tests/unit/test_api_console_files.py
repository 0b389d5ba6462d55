"""The rules of the page's own files: small, nothing from elsewhere, no way for text to become markup."""

import re

import pytest

from hub.console import static_files

FILES = {name: content.decode() for name, content in static_files().items()}
SCRIPTS = {name: text for name, text in FILES.items() if name.endswith(".js")}
BANNED = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML|DOMParser|srcdoc"
    r"|createContextualFragment"
)


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_module_makes_markup_of_text(name: str) -> None:
    assert re.findall(BANNED, SCRIPTS[name]) == []
    assert SCRIPTS[name].startswith("// @ts-check\n")
    assert SCRIPTS[name].count("\n") < 400


def test_the_scripts_are_small() -> None:
    assert sum(len(text.encode()) for text in SCRIPTS.values()) < 120_000


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_comes_from_elsewhere(name: str) -> None:
    known = "http://www.w3.org/2000/svg"
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", FILES[name].replace(known, "")) == []


def test_every_import_and_link_is_a_file_of_ours() -> None:
    for name, text in FILES.items():
        for linked in re.findall(r"/static/([\w.-]+)", text):
            assert linked in FILES, f"{name} names {linked}"


def test_the_page_has_no_inline_script_or_style() -> None:
    page = FILES["index.html"]
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page) == []
