# Where the state of a stack is. Sourced by env, after lib.sh.
#
# What somebody chose counts: a variable, the stack's file, a login, in this order. Only where nobody chose anything is the state kept
# on this machine. `dev` is there to be tried, and no login takes it elsewhere.

# backend_of <stack>: prints `local`, an address, or nothing where the CLI finds it by itself.
backend_of() {
    local file=$ROOT/Pulumi.$1.yaml backend
    if [ -n "${PULUMI_BACKEND_URL:-}" ]; then
        # Stack and passphrase of dev are made wherever it is.
        [ "$1" != dev ] || echo local
        return
    fi
    backend=$(named_backend "$file")
    if [ -z "$backend" ] && [ "$1" != dev ]; then
        [ -z "${PULUMI_ACCESS_TOKEN:-}" ] || return 0
        backend=$(login)
    fi
    case ${backend:=local} in
        *REPLACE*)
            fail "$(basename "$file"): the place of its state still has to be filled in: # backend: $backend" \
                "write gs://…, s3://…, azblob://…, https://api.pulumi.com, or \`local\` to keep it on this machine"
            ;;
        local) [ "$1" = dev ] || refuse_made_elsewhere "$file" ;;
    esac
    printf '%s\n' "$backend"
}

# The file may name its state in a comment, "# backend: gs://...": Pulumi itself has no place for it there.
named_backend() { sed -n 's/^# *backend: *\([^ ]*\).*/\1/p' "$1" | head -n 1; }

# Where the person is logged in, with the CLI that is used here or with another one. `pulumi login --local` (file://~) chooses this machine.
login() {
    local folder current folders=("${PULUMI_HOME:-}" "$HOME/.pulumi")
    [ -z "${PULUMI_CREDENTIALS_PATH:-}" ] || folders=("$PULUMI_CREDENTIALS_PATH")
    for folder in "${folders[@]}"; do
        [ -r "$folder/credentials.json" ] || continue
        current=$(sed -n 's/.*"current": *"\([^"]*\)".*/\1/p' "$folder/credentials.json")
        case $current in "" | "file://~") ;; *) echo "$current" && return ;; esac
    done
}

# What `pulumi stack init` wrote says that there is a state somewhere. A second one, here, would deploy everything again.
refuse_made_elsewhere() {
    local key
    key=$(sed -n 's/^\(secretsprovider\|encryptionsalt\|encryptedkey\):.*/\1/p' "$1" | head -n 1)
    [ -z "$key" ] || fail "$(basename "$1") has $key, so its stack was created before, but nothing says where its state is" \
        "name the place in the file (# backend: gs://…), set PULUMI_BACKEND_URL, or log in" \
        "for a new environment on this machine, delete the lines secretsprovider, encryptionsalt and encryptedkey"
}
