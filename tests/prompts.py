"""What a model is fed for a question in its own chat template, as one run of tokens."""

from homeward.ports import LanguageModel, Tokens
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PrefixContent, PromptContent


def prompt_tokens(model: LanguageModel, question: str, *, system: str = "Be kind.") -> Tokens:
    content = PromptContent(question, PrefixContent(system))
    segments = PromptBuilder.of(model).build(content).segments
    return tuple(token for part in segments if isinstance(part, tuple) for token in part)
