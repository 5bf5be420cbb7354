"""This package has lazy attributes, exclusive methods, a worker thread and child processes."""
