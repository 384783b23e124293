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
        if [ -n "${PULUMI_ACCESS_TOKEN:-}" ]; then
            refuse_second_state "$1" https://api.pulumi.com
            return
        fi
        backend=$(login)
        [ -z "$backend" ] || refuse_second_state "$1" "$backend"
        if [ -z "$backend" ] && has_secret_values "$1" && ! was_made_here "$1"; then refuse_unknown_place "$file" secure; fi
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

# The file may name its state in a comment, "# backend: gs://...": Pulumi itself has no place for it there. What only looks like that is
# refused, because a second state would deploy everything again.
named_backend() {
    local lines comment='^[[:space:]]*#+[[:space:]]*backend[[:space:]]*:[[:space:]]*'
    lines=$(LC_ALL=C sed '1s/^\xEF\xBB\xBF//' "$1" | tr '\r' '\n' | tr -d "\"'")
    ! grep -Eiq "^backend[[:space:]]*:|$comment\$|[^#[:space:]].*${comment#^}(local\b|[a-z0-9]+://)" <<<"$lines" ||
        fail "$(basename "$1"): the place of its state is not written as it has to be" "write a line of its own: # backend: gs://…"
    sed -nE "s|$comment([^[:space:]]+).*|\1|Ip" <<<"$lines" | head -n 1
}

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

# refuse_second_state <stack> <address>: a login does not move the state of an environment that was made on this machine.
refuse_second_state() {
    ! has_local_state "$1" || fail "the state of $1 is on this machine, and you are logged in to $2" \
        "to go on with it, write into Pulumi.$1.yaml: # backend: local" "if the environment is another one, or was moved: # backend: $2"
}

was_made_here() { has_local_state "$1" || [ -e "$(salt_file "$1" "$LOCAL_BACKEND")" ]; }

# What `pulumi stack init` wrote says that there is a state somewhere.
refuse_made_elsewhere() {
    local key
    key=$(sed -n 's/^\(secretsprovider\|encryptionsalt\|encryptedkey\):.*/\1/p' "$1" | head -n 1)
    [ -z "$key" ] || refuse_unknown_place "$1" "$key"
}

# refuse_unknown_place <file> <key>: a second state, here, would deploy everything again.
refuse_unknown_place() {
    fail "$(basename "$1") has $2, so its stack was created before, but nothing says where its state is" \
        "name the place in the file (# backend: gs://…), set PULUMI_BACKEND_URL, or log in" \
        "for a new environment on this machine, delete the lines secretsprovider, encryptionsalt and encryptedkey, and values with secure"
}
