"""The mappings, code tables and partner guides of a workspace: found by id, read when first asked for."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from lxml import etree

from hub.errors import ConfigError, NotYetError
from hub.mapping.codes import CodeTable, tables_of
from hub.mapping.crosswalk import Crosswalks, epoch
from hub.mapping.mapping import Mapping as MappingSpec
from hub.mapping.marks import bears, marks_of
from hub.mapping.spec import Spec, Text, as_mapping, expand, load, near, resolve, wrong
from hub.schema.guide import Guide
from hub.schema.guide_file import read_guide

_ID = re.compile(rb"^mapping:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_FROM = re.compile(rb"^active_from:\s*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_SKIPPED = ("codes", "guides", "samples")
_GUIDE = re.compile(r"(?:.*/)?guides/([^/]+)\.yaml")


def user_cache() -> Path:
    """Where compiled mappings of this user are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crossdock" / "mappings"


class Library:
    """Mappings by id. Later folders override earlier ones, file by file.

    folders are `mappings` folders. files (path relative to such a folder -> bytes) makes a library of a published
    revision. cache: where compiled code is kept; None for the user's cache folder.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        files: Mapping[str, bytes] | None = None,
        cache: Path | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._files = dict(files or {})
        self.cache = cache or user_cache()
        self._mappings: dict[tuple[str, str, int], MappingSpec] = {}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """Relative path -> (name for errors, its bytes)."""
        found: dict[str, tuple[str, Callable[[], bytes]]] = {}
        for folder in self._folders:
            for path in sorted(folder.rglob("*.yaml")):
                found[path.relative_to(folder).as_posix()] = (str(path), path.read_bytes)
        for name, source in self._files.items():
            if name.endswith((".yaml", ".yml", ".csv")):
                found[name] = (name, lambda source=source: source)  # type: ignore[misc]
        return found

    @cached_property
    def crosswalks(self) -> Crosswalks:
        """What each partner's codes mean."""
        return Crosswalks({path: read for path, (_, read) in self._paths.items()})

    @cached_property
    def _by_id(self) -> dict[str, list[tuple[date, str]]]:
        """Mapping id -> the day each of its versions counts from, and its relative path; the latest last."""
        ids: dict[str, dict[date, str]] = {}
        for name, (_, read) in self._paths.items():
            if not name.endswith(".yaml") or any(part in _SKIPPED for part in name.split("/")[:-1]):
                continue
            source = read()
            match, begins = _ID.search(source), _FROM.search(source)
            if match:
                begin = date.fromisoformat(begins[1].decode()) if begins else date.min
                ids.setdefault(match[1].decode("utf-8", "replace"), {})[begin] = name
        return {id: sorted(versions.items()) for id, versions in ids.items()}

    @cached_property
    def _days(self) -> list[date]:
        """The days on which another version of a mapping or another row of a crosswalk begins to count."""
        begins = {begin for versions in self._by_id.values() for begin, _ in versions if begin != date.min}
        return sorted(begins.union(self.crosswalks.days))

    def _path(self, id: str, on: date | None) -> str | None:
        """The version of a mapping that counts on a day, the first one before that."""
        versions = self._by_id.get(id)
        if versions is None:
            return None
        return next((path for begin, path in reversed(versions) if begin <= (on or date.min)), versions[0][1])

    def ids(self) -> list[str]:
        """The ids of all mappings, sorted."""
        return sorted(self._by_id)

    def versions(self, id: str) -> list[date]:
        """The days the versions of a mapping count from; the first may be date.min."""
        return [begin for begin, _ in self._by_id.get(id, ())]

    def get(self, id: str, *, partner: str = "", on: date | None = None) -> MappingSpec:
        """A mapping with a partner's crosswalks over its code tables, as they count on a day (None: before any that has
        a first day). ConfigError HUB-3013: there is no such mapping; or whatever is wrong in its file.
        """
        key = (id, self.crosswalks.partner(partner), epoch(self._days, on))
        if key not in self._mappings:
            chain: list[str] = []
            parts: dict[str, None] = {}

            def part_of(name: Text) -> Spec:
                path, part = self._part(name)
                parts[path] = None
                return part

            def base_of(wanted: Text) -> dict[Text, Spec]:
                spec = as_mapping(expand(self._spec(wanted, on), part_of), "A mapping")
                chain.append(self._path(wanted, on) or "")
                return spec

            spec = resolve(base_of(Text(id)), base_of)
            base = next((known for known, versions in self._by_id.items() if chain[-1] in (p for _, p in versions)), id)
            # The files' names too: compiled rules tell where they stand.
            sources = [
                part for name in [*chain, *parts] for part in (self._paths[name][0].encode(), self._paths[name][1]())
            ]
            rows = self.crosswalks.active(key[1], on or date.min)
            sources += [repr([row[:3] for row in rows[name]]).encode() for name in sorted(rows)]
            digest = hashlib.sha256(b"\0".join(sources)).digest()
            hooks = [hook for path in reversed(chain) if (hook := self._hook_beside(path)) is not None]
            self._mappings[key] = MappingSpec(id, base, spec, self, digest, hooks, rows, partner)
        return self._mappings[key]

    def find(self, standard: str, type: str, version: str = "") -> MappingSpec:
        """The shipped mapping of a message type; xml/ubl-2.1/Order is ubl/Order. NotYetError HUB-3030: none."""
        family = version.partition("-")[0] if standard == "xml" else standard
        id = f"{family}/{type}"
        if id not in self._by_id:
            raise NotYetError("HUB-3030", f"not yet: {type} ({standard}); there is no mapping {id}")
        return self.get(id)

    def match_xml(self, root: etree._Element) -> MappingSpec | None:
        """The mapping that is for an XML document with that root, the one with most tests first; None: none is."""
        name = etree.QName(root).localname.encode()
        best: tuple[int, MappingSpec] | None = None
        for id, versions in sorted(self._by_id.items()):
            if b"\nroot:" not in (source := self._paths[versions[-1][1]][1]()) or name not in source:
                continue
            mapping = self.get(id)
            rank = mapping.xml.matches(root) if mapping.xml is not None else None
            if rank is not None and (best is None or rank > best[0]):
                best = (rank, mapping)
        return best[1] if best else None

    def match_json(self, tree: object, ids: Sequence[str] | None = None) -> MappingSpec | None:
        """The mapping (one of ids, or any) whose marks a JSON payload bears, the one with most; None: none, or several
        alike."""
        if ids is None:
            ids = [id for id in self.ids() if b"\nmarks:" in self._paths[self._by_id[id][-1][1]][1]()]
        marked = [(marks_of(self.get(id).spec), id) for id in ids]
        found = [(len(marks), id) for marks, id in marked if marks and bears(tree, marks)]
        best = [id for count, id in found if count == max(found)[0]]
        return self.get(best[0]) if len(best) == 1 else None

    def named(self, standard: str, version: str, type: str) -> str | None:
        """The id of the mapping of a payload without an envelope: csv/acme/order, else the shipped csv/order."""
        return next((id for id in (f"{standard}/{version}/{type}", f"{standard}/{type}") if id in self._by_id), None)

    def match_flat(self, data: bytes, ids: Sequence[str] | None = None) -> MappingSpec | None:
        """The mapping of flat files (one of ids, or any) that knows most of a payload; None: it fits none."""
        every = [self.get(id) for id in (self.ids() if ids is None else ids)]
        scored = [(mapping.score(data), mapping) for mapping in every if mapping.is_flat]
        best = max(scored, key=lambda pair: pair[0], default=(0, None))
        return best[1] if best[0] else None

    def _hook_beside(self, path: str) -> tuple[str, bytes] | None:
        name = path.removesuffix(".yaml") + ".py"
        if name in self._files:
            return name, self._files[name]
        folder = next((folder for folder in reversed(self._folders) if (folder / name).is_file()), None)
        return None if folder is None else (str(folder / name), (folder / name).read_bytes())

    # ---- guides

    @cached_property
    def _guide_paths(self) -> dict[str, str]:
        return {match[1]: path for path in self._paths if (match := _GUIDE.fullmatch(path))}

    def guides(self) -> list[str]:
        """The names of all partner guides, sorted."""
        return sorted(self._guide_paths)

    def guide(self, name: str) -> Guide:
        """The partner guide guides/NAME.yaml. ConfigError HUB-3302: there is none; or whatever is wrong in its file."""
        if name not in self._guides:
            if name not in self._guide_paths:
                text = f'there is no guide "{name}" in mappings/guides{near(name, self._guide_paths)}'
                raise ConfigError("HUB-3302", text)
            file, read = self._paths[self._guide_paths[name]]
            self._guides[name] = read_guide(read(), file, name)
        return self._guides[name]

    @cached_property
    def _guides(self) -> dict[str, Guide]:
        return {}

    def _spec(self, id: Text, on: date | None) -> dict[Text, Spec]:
        path = self._path(id, on)
        if path is None:
            message = f'there is no mapping "{id}"{near(id, self._by_id)}'
            raise wrong(id, "HUB-3013", message) if id.file else ConfigError("HUB-3013", message)
        name, read = self._paths[path]
        return load(read(), name)

    def _part(self, name: Text) -> tuple[str, Spec]:
        """The file a part stands in and the part: "edifact/party" is `party` under `parts:` of edifact/parts.yaml."""
        folder, _, key = name.rpartition("/")
        wanted = f"{folder}/parts.yaml"
        path = next((one for one in self._paths if one == wanted or one.endswith(f"/{wanted}")), None)
        if path is None:
            text = f'there is no file {wanted} for the part "{name}"; a part is named edifact/party'
            raise wrong(name, "HUB-3015", text)
        if path not in self._parts:
            file, read = self._paths[path]
            self._parts[path] = as_mapping(load(read(), file, "parts").get(Text("parts")), "`parts`")
        known = self._parts[path]
        if key not in known:
            raise wrong(name, "HUB-3015", f'{path} has no part "{key}"{near(key, known)}')
        return path, known[Text(key)]

    @cached_property
    def _parts(self) -> dict[str, dict[Text, Spec]]:
        return {}

    # ---- code tables

    def _code_files(self, standard: str) -> list[str]:
        stem = re.compile(rf"(?:.*/)?codes/{re.escape(standard)}(?:-[^/]*)?\.yaml")
        return [name for name in self._paths if stem.fullmatch(name)]

    def tables(self, standard: str) -> dict[str, CodeTable]:
        """The shared code tables of a standard. HUB-3017: a table is in two files."""
        if standard not in self._tables:
            found: dict[str, CodeTable] = {}
            for path in self._code_files(standard):
                name, read = self._paths[path]
                for table_name, entry in tables_of(load(read(), name)).items():
                    if table_name in found:
                        raise ConfigError("HUB-3017", f'the code table "{table_name}" is in two files', file=name)
                    found[table_name] = entry
            self._tables[standard] = found
        return self._tables[standard]

    @cached_property
    def _tables(self) -> dict[str, dict[str, CodeTable]]:
        return {}

    def table_names(self) -> set[str]:
        """The names of the shared code tables of all standards."""
        found: set[str] = set()
        for path in self._paths:
            if re.fullmatch(r"(?:.*/)?codes/[^/]*\.yaml", path):
                name, read = self._paths[path]
                found |= set(tables_of(load(read(), name)))
        return found

    def codes_digest(self, standard: str) -> bytes:
        """A digest of all code tables of a standard."""
        digest = hashlib.sha256()
        for path in self._code_files(standard):
            digest.update(path.encode() + b"\0" + self._paths[path][1]())
        return digest.digest()
