"""The HTTP server: Ollama's interface, OpenAI's and our own, each in files of its own, over one table of routes.

Imports aiohttp, `edge.assistant`, `edge.llm`, `edge.models` and `edge.settings`. Nothing but `edge.api.http.tokens`
may be imported before the service is ready: the library costs a quarter of a second and some megabytes.
"""
