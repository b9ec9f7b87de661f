#!/usr/bin/env bash
# Runs every check on a machine that has nothing but git, Python and sudo.
#
#   bash tests/run.sh [ARGUMENTS OF pytest]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source systemd/prepare.sh

failed=()

# check NAME COMMAND...: run it, remember a failure, go on.
check() {
    say "$1"
    "${@:2}" || failed+=("$1")
}

programs mosquitto:mosquitto unshare:util-linux pulseaudio:pulseaudio pactl:pulseaudio-utils espeak-ng:espeak-ng \
    chromium:chromium mcopy:mtools fdtoverlay:device-tree-compiler
libraries libportaudio.so.2:libportaudio2 libasound_module_pcm_pulse.so:libasound2-plugins
virtual_environment
install_edge dev speech piper whisper || fail "edge could not be installed; the lines above say why"

"$VENV_PYTHON" -m tests.page.axe || say "Without axe-core, the page's views are not looked at with it"

check "ruff check" .venv/bin/ruff check --output-format concise .
check "ruff format" .venv/bin/ruff format --check --quiet .
check "mypy" .venv/bin/mypy
check "import-linter" .venv/bin/lint-imports --no-logo

install_llm || say "Without it, the tests that need a language model are skipped"
check "pytest" "$VENV_PYTHON" -m pytest "$@"

[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
