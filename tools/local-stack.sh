# State, passphrase and configuration of the stacks that are kept on this machine, all outside the checkout. Sourced by env and up, after lib.sh.
#
# Pulumi writes an `encryptionsalt` into the configuration file of a stack with a passphrase, and a salt fits only one
# passphrase: in a committed file it would be everybody's, and every `up` would leave the checkout dirty. So the CLI
# reads a copy: the committed text and, below it, the salt of this person's passphrase.

# Held by whoever writes a copy of a configuration.
CONFIG_LOCK=$STATE/config.lock
# The address of our own state directory, in which these characters would mean something.
LOCAL_BACKEND=file://$(sed 's/%/%25/g; s/#/%23/g; s/?/%3F/g' <<<"$STATE")/state

# prepare_local_stack <stack>: sets PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE_FILE and CONFIG_COPY.
prepare_local_stack() {
    umask 077
    mkdir -p "$STATE" || fail "the directory for state and passphrase cannot be made: $STATE" "set GROUNDWORK_STATE to one that can"
    chmod 700 "$STATE"
    # Two runs at once would write the same files. Released when this process ends, however that happens.
    exec 7>"$CONFIG_LOCK"
    if ! flock --timeout 2 7; then
        say "waiting for another command that holds $CONFIG_LOCK ..."
        flock 7
    fi
    if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
        mkdir -p "$STATE/state"
        choose PULUMI_BACKEND_URL "$LOCAL_BACKEND"
    fi
    if [ -z "${PULUMI_CONFIG_PASSPHRASE:-}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
        ensure_passphrase
        choose PULUMI_CONFIG_PASSPHRASE_FILE "$STATE/passphrase"
    fi
    local salt
    salt=$(salt_file "$1" "$PULUMI_BACKEND_URL")
    [ -e "$salt" ] || refuse_lost_salt "$1" "$salt"
    if [ ! -e "$salt" ] || { [ "$PULUMI_BACKEND_URL" = "$LOCAL_BACKEND" ] && ! has_local_state "$1"; }; then init_stack "$1" "$salt"; fi
    copy_config "$1" "$salt" "$STATE/config/$(short_hash "$PULUMI_BACKEND_URL $ROOT")"
    exec 7>&-
}


# Linked into place, so that of two first runs at once one passphrase wins.
ensure_passphrase() {
    [ ! -s "$STATE/passphrase" ] || return 0
    if [ -n "$(stack_files "*")" ]; then
        fail "$STATE/passphrase is gone, and nothing can read the state in $STATE/state without it" \
            "put the file back; or remove the containers by hand and delete $STATE to start anew"
    fi
    local new
    new=$(mktemp "$STATE/.passphrase.XXXXXX")
    head -c 32 /dev/urandom | base64 >"$new"
    ln "$new" "$STATE/passphrase" 2>/dev/null || true
    rm -f "$new"
}

environments() { find "$ROOT" -maxdepth 1 -name 'Pulumi.*.yaml' -printf '%f\n' | cut -d. -f2 | sort | paste -sd' '; }

# require_environment <stack>: there must be a file of that name.
require_environment() {
    [ ! -e "$ROOT/Pulumi.$1.yaml" ] || return 0
    [ ! -e "$ROOT/Pulumi.$1.yml" ] || fail "$ROOT/Pulumi.$1.yml has another ending than the files of environments" "rename it to Pulumi.$1.yaml"
    ! has_local_state "$1" || fail "$ROOT/Pulumi.$1.yaml is gone, and the state of an environment \"$1\" is on this machine" \
        "bring the file back; for make down STACK=$1 one that says \"config: {}\" is enough"
    fail "there is no environment \"$1\": $ROOT/Pulumi.$1.yaml does not exist" \
        "name another one with STACK=... ($(environments)), or copy a file from examples/ to that name"
}

project() { sed -n 's/^name: *//p' "$ROOT/Pulumi.yaml"; }

# The files of stacks of a name in our own state directory; Pulumi can be told to compress them.
stack_files() { find "$STATE/state/.pulumi/stacks" \( -name "$1.json" -o -name "$1.json.gz" \) 2>/dev/null || true; }
has_local_state() { stack_files "$1" | grep -q "/$(project)/[^/]*$"; }

# salt_file <stack> <backend>
salt_file() { printf '%s\n' "$STATE/config/$(short_hash "$2")/$1.salt"; }

# Values as `pulumi config set --secret` writes them; a block may have a setting of its own called `secure`.
has_secret_values() { grep -Eq "^[^#]*\bsecure[\"']?:[[:space:]]*[\"']?[A-Za-z0-9+/=:]{20,}" "$ROOT/Pulumi.$1.yaml"; }

# Nothing else can read the secret values of the file, except where a service keeps the keys.
refuse_lost_salt() {
    case $PULUMI_BACKEND_URL in http://* | https://*) return ;; esac
    ! has_secret_values "$1" || fail "Pulumi.$1.yaml has secret values, and $2, which is part of their key, is gone" \
        "put that file back; or delete every value that is \`secure: …\`, and set it again with \`config set --secret\`"
}

# init_stack <stack> <salt file>: creates the stack from a folder that holds a copy of Pulumi.yaml and the salt that there is, which
# Pulumi keeps. Otherwise it writes one there.
init_stack() {
    local folder config
    folder=$(mktemp -d)
    config=$folder/Pulumi.$1.yaml
    cp "$ROOT/Pulumi.yaml" "$folder/"
    [ ! -s "$2" ] || cp "$2" "$config"
    (
        unset PULUMI_OPTION_CONFIG_FILE
        if ! pulumi -C "$folder" stack init "$1" >"$folder/log" 2>&1; then
            grep -q "already exists" "$folder/log" || fail "$(cat "$folder/log")" "the passphrase has to fit the salt in $2, if that exists"
            # Any salt of this passphrase will do where the file has no secret values yet; storing a secret makes Pulumi write one.
            pulumi -C "$folder" config set --secret --stack "$1" groundwork:salt unused
        else
            say "created the stack $1: its state is in ${PULUMI_BACKEND_URL#file://}, its passphrase in $STATE" \
                "(Pulumi.$1.yaml may name another place: # backend: <address>)"
        fi
    ) 7>&-
    mkdir -p "$(dirname "$2")"
    grep '^encryptionsalt:' "$config" >"$folder/salt" 2>/dev/null || true # backends with their own keys have none
    replace_file "$2" <"$folder/salt"
    rm -r "$folder"
}

# copy_config <stack> <salt file> <directory>: writes the copy, after taking over what `pulumi config set` changed in the last one.
copy_config() {
    local committed source=$3/source.$1.yaml
    committed=$(readlink -f "$ROOT/Pulumi.$1.yaml")
    CONFIG_COPY=$3/Pulumi.$1.yaml
    mkdir -p "$3"
    # Pulumi writes the salt on the line of such a mapping, where it would not be left out of the committed file.
    ! sed -E '/^[[:space:]]*(#.*)?$/d; /^---[[:space:]]*(#.*)?$/d' "$committed" | sed -n 1p | grep -Eq '^(---)?[[:space:]]*\{' ||
        fail "$(basename "$committed"): the file is one mapping in braces { }" \
            "write its keys on lines of their own, without the outer braces"
    if [ -e "$CONFIG_COPY" ] && [ -e "$source" ] && ! same_text "$CONFIG_COPY" "$source" && ! same_text "$CONFIG_COPY" "$committed"; then
        cmp -s "$source" "$committed" || fail "both $committed and its copy $CONFIG_COPY were changed since the last run" \
            "take over what you need from the copy, then delete it"
        without_salt "$CONFIG_COPY" | replace_file "$committed"
        say "wrote the change made with \`pulumi config\` to $(basename "$committed")"
    fi
    # In this order: a run that ends in between leaves a copy that is the same as the committed file, which nobody takes for a change.
    { without_salt "$committed" && cat "$2"; } | replace_file "$CONFIG_COPY"
    replace_file "$source" <"$committed"
}

# replace_file <file>: gives it the text on stdin in one step, and leaves it alone when it has that text: the CLI may be writing to it.
replace_file() {
    local new
    new=$(mktemp "$1.XXXXXX")
    cat >"$new" || { rm "$new" && return 1; }
    [ ! -e "$1" ] || chmod --reference="$1" "$new"
    if cmp -s "$new" "$1"; then rm "$new"; else mv "$new" "$1"; fi
}

same_text() { cmp -s <(without_salt "$1") <(without_salt "$2"); }

# The text of a configuration file, its salt left out and its last line ended.
without_salt() { sed -e '/^encryptionsalt:/d' -e '$a\' "$1"; }
