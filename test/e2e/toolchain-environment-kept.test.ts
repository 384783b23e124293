import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root, run, tryRun } from "./support/process";

const COMMITTED = "config:\n  groundwork:prefix: gw\n";

/** What must not be lost or mixed up: configuration, salt and state of environments that are kept on this machine. */
describe("the environment that make prints keeps", function () {
    this.timeout(1_200_000); // the first run on a machine may have to build the toolchain

    let directory: string;
    let checkout: string;
    let env: NodeJS.ProcessEnv;

    const path = (stack: string) => join(checkout, `Pulumi.${stack}.yaml`);
    const write = (stack: string, text: string) => writeFileSync(path(stack), text);
    const read = (stack: string) => readFileSync(path(stack), "utf8");
    const command = (line: string, extra: NodeJS.ProcessEnv = {}) =>
        tryRun("bash", ["-c", line], { cwd: checkout, env: { ...env, ...extra } });
    /** What the script prints in a shell that was set up for dev. */
    const shell = (script: string, extra: NodeJS.ProcessEnv = {}) =>
        run("bash", ["-ec", `settings=$(tools/env); eval "$settings"; ${script}`], { cwd: checkout, env: { ...env, ...extra } });
    const copy = () => shell("printf %s $PULUMI_OPTION_CONFIG_FILE");
    const refused = async (line: string, message: RegExp, extra: NodeJS.ProcessEnv = {}) => {
        const { code, stderr } = await command(line, extra);
        assert.notEqual(code, 0, `${line} was not refused`);
        assert.match(stderr, message);
    };

    before(() => {
        const { PATH, HOME, GROUNDWORK_CACHE, XDG_CACHE_HOME, PULUMI_HOME } = process.env;
        directory = mkdtempSync(join(tmpdir(), "groundwork-kept-"));
        checkout = join(directory, "checkout");
        env = { PATH, HOME, ...(PULUMI_HOME && { PULUMI_HOME }) };
        env.GROUNDWORK_CACHE = GROUNDWORK_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "groundwork");
        env.PULUMI_CREDENTIALS_PATH = join(directory, "credentials");
        for (const part of ["tools", "Makefile", "package.json", "Pulumi.yaml"])
            cpSync(join(root, part), join(checkout, part), { recursive: true });
        writeFileSync(join(checkout, "tools", "ensure-packages"), "#!/bin/sh\n"); // no npm package is used here
    });

    beforeEach(() => {
        env.GROUNDWORK_STATE = join(mkdtempSync(join(directory, "state-")), "state");
        rmSync(path("test"), { force: true });
        write("dev", COMMITTED);
    });

    after(() => rmSync(directory, { recursive: true, force: true }));

    describe("an edit of the configuration", () => {
        it("when the run before was interrupted while it wrote the copy", async () => {
            await shell("true");
            const edited = COMMITTED.replace("gw", "edited");
            write("dev", edited);
            // Every write of a file ends in `mv`; the second one does not happen any more.
            const tools = join(directory, "interrupted");
            mkdirSync(tools);
            writeFileSync(join(tools, "mv"), `#!/bin/sh\n[ ! -e ${tools}/once ] || exit 1\n: >${tools}/once\nexec /bin/mv "$@"\n`);
            chmodSync(join(tools, "mv"), 0o755);
            assert.notEqual((await command("tools/env", { PATH: `${tools}:${env.PATH}` })).code, 0);
            await shell("true");
            assert.equal(read("dev"), edited);
            assert.match(readFileSync(await copy(), "utf8"), /edited/);
        });

        it("when it cannot be written, and the mode of the file when it can", async () => {
            await shell("true");
            chmodSync(path("dev"), 0o644);
            writeFileSync(await copy(), COMMITTED.replace("gw", "changed"));
            // A disk that is full for everything larger than nothing.
            const { code } = await command("ulimit -f 0; trap '' XFSZ; tools/env");
            assert.notEqual(code, 0);
            assert.equal(read("dev"), COMMITTED);
            await shell("true");
            assert.match(read("dev"), /changed/);
            assert.equal(statSync(path("dev")).mode & 0o777, 0o644);
        });
    });

    describe("to the one environment for which a shell was set up", () => {
        beforeEach(() => write("test", COMMITTED.replace("gw", "of-test")));

        for (const words of ["--stack test", "--stack=test", "-s test", "-stest", "--stack organization/groundwork/test"]) {
            it(`when the command says ${words}`, async () => {
                const line = `pulumi config set groundwork:note x ${words}`;
                await refused(`eval "$(tools/env)"; ${line}; exit $?`, /this is the environment dev, and .*test/);
                await refused(`tools/with-env ${line}`, /this is the environment dev, and .*test/);
                await refused(`tools/up ${words}`, /this is the environment dev, and .*test/);
                assert.equal(read("dev"), COMMITTED);
            });
        }

        it("when another stack is selected in the checkout", async () => {
            await shell('settings=$(tools/env test); eval "$settings"; pulumi stack select test');
            assert.equal(await shell("pulumi stack --show-name; pulumi stack --show-name --stack dev"), "dev\ndev\n");
        });

        it("when the file has become wrong: nothing runs", async () => {
            const { code, stdout } = await command('eval "$(tools/env)"; rm Pulumi.dev.yaml; pulumi config get prefix --stack dev');
            assert.notEqual(code, 0);
            assert.equal(stdout, "");
        });

        it("when it is set up again with another directory for the state", async () => {
            const other = join(dirname(env.GROUNDWORK_STATE!), "other");
            const printed = await shell(
                `export GROUNDWORK_STATE=${other}; settings=$(tools/env); eval "$settings";` +
                    "echo $PULUMI_BACKEND_URL $PULUMI_CONFIG_PASSPHRASE_FILE; echo $PULUMI_OPTION_CONFIG_FILE",
            );
            assert.match(printed, new RegExp(`^file://${other}/state ${other}/passphrase\\n${other}/config/`));
        });

        it("and forgets nothing that the person set", async () => {
            const own = { PULUMI_BACKEND_URL: `file://${directory}` };
            const printed = await shell('settings=$(tools/env test); eval "$settings"; echo $PULUMI_BACKEND_URL', own);
            assert.equal(printed, `file://${directory}\n`);
        });
    });

    describe("the key of secret values", () => {
        const set = (words: string) => run("make", ["--silent", "pulumi", `ARGS=config set ${words}`], { cwd: checkout, env });
        const setSecret = () => set("--secret groundwork:token hush");
        const token = () => shell("pulumi config get token --stack dev");
        const salts = () => run("bash", ["-c", `cat $(find ${env.GROUNDWORK_STATE} -name '*.salt')`]);

        it("when the stack is removed", async () => {
            await setSecret();
            await shell("pulumi stack rm dev --yes");
            assert.equal(await token(), "hush\n");
        });

        it("when Pulumi compresses the state", async () => {
            env.PULUMI_SELF_MANAGED_STATE_GZIP = "true";
            try {
                await setSecret();
                const before = await salts();
                assert.equal(await token(), "hush\n");
                assert.equal(await salts(), before);
                rmSync(join(env.GROUNDWORK_STATE!, "passphrase"));
                await refused("tools/env", /passphrase is gone/);
            } finally {
                delete env.PULUMI_SELF_MANAGED_STATE_GZIP;
            }
        });

        it("and invents no other one when it is gone", async () => {
            await setSecret();
            rmSync(join(env.GROUNDWORK_STATE!, "config"), { recursive: true });
            await refused("tools/env", /Pulumi\.dev\.yaml has secret values, and .*\.salt, .* is gone/);
            await refused("tools/env", /Pulumi\.dev\.yaml has secret values, and .*\.salt, .* is gone/);
            write("dev", `${COMMITTED}  groundwork:connection:\n    secure: false # no secret\n`);
            await shell("true");
        });

        it("when it does not fit the passphrase", async () => {
            await setSecret();
            const before = await salts();
            await shell("pulumi stack rm dev --yes");
            await refused("tools/env", /incorrect passphrase[^]*\.salt/, { PULUMI_CONFIG_PASSPHRASE: "other" });
            assert.equal(await salts(), before);
        });
    });

    it("its state where the name of a directory means something in an address", async () => {
        env.GROUNDWORK_STATE = join(dirname(env.GROUNDWORK_STATE!), "100% #1 ?");
        assert.match(await shell("pulumi stack ls --json"), /"name": "dev"/);
        await run("test", ["-e", join(env.GROUNDWORK_STATE, "state/.pulumi/stacks/groundwork/dev.json")]);
        assert.equal((await command("tools/env")).stderr, "");
    });

    describe("one state for one environment", () => {
        const place = async () =>
            (await command('settings=$(tools/env test) && eval "$settings" && printf %s "$PULUMI_BACKEND_URL"')).stdout;
        const logIn = (url: string) => {
            mkdirSync(env.PULUMI_CREDENTIALS_PATH!, { recursive: true });
            writeFileSync(join(env.PULUMI_CREDENTIALS_PATH!, "credentials.json"), JSON.stringify({ current: url }));
        };
        afterEach(() => rmSync(env.PULUMI_CREDENTIALS_PATH!, { recursive: true, force: true }));

        it("when its file has secret values whose key is elsewhere", async () => {
            write("test", `${COMMITTED}  groundwork:token:\n    secure: AAABAKkUdLnPcVmcmGBfCqKfxQXzBdWLqGN5\n`);
            await refused("tools/env test", /Pulumi\.test\.yaml has secure.*nothing says where its state is/);
        });

        it("when the person logs in elsewhere after it was made here", async () => {
            write("test", COMMITTED);
            const here = await place();
            logIn("gs://team");
            await refused("tools/env test", /the state of test is on this machine.*gs:\/\/team[^]*# backend: local/);
            rmSync(env.PULUMI_CREDENTIALS_PATH!, { recursive: true });
            await refused("tools/env test", /the state of test is on this machine/, { PULUMI_ACCESS_TOKEN: "pul-0" });
            logIn("gs://team");
            write("test", `# backend: local\n${COMMITTED}`);
            assert.equal(await place(), here);
            write("test", `# backend: gs://team\n${COMMITTED}`);
            assert.equal(await place(), "gs://team");
        });

        for (const line of [
            "  # backend: gs://b",
            "# Backend: gs://b",
            "# backend : gs://b",
            "## backend: gs://b",
            "\uFEFF# backend: gs://b",
            "# backend: gs://b\r",
            "#\tbackend:\tgs://b",
            '# backend: "gs://b" # of the team',
        ])
            it(`as its file names it: ${JSON.stringify(line)}`, async () => {
                write("test", `${line}\n${COMMITTED}`);
                assert.equal(await place(), "gs://b");
            });

        for (const line of ["backend: gs://b", "# backend:", "name: x # backend: gs://b", "# backend: ''"])
            it(`and takes none for what is written wrongly: ${line}`, async () => {
                write("test", `${line}\n${COMMITTED}`);
                await refused("tools/env test", /Pulumi\.test\.yaml: the place of its state[^]*# backend: gs:/);
            });

        it("and does not take a comment about something else for it", async () => {
            write("test", `# The backend: two cores.\n${COMMITTED}    backend: x # of the backend: it is fast\n`);
            assert.match(await place(), /^file:/);
        });
    });

    it("ARGS to one command: a line break is refused", async () => {
        for (const verb of ["pulumi", "up", "preview"]) {
            await refused(`make ${verb} ARGS="$(printf 'version\\necho second')"`, /ARGS: a line break/);
            await refused(`make ${verb}`, /ARGS: a line break/, { ARGS: "version\necho second" });
        }
    });

    describe("the order of commands that write a configuration", () => {
        const locked = (line: string) => command(`exec 9>"$GROUNDWORK_STATE/config.lock"; flock 9; ${line}`);

        it("and says what it waits for", async () => {
            await shell("true");
            const { stdout, stderr } = await locked("(sleep 4; echo freed; flock -u 9) & tools/env 9>&- >/dev/null; echo ran");
            assert.equal(stdout, "freed\nran\n");
            assert.match(stderr, /waiting for another command .*config\.lock/);
        });

        it("wherever the word config stands", async () => {
            const line = "tools/with-env pulumi --stack dev config set groundwork:note x";
            const { code, stderr } = await command(line);
            assert.equal(code, 0, stderr);
            assert.match(read("dev"), /note: x/); // taken over at once
        });

        it("and the file when the stack is removed, by make or in a shell that was set up", async () => {
            for (const line of ["tools/with-env pulumi --stack dev stack rm --yes", 'eval "$(tools/env)"; pulumi stack rm dev --yes']) {
                await shell("true");
                const { code, stderr } = await command(line);
                assert.equal(code, 0, stderr);
                assert.equal(read("dev"), COMMITTED);
            }
        });

        it("and the file when the stack is destroyed", async () => {
            await refused("tools/with-env pulumi destroy --yes --remove", /destroy --remove deletes Pulumi\.dev\.yaml, too/);
            await refused('eval "$(tools/env)"; pulumi --remove destroy --yes; exit $?', /destroy --remove deletes/);
            assert.equal((await command("tools/env dev preview --message 'no destroy --remove here'")).code, 0);
            assert.equal(read("dev"), COMMITTED);
        });

        it("its state, when its file is gone", async () => {
            await shell("true");
            rmSync(join(checkout, "Pulumi.dev.yaml"));
            await refused("tools/env", /Pulumi\.dev\.yaml is gone, and the state of an environment "dev" is on this machine/);
            write("dev", COMMITTED);
        });
    });

    it("its salt out of a file that is one flow mapping, which it refuses", async () => {
        for (const text of ['{"config": {"groundwork:prefix": "gw"}}\n', "# of the plant\n\n---\n  { config: {} }\n", "--- {}\n"]) {
            write("dev", text);
            await refused("tools/env", /Pulumi\.dev\.yaml: .*\{/);
        }
    });
});
