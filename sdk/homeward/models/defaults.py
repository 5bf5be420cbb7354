"""Names the models that are used where no other is chosen; `pinned.toml` describes them."""

DEFAULT_LANGUAGE = "smollm2-135m"
DEFAULT_EMBEDDING = "minilm-l6"
