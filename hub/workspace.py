"""A workspace: a folder with a hub.toml, connectors/, mappings/ and partners/, on top of what the hub ships.

A file of the folder wins over the shipped one of the same name. Shipped partners belong to the demo and are never seen
in a workspace of somebody's own. Only a folder with a hub.toml counts, because its connectors are run.
"""

import hashlib
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

from pydantic import BaseModel, ValidationError

import hub
from hub.connector import Checkable, Secrets
from hub.errors import ConfigError, HubError, UsageError
from hub.partner import Connection, Partners, check_partners, hub_faults, partner_faults, read_hub, read_partner
from hub.partner.file import HubFile, PartnerFile
from hub.partner.read import faults_of
from hub.partner.suggest import suggestion

HUB_TOML = "hub.toml"
PACKAGE = "hub_workspace.connectors"
_PACKAGE_FOLDER = Path(hub.__file__).resolve().parent
_KINDS = frozenset({".toml", ".yaml", ".yml", ".json", ".csv"})
_CONNECTOR_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PARTNER_FILE = re.compile(r"partners/[^/]+/partner\.toml")


def builtin_root() -> Path:
    """The folder of what the hub ships: hub/_workspace in a wheel, the repository in an editable install."""
    packed = _PACKAGE_FOLDER / "_workspace"
    return packed if packed.is_dir() else _PACKAGE_FOLDER.parent


def find_workspace(start: Path) -> Path:
    """The nearest folder with a hub.toml, from start upwards. UsageError HUB-4012: there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / HUB_TOML).is_file():
            return folder
    none = f"Neither {start} nor a folder above it has a hub.toml"
    message = f"{none}; change to a workspace, name one (--workspace DIR), or begin one: hub init"
    raise UsageError("HUB-4012", message)


def digest(files: Mapping[str, bytes]) -> str:
    """The name of a revision: SHA-256 over paths and contents, in the order of the paths."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{len(files[path])}\0".encode())
        total.update(files[path])
    return total.hexdigest()


class Workspace:
    """One workspace, read anew by every call. ConfigError, with file, line and column: one of its files is wrong."""

    def __init__(self, folder: Path, *, demo: bool = False) -> None:
        """UsageError HUB-4012: the folder has no hub.toml. demo: the shipped partners are part of it."""
        self.folder = folder.resolve()
        if not (self.folder / HUB_TOML).is_file():
            message = f"{folder} is no workspace: it has no hub.toml; an empty file of that name makes it one"
            raise UsageError("HUB-4012", message)
        self._with_shipped_partners = demo
        self._published: dict[str, bytes] | None = None

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], folder: Path | None = None) -> "Workspace":
        """A published revision. Its connectors' Python comes from this machine: from folder, then from the shipped."""
        workspace = cls.__new__(cls)
        workspace.folder = (folder or builtin_root()).resolve()
        workspace._with_shipped_partners = False
        workspace._published = dict(files)
        return workspace

    # -- files ---------------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """What is published: hub.toml, mappings, partners and crosswalks, by path from the folder; no Python."""
        if self._published is not None:
            return dict(self._published)
        found: dict[str, bytes] = {}
        for folder, part in self._layers():
            for path in _files_below(folder / part):
                relative = path.relative_to(folder)
                if path.suffix in _KINDS and "samples" not in relative.parts:
                    found[relative.as_posix()] = path.read_bytes()
        found[HUB_TOML] = (self.folder / HUB_TOML).read_bytes()
        return found

    def mappings(self) -> dict[str, bytes]:
        """What a mapping library is made of: mappings, code tables, crosswalks as published, and the hooks beside."""
        found = {path: body for path, body in self.files().items() if path.endswith((".yaml", ".yml", ".csv"))}
        for folder, part in self._layers():
            for path in _files_below(folder / part):
                if path.suffix == ".py":
                    found[path.relative_to(folder).as_posix()] = path.read_bytes()
        return found

    def _layers(self) -> Iterator[tuple[Path, str]]:
        """Folders and the parts of them that count; a later one wins."""
        shipped = builtin_root()
        if self.folder != shipped:
            yield shipped, "mappings"
            if self._with_shipped_partners:
                yield shipped, "partners"
        for part in ("mappings", "partners", "crosswalks"):
            yield self.folder, part

    def code_digest(self) -> str:
        """SHA-256 over everything that is not published: the package, connectors, hooks of mappings."""
        code = {f"hub/{path.relative_to(_PACKAGE_FOLDER).as_posix()}": path for path in _files_below(_PACKAGE_FOLDER)}
        code = {name: path for name, path in code.items() if not name.startswith("hub/_workspace/")}
        for folder in dict.fromkeys((builtin_root(), self.folder)):
            for part in ("connectors", "mappings", "partners"):
                for path in _files_below(folder / part):
                    if path.suffix == ".py":
                        code[path.relative_to(folder).as_posix()] = path
        return digest({name: path.read_bytes() for name, path in code.items()})

    # -- partners ------------------------------------------------------------------------------------------------------

    def hub(self) -> HubFile:
        return read_hub(*self._text(HUB_TOML, self.files()))

    def partner_files(self) -> list[PartnerFile]:
        """Every partner.toml, in the order of the folders' names."""
        files = self.files()
        return [read_partner(*self._text(path, files)) for path in sorted(filter(_PARTNER_FILE.fullmatch, files))]

    def _partner_file(self, partner: str) -> PartnerFile:
        return read_partner(*self._text(f"partners/{partner}/partner.toml", self.files()))

    def partners(self) -> Partners:
        return Partners(self.partner_files(), self.hub())

    def faults(self, partner: str | None = None) -> list[ConfigError]:
        """Everything wrong with hub.toml and the partners' files, their connectors' settings too.

        partner: only what is wrong in that partner's file and hub.toml; but while another file is wrong by itself, that
        comes first, because files are checked against each other. UsageError HUB-4008: there is no such partner.
        """
        files = self.files()
        paths = sorted(filter(_PARTNER_FILE.fullmatch, files))
        asked = f"partners/{partner}/partner.toml"
        if partner is not None and asked not in paths:
            known = [path.split("/")[1] for path in paths]
            raise UsageError("HUB-4008", f'there is no partner "{partner}"{suggestion(partner, known)}')
        faults = hub_faults(*self._text(HUB_TOML, files))
        for path in paths:
            faults += partner_faults(*self._text(path, files))
        if faults:
            return [fault for fault in faults if fault.file == asked] or faults
        faults = check_partners(self.partner_files(), self.hub())
        if not faults:
            faults = list(self._settings_faults())
        return [fault for fault in faults if partner is None or fault.file in (asked, HUB_TOML)]

    def _settings_faults(self) -> Iterator[ConfigError]:
        for connection in self.partners().connections():
            try:
                self.settings(connection)
            except ConfigError as error:
                yield error

    def _text(self, path: str, files: Mapping[str, bytes]) -> tuple[str, str]:
        try:
            return files[path].decode("utf-8-sig"), path
        except UnicodeDecodeError as error:
            line = files[path].count(b"\n", 0, error.start) + 1
            raise ConfigError("HUB-4001", "the file is not UTF-8; save it as UTF-8", file=path, line=line) from None

    # -- connectors ----------------------------------------------------------------------------------------------------

    def connectors(self) -> list[str]:
        """The names of all connectors there are."""
        names = {path.stem for folder in self._connector_folders() for path in folder.glob("*.py")}
        return sorted(names | {point.name for point in entry_points(group="hub.connectors")})

    def _connector_folders(self) -> list[Path]:
        return [self.folder / "connectors", builtin_root() / "connectors"]

    def connector(self, name: str) -> ModuleType:
        """A connector's module. ConfigError HUB-4013: there is none of that name; HUB-4014: it cannot be loaded."""
        if _CONNECTOR_NAME.fullmatch(name):
            for folder in self._connector_folders():
                if (file := folder / f"{name}.py").is_file():
                    return _checked(_load_file(name, file), str(file))
            for point in entry_points(group="hub.connectors", name=name):
                return _checked(cast(ModuleType, _guarded(point.value, point.load)), point.value)
        known = self.connectors()
        hint = suggestion(name, known)
        raise ConfigError("HUB-4013", f'there is no connector "{name}"; there are {", ".join(known)}{hint}')

    def settings(self, connection: Connection) -> BaseModel:
        """A connection's settings as its connector's model. ConfigError: one of them is wrong, or the connector is."""
        path: tuple[str, str] = ("connection", connection.name.partition("/")[2])
        try:
            model: type[BaseModel] = self.connector(connection.connector).Settings
        except ConfigError as error:
            if error.code != "HUB-4013":
                raise
            toml = self._partner_file(connection.partner).toml
            raise toml.error(error.code, error.message, (*path, "connector")) from None
        try:
            return model.model_validate(dict(connection.settings))
        except ValidationError as error:
            hub_file = self.hub()
            overrides = hub_file.connection.get(connection.name, {})
            if any(found["loc"] and found["loc"][0] in overrides for found in error.errors()):
                raise faults_of(error, model, hub_file.toml, ("connection", connection.name))[0] from None
            raise faults_of(error, model, self._partner_file(connection.partner).toml, path)[0] from None

    def connect(self, connection: Connection, secrets: Secrets) -> object:
        """A connection's connector, built; it fulfils some of the protocols of hub.connector."""
        module = self.connector(connection.connector)
        built: object = module.Connector(self.settings(connection), secrets)
        return built

    def test(self, connection: Connection, secrets: Secrets) -> tuple[bool, str]:
        """Try a connection without side effects: whether it works, and a sentence for a person."""
        try:
            if getattr(self.connector(connection.connector), "hosted", False):
                return True, "the hub itself is the far end: start hub serve or hub mailbox, and let the partner log in"
            built = self.connect(connection, secrets)
            try:
                return True, built.test() if isinstance(built, Checkable) else f"{connection.connector} has no test"
            finally:
                if hasattr(built, "close"):
                    built.close()
        except HubError as error:
            return False, str(error).removesuffix(" It is tried again.")  # this was one try, by a person


def open_workspace(folder: Path | None = None) -> Workspace:
    """The workspace in that folder, or around the working directory. UsageError HUB-4012: there is none."""
    return Workspace(folder if folder is not None else find_workspace(Path.cwd()))


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _load_file(name: str, file: Path) -> ModuleType:
    """The module of a connector's file; loaded once as long as the same file stands behind the name."""
    full = f"{PACKAGE}.{name}"
    if (loaded := sys.modules.get(full)) is not None and loaded.__file__ == str(file):
        return loaded
    for package in ("hub_workspace", PACKAGE):
        if package not in sys.modules:
            sys.modules[package] = ModuleType(package)
            sys.modules[package].__path__ = []
    spec = spec_from_file_location(full, file)
    if spec is None or spec.loader is None:
        raise ConfigError("HUB-4014", f"the connector {file} cannot be loaded", file=str(file))
    module = module_from_spec(spec)
    sys.modules[full] = module
    try:
        _guarded(str(file), partial(spec.loader.exec_module, module))
    except ConfigError:
        del sys.modules[full]
        raise
    return module


def _guarded(where: str, load: Callable[[], object]) -> object:
    """What load gives. ConfigError HUB-4014: whatever a connector's file raised, with the line that did."""
    try:
        return load()
    except Exception as error:  # other people's code may raise anything
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == where]
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
        message = f"the connector fails when it is loaded: {type(error).__name__}: {error}"
        raise ConfigError("HUB-4014", message, file=where, line=line) from error


def _checked(module: ModuleType, where: str) -> ModuleType:
    """The module, if it offers what hub.connector asks for."""
    settings = getattr(module, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, BaseModel)):
        raise ConfigError("HUB-4014", "the connector has no pydantic model named Settings", file=where)
    if not getattr(module, "hosted", False) and not isinstance(getattr(module, "Connector", None), type):
        raise ConfigError("HUB-4014", "the connector has no class named Connector and is not hosted", file=where)
    return module
