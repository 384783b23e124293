# One at a time. Sourced by up and down, after lib.sh.

# take_turn <stack>: holds a lock on file descriptor 8 until this process ends. Pulumi locks the state for its own part of the work only, and
# what it says to a second one ends in the advice to break that lock. PULUMI_BACKEND_URL is known by now: elsewhere may be an environment of
# the same name.
take_turn() {
    local lock
    lock=$STATE/up-$1-$(short_hash "${PULUMI_BACKEND_URL:-}").lock
    # A state that is not on this machine has its own lock.
    (umask 077 && mkdir -p "$STATE" && : >>"$lock") 2>/dev/null || return 0
    exec 8>>"$lock"
    flock -n 8 || fail "another make up or make down of $1 is at work on this machine: wait until it has ended"
}
