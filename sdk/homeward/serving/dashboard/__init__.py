"""
The dashboard is a set of local pages that show what Homeward knows and did.

The pages in `web/` are HTML, CSS and ES modules as they are written, without a build step; they
read `/homeward/v1/…` like any other client. Here is what serves them and what only they need.
"""
