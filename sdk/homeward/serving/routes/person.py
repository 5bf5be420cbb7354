"""These routes show the person's attributes and record counts."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.serving.limits import Said, Words
from homeward.serving.routes.parameters import Name, Reader, shown_to
from homeward.serving.routes.shapes import AttributeOut, NewTags, ReceiptOut, RecordShape
from homeward.serving.service import Serving
from homeward_store import Attribute, NotFound, Origin, Receipt, Selection

router = APIRouter(prefix="/homeward/v1", tags=["person"])


class ProfileOut(BaseModel):
    """The person whose profile is open, and how many records it holds."""

    person: str
    profile_id: str
    attributes: int
    memories: int
    turns: int
    conversations: int
    notes: int
    writings: int
    choices: int
    receipts: int


class ModelOut(RecordShape):
    """The language model in use, and how it is run."""

    name: str
    architecture: str
    sha256: str
    n_ctx: int = Field(description="Tokens that it reads at once.")
    n_ctx_train: int = Field(description="Tokens that it was trained to read at once.")
    gpu_layers: int
    kv_type: str
    notices: tuple[str, ...] = Field(description="What is not as was asked for.")


class NewAttribute(BaseModel):
    """A value, with the tags that the gate reads, such as `health`."""

    value: Said | bool | int | float | Words
    tags: Words | None = Field(
        None,
        description="Sensitivity tags, such as health; without them, they are found from the "
        "words.",
    )
    origin: Origin = Field(Origin.PERSON, description="Whose words the attribute comes from.")


@router.get("/profile")
async def profile(service: Serving) -> ProfileOut:
    """Count what is known."""

    def count(me: Assistant) -> ProfileOut:
        store = me.profile
        return ProfileOut(
            person=service.person,
            profile_id=store.id,
            attributes=len(store.attributes.all()),
            memories=store.memories.count(),
            turns=store.turns.count(),
            conversations=len(store.turns.conversations()),
            notes=len(store.notes.all()),
            writings=len(store.writings.all()),
            choices=len(store.choices.all()),
            receipts=len(store.receipts()),
        )

    return await service.me.run(count)


@router.get("/model")
async def model(service: Serving) -> ModelOut | None:
    """Describe the language model; null until the first question has loaded it."""
    found = await service.me.run(lambda me: me.loaded_model)
    return None if found is None else ModelOut.model_validate(found)


@router.get("/attributes", response_model=list[AttributeOut])
async def attributes(service: Serving, reader: Reader = None) -> list[Attribute]:
    """Return the person's current attributes by key."""
    return await service.me.run(lambda me: shown_to(me, reader, me.profile.attributes.all()))


@router.get("/attributes/{key}/history", response_model=list[AttributeOut])
async def history(key: Name, service: Serving) -> list[Attribute]:
    """Every value that the key has had, oldest first."""
    found = await service.me.run(lambda me: me.profile.attributes.history(key))
    if not found:
        raise NotFound("there is no attribute with this key")
    return found


@router.put("/attributes/{key}", response_model=AttributeOut)
async def set_attribute(key: Name, given: NewAttribute, service: Serving) -> Attribute:
    """Set a value; the older one of this key becomes history."""
    return await service.me.run(
        lambda me: me.attributes.set(key, given.value, tags=given.tags, source=given.origin)
    )


@router.put("/attributes/{key}/tags", response_model=AttributeOut)
async def tag_attribute(key: Name, given: NewTags, service: Serving) -> Attribute:
    """Replace the tags that the rules go by."""

    def work(me: Assistant) -> Attribute:
        me.attributes.tag(key, *given.tags)
        [found] = [one for one in me.profile.attributes.all() if one.key == key]
        return found

    return await service.me.run(work)


@router.delete("/attributes/{key}", response_model=ReceiptOut)
async def forget_attribute(key: Name, service: Serving) -> Receipt:
    """Forget the key, its history and all that was derived from it."""
    return await service.me.run(lambda me: service.forget(me, Selection(keys=(key,))))
