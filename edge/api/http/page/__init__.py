"""The page: its files, who is let in, what is told while it happens, and its shell, into which views are put.

Imports `edge.api.http`, `edge.assistant` and what that may import. Nothing but `edge.api.http.page.front` is imported
before somebody opens the page.
"""
