"""Documents: pages, tables, text documents, slides, books, PDF."""
