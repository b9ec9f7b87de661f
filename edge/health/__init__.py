"""How the machine and the service are doing: vitals, checks, findings. May import what `edge.assistant` may."""
