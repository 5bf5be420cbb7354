"""`homeward doctor` checks the installation; its output is safe to paste into a bug report."""

import importlib.metadata
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import typer

import homeward
from homeward import StoreError, models
from homeward.cli.errors import FAILED, CannotAsk
from homeward.cli.listing import AsJson, Row, listed
from homeward.cli.options import Options, options
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument, ModelError, ModelNotFound
from homeward.ports import TemplateSource
from homeward.prompting.chat_template import template_texts
from homeward.prompting.prompt_builder import today

_PACKAGES = ("homeward", "sqlcipher3", "cryptography", "llama-cpp-python", "onnxruntime", "numpy")
_PLAINTEXT = b"SQLite format 3\0"
_LOW_SPACE = 500_000_000  # bytes; less than one pull of the default models needs


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: what was looked at, whether it is sound, and numbers; never personal text."""

    what: str
    sound: bool
    detail: str


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Check versions, disk, models and the profile. Shows no personal text."""
    findings = list(_findings(options(context)))
    rows: list[Row] = [
        {"is": "ok" if one.sound else "BAD", "what": one.what, "found": one.detail}
        for one in findings
    ]
    listed(rows, as_json=as_json)
    if not all(one.sound for one in findings):
        raise typer.Exit(FAILED)


def _findings(chosen: Options) -> Iterator[CheckResult]:
    yield CheckResult("machine", sound=True, detail=_machine())
    yield _checked("packages", _versions)
    yield _checked("llama.cpp", _threads)
    yield _disk(chosen.home)
    yield from _models(chosen)
    yield _language_model(chosen)
    yield _checked("chat template", lambda: _template(chosen))
    if not homeward.people(chosen.home):
        yield CheckResult("profile", sound=True, detail="none yet")
        return
    try:
        yield from _profile(chosen)
    except (StoreError, CannotAsk) as error:
        yield _failure("profile", error)


def _checked(what: str, look: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(what, sound=True, detail=look())
    except (ModelError, ImportError, OSError) as error:  # OSError: a shared library does not load
        return _failure(what, error)


def _failure(what: str, error: Exception) -> CheckResult:
    return CheckResult(what, sound=False, detail=f"{type(error).__name__}: {error}")


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _versions() -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)


def _threads() -> str:
    from homeward.engines.llama.threads import default_threads  # noqa: PLC0415  loads llama.cpp

    return f"loads; {default_threads()} threads by default"


def _disk(home: Path) -> CheckResult:
    place = next(one for one in (home, *home.parents) if one.exists())
    free = shutil.disk_usage(place).free
    return CheckResult("disk", sound=free >= _LOW_SPACE, detail=f"{free / 1e9:.1f} GB free")


def _models(chosen: Options) -> Iterator[CheckResult]:
    needed = {models.DEFAULT_EMBEDDING}  # the language model in use has a check of its own
    for verdict in models.verify(chosen.home):
        needed.discard(verdict.name)
        damaged = f"damaged: {', '.join(verdict.damaged)}"
        detail = damaged if verdict.damaged else "every hash is right"
        yield CheckResult(f"model {verdict.name}", sound=not verdict.damaged, detail=detail)
    for name in sorted(needed):
        yield CheckResult(f"model {name}", sound=False, detail="not pulled")


def _template(chosen: Options) -> str:
    """Say how the model in use is talked to."""
    from homeward.engines.gguf import check_gguf  # noqa: PLC0415

    try:
        file = models.path(chosen.home, chosen.model or models.DEFAULT_LANGUAGE)
    except ModelNotFound:
        return "no model to read it from"  # its path may name the person
    template = check_gguf(file).chat_template
    if template is None:
        return f"{file.stem} has none: it is a base model, which was not taught to converse"
    read = template_texts(TemplateSource(template), file.stem, today())
    can = "can" if read.marks else "cannot"
    return f"{file.stem} has its own; it {can} think before it replies"


def _language_model(chosen: Options) -> CheckResult:
    """Check the model that `--model` names, or the default one, as it would be run here."""
    from homeward.engines.llama import plan_of  # noqa: PLC0415  loads llama.cpp
    from homeward.engines.llama.memory import gigabytes  # noqa: PLC0415

    name = chosen.model or models.DEFAULT_LANGUAGE
    what = f"language model {Path(name).name}"
    try:
        plan = plan_of(models.path(chosen.home, name), chosen.engine)
    except ModelNotFound:  # its message has the path, which has the person's name
        return CheckResult(what, sound=False, detail="not found: pull it, or name another")
    except (ModelError, InvalidArgument) as error:
        return _failure(what, error)
    on_gpu = f", {plan.gpu_layers} layers on a GPU" if plan.gpu_layers else ""
    detail = f"takes {gigabytes(plan.need.total)} with a context of {plan.context} tokens{on_gpu}"
    return CheckResult(what, sound=True, detail=detail)


def _profile(chosen: Options) -> Iterator[CheckResult]:
    with opened(replace(chosen, model=None)) as assistant:  # the model has a check of its own
        for found in assistant.profile.examine():
            yield CheckResult(f"profile: {found.check}", sound=found.ok, detail=found.detail)
        memories = assistant.profile.memories.count()
        [header] = [file.read_bytes()[:16] for file in assistant.profile.path.glob("store-*.db")]
    in_the_clear = header == _PLAINTEXT
    detail = "in the clear" if in_the_clear else f"by SQLCipher; {memories} memories"
    yield CheckResult("profile: encrypted", sound=not in_the_clear, detail=detail)
