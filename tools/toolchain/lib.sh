# Building Go programs into the cache. Sourced by ensure and build, after ../lib.sh.

MINIMUM_GO=1.26.5
MINIMUM_PULUMI=3.245.0

# at_least <version> <minimum>: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_go() {
    local version
    version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || version=
    version=${version#go}
    if [ -z "$version" ] || ! at_least "$version" "$MINIMUM_GO"; then
        fail "$1 must be built, and that needs Go $MINIMUM_GO or newer${version:+ (found $version)}" \
            "install Go from https://go.dev/dl/, or install Pulumi $MINIMUM_PULUMI or newer from https://www.pulumi.com/docs/install/"
    fi
}

# go_build <module directory> <package> <output> [<ldflags>]: versions come from go.mod, hashes from go.sum, nothing floats.
go_build() {
    (cd "$1" && GOFLAGS=-mod=readonly GOTOOLCHAIN=local go build -trimpath -buildvcs=false -ldflags "-s -w ${4:-}" -o "$3" "$2")
}

# cached <name> <hash> <command>: prints $CACHE/toolchain/<name>-<hash>, filled by `command <directory>` if it is not
# there yet. The command works in a temporary directory that is renamed at the end, so a killed build leaves nothing
# that looks finished. A second build of the same thing waits for the first.
cached() {
    local target=$CACHE/toolchain/$1-$2
    if [ ! -d "$target" ]; then
        mkdir -p "$CACHE/toolchain"
        exec 8>"$CACHE/toolchain/.lock-$1"
        lock 8
        [ -d "$target" ] || fill "$target" "$1" "$3"
        exec 8>&-
    fi
    printf '%s\n' "$target"
}

fill() {
    local work
    rm -rf "$CACHE/toolchain/.building-$2."* # left by a killed build: we hold the lock
    work=$(mktemp -d "$CACHE/toolchain/.building-$2.XXXXXX")
    chmod 755 "$work"
    "$3" "$work"
    mv -T "$work" "$1"
}

# lock <file descriptor>: waits for it; released when the process ends, however that happens.
lock() {
    if ! flock --nonblock "$1"; then
        say "waiting for another run that builds the toolchain ..."
        flock "$1"
    fi
}
