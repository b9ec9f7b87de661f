"""`edge.toml` on the boot partition: read whoever wrote it with whatever, its secrets taken out of it.

May import edge.settings and edge.files, beside what edge.appliance offers.
"""
