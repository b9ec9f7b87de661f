#!/usr/bin/env bash
# Shows a simulated house answering, on a machine that has nothing but git, Python and sudo.
#
#   bash systemd/demo.sh [ARGUMENTS OF edge demo]
#
# Installs what the demo needs and runs it; then builds the language model's library, which takes minutes and which the
# demo does without. With --model the library comes first, since that demo needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source systemd/prepare.sh

programs mosquitto:mosquitto mosquitto_pub:mosquitto-clients
virtual_environment
install_edge || fail "edge could not be installed; the lines above say why"

for argument in "$@"; do
    case $argument in
        --model*)
            install_llm || fail "--model needs the language model's library"
            exec .venv/bin/edge demo "$@"
            ;;
        -h | --help)
            exec .venv/bin/edge demo "$@"
            ;;
    esac
done

status=0
.venv/bin/edge demo "$@" || status=$?
# 130 is a person who has seen enough.
[ $status -eq 0 ] || [ $status -eq 130 ] || exit $status

if install_llm; then
    say "The language model's library is in place. Add a model with: .venv/bin/edge models add FILE.gguf"
fi
say "Run the service with: .venv/bin/edge run     Ask it with: .venv/bin/edge ask \"what time is it\""
