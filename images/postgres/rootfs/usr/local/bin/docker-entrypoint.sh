#!/bin/bash
# Starts PostgreSQL; on an empty data directory makes a database first. Settings as documented for the well-known image:
#
#   POSTGRES_PASSWORD      password of the superuser; must not be empty
#   POSTGRES_USER          name of the superuser                            default: postgres
#   POSTGRES_DB            database that is made                            default: the name of the superuser
#   POSTGRES_INITDB_ARGS   further arguments of initdb
#   PGDATA                 where the data is                                default: /var/lib/postgresql/data
#
# The first three may have _FILE at the end and then name a file with the value. They count at the first start only, which also runs
# what lies in /docker-entrypoint-initdb.d: *.sh, *.sql and *.sql.gz, in the order of their names.
set -Eeuo pipefail

# The first start happens here and moves up when it is complete, PG_VERSION last: a start that is killed leaves no half database.
stage=$PGDATA/.first-start

say() { echo "entrypoint: $*" >&2; }
fail() { say "$*"; exit 1; }

# NAME=<content of the file in NAME_FILE>
from_file() {
    local name=$1 file=$1_FILE
    [ -n "${!file:-}" ] || return 0
    [ -z "${!name:-}" ] || fail "$name and $file are both set: set one of them"
    [ -r "${!file}" ] || fail "$file names ${!file}, which cannot be read"
    export "$name=$(< "${!file}")"
    # Unset, or the second pass through this script would find both.
    unset "$file"
}

# Prepares what only root can, and comes back as the user postgres.
drop_root() {
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA"
    chmod 2775 /var/run/postgresql
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres:postgres {} +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
}

major() { postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

check_major() {
    local have want
    have=$(< "$PGDATA/PG_VERSION")
    want=$(major)
    [ "$have" = "$want" ] ||
        fail "$PGDATA was written by PostgreSQL $have and this is PostgreSQL $want, which cannot read it: start it with $have again, back it up there, and restore into an empty directory"
}

first_start() {
    if [ ! -e "$stage/complete" ]; then
        rm -rf "$stage"
        [ -z "$(ls -A "$PGDATA")" ] || fail "$PGDATA is not empty and holds no database: choose another directory"
        [ -n "${POSTGRES_PASSWORD:-}" ] || fail "POSTGRES_PASSWORD is empty: give the superuser a password"
        make_database
        touch "$stage/complete"
    fi
    find "$stage" -mindepth 1 -maxdepth 1 \! -name PG_VERSION \! -name complete -exec mv -f -t "$PGDATA" {} +
    mv "$stage/PG_VERSION" "$PGDATA/"
    rm -r "$stage"
}

# Sorting by code point needs no library that could change below the indexes.
make_database() {
    local user=${POSTGRES_USER:-postgres}
    local arguments
    read -ra arguments <<< "${POSTGRES_INITDB_ARGS:-}"
    initdb --pgdata="$stage" --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --encoding=UTF8 \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 "${arguments[@]}"
    printf '\nhost all all all scram-sha-256\n' >> "$stage/pg_hba.conf"
    # Not on TCP yet: whoever waits for the port must not find a database that is still being filled.
    pg_ctl --pgdata="$stage" --options="-c listen_addresses=''" --wait --silent start
    fill_database "$user" "${POSTGRES_DB:-$user}"
    pg_ctl --pgdata="$stage" --mode=fast --wait --silent stop
}

fill_database() {
    local psql=(psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$1") file
    if [ "$2" != postgres ]; then createdb --username "$1" --maintenance-db=postgres -- "$2"; fi
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) say "running $file"; POSTGRES_USER=$1 POSTGRES_DB=$2 bash "$file" ;;
            *.sql) say "running $file"; "${psql[@]}" --dbname "$2" --file "$file" ;;
            *.sql.gz) say "running $file"; gunzip --stdout "$file" | "${psql[@]}" --dbname "$2" ;;
        esac
    done
}

if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "${1:-}" = postgres ]; then
    for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB; do from_file "$name"; done
    if [ "$(id -u)" = 0 ]; then drop_root "$@"; fi
    if [ -s "$PGDATA/PG_VERSION" ]; then check_major; else first_start; fi
    # A running server needs it no more.
    unset POSTGRES_PASSWORD
fi
exec "$@"
