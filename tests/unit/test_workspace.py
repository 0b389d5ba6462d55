"""Workspaces: which files count, whose win, what is published, and how connectors are loaded."""

import shutil
from pathlib import Path

import pytest

from hub.config import Secrets
from hub.errors import ConfigError, UsageError
from hub.mapping import Library
from hub.workspace import Workspace, builtin_root, digest, find_workspace, open_workspace

HUB = '[account.us]\nname = "Us"\nidentities = ["ZZ:US"]\n'
ACME = """name = "Acme"
role = "retailer"
identities = ["ZZ:ACME"]
[connection.drop]
connector = "drop"
folder = "in"
[[agreement]]
receive = "x12/004010/850"
"""
DROP = '''"""Puts files into a folder."""

from dataclasses import dataclass

from pydantic import BaseModel


class Settings(BaseModel):
    folder: str
    depth: int = 1


@dataclass
class Connector:
    settings: Settings
    secrets: object
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace of somebody's own with one partner and one connector."""
    (tmp_path / "hub.toml").write_text(HUB)
    for path, text in {"partners/acme/partner.toml": ACME, "connectors/drop.py": DROP}.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


# -- files -------------------------------------------------------------------------------------------------------------


def test_the_nearest_folder_with_a_hub_toml_is_the_workspace(folder: Path) -> None:
    below = folder / "partners" / "acme"
    assert find_workspace(below) == folder.resolve()
    write(below, "hub.toml", "")
    assert find_workspace(below) == below.resolve()


def test_a_folder_without_hub_toml_is_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError) as caught:
        Workspace(tmp_path)
    assert caught.value.code == "HUB-4012"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        open_workspace()
    assert caught.value.code == "HUB-4012"
    assert "--workspace DIR" in caught.value.message


def test_the_repository_is_the_workspace_of_the_demo() -> None:
    workspace = Workspace(builtin_root())
    found = {partner.id for partner in workspace.partners()}
    assert found == {"alpine", "bluebird", "europa", "harbor", "northwind-erp", "roadrunner", "summit"}
    assert workspace.faults() == []


def test_shipped_partners_are_only_in_the_demo(folder: Path) -> None:
    assert [partner.id for partner in Workspace(folder).partners()] == ["acme"]
    shutil.copy(builtin_root() / "hub.toml", folder / "hub.toml")
    assert {"acme", "bluebird"} <= {partner.id for partner in Workspace(folder, demo=True).partners()}


def test_shipped_mappings_are_in_every_workspace_and_its_own_win(folder: Path) -> None:
    shipped = Workspace(builtin_root()).files()
    mappings = [path for path in shipped if path.startswith("mappings/")]
    before = Workspace(folder).files()
    assert {path for path in before if path.startswith("mappings/")} == set(mappings)
    write(folder, "mappings/x12/850.yaml", "mapping: ours\n")
    assert Workspace(folder).files()["mappings/x12/850.yaml"] == b"mapping: ours\n"


def test_a_library_is_made_of_mappings_and_their_hooks(folder: Path) -> None:
    write(folder, "mappings/acme/850.yaml", "mapping: acme/850\ndocument: Order\nversions: [004010]\nfields: {}\n")
    write(folder, "mappings/acme/850.py", "x = 1\n")
    write(folder, "partners/acme/crosswalks/unit.csv", "theirs,ours\nBX,XBX\n")
    workspace = Workspace.from_files(Workspace(folder).files(), folder)
    library = Library(files=workspace.mappings())
    assert {"acme/850", *Library([builtin_root() / "mappings"]).ids()} == set(library.ids())
    assert workspace.mappings()["mappings/acme/850.py"] == b"x = 1\n"
    assert workspace.mappings()["partners/acme/crosswalks/unit.csv"] == b"theirs,ours\nBX,XBX\n"


def test_what_is_published_holds_no_python_secrets_or_samples(folder: Path) -> None:
    write(folder, "mappings/acme/850.yaml", "mapping: acme/850\n")
    write(folder, "mappings/acme/850.py", "")
    write(folder, "mappings/acme/850/samples/one.json", "{}")
    write(folder, "var/secrets/acme", "s3cret-8841")
    write(folder, "partners/acme/notes.md", "call Bob")
    own = {path for path in Workspace(folder).files() if "acme" in path or "/" not in path}
    assert own == {"hub.toml", "partners/acme/partner.toml", "mappings/acme/850.yaml"}
    assert b"s3cret-8841" not in b"".join(Workspace(folder).files().values())


def test_a_published_revision_reads_as_the_folder_did(folder: Path) -> None:
    files = Workspace(folder).files()
    (folder / "partners/acme/partner.toml").write_text("broken")
    workspace = Workspace.from_files(files, folder)
    assert workspace.partners().get("acme").name == "Acme"
    assert workspace.files() == files


def test_a_digest_changes_with_every_path_and_byte() -> None:
    files = {"a": b"1", "b": b"2"}
    changed = [{"a": b"1"}, {"a": b"12", "b": b""}, {"a": b"1", "c": b"2"}, {"a": b"2", "b": b"1"}, {}]
    assert digest(dict(reversed(files.items()))) == digest(files)
    assert len({digest(one) for one in [files, *changed]}) == len(changed) + 1


def test_the_codes_digest_changes_with_connectors_and_hooks_and_not_with_partners(folder: Path) -> None:
    before = Workspace(folder).code_digest()
    write(folder, "partners/acme/partner.toml", ACME + "# changed\n")
    assert Workspace(folder).code_digest() == before
    write(folder, "connectors/drop.py", DROP + "# changed\n")
    after = Workspace(folder).code_digest()
    assert after != before
    write(folder, "mappings/acme/850.py", "")
    assert Workspace(folder).code_digest() not in (before, after)


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_wrong_setting_is_named_where_it_stands(folder: Path) -> None:
    write(folder, "partners/acme/partner.toml", ACME.replace('folder = "in"', "folder = 7"))
    (fault,) = Workspace(folder).faults()
    assert (fault.code, fault.file, fault.line) == ("HUB-4004", "partners/acme/partner.toml", 6)
    write(folder, "partners/acme/partner.toml", ACME)
    write(folder, "hub.toml", HUB + '[connection."acme/drop"]\ndepth = "deep"\n')
    (fault,) = Workspace(folder).faults()
    assert (fault.file, fault.line) == ("hub.toml", 5)


def test_a_missing_connector_is_named_where_it_stands(folder: Path) -> None:
    write(folder, "partners/acme/partner.toml", ACME.replace('"drop"', '"dorp"'))
    (fault,) = Workspace(folder).faults()
    assert (fault.code, fault.line, fault.column) == ("HUB-4013", 5, 13)
    assert 'did you mean "drop"?' in fault.message


def test_faults_of_one_partner_leave_out_those_of_others(folder: Path) -> None:
    write(folder, "partners/bolt/partner.toml", ACME.replace("ZZ:ACME", "Z:BOLT"))
    assert [fault.file for fault in Workspace(folder).faults()] == ["partners/bolt/partner.toml"]
    assert Workspace(folder).faults("acme") == []
    with pytest.raises(UsageError, match='there is no partner "acne"; did you mean "acme"'):
        Workspace(folder).faults("acne")


def test_while_one_file_is_wrong_by_itself_no_other_is_called_right(folder: Path) -> None:
    write(folder, "partners/bolt/partner.toml", 'name = "Bolt"\n')
    assert [fault.file for fault in Workspace(folder).faults("acme")] == ["partners/bolt/partner.toml"]
    write(folder, "partners/acme/partner.toml", 'name = "Acme"\n')
    assert [fault.file for fault in Workspace(folder).faults("acme")] == ["partners/acme/partner.toml"]


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "partners/acme/partner.toml").write_bytes(b'role = "retailer"\nname = "Caf\xe9"\n')
    with pytest.raises(ConfigError) as caught:
        Workspace(folder).partners()
    assert (caught.value.code, caught.value.line) == ("HUB-4001", 2)


# -- connectors --------------------------------------------------------------------------------------------------------


def test_a_connector_is_built_with_its_settings_and_the_secrets(folder: Path) -> None:
    workspace = Workspace(folder)
    secrets = Secrets(folder, {})
    built = workspace.connect(workspace.partners().connection("acme/drop"), secrets)
    assert type(built).__module__ == "hub_workspace.connectors.drop"
    assert vars(built)["settings"].model_dump() == {"folder": "in", "depth": 1}
    assert vars(built)["secrets"] is secrets


def test_shipped_connectors_are_there_and_ones_own_win(folder: Path) -> None:
    workspace = Workspace(folder)
    assert {"drop", "http", "mailbox", "sftp"} <= set(workspace.connectors())
    assert workspace.connector("mailbox").hosted is True
    write(folder, "connectors/sftp.py", DROP)
    assert workspace.connector("sftp").__file__ == str(folder.resolve() / "connectors/sftp.py")
    assert Workspace(builtin_root()).connector("sftp").__file__ == str(builtin_root() / "connectors/sftp.py")


def test_an_installed_package_may_bring_a_connector(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site")
    write(site, "acme_pigeon.py", DROP)
    write(site, "acme_pigeon-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-pigeon\nVersion: 1.0\n")
    write(site, "acme_pigeon-1.0.dist-info/entry_points.txt", "[hub.connectors]\npigeon = acme_pigeon\n")
    monkeypatch.syspath_prepend(str(site))
    workspace = Workspace(folder)
    assert "pigeon" in workspace.connectors()
    assert workspace.connector("pigeon").__name__ == "acme_pigeon"
    write(folder, "connectors/pigeon.py", DROP)
    assert workspace.connector("pigeon").__name__ == "hub_workspace.connectors.pigeon"


def test_a_connector_is_loaded_once(folder: Path) -> None:
    assert Workspace(folder).connector("drop") is Workspace(folder).connector("drop")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("import nowhere_to_be_found\n", 1, "ModuleNotFoundError"),
        ("x = 1\n\ny = x / 0\n", 3, "ZeroDivisionError"),
        ("x = 1\ndef (\n", 2, "SyntaxError"),
        ("x = 1\n", None, "no pydantic model named Settings"),
        ("from pydantic import BaseModel\nclass Settings(BaseModel): ...\n", None, "no class named Connector"),
    ],
)
def test_a_broken_connector_is_named_with_its_line(folder: Path, text: str, line: int | None, says: str) -> None:
    write(folder, "connectors/broken.py", text)
    for _ in range(2):
        with pytest.raises(ConfigError) as caught:
            Workspace(folder).connector("broken")
        assert (caught.value.code, caught.value.line) == ("HUB-4014", line)
        assert says in caught.value.message
        assert str(caught.value.file).endswith("connectors/broken.py")


@pytest.mark.parametrize("name", ["../drop", "os", "drop.py", "", "Drop"])
def test_only_files_in_connectors_are_loaded(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Workspace(folder).connector(name)
    assert caught.value.code == "HUB-4013"
