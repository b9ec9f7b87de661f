#compdef edge
# Completion of edge in zsh: the program writes it when it is wanted first.
unfunction _edge 2>/dev/null
eval "$(edge completion zsh 2>/dev/null)" && _edge "$@"
