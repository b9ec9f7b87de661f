"""`edge demo`: a simulated house, a tour through it, and a prompt.

`edge.demo.house` is the outside world: it imports nothing of `edge` but itself. The rest may import anything below
the command line.
"""
