"""The MCP server: what other assistants may ask about the person, each with their consent."""
