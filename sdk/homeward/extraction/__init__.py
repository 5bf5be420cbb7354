"""Takes the text out of PDFs in a process of its own, within time and memory."""
