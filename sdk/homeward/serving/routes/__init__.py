"""This package has the routes: `/v1/…` is OpenAI's interface, `/homeward/v1/…` the person's own."""
