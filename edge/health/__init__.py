"""How the machine and the service are doing. May import `edge.assistant` and what is below it."""
