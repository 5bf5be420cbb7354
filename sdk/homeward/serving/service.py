"""Holds what the routes share: one assistant on its thread, and what is open on it."""

from typing import Annotated

from fastapi import Depends, Request

from homeward.aio import AsyncAssistant
from homeward.assistant import Assistant
from homeward.policy.allowed_origins import AllowedOrigin
from homeward.serving.chat.conversations import Chats
from homeward.serving.training_job import TrainingJob
from homeward_store import Receipt, Selection


class Service:
    """One person's assistant, as the server holds it."""

    def __init__(
        self, me: AsyncAssistant, *, person: str, origins: tuple[AllowedOrigin, ...] = ()
    ) -> None:
        self.me = me
        self.person = person
        self.origins = origins  # as they are now: asked of for every request
        self.chats = Chats()  # touched on the assistant's thread only
        self.training = TrainingJob()

    def forget(self, me: Assistant, what: Selection) -> Receipt:
        """Forget, after leaving every chat whose past may hold what goes. On `me`'s own thread."""
        self.chats.close()
        return me.forget(what)

    def leave(self) -> None:
        """End everything: replies, training and event streams."""
        self.training.stop()
        self.me.cancel_all()
        self.me.end_events()

    def close(self) -> None:
        """Stop learning, end every reply and close the assistant."""
        self.training.close()
        self.me.close_now()


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(_service)]
"""What a route asks for to get the service."""
