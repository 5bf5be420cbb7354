"""Lets a language model describe an image, so that it can be found and quoted as text."""

from homeward.errors import CannotSee
from homeward.importing.items import Caption
from homeward.ports import LanguageModel
from homeward.prompting.images import Image
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PromptContent
from homeward.prompting.thoughts import texts
from homeward.sampling import Sampling

_ASKED = "Describe this image in one sentence."
_HOW = Sampling(temperature=0, max_tokens=64)  # greedy: the same image, the same caption


def caption(image: Image, model: LanguageModel, prompts: PromptBuilder) -> Caption:
    """
    Let the model describe an image, in at most 64 tokens.

    Raises:
        CannotSee: it says nothing.
        ContextOverflow: the image alone is longer than the context.
    """
    content = PromptContent(_ASKED, images=(image,))
    prompt = prompts.build(content, reply_tokens=_HOW.max_tokens)
    with model.session() as session:
        session.feed(prompt.segments)
        spoken = prompts.speaker.reply(session, prompt.segments, _HOW)
        said = "".join(texts(spoken)).strip()
    if not said:
        raise CannotSee(
            f"{image.name}: {model.info.name} gave no description; give the image a caption"
        )
    return Caption(said, by=model.info.name)
