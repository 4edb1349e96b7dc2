"""The package as others install it: a wheel, unpacked where no checkout is."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import httpx
import pytest

from llm_simulator.settings import Settings
from tests.service.running_server import PATIENCE, free_port

BACKEND = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this checkout and its page."""
    if not (BACKEND.parent / "frontend" / "dist" / "index.html").is_file():
        pytest.fail("The wheel holds the built page: run make frontend first.")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=BACKEND, check=True, capture_output=True, timeout=120)
    [path] = folder.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return message_from_bytes(wheel.read(name))


def test_a_wheel_says_whose_it_is_and_under_which_licence(
    wheel: zipfile.ZipFile, metadata: Message
) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Author"] == "Tier6"
    assert metadata["Keywords"]
    assert str(metadata.get_payload()).startswith("# Tier6")
    [licence] = [name for name in wheel.namelist() if name.endswith("/licenses/LICENSE")]
    assert "Apache License" in wheel.read(licence).decode()
    assert wheel.read(licence) == (BACKEND.parent / "LICENSE").read_bytes()


def test_a_wheel_holds_the_package_and_nothing_beside_it(wheel: zipfile.ZipFile) -> None:
    folders = {name.split("/", 1)[0] for name in wheel.namelist()}
    assert folders == {"llm_simulator", "tier6-0.1.0.dist-info"}


@pytest.fixture
def installed(wheel: zipfile.ZipFile, tmp_path: Path) -> Path:
    """The folder that ``pip install --target`` makes."""
    folder = tmp_path / "site-packages"
    wheel.extractall(folder)
    return folder


@contextmanager
def serving(installed: Path, home: Path) -> Iterator[str]:
    """The address of ``tier6 serve`` of the installed package, started in an empty folder."""
    home.mkdir()
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "llm_simulator", "serve", "--port", str(port)],
        cwd=home,
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(installed),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TIER6_WORKERS": "1",
            "TIER6_PREVIEW_WORKERS": "0",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        greeting = [output.readline() for _ in range(3)]
        try:
            assert f":{port}" in greeting[2]
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def test_an_installed_server_shows_the_page_and_keeps_its_data_in_the_user_s_folder(
    installed: Path, tmp_path: Path
) -> None:
    home, files = tmp_path / "home", sorted(installed.rglob("*"))
    with serving(installed, home) as address:
        page = httpx.get(f"{address}/").text
        assert "<title>Tier6</title>" in page
        [script] = re.findall(r'<script [^>]*src="\.?(/[^"]+)"', page)
        assert httpx.get(address + script).headers["Content-Type"].startswith("text/javascript")
    [database] = home.rglob("llm_evaluations.db")
    assert database.parent.name == "tier6"
    assert sorted(installed.rglob("*")) == files


def test_a_checkout_keeps_its_data_beside_the_code() -> None:
    assert Settings.model_fields["data_dir"].default == BACKEND / "data"
