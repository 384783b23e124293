import { blocks, certificates, engineArguments, MINICONDA, PYTHON, START_PROGRAM, type EngineSetup } from "./setup";

const PREFIX = "/opt/openpectus";
const SETTINGS = "/etc/openpectus";
const ARCHIVES = "/var/lib/openpectus-engine";
const SERVICE = "openpectus-engine";

/** A script that makes an engine a service of a Linux machine. It carries the engine secret. */
export function linuxSetup(setup: EngineSetup): string {
    const { caCertificate, engineSecret, sentryDsn } = setup;
    return blocks(
        introduction(setup),
        user,
        python(setup),
        archives,
        definition,
        engineSecret && secretFile(engineSecret),
        sentryDsn && privateFile(`${SETTINGS}/engine.env`, `SENTRY_DSN=${environmentQuote(sentryDsn)}`, "root"),
        caCertificate && file(`${SETTINGS}/ca.pem`, certificates(caCertificate)),
        file(`/etc/systemd/system/${SERVICE}.service`, unit(setup)),
        start,
    );
}

const introduction = ({ version }: EngineSetup) => `#!/bin/sh
# Makes an engine of Open Pectus ${version} a service of this machine, which must be Linux with systemd.
# Save it as engine-setup.sh, and name the unit operation definition:
#
#   sudo sh engine-setup.sh process_uod.py
#
# Run it again to bring settings and definition up to date, between two runs. The engine goes on as it was, because a restart
# ends a run, until: sudo systemctl restart ${SERVICE}
# For another version stop the engine first: sudo systemctl stop ${SERVICE}
#
# The file carries the engine secret: delete it when the engine runs.
set -eu
umask 022
fail() {
    echo "$*" >&2
    exit 1
}

uod=\${1:-${SETTINGS}/uod.py}
[ -f "$uod" ] || fail "$uod: there is no such file: name the unit operation definition, as in: sudo sh $0 process_uod.py"
[ "$(id -u)" = 0 ] || fail "this needs root: sudo sh $0 $uod"
uod=$(realpath -- "$uod")
# Python takes code from the directory that it starts in, and root must not: so another directory, and python -I.
cd /`;

const user = `# A user of its own. Equipment on USB or a serial line may need groups, as in: sudo usermod -aG dialout openpectus
id openpectus > /dev/null 2>&1 || useradd --system --user-group --home-dir ${ARCHIVES} --shell /usr/sbin/nologin openpectus`;

const python = ({ version }: EngineSetup) => `# Python ${PYTHON}, with which upstream tests. The deployment guide's 3.11 cannot run this
# release; 3.12 can. As in the guide with Miniconda (${MINICONDA}) where conda is on the PATH, which sudo
# keeps with: sudo env "PATH=$PATH" sh engine-setup.sh process_uod.py. --copy: its packages may be files of another user.
# Elsewhere with the Python of the distribution: Debian 13, Ubuntu 24.04 and newer ones have it.
if [ -x ${PREFIX}/bin/python ]; then
    echo "${PREFIX} is there already"
elif command -v conda > /dev/null; then
    conda create --yes --copy --prefix ${PREFIX} python=${PYTHON} pip
else
    python3 -I -c 'import ensurepip' 2> /dev/null || { apt-get update && apt-get install --yes python3-venv; }
    python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 12))' || fail "Python is older than 3.12: install Miniconda"
    python3 -I -m venv ${PREFIX}
fi
if systemctl is-active --quiet ${SERVICE}; then
    installed=$(${PREFIX}/bin/python -I -c 'from importlib.metadata import version; print(version("openpectus"))')
    [ "$installed" = '${version}' ] || fail "an engine of version $installed runs: when its run is over, sudo systemctl stop ${SERVICE}"
fi
${PREFIX}/bin/python -I -m pip install 'openpectus==${version}'`;

const archives = `# An engine writes archives and a log into its package. The archives move to ${ARCHIVES}; the journal has the log.
install -d -m 0750 -o openpectus -g openpectus ${ARCHIVES}
engine=$(${PREFIX}/bin/python -I -c 'import importlib.util as u; print(u.find_spec("openpectus").submodule_search_locations[0])')/engine
if [ -d "$engine/data" ] && [ ! -L "$engine/data" ]; then
    runuser -u openpectus -- cp -R --preserve=timestamps --backup=numbered "$engine/data/." ${ARCHIVES}
    rm -r "$engine/data"
fi
ln -sfn ${ARCHIVES} "$engine/data"
ln -sf /dev/null "$engine/openpectus-engine.log"`;

const definition = `install -d ${SETTINGS}
cmp -s "$uod" ${SETTINGS}/uod.py || install -m 0640 -g openpectus "$uod" ${SETTINGS}/uod.py`;

const secretFile = (secret: string) =>
    [privateFile(`${SETTINGS}/secret`, secret, "openpectus"), file(`${SETTINGS}/start.py`, START_PROGRAM)].join("\n");

const start = `systemctl daemon-reload
systemctl enable --now ${SERVICE}
echo "The unit's name begins with $(uname -n). What the engine says: journalctl --follow --unit ${SERVICE}"`;

/** An engine ends with code 0 on most errors, so every end is followed by a start. It stops on SIGINT. */
function unit(setup: EngineSetup): string {
    const { caCertificate, engineSecret, sentryDsn } = setup;
    const program = engineSecret ? `python ${SETTINGS}/start.py ${SETTINGS}/secret` : "pectus-engine";
    return [
        "[Unit]",
        "Description=Open Pectus engine",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        `ExecStart=${PREFIX}/bin/${program} ${engineArguments(setup, `${SETTINGS}/uod.py`)}`,
        ...(caCertificate ? [`Environment=SSL_CERT_FILE=${SETTINGS}/ca.pem`] : []),
        ...(sentryDsn ? [`EnvironmentFile=${SETTINGS}/engine.env`] : []),
        "KillSignal=SIGINT",
        "Restart=always",
        "RestartSec=5",
        "User=openpectus",
        "UMask=0027",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "ProtectHome=yes",
        "ProtectSystem=strict",
        `ReadWritePaths=${ARCHIVES}`,
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ].join("\n");
}

function file(path: string, text: string): string {
    return `cat > ${path} <<'END_OF_FILE'\n${text}\nEND_OF_FILE`;
}

/** Its owner alone reads it, from the moment that it is there. */
function privateFile(path: string, text: string, owner: string): string {
    return `install -m 0600 -o ${owner} /dev/null ${path}\nprintf '%s\\n' ${posixQuote(text)} > ${path}`;
}

function posixQuote(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For EnvironmentFile= of systemd. */
function environmentQuote(text: string): string {
    return `"${text.replace(/["\\`$]/g, "\\$&")}"`;
}
