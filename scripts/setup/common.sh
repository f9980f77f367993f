# What the set-up steps share. Sourced, from the project's root.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
log=$root/build/setup.log
mkdir -p "$root/build"

# One line for whoever waits; all else goes to the log.
say() {
    printf '%s\n' "$1"
}

# A part that set-up can't bring: says what and how to get it.
missing() {
    printf '%s\n' "$1" >&2
    exit 2
}

# step TITLE COMMAND...: run it, silently but for its title and how long it took.
step() {
    local title=$1 start=$SECONDS
    shift
    printf '%s ... ' "$title"
    printf '\n== %s: %s\n' "$title" "$*" >>"$log"
    if "$@" >>"$log" 2>&1 </dev/null; then
        printf 'done (%d s)\n' "$((SECONDS - start))"
        return 0
    fi
    printf 'failed. The end of %s:\n' "${log#"$root"/}"
    tail -n 12 "$log" >&2
    return 1
}
