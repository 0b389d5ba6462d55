"""Settings of a process: the database's url and where secrets are found."""

from pathlib import Path

import pytest

from hub.config import Secrets, read_config
from hub.errors import UsageError
from hub.partner import read_hub


@pytest.mark.parametrize(
    ("toml", "environ", "url"),
    [
        ("", {}, "sqlite:///{folder}/var/hub.db"),
        ('[hub]\ndatabase = "sqlite:///other.db"\n', {}, "sqlite:///{folder}/other.db"),
        ('[hub]\ndatabase = "sqlite:////srv/hub.db"\n', {}, "sqlite:////srv/hub.db"),
        ('[hub]\ndatabase = "postgresql+psycopg://db/hub"\n', {}, "postgresql+psycopg://db/hub"),
        ('[hub]\ndatabase = "sqlite:///other.db"\n', {"HUB_DATABASE": "postgresql://db/x"}, "postgresql://db/x"),
        ("", {"HUB_DATABASE": ""}, "sqlite:///{folder}/var/hub.db"),
    ],
)
def test_the_database_is_named_by_the_environment_then_hub_toml_then_the_folder(
    tmp_path: Path, toml: str, environ: dict[str, str], url: str
) -> None:
    assert read_config(tmp_path, read_hub(toml), environ).database == url.format(folder=tmp_path.resolve())


def test_the_object_store_is_named_by_the_environment_then_hub_toml(tmp_path: Path) -> None:
    hub = read_hub('[hub]\npayloads = "s3://ours"\n')
    for environ, payloads in (
        ({}, "s3://ours"),
        ({"HUB_PAYLOADS": ""}, "s3://ours"),
        ({"HUB_PAYLOADS": "s3://x"}, "s3://x"),
    ):
        assert read_config(tmp_path, hub, environ).payloads == payloads
    assert read_config(tmp_path, read_hub(""), {}).payloads == ""


def secret_file(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    file = folder / "var" / "secrets" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_secret_comes_from_the_environment_before_its_file(tmp_path: Path) -> None:
    secret_file(tmp_path, "harbor-sftp", "from the file\n")
    assert Secrets(tmp_path, {})("harbor-sftp") == "from the file"
    assert Secrets(tmp_path, {})("secret:harbor-sftp") == "from the file"
    assert Secrets(tmp_path, {"HUB_SECRET_HARBOR_SFTP": "from outside"})("harbor-sftp") == "from outside"


def test_only_the_line_end_is_taken_off_a_secret(tmp_path: Path) -> None:
    secret_file(tmp_path, "key", " two\nlines \r\n")
    assert Secrets(tmp_path, {})("key") == " two\nlines "


def test_a_missing_secret_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Secrets(tmp_path, {})("secret:harbor-sftp")
    assert caught.value.code == "HUB-4010"
    assert "HUB_SECRET_HARBOR_SFTP" in caught.value.message
    assert str(tmp_path / "var" / "secrets" / "harbor-sftp") in caught.value.message


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_others_may_read_is_refused_with_the_command_to_type(tmp_path: Path, mode: int) -> None:
    file = secret_file(tmp_path, "key", "canary", mode)
    with pytest.raises(UsageError) as caught:
        Secrets(tmp_path, {})("key")
    assert caught.value.code == "HUB-4011"
    assert f"chmod 600 {file}" in caught.value.message
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["../hub.db", "a/b", "", ".", "-x", "a\x00b", "a b"])
def test_a_name_cannot_leave_the_folder_of_secrets(tmp_path: Path, name: str) -> None:
    secret_file(tmp_path, "x", "x")
    with pytest.raises(UsageError, match="is no name of a secret"):
        Secrets(tmp_path, {})(name)
