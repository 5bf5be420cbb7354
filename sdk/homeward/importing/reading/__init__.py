"""How the bytes of a file are read: encodings, HTML, and how much work a file may cause."""
