"""The mappings, code tables and partner guides of a workspace: found by id, read when first asked for."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from hub.errors import ConfigError, NotYetError
from hub.mapping.codes import CodeTable, tables_of
from hub.mapping.mapping import Mapping as MappingSpec
from hub.mapping.spec import Spec, Text, load, near, resolve, wrong
from hub.schema.guide import Guide
from hub.schema.guide_file import read_guide

_ID = re.compile(rb"^mapping:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
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
        self._mappings: dict[str, MappingSpec] = {}
        self._chains: dict[str, list[str]] = {}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """Relative path -> (name for errors, its bytes)."""
        found: dict[str, tuple[str, Callable[[], bytes]]] = {}
        for folder in self._folders:
            for path in sorted(folder.rglob("*.yaml")):
                found[path.relative_to(folder).as_posix()] = (str(path), path.read_bytes)
        for name, source in self._files.items():
            if name.endswith(".yaml"):
                found[name] = (name, lambda source=source: source)  # type: ignore[misc]
        return found

    @cached_property
    def _by_id(self) -> dict[str, str]:
        """Mapping id -> relative path."""
        ids = {}
        for name, (_, read) in self._paths.items():
            if any(part in _SKIPPED for part in name.split("/")[:-1]):
                continue
            match = _ID.search(read())
            if match:
                ids[match[1].decode("utf-8", "replace")] = name
        return ids

    def ids(self) -> list[str]:
        """The ids of all mappings, sorted."""
        return sorted(self._by_id)

    def get(self, id: str) -> MappingSpec:
        """ConfigError HUB-3013: there is no such mapping; or whatever is wrong in its file."""
        if id not in self._mappings:
            own = self._spec(Text(id))
            chain = [self._by_id[id]]

            def base_of(parent: Text) -> dict[Text, Spec]:
                spec = self._spec(parent)
                chain.append(self._by_id[parent])
                return spec

            spec = resolve(own, base_of)
            self._chains[id] = chain
            base = next((key for key, path in self._by_id.items() if path == chain[-1]), id)
            # The files' names too: compiled rules tell where they stand.
            sources = [part for name in chain for part in (self._paths[name][0].encode(), self._paths[name][1]())]
            self._mappings[id] = MappingSpec(id, base, spec, self, hashlib.sha256(b"\0".join(sources)).digest())
        return self._mappings[id]

    def find(self, standard: str, type: str, version: str = "") -> MappingSpec:
        """The shipped mapping of a message type. NotYetError HUB-3030: none here serves it."""
        id = f"{standard}/{type}"
        if id not in self._by_id:
            raise NotYetError("HUB-3030", f"not yet: {type} ({standard}); there is no mapping {id}")
        return self.get(id)

    def hook(self, id: str) -> tuple[str, bytes] | None:
        """The `.py` file beside a mapping: its name and source."""
        return self._hook_beside(self._by_id[id])

    def hooks(self, id: str) -> list[tuple[str, bytes]]:
        """The `.py` files beside a mapping and beside those it extends, the base first."""
        beside = [self._hook_beside(path) for path in reversed(self._chains.get(id, [self._by_id[id]]))]
        return [hook for hook in beside if hook is not None]

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

    def _spec(self, id: Text) -> dict[Text, Spec]:
        path = self._by_id.get(id)
        if path is None:
            message = f'there is no mapping "{id}"{near(id, self._by_id)}'
            raise wrong(id, "HUB-3013", message) if id.file else ConfigError("HUB-3013", message)
        name, read = self._paths[path]
        return load(read(), name)

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

    def codes_digest(self, standard: str) -> bytes:
        """A digest of all code tables of a standard."""
        digest = hashlib.sha256()
        for path in self._code_files(standard):
            digest.update(path.encode() + b"\0" + self._paths[path][1]())
        return digest.digest()
