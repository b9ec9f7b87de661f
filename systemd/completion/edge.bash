# shellcheck shell=bash
# Completion of edge in bash: the program writes it when it is wanted first, so that it is always that of the release.
_edge_first() {
    unset -f _edge_first
    eval "$(edge completion bash 2>/dev/null)" && return 124
    complete -o default edge
}
complete -o default -F _edge_first edge
