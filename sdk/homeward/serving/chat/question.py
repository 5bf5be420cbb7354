"""
A question as the assistant is asked it, whatever interface it came by. Pure.

Each interface turns its requests into this, so that audience, limits and what is recorded are the
same for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, Field

from homeward.errors import InvalidArgument
from homeward.model_traits import ModelTraits
from homeward.policy.gate import PRIVATE, UseContext
from homeward.ports import ImageBytes, ModelInfo
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.sampling import Sampling
from homeward.serving.failures import Failure
from homeward.serving.limits import Word
from homeward.tools import grammar_of
from homeward.tools.calling import NO_TOOLS, ToolUse

MODEL = "homeward"
"""Whatever language model the person uses; apps that name it need not know which that is."""

Past = tuple[tuple[str, str], ...]
"""Questions and replies."""


class Personal(BaseModel):
    """Homeward's own part of a request (`extra_body={"homeward": {…}}` in OpenAI's clients)."""

    personalize: bool = True
    audience: Word = Field(
        default=PRIVATE, description="Who reads the reply; the rules apply to this audience."
    )
    purpose: Word = "chat"
    conversation: str | None = Field(
        default=None,
        max_length=200,
        description="Continue this Homeward conversation; only the newest message is read.",
    )

    @property
    def use_context(self) -> UseContext:
        """Who reads the reply, and what for."""
        return UseContext(self.audience, self.purpose)


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call that an app made for the question, and what its tool printed."""

    name: str
    arguments: str  # JSON
    printed: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a reply is to be drawn; what is None is as suits the model."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    most: int | None = None  # tokens, of the thought and the reply together
    thinking: int = 0  # tokens
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    bias: tuple[tuple[int, float], ...] = ()
    top_logprobs: int | None = None
    grammar: str | None = None

    def sampling(self, model: ModelInfo, traits: ModelTraits) -> Sampling:
        """
        Return how `model` draws the reply.

        Raises:
            Failure: it has no token of that number.
        """
        if unknown := [token for token, _ in self.bias if not 0 <= token < model.n_vocab]:
            raise Failure(
                422,
                "unsupported_value",
                f"`logit_bias`: {model.name} has no token {unknown[0]}; its tokens are 0 to"
                f" {model.n_vocab - 1}, and are not those of OpenAI's models",
                param="logit_bias",
            )
        longest, thinking = self._lengths(traits.sampling)
        default = traits.sampling_for(thinking)
        return replace(
            default,
            temperature=default.temperature if self.temperature is None else self.temperature,
            top_p=default.top_p if self.top_p is None else self.top_p,
            top_k=default.top_k if self.top_k is None else self.top_k,
            max_tokens=longest,
            thinking=thinking,
            stop=self.stop,
            seed=self.seed,
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
            bias=self.bias,
            top_logprobs=self.top_logprobs,
            grammar=self.grammar,
        )

    def _lengths(self, default: Sampling) -> tuple[int, int]:
        """Return the most tokens of the reply and of the thought."""
        if self.most is None:
            return default.max_tokens, self.thinking
        thinking = min(self.thinking, self.most // 2)
        return self.most - thinking, thinking


@dataclass(frozen=True, slots=True)
class ClientQuestion:
    """A question at the end of a conversation, and how it is to be answered."""

    asked: str
    model: str = MODEL
    system: str = SYSTEM_TEXT
    past: Past = ()
    images: tuple[ImageBytes, ...] = ()
    rounds: tuple[tuple[MadeCall, ...], ...] = ()  # of calls that were made for it already
    tools: ToolUse = NO_TOOLS
    drawing: Drawing = Drawing()
    personal: Personal = field(default_factory=Personal)
    incognito: bool = False


@dataclass(slots=True)
class Dialogue:
    """The messages of a conversation, told apart as they come."""

    system: list[str] = field(default_factory=list)
    past: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    images: list[ImageBytes] = field(default_factory=list)
    rounds: list[list[MadeCall]] = field(default_factory=list)
    _open: dict[str, tuple[str, str]] = field(default_factory=dict)  # calls without their results
    _ends_with_question: bool = False

    def user(self, text: str, images: Sequence[ImageBytes] = ()) -> None:
        """Add what the person says. After results of tools it is a question of its own."""
        if self.rounds:
            self._answered("")
        self.asked.append(text)
        self.images += images
        self._ends_with_question = True

    def assistant(self, text: str, calls: Sequence[tuple[str, str, str]] = ()) -> None:
        """Add a reply, or calls for one: the id, name and arguments of each."""
        self._ends_with_question = False
        if calls:
            self._open = {key: (name, arguments) for key, name, arguments in calls}
            self.rounds.append([])
        else:
            self._answered(text)

    def tool(self, key: str, printed: str) -> None:
        """
        Add what the call `key` printed.

        Raises:
            Failure: there was no such call.
        """
        if key not in self._open or not self.rounds:
            raise Failure(
                422,
                "invalid_request",
                "a tool's result belongs to no call: its id is that of none in the message before",
                param="messages",
            )
        name, arguments = self._open.pop(key)
        self.rounds[-1].append(MadeCall(name, arguments, printed))
        self._ends_with_question = not self._open

    def check_ends_with_question(self, param: str = "messages") -> None:
        """
        Refuse a conversation in which there is nothing to answer.

        Raises:
            Failure: as above.
        """
        if not self._ends_with_question:
            raise Failure(
                422,
                "no_question",
                "the last message has to be the user's, or the results of all tools that were"
                " called",
                param=param,
            )

    @property
    def question(self) -> str:
        """What is asked."""
        return "\n\n".join(self.asked)

    @property
    def system_text(self) -> str:
        """The app's own words."""
        return "\n\n".join(self.system) or SYSTEM_TEXT

    @property
    def made(self) -> tuple[tuple[MadeCall, ...], ...]:
        """The calls that were made for the question."""
        return tuple(tuple(one) for one in self.rounds)

    def asks(
        self, model: str, tools: ToolUse, drawing: Drawing, personal: Personal, *, incognito: bool
    ) -> ClientQuestion:
        """Return the question at the end of the messages."""
        return ClientQuestion(
            self.question,
            model=model,
            system=self.system_text,
            past=tuple(self.past),
            images=tuple(self.images),
            rounds=self.made,
            tools=tools,
            drawing=drawing,
            personal=personal,
            incognito=incognito,
        )

    def _answered(self, text: str) -> None:
        self.past.append((self.question, text))
        self.asked, self.images, self.rounds = [], [], []


def grammar_for(schema: object, *, param: str) -> str:
    """
    Return the grammar of a JSON Schema that a client sent.

    Raises:
        Failure: a grammar cannot hold it; the message says what in it.
    """
    try:
        if not isinstance(schema, dict):
            raise InvalidArgument("a schema has to be an object")  # noqa: TRY301
        return grammar_of(schema)
    except InvalidArgument as error:
        raise Failure(422, "invalid_request", f"`{param}`: {error}", param=param) from None
