"""Libraries on top of OpenAI's client, unchanged; each skips where it is not installed."""

import json
from typing import Any

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.serving.conftest import TOKEN, Serve, Served
from tests.sdk.serving.test_tools import ARGUMENTS, PRINTED, says

from homeward.testing import ScriptedModel

pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries that are not ours
QUESTION = "Will it rain in Leeds?"
JSON = '{"city": "Leeds", "days": 1}'


def answers(prompt: str) -> str:
    """Call the tool that is there; under a schema, write the object by itself."""
    found = says(prompt)
    return JSON if found == "I cannot know." else found


@pytest.fixture
def rainy(serve: Serve, open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch) -> Served:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return serve(open_assistant(ScriptedModel(answers)))


def test_langchain_binds_tools_streams_and_writes_structured_output(rainy: Served) -> None:
    chat_models = pytest.importorskip("langchain_openai")
    messages = pytest.importorskip("langchain_core.messages")
    tools = pytest.importorskip("langchain_core.tools")

    def get_weather(city: str, days: int) -> str:
        """Tell the weather."""
        return f"{city} {days}"

    model = chat_models.ChatOpenAI(base_url=f"{rainy.url}/v1", api_key=TOKEN, model="homeward")
    schema = {
        "title": "Forecast",
        "description": "A forecast.",
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    }
    streamed = "".join(chunk.content for chunk in model.stream(QUESTION))
    structured = model.with_structured_output(schema).invoke(QUESTION)
    bound = model.bind_tools([tools.tool(get_weather)])
    wanted = bound.invoke(QUESTION)
    [call] = wanted.tool_calls
    printed = messages.ToolMessage(PRINTED, tool_call_id=call["id"])
    reply = bound.invoke([messages.HumanMessage(QUESTION), wanted, printed])

    assert streamed == JSON
    assert structured == json.loads(JSON)
    assert (call["name"], call["args"]) == ("get_weather", json.loads(ARGUMENTS))
    assert reply.content == "Yes, until the evening."


@pytest.mark.parametrize("mode", ["TOOLS", "JSON", "JSON_SCHEMA", "MD_JSON"])
def test_instructor_gets_an_object_in_its_modes(rainy: Served, mode: str) -> None:
    instructor = pytest.importorskip("instructor")
    openai = pytest.importorskip("openai")
    pydantic = pytest.importorskip("pydantic")
    get_weather: Any = pydantic.create_model("get_weather", city=(str, ...), days=(int, ...))

    with openai.OpenAI(base_url=f"{rainy.url}/v1", api_key=TOKEN) as client:
        asking = instructor.from_openai(client, mode=getattr(instructor.Mode, mode))
        found = asking.chat.completions.create(
            model="homeward",
            response_model=get_weather,
            messages=[{"role": "user", "content": QUESTION}],
            max_retries=0,
        )

    assert (found.city, found.days) == ("Leeds", 1)


def test_litellm_completes_and_calls_tools(rainy: Served) -> None:
    litellm = pytest.importorskip("litellm")
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            },
        },
    }

    def ask(**more: Any) -> Any:
        return litellm.completion(
            model="openai/homeward",
            api_base=f"{rainy.url}/v1",
            api_key=TOKEN,
            messages=[{"role": "user", "content": QUESTION}],
            **more,
        )

    assert ask().choices[0].message.content == JSON
    [call] = ask(tools=[tool]).choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", ARGUMENTS)


def test_llamaindex_chats_and_streams(rainy: Served) -> None:
    like = pytest.importorskip("llama_index.llms.openai_like")
    model = like.OpenAILike(
        model="homeward", api_base=f"{rainy.url}/v1", api_key=TOKEN, is_chat_model=True
    )

    assert str(model.complete(QUESTION)) == JSON
    assert "".join(piece.delta or "" for piece in model.stream_complete(QUESTION)) == JSON


def test_pydantic_ai_runs_a_tool_and_answers(rainy: Served) -> None:
    pydantic_ai = pytest.importorskip("pydantic_ai")
    models = pytest.importorskip("pydantic_ai.models.openai")
    providers = pytest.importorskip("pydantic_ai.providers.openai")
    provider = providers.OpenAIProvider(base_url=f"{rainy.url}/v1", api_key=TOKEN)
    agent = pydantic_ai.Agent(models.OpenAIChatModel("homeward", provider=provider))

    @agent.tool_plain  # type: ignore[untyped-decorator]
    def get_weather(city: str, days: int) -> str:
        """Tell the weather."""
        assert (city, days) == ("Leeds", 1)
        return PRINTED

    assert agent.run_sync(QUESTION).output == "Yes, until the evening."
