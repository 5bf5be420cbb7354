"""
Finds the conversation that a request continues: OpenAI clients send the whole history each time.

This runs on the assistant's thread. If an open conversation's history equals what the client sent,
it is continued and its KV cache reused. Otherwise the model sees the sent history, unrecorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from homeward.assistant import Assistant
from homeward.conversation.conversation import Conversation
from homeward.conversation.reply import Reply
from homeward.errors import InvalidArgument
from homeward.model_traits import ModelTraits
from homeward.policy.gate import UseContext
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.sampling import Sampling
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_OPEN_CHATS
from homeward.serving.openai.requests import ChatMessage, ChatRequest
from homeward.tools import grammar_of

NAME = "homeward"
"""Whatever language model the person uses; apps that name it need not know which that is."""

_EFFORTS = {"none": 0, "minimal": 128, "low": 512, "medium": 1024, "high": 4096}  # tokens

Past = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's messages, told apart."""

    system: str
    past: Past
    question: str


@dataclass(frozen=True, slots=True)
class _Key:
    system: str
    use_context: UseContext
    incognito: bool


@dataclass(slots=True)
class _Chat:
    key: _Key
    conversation: Conversation
    past: Past | None  # what the client sent; None: it named the conversation, which has its own
    asked: str
    reply: Reply

    def stands_at(self, key: _Key, past: Past) -> bool:
        """Whether its next question would come after `past`."""
        if self.past is None or self.key != key:
            return False
        said = (*self.past, (self.asked, self.reply.text_so_far))
        return _trimmed(said) == _trimmed(past)


class Chats:
    """The conversations that are open for clients, the newest last."""

    def __init__(self) -> None:
        self._open: list[_Chat] = []

    def reply(self, me: Assistant, request: ChatRequest) -> Reply:
        """
        Begin the reply to a request.

        Raises:
            Failure: the messages do not end with a question, or another model is asked for.
        """
        check_model(me, request.model)
        sampling, own = sampling_of(request, me.traits), request.homeward
        asked = told_apart(request.messages)
        use_context = UseContext(own.audience, own.purpose)
        key = _Key(asked.system, use_context, incognito=not request.store)
        past = asked.past if own.conversation is None else None
        conversation = (
            self._named(me, own.conversation, key)
            if own.conversation is not None
            else self._taken_up(key, asked.past) or self._begun(me, key, past=asked.past)
        )
        reply = conversation.ask(asked.question, sampling=sampling, personalize=own.personalize)
        self._open.append(_Chat(key, conversation, past, asked.question, reply))
        return reply

    def close(self) -> None:
        """Leave every conversation, as when something was forgotten that its past may hold."""
        for chat in self._open:
            chat.conversation.close()
        self._open.clear()

    def _named(self, me: Assistant, name: str, key: _Key) -> Conversation:
        for chat in [one for one in self._open if one.conversation.name == name]:
            self._open.remove(chat)
            if chat.key == key:
                return chat.conversation
            chat.conversation.close()  # two of one name would not hear each other
        return self._begun(me, key, name=name)

    def _taken_up(self, key: _Key, past: Past) -> Conversation | None:
        for chat in self._open:
            if past and chat.stands_at(key, past):
                self._open.remove(chat)
                return chat.conversation
        return None

    def _begun(
        self, me: Assistant, key: _Key, *, name: str | None = None, past: Past = ()
    ) -> Conversation:
        while len(self._open) >= MOST_OPEN_CHATS:
            self._open.pop(0).conversation.close()
        return me.conversation(
            name, incognito=key.incognito, use_context=key.use_context, system=key.system, past=past
        )


def check_model(me: Assistant, name: str) -> None:
    """
    Refuse a language model that is not the one in use.

    Raises:
        Failure: as above.
    """
    if name not in ("", NAME, me.model.name):
        raise Failure(
            404,
            "model_not_found",
            f"this server has no model of that name; name {NAME!r} or {me.model.name!r}, which"
            " GET /v1/models lists",
            param="model",
        )


def told_apart(messages: Sequence[ChatMessage]) -> Asked:
    """
    Return the system text, the turns so far and the question.

    Raises:
        Failure: the last message is not the user's.
    """
    if messages[-1].role != "user":
        raise Failure(422, "no_question", "the last message has to be the user's", param="messages")
    system = [one.text for one in messages if one.role in ("system", "developer")]
    past: list[tuple[str, str]] = []
    asked: list[str] = []
    for message in messages:
        if message.role == "user":
            asked.append(message.text)
        elif message.role == "assistant":
            past.append(("\n\n".join(asked), message.text))
            asked = []
    return Asked("\n\n".join(system) or SYSTEM_TEXT, tuple(past), "\n\n".join(asked))


def sampling_of(request: ChatRequest, traits: ModelTraits) -> Sampling:
    """Return how the reply is drawn; what the client left out is as suits the model."""
    longest, thinking = _lengths(request, traits.sampling)
    default = traits.sampling_for(thinking)
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    return replace(
        default,
        temperature=default.temperature if request.temperature is None else request.temperature,
        top_p=request.top_p or default.top_p,
        max_tokens=longest,
        thinking=thinking,
        stop=stop,
        seed=request.seed,
        grammar=_grammar(request),
    )


def _grammar(request: ChatRequest) -> str | None:
    """Return the grammar of the form that was asked for."""
    wanted = request.response_format
    if wanted is None or wanted.json_schema is None:
        return None
    try:
        return grammar_of(wanted.json_schema.content)
    except InvalidArgument as error:
        raise Failure(
            422, "invalid_request", f"`response_format`: {error}", param="response_format"
        ) from None


def _lengths(request: ChatRequest, default: Sampling) -> tuple[int, int]:
    """Return the most tokens of the reply and of the thought; a client's limit is for both."""
    thinking = _EFFORTS[request.reasoning_effort or "none"]
    most = request.max_completion_tokens or request.max_tokens
    if most is None:
        return default.max_tokens, thinking
    thinking = min(thinking, most // 2)
    return most - thinking, thinking


def _trimmed(past: Past) -> Past:
    """Return `past` as clients keep it: some cut white space off a reply's ends."""
    return tuple((asked.strip(), replied.strip()) for asked, replied in past)
