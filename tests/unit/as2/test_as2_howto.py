"""What docs/how-to/as2.md shows works: its commands make a key, and its partner file is right."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.as2 import ending_soon, read_key, signing_key
from hub.workspace import Workspace, builtin_root

PAGE = (builtin_root() / "docs" / "how-to" / "as2.md").read_text(encoding="utf-8")


@pytest.mark.peer("openssl")
def test_the_commands_make_a_key(tmp_path: Path) -> None:
    (commands, *_) = re.findall(r"```sh\n(openssl req .*?)```", PAGE, re.DOTALL)
    (tmp_path / "var" / "secrets").mkdir(parents=True)
    subprocess.run(["sh", "-ec", commands], cwd=tmp_path, check=True, capture_output=True)
    (secret,) = (tmp_path / "var" / "secrets").iterdir()
    assert f"secret:{secret.name}" in PAGE
    assert secret.stat().st_mode & 0o077 == 0
    key, now = read_key(secret.read_text(), None, secret.name), datetime.now(UTC)
    assert signing_key([key], now) == key
    assert ending_soon([key.certificate], now) == []
    (told,) = ending_soon([key.certificate], now + timedelta(days=1094))
    assert re.search(r'"CN=Crossdock Trading" .* ends in [01] days?\.$', told)


def test_the_partner_file_is_right(tmp_path: Path) -> None:
    ((path, text),) = re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    (tmp_path / "hub.toml").write_text(
        '[account.crossdock]\nname = "Crossdock Trading"\nidentities = ["ZZ:CROSSDOCK"]\n'
    )
    assert [str(fault) for fault in Workspace(tmp_path).faults()] == []
