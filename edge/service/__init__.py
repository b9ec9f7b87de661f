"""The composition root: builds the parts, starts and ends them. May import all but `edge.cli` and `edge.demo`."""

from edge.service.routing import LoadRouter, Routes, shipped_router
from edge.service.service import Service, running, serve

__all__ = ["LoadRouter", "Routes", "Service", "running", "serve", "shipped_router"]
