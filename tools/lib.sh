# Shared by the shell scripts in tools/. Sourced, never run: `. "$(dirname "$0")/lib.sh"`.
# Results go to stdout; everything a person should see goes to stderr.

shopt -s inherit_errexit # a failure inside $(...) is a failure

# The checkout.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# What can be made again: toolchain, plugins, images.
CACHE=${GROUNDWORK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/groundwork}
# What cannot: state and passphrase of the dev environment, for all checkouts of this person.
STATE=${GROUNDWORK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/groundwork}

say() { printf '%s\n' "$*" >&2; }

# fail <what happened> [<what to do>...]
fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 1
}

short_hash() { printf '%s' "$1" | sha256sum | cut -c1-12; }

# has_argument <word> <argument>...: as a whole, because a message may have the word in it; wherever it stands, because flags may come first.
has_argument() {
    local word=$1 argument
    shift
    for argument; do [ "$argument" != "$word" ] || return 0; done
    return 1
}

# step <text> <command>...: says what is going to take time and, at the end, how long it took. The output of the
# command is kept in a log and shown only if it fails.
step() {
    local text=$1 log began=$SECONDS
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/groundwork-step.XXXXXX")
    say "$text ..."
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "$text: failed after $((SECONDS - began)) s; the whole log is $log"
    fi
    rm -f "$log"
    say "$text: done in $((SECONDS - began)) s"
}

# digest <file or directory>...: one hash over the names and contents of the files.
digest() {
    (cd "$ROOT" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}
