"""The connector that docs/how-to/write-a-connector.md shows, put through the contract it tells of."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hub import testing
from tests.contracts.peers import ROOT, Disk, load_file

PAGE = ROOT / "docs" / "how-to" / "write-a-connector.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    file = tmp_path_factory.mktemp("connectors") / "folder.py"
    file.write_text(BLOCKS[0])
    return load_file("folder", file)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def connector(module: ModuleType, disk: Disk) -> Any:
    return module.Connector(module.Settings(inbound=disk.inbound, outbound=disk.outbound), str)


def test_module(module: ModuleType) -> None:
    testing.check_module(module)


@pytest.mark.parametrize("check", testing.DELIVERER_CHECKS)
def test_delivers(check: Callable[..., None], connector: Any, disk: Disk) -> None:
    check(connector, disk)


@pytest.mark.parametrize("check", testing.COLLECTOR_CHECKS)
def test_collects(check: Callable[..., None], connector: Any, disk: Disk) -> None:
    check(connector, disk)


def test_unreachable(module: ModuleType) -> None:
    testing.check_unreachable(module.Connector(module.Settings(inbound="/nowhere/in", outbound="/nowhere/out"), str))


def test_the_page_names_checks_that_exist() -> None:
    names = set(re.findall(r"\b(?:check_[a-z]+|[A-Z]+_CHECKS)\b", PAGE.read_text()))
    assert names
    assert [name for name in names if not hasattr(testing, name)] == []
