import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, tryRun } from "./support/process";

const COMMITTED = "# sizes of a laptop\nconfig:\n  groundwork:prefix: gw # kept short\n";
const SET_BY_PEOPLE = [
    "GROUNDWORK_CHOSE_PULUMI_BACKEND_URL",
    "GROUNDWORK_CHOSE_PULUMI_CONFIG_PASSPHRASE_FILE",
    "GROUNDWORK_CHOSE_PULUMI_OPTION_CONFIG_FILE",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_OPTION_CONFIG_FILE",
    "STACK",
];

/** `tools/env` in a checkout of its own, with a state directory of its own, and the toolchain of this machine. */
describe("the environment that make prints", function () {
    this.timeout(1_200_000); // the first run on a machine may have to build the toolchain

    let directory: string;
    let checkout: string;
    const env: NodeJS.ProcessEnv = { ...process.env };

    before(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-environment-"));
        checkout = join(directory, "checkout");
        env.GROUNDWORK_CACHE ??= join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "groundwork");
        env.GROUNDWORK_STATE = join(directory, "state");
        env.PULUMI_CREDENTIALS_PATH = join(directory, "credentials"); // nobody is logged in
        for (const name of SET_BY_PEOPLE) delete env[name];
        for (const path of ["tools", "Makefile", "package.json", "Pulumi.yaml"])
            cpSync(join(root, path), join(checkout, path), { recursive: true });
        writeFileSync(join(checkout, "tools", "ensure-packages"), "#!/bin/sh\n"); // no npm package is used here
        writeFileSync(join(checkout, "Pulumi.dev.yaml"), COMMITTED);
        writeFileSync(join(checkout, "Pulumi.prod.yaml"), "# backend: gs://state-of-prod\nsecretsprovider: gcpkms://key\n");
        await git("init", "--quiet");
        await git("add", ".");
        await git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", "test");
    });

    after(() => rmSync(directory, { recursive: true, force: true }));

    const git = (...args: string[]) => run("git", args, { cwd: checkout });
    const copy = () => shell("printf %s $PULUMI_OPTION_CONFIG_FILE");

    /** What the script prints in a shell that was set up with `eval "$(make -s env)"`. */
    function shell(script: string, extra: NodeJS.ProcessEnv = {}): Promise<string> {
        return run("bash", ["-ec", `settings=$(tools/env); eval "$settings"; ${script}`], { cwd: checkout, env: { ...env, ...extra } });
    }

    it("keeps state and passphrase of dev to the person, and leaves the checkout clean", async () => {
        const printed = await shell("pulumi stack ls --json; printf '\\n%s' $PULUMI_CONFIG_PASSPHRASE_FILE");
        const passphrase = printed.split("\n").at(-1)!;
        assert.match(printed, /"name": "dev"/);
        assert.equal(passphrase, join(env.GROUNDWORK_STATE!, "passphrase"));
        assert.equal(statSync(passphrase).mode & 0o777, 0o600);
        assert.equal(statSync(env.GROUNDWORK_STATE!).mode & 0o777, 0o700);
        assert.equal(await git("status", "--porcelain"), "");
    });

    it("lets the CLI read the committed configuration with a salt below it", async () => {
        const text = readFileSync(await copy(), "utf8");
        assert.match(text.replace(COMMITTED, ""), /^encryptionsalt: v1:\S+\n$/);
        assert.equal(await shell("pulumi config get prefix --stack dev"), "gw\n");
    });

    it("notices an edit of the committed file in a shell set up before", async () => {
        const edit = "sed -i s/gw/gx/ Pulumi.dev.yaml";
        assert.equal(await shell(`${edit}; pulumi config get prefix --stack dev`), "gx\n");
        await git("checkout", "--quiet", "Pulumi.dev.yaml");
    });

    it("takes over what `pulumi config set` changed, without the salt", async () => {
        await shell("pulumi config set --path groundwork:hosts.default.memory 2g --stack dev; pulumi config --stack dev");
        const text = readFileSync(join(checkout, "Pulumi.dev.yaml"), "utf8");
        assert.match(text, /memory: 2g/);
        assert.match(text, /# kept short/);
        assert.doesNotMatch(text, /encryptionsalt/);
        await git("checkout", "--quiet", "Pulumi.dev.yaml");
    });

    it("stops when the file and its copy were both changed", async () => {
        const path = await copy();
        appendFileSync(path, "# in the copy\n");
        appendFileSync(join(checkout, "Pulumi.dev.yaml"), "# in the checkout\n");
        const { code, stderr } = await tryRun("tools/env", [], { cwd: checkout, env });
        assert.equal(code, 1);
        assert.match(stderr, /both .*Pulumi\.dev\.yaml and its copy .* were changed/);
        rmSync(path);
        await git("checkout", "--quiet", "Pulumi.dev.yaml");
    });

    it("makes salt and copy again when they are gone, and fits the same state", async () => {
        rmSync(join(env.GROUNDWORK_STATE!, "config"), { recursive: true });
        assert.match(await shell("pulumi config set --secret groundwork:token hush --stack dev; pulumi stack ls --json"), /"name": "dev"/);
        await git("checkout", "--quiet", "Pulumi.dev.yaml");
        rmSync(join(env.GROUNDWORK_STATE!, "config"), { recursive: true });
    });

    it("refuses to invent a new passphrase for a state that has one", async () => {
        const passphrase = join(env.GROUNDWORK_STATE!, "passphrase");
        const text = readFileSync(passphrase);
        rmSync(passphrase);
        const { code, stderr } = await tryRun("tools/env", [], { cwd: checkout, env });
        assert.equal(code, 1);
        assert.match(stderr, /passphrase is gone/);
        assert.equal(existsSync(passphrase), false);
        writeFileSync(passphrase, text, { mode: 0o600 });
    });

    it("leaves what the person has set", async () => {
        const own = { PULUMI_BACKEND_URL: `file://${directory}/own`, PULUMI_CONFIG_PASSPHRASE: "mine" };
        await run("mkdir", [join(directory, "own")]);
        const printed = await shell("env; pulumi stack ls --json", own);
        assert.match(printed, new RegExp(`^PULUMI_BACKEND_URL=${own.PULUMI_BACKEND_URL}$`, "m"));
        assert.doesNotMatch(printed, /^PULUMI_CONFIG_PASSPHRASE_FILE=/m);
    });

    it("carries nothing of dev into another environment, and generates nothing for it", async () => {
        const printed = await shell('settings=$(tools/env prod); eval "$settings"; env; type -t pulumi');
        assert.match(printed, /^PULUMI_BACKEND_URL=gs:\/\/state-of-prod$/m);
        assert.doesNotMatch(printed, /^PULUMI_CONFIG_PASSPHRASE/m);
        assert.doesNotMatch(printed, /^PULUMI_OPTION_CONFIG_FILE=/m);
        assert.match(printed, /^file$/m);
    });

    describe("for a further environment", () => {
        const write = (text: string) => writeFileSync(join(checkout, "Pulumi.lab.yaml"), text);
        const tryEnv = (extra: NodeJS.ProcessEnv = {}) => tryRun("tools/env", ["lab"], { cwd: checkout, env: { ...env, ...extra } });
        const labShell = (script: string, extra: NodeJS.ProcessEnv = {}) => shell(script, { STACK: "lab", ...extra });
        const place = (extra: NodeJS.ProcessEnv = {}) =>
            labShell('echo "state: ${PULUMI_BACKEND_URL:-}, passphrase: ${PULUMI_CONFIG_PASSPHRASE_FILE:-}"', extra);
        const logIn = (url: string) => {
            mkdirSync(env.PULUMI_CREDENTIALS_PATH!, { recursive: true });
            writeFileSync(join(env.PULUMI_CREDENTIALS_PATH!, "credentials.json"), JSON.stringify({ current: url }));
        };
        beforeEach(() => write(COMMITTED));
        afterEach(() => {
            rmSync(env.PULUMI_CREDENTIALS_PATH!, { recursive: true, force: true });
            // A login is refused where the state is on this machine.
            rmSync(join(env.GROUNDWORK_STATE!, "state/.pulumi/stacks/groundwork/lab.json"), { force: true });
        });

        it("makes a local stack, and says where its state is", async () => {
            const { code, stderr } = await tryEnv();
            assert.equal(code, 0, stderr);
            assert.match(stderr, /created the stack lab: its state is in .*\/state/);
            assert.match(await labShell("pulumi stack ls --json; pulumi config get prefix --stack lab"), /"name": "lab"[^]*\ngw\n$/);
            assert.doesNotMatch((await tryEnv()).stderr, /created/);
            assert.equal(readFileSync(join(checkout, "Pulumi.lab.yaml"), "utf8"), COMMITTED);
        });

        it("uses the place that its file names", async () => {
            write(`# backend: gs://lab\n${COMMITTED}`);
            assert.equal(await place(), "state: gs://lab, passphrase: \n");
        });

        it("uses the place where the person is logged in, unless its file says that it is local", async () => {
            logIn("gs://team");
            assert.equal(await place(), "state: gs://team, passphrase: \n");
            write(`# backend: local\n${COMMITTED}`);
            assert.match(await place(), /^state: file:\/\/.*\/state, passphrase: .*\/passphrase$/m);
        });

        it("is on this machine after `pulumi login --local`", async () => {
            logIn("file://~");
            assert.match(await place(), /^state: file:\/\/.*\/state, passphrase: .*\/passphrase$/m);
        });

        it("gets nothing of another one for which the shell was set up before", async () => {
            write(`# backend: gs://lab\n${COMMITTED}`);
            const after = (stack: string) =>
                labShell(`settings=$(tools/env ${stack}); eval "$settings"; echo "state: $PULUMI_BACKEND_URL"`);
            assert.equal(await after("prod"), "state: gs://state-of-prod\n");
            assert.match(await after("dev"), /^state: file:\/\/.*\/state$/m);
        });

        it("keeps to Pulumi Cloud where there is a token for it", async () => {
            assert.equal(await place({ PULUMI_ACCESS_TOKEN: "pul-0" }), "state: , passphrase: \n");
        });

        it("does not take a stack that was made elsewhere for a local one", async () => {
            for (const key of ["secretsprovider: gcpkms://key", "encryptionsalt: v1:abc", "encryptedkey: abc"]) {
                write(`${key}\n${COMMITTED}`);
                const { code, stderr } = await tryEnv();
                assert.equal(code, 1);
                assert.match(stderr, new RegExp(`Pulumi\\.lab\\.yaml has ${key.split(":")[0]}.*nothing says where its state is`));
                assert.match(stderr, /# backend: /);
            }
        });

        it("refuses a place that is still to be filled in, as in the example for production", async () => {
            cpSync(join(root, "Pulumi.prod.yaml"), join(checkout, "Pulumi.lab.yaml"));
            const { code, stdout, stderr } = await tryEnv();
            assert.equal(code, 1);
            assert.match(stderr, /Pulumi\.lab\.yaml: .*REPLACE/);
            assert.doesNotMatch(stdout, /PULUMI_BACKEND_URL/);
        });
    });

    describe("when several commands run at once", () => {
        const set = (key: string) =>
            tryRun("make", ["--silent", "pulumi", `ARGS=config set groundwork:${key} yes`], { cwd: checkout, env });

        it("loses no edit and has no error", async () => {
            for (const round of [1, 2, 3, 4, 5]) {
                const keys = Array.from({ length: 8 }, (_, at) => `edit${round}x${at}`);
                for (const { code, stderr } of await Promise.all(keys.map(set))) assert.equal(code, 0, stderr);
                await shell("true");
                const text = readFileSync(join(checkout, "Pulumi.dev.yaml"), "utf8");
                for (const key of keys) assert.match(text, new RegExp(`groundwork:${key}: `));
            }
            await git("checkout", "--quiet", "Pulumi.dev.yaml");
        });

        it("finishes also where the file is edited by hand at the same time", async () => {
            for (let round = 0; round < 5; round++) {
                appendFileSync(join(checkout, "Pulumi.dev.yaml"), `# ${round}\n`);
                const runs = await Promise.all(Array.from({ length: 8 }, () => tryRun("tools/env", [], { cwd: checkout, env })));
                for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
                assert.match(readFileSync(await copy(), "utf8"), new RegExp(`^# ${round}$`, "m"));
            }
            await git("checkout", "--quiet", "Pulumi.dev.yaml");
        });
    });

    it("makes `make pulumi` work on the stack that is named, whichever one is selected", async () => {
        writeFileSync(join(checkout, "Pulumi.lab.yaml"), "");
        const shared = { PULUMI_BACKEND_URL: `file://${directory}/own`, PULUMI_CONFIG_PASSPHRASE: "mine" };
        const pulumi = (stack: string, ...args: string[]) =>
            run("tools/with-env", ["pulumi", ...args], { cwd: checkout, env: { ...env, ...shared, STACK: stack } });
        await pulumi("lab", "stack", "init", "lab");
        await pulumi("dev", "stack", "select", "dev");
        assert.equal((await pulumi("lab", "stack", "--show-name")).trim(), "lab");
        assert.equal((await pulumi("dev", "stack", "--show-name")).trim(), "dev");
    });

    it("hands arguments of `make pulumi` to the CLI as the shell reads them", async () => {
        const make = (args: string) => run("make", ["--silent", "pulumi", `ARGS=${args}`], { cwd: checkout, env });
        await make("config set groundwork:note 'two words, a $dollar and $(echo no) more'");
        await make(`config set groundwork:quoted "it's"`);
        assert.equal(await make("config get groundwork:note"), "two words, a $dollar and $(echo no) more\n");
        assert.equal(await make("config get groundwork:quoted"), "it's\n");
        await shell("true");
        await git("checkout", "--quiet", "Pulumi.dev.yaml");
    });

    it("says so when there is no such environment", async () => {
        const { code, stderr } = await tryRun("tools/env", ["nowhere"], { cwd: checkout, env });
        assert.equal(code, 1);
        assert.match(stderr, /there is no environment "nowhere"/);
        writeFileSync(join(checkout, "Pulumi.short.yml"), COMMITTED);
        const short = await tryRun("tools/env", ["short"], { cwd: checkout, env });
        assert.match(short.stderr, /Pulumi\.short\.yml has another ending .*\n +rename it to Pulumi\.short\.yaml/);
    });

    it("says so before it installs anything", async () => {
        const { code, stderr } = await tryRun("tools/up", [], { cwd: checkout, env: { ...env, STACK: "nowhere" } });
        assert.equal(code, 1);
        assert.match(stderr, /^error: there is no environment "nowhere"/);
    });

    it("lets one `make up` or `make down` of an environment work at a time, and of namesakes elsewhere others", async () => {
        const first = '. tools/lib.sh; . tools/turn.sh; settings=$(tools/env dev); eval "$settings"; take_turn dev; ';
        for (const verb of ["up", "down"]) {
            const { code, stderr } = await tryRun("bash", ["-ec", `${first} tools/${verb}; exit $?`], { cwd: checkout, env });
            assert.equal(code, 1);
            assert.match(stderr, /^error: another make up or make down of dev is at work on this machine: wait until it has ended$/m);
        }
        const { stderr } = await tryRun("bash", ["-ec", `${first} PULUMI_BACKEND_URL=file://${directory}/lab tools/up; exit $?`], {
            cwd: checkout,
            env,
        });
        assert.doesNotMatch(stderr, /is at work/);
    });

    it("names the table of verbs to whoever mistypes one", async () => {
        const { code, stderr } = await tryRun("make", ["statsu"], { cwd: checkout, env });
        assert.equal(code, 2);
        assert.match(stderr, /^error: there is no `make statsu`; `make help` lists what there is$/m);
    });
});
