"""The verbs of the `edge` command, one file each. May import everything; nothing imports it."""
