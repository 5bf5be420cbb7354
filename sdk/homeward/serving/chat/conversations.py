"""
Finds the conversation that a request continues: most clients send the whole history each time.

This runs on the assistant's thread. If an open conversation's history equals what the client sent,
it is continued and its KV cache reused. Otherwise the model sees the sent history, unrecorded.
"""

from dataclasses import dataclass, replace

from homeward.assistant import Assistant
from homeward.conversation.conversation import Conversation
from homeward.conversation.reply import DrawnCall, Reply
from homeward.policy.gate import UseContext
from homeward.prompting.tool_calls import PrintedCall
from homeward.serving.chat.question import MODEL, ClientQuestion, Past
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_OPEN_CHATS
from homeward.tools.calling import ToolUse
from homeward_store import Memory, TurnId


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

    def waits_for_tools(self, key: _Key, past: Past | None, question: ClientQuestion) -> bool:
        """Whether it called tools for a question."""
        name = question.personal.conversation
        is_here = self.conversation.name == name if name is not None else self.past == past
        return (
            is_here and (self.key, self.asked) == (key, question.asked) and bool(self.reply.calls)
        )


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """A conversation that a client goes on in, and the calls that it may bring results of."""

    conversation: str
    asked: str
    calls: tuple[DrawnCall, ...]


class Chats:
    """The conversations that are open for clients, the newest last."""

    def __init__(self) -> None:
        self._open: list[_Chat] = []

    def reply(self, me: Assistant, question: ClientQuestion) -> Reply:
        """
        Begin the reply to a question.

        Raises:
            Failure: another model is asked for. And what `Conversation.ask` raises.
        """
        check_model(me, question.model)
        sampling, own = question.drawing.sampling(me.model, me.traits), question.personal
        key = _Key(question.system, own.use_context, question.incognito)
        past = question.past if own.conversation is None else None
        tools = self._with_results(me, question)
        if (chat := self._waiting(key, past, question)) is not None:
            reply = chat.conversation.resume(tools, sampling=sampling, personalize=own.personalize)
            self._open.append(replace(chat, reply=reply))
            return reply
        conversation = (
            self._named(me, own.conversation, key)
            if own.conversation is not None
            else self._taken_up(key, question.past) or self._begun(me, key, past=question.past)
        )
        reply = conversation.ask(
            question.asked,
            sampling=sampling,
            personalize=own.personalize,
            images=question.images,
            tools=tools,
        )
        self._open.append(_Chat(key, conversation, past, question.asked, reply))
        return reply

    def after(self, me: Assistant, turn: TurnId, use_context: UseContext) -> OpenConversation:
        """
        Return the conversation whose newest turn is `turn`, in this use context.

        Raises:
            Failure: there is none.
        """
        record = me.profile.turns.get(turn)
        if record is None or record.use_context != use_context:
            raise _unknown("no response of that id is stored for this audience and purpose")
        said = me.profile.turns.conversation(record.conversation, use_context=use_context)
        if said[-1].id != turn:
            raise _unknown("only the newest response of a conversation can be continued")
        calls = next((one.reply.calls for one in self._open if one.reply.turn == turn), [])
        return OpenConversation(record.conversation, record.asked, tuple(calls))

    def close(self) -> None:
        """Leave every conversation, as when something was forgotten that its past may hold."""
        for chat in self._open:
            chat.conversation.close()
        self._open.clear()

    def _with_results(self, me: Assistant, question: ClientQuestion) -> ToolUse:
        """Return the tools with what was printed, as far as this use context may read it."""
        memories: list[Memory] = []
        rounds = []
        for made in question.rounds:
            shown = []
            for one in made:
                kept = me.tool_printed(
                    one.name,
                    one.printed,
                    question=question.asked,
                    use_context=question.personal.use_context,
                    incognito=question.incognito,
                )
                memories += kept.memories
                shown.append(PrintedCall(one.name, one.arguments, kept.text))
            rounds.append(tuple(shown))
        return replace(question.tools, rounds=tuple(rounds), memories=tuple(memories))

    def _waiting(self, key: _Key, past: Past | None, question: ClientQuestion) -> _Chat | None:
        for chat in self._open if question.rounds else ():
            if chat.waits_for_tools(key, past, question):
                self._open.remove(chat)
                return chat
        return None

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


def _unknown(says: str) -> Failure:
    return Failure(404, "previous_response_not_found", says, param="previous_response_id")


def check_model(me: Assistant, name: str) -> None:
    """
    Refuse a language model that is not the one in use.

    Raises:
        Failure: as above.
    """
    if name not in ("", MODEL, me.model.name):
        raise Failure(
            404,
            "model_not_found",
            f"this server has no model of that name; name {MODEL!r} or {me.model.name!r}, which"
            " GET /v1/models lists",
            param="model",
        )


def _trimmed(past: Past) -> Past:
    """Return `past` as clients keep it: some cut white space off a reply's ends."""
    return tuple((asked.strip(), replied.strip()) for asked, replied in past)
