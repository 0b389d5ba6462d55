"""What leaves the house: the wheel holds what git tracks, runs from anywhere, and needs no library it may not."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = ("connectors", "mappings", "partners", "hub.toml")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, built from a checkout whose owner also keeps partners of their own in it."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    own = checkout / "partners" / "own-partner"
    own.mkdir(parents=True)
    (own / "partner.toml").write_text('name = "a partner nobody else may see"\n')
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, checkout]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = out.glob("*.whl")
    return built


def contents(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_brings_one_package(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in contents(wheel) if ".dist-info/" not in name} == {"hub"}


def test_the_wheel_holds_what_git_tracks(wheel: Path) -> None:
    held = {name for name in contents(wheel) if ".dist-info/" not in name}
    wanted = {name for name in tracked() if name.startswith("hub/")}
    wanted |= {f"hub/_workspace/{name}" for name in tracked() if name.partition("/")[0] in WORKSPACE}
    assert held - wanted == set(), "in the wheel and not in git"
    assert wanted - held == set(), "in git and not in the wheel: name it in pyproject.toml"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment with the wheel, and the libraries of this one behind it."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", folder / "bin/python", wheel]
    subprocess.run(command, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """An environment that knows nothing of this checkout."""
    return {"PATH": os.defpath, "HOME": str(tmp_path), "LANG": "C.UTF-8"}


@pytest.mark.slow
def test_the_wheel_is_what_runs(installed: Path, elsewhere: dict[str, str]) -> None:
    command = [installed / "python", "-c", "import hub; print(hub.__file__)"]
    run = subprocess.run(command, cwd="/", env=elsewhere, capture_output=True, text=True, check=True)
    assert Path(run.stdout.strip()).is_relative_to(installed.parent)


@pytest.mark.slow
def test_the_installed_hub_runs_its_demo_from_anywhere(installed: Path, elsewhere: dict[str, str]) -> None:
    run = subprocess.run([installed / "hub", "demo", "--once"], cwd="/", env=elsewhere, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


LOCK_LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text()
    return {canonicalize_name(project): version for project, version in LOCK_LINE.findall(text)}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("run.txt", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["s3"]]),
        ("dev.txt", [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]),
    ],
)
def test_the_lock_serves_every_requirement(lock: str, requirements: list[str]) -> None:
    versions = locked(lock)
    stale = [
        line
        for line, wanted in ((line, Requirement(line)) for line in requirements)
        if not wanted.specifier.contains(versions.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in versions
    ]
    assert stale == [], "run: make lock"


def test_the_locks_agree() -> None:
    run, build, dev = locked("run.txt"), locked("build.txt"), locked("dev.txt")
    assert {name: version for name, version in {**run, **build}.items() if dev.get(name) != version} == {}


def test_every_locked_release_has_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"\n(?=[A-Za-z0-9])", path.read_text())
        bare = [entry for entry in entries if "==" in entry.partition("\n")[0] and "--hash=sha256:" not in entry]
        assert bare == [], path.name


PERMISSIVE = re.compile(r"\b(MIT|0?BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|zlib|Unlicense)\b", re.I)
LGPL = re.compile(r"\bLGPL|Lesser General Public|Library or Lesser", re.I)
COPYLEFT = re.compile(r"\bA?GPL|General Public License|\bEPL\b|Eclipse Public|SSPL", re.I)

# Libraries that name no licence in their metadata; read in the licence file they install.
READ = {"pysqlite3": "zlib"}


def licence(found: Distribution) -> str:
    metadata = found.metadata
    if known := READ.get(canonicalize_name(metadata["Name"])):
        return known
    classifiers = [line.rpartition("::")[2] for line in metadata.get_all("Classifier", []) if "License ::" in line]
    expression = metadata.get("License-Expression")
    return expression or "; ".join(classifiers) or (metadata.get("License") or "").partition("\n")[0]


@pytest.mark.parametrize("name", sorted(locked("run.txt")))
def test_run_time_libraries_are_permissive_or_lgpl(name: str) -> None:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # locked for another operating system or Python
    said = licence(found)
    if LGPL.search(said):
        return
    assert PERMISSIVE.search(said), f"{name}: {said or 'no licence named'}"
    assert not COPYLEFT.search(said), f"{name}: {said}"
