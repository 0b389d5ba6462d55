"""The image and the compose file, as far as they can be judged without an engine."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from hub.cli.group import hub

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = Path(sys.executable).parent / "docker-compose"


def config(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [COMPOSE, "--file", ROOT / "docker-compose.yml", "config", "--format", "json"]
    known = {"PATH": os.defpath, "HOME": str(ROOT / ".venv")}
    return subprocess.run(command, env=known | environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    run = config(POSTGRES_PASSWORD="made-up", HUB_SECRET_ADMIN_TOKEN="made-up")
    assert run.stderr == ""
    assert run.returncode == 0
    found: dict[str, Any] = json.loads(run.stdout)["services"]
    return found


@pytest.mark.parametrize("missing", ["POSTGRES_PASSWORD", "HUB_SECRET_ADMIN_TOKEN"])
def test_compose_asks_for_secrets(missing: str) -> None:
    known = {"POSTGRES_PASSWORD": "made-up", "HUB_SECRET_ADMIN_TOKEN": "made-up"}
    run = config(**{name: value for name, value in known.items() if name != missing})
    assert f"required variable {missing}" in run.stderr


def test_everything_waits_for_the_migrated_database(services: dict[str, Any]) -> None:
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("api", "worker", "mailbox"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_process_sees_the_workspace_and_may_not_change_it(services: dict[str, Any]) -> None:
    for name in ("migrate", "api", "worker", "mailbox"):
        (volume,) = services[name]["volumes"]
        assert (volume["target"], volume["read_only"]) == (services[name]["working_dir"], True)


def test_two_workers_run(services: dict[str, Any]) -> None:
    assert services["worker"]["deploy"]["replicas"] == 2


def test_what_listens_says_whether_it_is_well(services: dict[str, Any]) -> None:
    listening = {name for name, service in services.items() if "ports" in service}
    assert listening == {"api", "mailbox"}
    assert all("healthcheck" in services[name] for name in listening | {"postgres", "worker"})


def test_the_hub_runs_with_no_rights_it_does_not_need(services: dict[str, Any]) -> None:
    for name in ("migrate", "api", "worker", "mailbox"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", ["migrate", "api", "worker", "mailbox"])
def test_compose_calls_commands_and_options_that_exist(name: str, services: dict[str, Any]) -> None:
    words = list(services[name]["command"])
    command: click.Command | None = hub
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(hub), words.pop(0))
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def instructions() -> list[tuple[str, list[str]]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], shlex.split(line.partition(" ")[2])) for line in lines]


def test_the_image_copies_what_there_is() -> None:
    sources = [
        word
        for name, words in instructions()
        if name == "COPY" and not words[0].startswith("--from")
        for word in words[:-1]
        if not word.endswith("*")
    ]
    assert sources
    assert [word for word in sources if not (ROOT / word).exists()] == []


def test_what_the_image_copies_is_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {word for name, words in instructions() if name == "COPY" for word in words[:-1] if word[0] not in "-/"}
    assert {word.partition("/")[0].rstrip("*") for word in copied} <= let_in


def test_the_image_does_not_run_as_root() -> None:
    users = [words[0] for name, words in instructions() if name == "USER"]
    assert users[-1:] == ["10001"]
