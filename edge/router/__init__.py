"""From an utterance to calls on devices. May import `edge.devices`, `edge.settings` and `edge.errors` only."""
