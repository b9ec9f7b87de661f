# Completion of edge in fish: the program writes it when it is wanted first.
edge completion fish 2>/dev/null | source
