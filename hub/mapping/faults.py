"""What is wrong with a workspace's mappings, before a partner's message finds it."""

import re
from collections.abc import Mapping as Table
from datetime import date

from hub.errors import ConfigError, HubError
from hub.mapping.build import TOP
from hub.mapping.library import Library
from hub.mapping.spec import near, wrong

_ENVELOPED = ("x12", "edifact")
_FILE = re.compile(r"mappings/(?!(?:.*/)?(?:codes|guides|samples)/)(?!(?:.*/)?parts\.yaml$).*\.yaml")
_ID = re.compile(rb"^mapping:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_FROM = re.compile(rb"^active_from:[ \t]*[\"']?([\d-]+)", re.MULTILINE)


def mapping_files(files: Table[str, bytes]) -> dict[str, list[str]]:
    """The files of each mapping id, under "" those that name none. files: a workspace's, by path from its folder."""
    found: dict[str, list[str]] = {}
    for path, body in files.items():
        if _FILE.fullmatch(path):
            match = _ID.search(body)
            found.setdefault(match[1].decode("utf-8", "replace") if match else "", []).append(path)
    return found


def mapping_faults(files: Table[str, bytes], id: str | None = None) -> list[HubError]:
    """The first fault of each mapping, compiled for every version it lists, and of each guide; of one mapping alone
    where it is named."""
    library = Library(files=files)
    if id is not None:
        return _faults_of(library, id)
    found = mapping_files(files)
    faults: list[HubError] = [
        ConfigError("HUB-3010", 'the first line "mapping: <its id>" is missing', file=path, line=1, column=1)
        for path in found.pop("", ())
    ]
    for known, paths in found.items():
        begins = [match[1] if (match := _FROM.search(files[path])) else b"" for path in paths]
        if len(set(begins)) < len(paths):
            text = f'"{known}" is the id of {paths[0]} too; give this one an id of its own, or another `active_from`'
            faults.append(ConfigError("HUB-3010", text, file=paths[-1], line=1, column=1))
    faults += library.crosswalks.faults(library.table_names())
    if not any(fault.code == "HUB-3040" for fault in faults):
        for known in library.ids():
            faults += _faults_of(library, known)
    for name in library.guides():
        try:
            library.guide(name)
        except ConfigError as error:
            faults.append(error)
    return list({str(fault): fault for fault in faults}.values())


def _faults_of(library: Library, id: str) -> list[HubError]:
    return [fault for on in (None, *library.versions(id)[1:]) for fault in _faults_on(library, id, on)]


def _faults_on(library: Library, id: str, on: date | None) -> list[HubError]:
    try:
        mapping = library.get(id, on=on)
        if mapping.standard == "json" or mapping.is_flat:
            mapping.read_tree({})
        if mapping.xml is not None:
            mapping.xml.source("read")
            mapping.xml.source("write")
            return []
        if mapping.standard in _ENVELOPED and not mapping.versions:
            slip = next((key for key in mapping.spec if key not in TOP), next(iter(mapping.spec)))
            text = f"`versions` is missing, the releases to check against{near('versions', [slip])}"
            raise wrong(slip, "HUB-3010", text.replace(f'did you mean "{slip}"', f'is "{slip}" meant to be it'))
        for version in mapping.versions:
            mapping.plan(version)
    except HubError as error:
        return [error]
    return []
