"""Chat templates of the shapes that published models have, written for the tests."""

_TURNS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
)
CHATML = _TURNS + "{% endif %}"
# As Qwen3: told not to, it is given an empty thought.
HYBRID = _TURNS + "{% if not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
# As Qwen3.5: told to think, its thought is opened.
OPENED = HYBRID.replace("{% endif %}{% endif %}", "{% else %}<think>\n{% endif %}{% endif %}")
# As QwQ: a thought is opened in any case, and cut off earlier replies.
THINKER = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
)
# As LFM2.5: it only cuts thoughts off earlier replies.
UNTOLD = THINKER.replace("<think>\n{%", "{%")
# As gpt-oss: a reply has channels, and the model chooses the first.
CHANNELS = (
    "<|start|>system<|message|>Today is {{ strftime_now('%Y-%m-%d') }}.<|end|>"
    "{% for m in messages %}"
    "{% if m.role == 'assistant' %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}"
    "{% if m.thinking %}<|channel|>analysis<|message|>{% endif %}<|end|>"
    "{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
# As Gemma 2: no role for the system's text.
NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}"
    "<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# As Gemma 3: the system's text stands before the first question, in its turn.
MERGED_SYSTEM = (
    "{{ bos_token }}{% set told = messages[0].content ~ '\n\n' if messages[0].role == 'system' %}"
    "{% for m in messages if m.role != 'system' %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ told if loop.first }}{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# As Llama 3.2: the system's turn says what day it is.
DATED = (
    "{{ bos_token }}<|start_header_id|>system<|end_header_id|>\n\n"
    "Today Date: {{ strftime_now('%d %b %Y') }}\n\n"
    "{% if messages[0].role == 'system' %}{{ messages[0].content | trim }}{% endif %}<|eot_id|>"
    "{% for m in messages if m.role != 'system' %}"
    "<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
# As Mistral Nemo: the system's text moves on to the newest question.
MOVING_SYSTEM = (
    "{{ bos_token }}{% set told = messages[0].content if messages[0].role == 'system' else '' %}"
    "{% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}"
    "[INST]{{ told + '\n\n' if told and loop.last else '' }}{{ m.content }}[/INST]"
    "{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
# As RWKV: who speaks is plain text.
PLAIN = (
    "{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
# As SmolVLM2: a content is a list of parts, and who speaks is a word.
IN_PARTS = (
    "<|im_start|>{% for m in messages %}{{ m.role | capitalize }}: "
    "{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)

# As Qwen's: tools in the system's message, calls and results in tags.
HERMES = (
    "{% if tools %}<|im_start|>system\n{{ messages[0].content }}\n\n# Tools\n<tools>"
    "{% for tool in tools %}\n{{ tool | tojson }}{% endfor %}\n</tools><|im_end|>\n"
    "{% else %}<|im_start|>system\n{{ messages[0].content }}<|im_end|>\n{% endif %}"
    "{% for m in messages[1:] %}{% if m.role == 'tool' %}"
    "{% if loop.previtem.role != 'tool' %}<|im_start|>user{% endif %}"
    "\n<tool_response>\n{{ m.content }}\n</tool_response>"
    "{% if loop.last or loop.nextitem.role != 'tool' %}<|im_end|>\n{% endif %}"
    "{% elif m.tool_calls %}<|im_start|>assistant\n{% for call in m.tool_calls %}"
    '{% if not loop.first %}\n{% endif %}<tool_call>\n{"name": "{{ call.function.name }}",'
    ' "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n'
    "{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
).replace("%}\n", "%}{{ '\\n' }}")  # a line break after a tag is the tag's own
# As Qwen3-Coder's: arguments in tags, too, which no JSON is.
TAGGED_ARGUMENTS = HERMES.replace(
    "{{ call.function.arguments | tojson }}",
    "{% for key, value in call.function.arguments.items() %}<{{ key }}>{{ value }}{% endfor %}",
)

FAMILIES = {
    "ChatML": CHATML,
    "hybrid thinker": HYBRID,
    "thinker": THINKER,
    "untold thinker": UNTOLD,
    "channels": CHANNELS,
    "no system": NO_SYSTEM,
    "moving system": MOVING_SYSTEM,
    "plain": PLAIN,
    "in parts": IN_PARTS,
}
