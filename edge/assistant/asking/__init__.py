"""Questions about the past of sensors: what a sentence asks, which sensors it means, and the answer in words.

Nothing here is loaded before somebody asks. May import `edge.assistant`, `edge.router`, `edge.sensors`, `edge.devices`
and `edge.schedule`.
"""
