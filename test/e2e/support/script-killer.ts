import type { Docker } from "./docker";
import type { Result } from "./process";

const DIRECTORY = "/tmp/script-killer";

/** Stands before a program: counts the calls, and kills the whole process group in place of one of them. */
const WRAPPER = `#!/bin/sh
PATH=/usr/bin:/bin
count=$(($(cat ${DIRECTORY}/count) + 1))
echo "$count" > ${DIRECTORY}/count
[ "$count" -ne "$KILL_AT" ] || kill -KILL 0
exec "/usr/bin/\${0##*/}" "$@"
`;

/** Kills a script in a container between any two of the programs that it calls, as a power cut would. */
export class ScriptKiller {
    private constructor(
        private readonly docker: Docker,
        private readonly container: string,
    ) {}

    static async create(docker: Docker, container: string, programs: string[]): Promise<ScriptKiller> {
        const install = `mkdir -p ${DIRECTORY} && cd ${DIRECTORY} && printf %s "$1" > wrapper && chmod +x wrapper && shift &&
            for program; do ln -sf wrapper "$program"; done`;
        await docker.exec(container, "sh", "-euc", install, "sh", WRAPPER, ...programs);
        return new ScriptKiller(docker, container);
    }

    /** Runs the command and kills it before its `call`-th program. A code of 0 says that it made fewer calls and came to its end. */
    async run(call: number, ...command: string[]): Promise<Result> {
        await this.docker.exec(this.container, "sh", "-c", `echo 0 > ${DIRECTORY}/count`);
        const path = `PATH=${DIRECTORY}:/usr/local/bin:/usr/bin:/bin`;
        return this.docker.tryCli("exec", "--env", path, "--env", `KILL_AT=${call}`, this.container, ...command);
    }
}
