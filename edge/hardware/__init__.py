"""Hardware that hangs on this very machine: pins, and sensors that its kernel shows. May import devices and settings.

Works without a broker and without a network. `edge.hardware.attached` puts it all into the registry and carries out
calls; the rest is for that.
"""
