# shellcheck shell=sh disable=SC1091
# Completion of edge, also where bash-completion is not installed.
[ -z "${BASH_VERSION-}" ] || case $- in *i*) [ ! -r /usr/lib/edge/completion.bash ] || . /usr/lib/edge/completion.bash ;; esac
