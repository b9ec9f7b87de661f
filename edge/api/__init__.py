"""What other programs talk to: the control socket, HTTP, Wyoming. May import `edge.assistant` and what is below it."""
