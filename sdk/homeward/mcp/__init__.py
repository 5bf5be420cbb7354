"""The MCP server lets other assistants ask about the person, each with their consent."""
