import { checkBackup } from "../backup";
import { checkImage, lockedImage } from "../images";
import { error, type Problem } from "../problem";
import type { PostgresArgs } from "./args";

/** What the rules look at: the arguments without what may not be known yet. */
export type PostgresPlain = Omit<PostgresArgs, "network" | "password" | "superuserPassword">;

/** Major version of the default image, and of the tools in the default image for backups. */
export function defaultMajor(): number {
    return parseInt(lockedImage("postgres").version, 10);
}

/**
 * Every broken rule of one server.
 *
 * @param path where the settings stand in the config file, e.g. `lightning.database.bundled`
 */
export function checkPostgres(settings: PostgresPlain, path: string): Problem[] {
    return [
        ...checkImage(settings.image, "postgres", `${path}.image`, settings),
        ...checkMajor(settings, path),
        ...checkName(settings.database, `${path}.database`, ["postgres", "template0", "template1"]),
        ...checkName(settings.superuser, `${path}.superuser`, []),
        ...checkUser(settings, path),
        ...checkWhole(settings.maxConnections, `${path}.maxConnections`, 10, "connections"),
        ...checkWhole(settings.memory, `${path}.memory`, 128, "MiB"),
        ...checkBackup(settings.backup ?? {}, `${path}.backup`, { dataProtection: settings.dataProtection ?? true }),
    ];
}

function checkMajor({ majorVersion, image, backup }: PostgresPlain, path: string): Problem[] {
    const place = `${path}.majorVersion`;
    const ours = defaultMajor();
    if (majorVersion === undefined || majorVersion === ours) return [];
    if (!Number.isInteger(majorVersion) || majorVersion < 10) {
        return [error(place, `${majorVersion} is not a major version of PostgreSQL`, `give a whole number, e.g. ${ours}`)];
    }
    const server = error(
        place,
        `the default image is PostgreSQL ${ours}`,
        `set image to one of PostgreSQL ${majorVersion}, or use ${ours}`,
    );
    const tools = error(
        `${path}.backup.image`,
        `the tools of the default image are of PostgreSQL ${ours} and cannot restore into a server of ${majorVersion}`,
        `set it to an image built from images/backup with postgresql-client-${majorVersion}`,
    );
    return [...(image === undefined ? [server] : []), ...(backup?.image === undefined ? [tools] : [])];
}

/** Long enough a name would be cut off, with `_before_restore` behind it even sooner. */
const LONGEST_NAME = 48;

function checkName(name: string, place: string, reserved: string[]): Problem[] {
    if (reserved.includes(name)) return [error(place, `"${name}" is PostgreSQL's own`, "choose another name")];
    if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && !/^pg_/.test(name) && name.length <= LONGEST_NAME) return [];
    const fix = `use up to ${LONGEST_NAME} letters, digits, _ and -; begin with a letter, and not with pg_`;
    return [error(place, `"${name}" is not a name that works everywhere`, fix)];
}

function checkUser({ user, superuser }: PostgresPlain, path: string): Problem[] {
    if (user !== superuser) return checkName(user, `${path}.user`, []);
    return [error(`${path}.user`, `"${user}" is the superuser, and programs must not be`, "choose another name")];
}

function checkWhole(value: number | undefined, place: string, least: number, unit: string): Problem[] {
    if (value === undefined || (Number.isInteger(value) && value >= least)) return [];
    return [error(place, `${value} is not enough, or not a whole number`, `give at least ${least} ${unit}`)];
}
