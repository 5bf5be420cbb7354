"""Every setting of the engine can be chosen, and every wrong value is refused with a sentence."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import homeward
import homeward.cli.app
from homeward import EngineSettings, KvType, Passphrase, RopeScaling, Settings, WrongType
from homeward.cli.options import Options
from homeward.errors import InvalidArgument

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"context": 0}, "context=0 must be 1 to 16777216"),
    ({"context": -5}, "context=-5 must be 1 to 16777216"),
    ({"threads": 0}, "threads=0 must be 1 to 1024"),
    ({"threads": 1025}, "threads=1025 must be 1 to 1024"),
    ({"gpu_layers": -1}, "gpu_layers=-1 must be 0 to 1024"),
    ({"batch": 0}, "batch=0 must be 1 to 16384"),
    ({"micro_batch": 0}, "micro_batch=0 must be 1 to 16384"),
    ({"batch": 32, "micro_batch": 64}, "micro_batch=64 must be at most batch=32"),
    (
        {"kv_type": KvType.Q8_0, "flash_attention": False},
        "kv_type=q8_0 needs flash_attention: leave it out, or use f16",
    ),
    (
        {"rope_scaling": RopeScaling.YARN},
        "rope_scaling and rope_factor go together: give both or neither",
    ),
    ({"rope_factor": 2.0}, "rope_scaling and rope_factor go together: give both or neither"),
    ({"rope_factor": 0.5, "rope_scaling": RopeScaling.YARN}, "rope_factor=0.5 must be 1 to 64"),
    (
        {"rope_factor": float("nan"), "rope_scaling": RopeScaling.LINEAR},
        "rope_factor=nan must be 1 to 64",
    ),
    ({"rope_base": 0.0}, "rope_base=0.0 must be 1 to 1000000000"),
]
CHOSEN: dict[str, tuple[list[str], Any]] = {
    "context": (["--context", "8192"], 8192),
    "threads": (["--threads", "3"], 3),
    "gpu_layers": (["--gpu-layers", "12"], 12),
    "batch": (["--batch", "256"], 256),
    "micro_batch": (["--micro-batch", "128"], 128),
    "kv_type": (["--kv-type", "q8_0"], KvType.Q8_0),
    "flash_attention": (["--flash-attention"], True),
    "memory_map": (["--no-memory-map"], False),
    "memory_lock": (["--memory-lock"], True),
    "rope_scaling": (["--rope-scaling", "yarn", "--rope-factor", "2"], RopeScaling.YARN),
    "rope_factor": (["--rope-scaling", "linear", "--rope-factor", "1.5"], 1.5),
    "rope_base": (["--rope-base", "500000"], 500000.0),
}


def words(chosen: dict[str, Any]) -> list[str]:
    """What is typed to choose these."""
    said = []
    for name, value in chosen.items():
        option = name.replace("_", "-")
        said += [f"--no-{option}"] if value is False else [f"--{option}", str(value)]
    return said


@pytest.mark.parametrize(("chosen", "sentence"), REFUSED)
def test_a_wrong_value_is_refused_with_its_sentence(chosen: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        EngineSettings(**chosen)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("command", [["serve"], ["chat"], ["ask", "Who am I?"]])
@pytest.mark.parametrize(("chosen", "sentence"), REFUSED)
def test_the_terminal_and_the_servers_start_refuse_it_with_the_same_sentence(
    chosen: dict[str, Any], sentence: str, command: list[str]
) -> None:
    for arguments in ([*words(chosen), *command], [*command, *words(chosen)]):
        done = CliRunner().invoke(homeward.cli.app.app, arguments)
        assert done.exit_code == 2
        assert sentence[1:] in " ".join(done.output.split())


OPENS_A_MODEL = {
    "chat": "homeward.cli.chat.chat.options",
    "ask Hello?": "homeward.cli.chat.ask.options",
    "serve": "homeward.cli.commands.serve.options",
    "open": "homeward.cli.commands.dashboard.options",
    "learn": "homeward.cli.commands.learned.options",
    "tune": "homeward.cli.commands.taste.options",
    "doctor": "homeward.cli.commands.doctor.options",
}


@pytest.mark.parametrize("command", OPENS_A_MODEL)
def test_after_a_command_that_opens_a_model_its_options_are_taken_too(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands after it wins over what stands before, and that over the environment."""
    seen: list[Options] = []

    def kept(context: typer.Context) -> Options:
        seen.append(context.obj)
        raise InvalidArgument("seen")

    monkeypatch.setattr(OPENS_A_MODEL[command], kept)
    monkeypatch.setenv("HOMEWARD_CONTEXT", "512")
    monkeypatch.setenv("HOMEWARD_BATCH", "32")
    before = ["--model", "one", "--threads", "2", "--batch", "16"]
    after = ["--model", "other", "--context", "2048", "--no-memory-map"]
    CliRunner().invoke(homeward.cli.app.app, [*before, *command.split(), *after])

    assert seen[0].model == "other"
    assert seen[0].engine == EngineSettings(context=2048, threads=2, batch=16, memory_map=False)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(EngineSettings)])
def test_every_setting_can_be_chosen_at_the_terminal(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, value = CHOSEN[name]
    seen: list[Options] = []

    def kept(*given: Any) -> Options:
        seen.append(Options(*given))
        return seen[-1]

    monkeypatch.setattr(homeward.cli.app, "Options", kept)
    CliRunner().invoke(homeward.cli.app.app, [*arguments, "profile", "list"])

    assert getattr(seen[0].engine, name) == value


def test_every_setting_can_be_chosen_by_the_environment() -> None:
    command = typer.main.get_command(homeward.cli.app.app)
    variables = {one.name: getattr(one, "envvar", None) for one in command.params}
    for field in dataclasses.fields(EngineSettings):
        assert variables[f"engine_{field.name}"] == f"HOMEWARD_{field.name.upper()}"


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(WrongType, match="context takes int or None, not str"):
        EngineSettings(context="8192")  # type: ignore[arg-type]


@pytest.mark.model
def test_an_assistant_is_opened_with_the_settings_of_its_engine(
    models_home: Path, tmp_path: Path
) -> None:
    settings = Settings(engine=EngineSettings(threads=1, context=768, kv_type=KvType.Q8_0))
    (tmp_path / "models").symlink_to(models_home / "models")
    made = homeward.create("ada", unlock=Passphrase("x"), home=tmp_path, settings=settings)
    with made.assistant as me:
        assert (me.model.n_ctx, me.model.kv_type) == (768, "q8_0")
