// A Pulumi language host for Node programs, used where the official one cannot be had. It runs the program with
// the SDK's own `cmd/run` (components: `cmd/run-plugin`), connected straight to the engine. All it needs is the npm
// package @pulumi/pulumi of the program, so it supports whatever that version supports (hooks and transforms too).
"use strict";

const path = require("node:path");
const { createRequire } = require("node:module");
const { spawn } = require("node:child_process");

const sdk = requireFromProgram();
const grpc = sdk("@grpc/grpc-js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");
const services = sdk("./proto/language_grpc_pb");
const messages = sdk("./proto/language_pb");
const plugins = sdk("./proto/plugin_pb");

/** Exit code by which `cmd/run` says that it has told the user everything already. */
const ALREADY_REPORTED = 32;
/** The engine accepts messages of up to 400 MiB, and so do the official hosts. */
const MAX_MESSAGE_BYTES = 400 << 20;
/** The CLI passes its own address as the only positional argument. */
const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const cli = process.ppid;
/** Programs and plugins that we started and that have not ended. */
const running = new Set();

/** A `require` that sees what the program's copy of @pulumi/pulumi sees. */
function requireFromProgram() {
    try {
        return createRequire(require.resolve("@pulumi/pulumi/package.json", { paths: [process.cwd()] }));
    } catch {
        process.stderr.write(`@pulumi/pulumi is not installed in ${process.cwd()}: run "npm ci" there first\n`);
        process.exit(1);
    }
}

function programDirectory(info, fallback) {
    return info ? info.getProgramDirectory() : fallback;
}

function runtimeOptions(info) {
    const options = info && info.getOptions();
    return options ? options.toJavaScript() : {};
}

/** The command line of `cmd/run` for what the engine asks. */
function runArguments(request) {
    const info = request.getInfo();
    const flags = {
        monitor: request.getMonitorAddress(),
        engine,
        organization: request.getOrganization(),
        project: request.getProject(),
        stack: request.getStack(),
        pwd: request.getPwd(),
        parallel: String(request.getParallel()),
        "root-directory": info && info.getRootDirectory(),
    };
    const given = Object.entries(flags).filter(([, value]) => value);
    const entry = info ? info.getEntryPoint() : request.getProgram();
    return [
        ...given.flatMap(([name, value]) => [`--${name}`, value]),
        ...(request.getDryrun() ? ["--dry-run"] : []),
        entry || ".",
        ...request.getArgsList(),
    ];
}

/** Starts Node on one of the SDK's scripts. */
function startScript(script, args, { cwd, env, nodeargs = "", stdio }) {
    const file = require.resolve(`@pulumi/pulumi/cmd/${script}`, { paths: [cwd] });
    const child = spawn(process.execPath, [...nodeargs.split(" ").filter(Boolean), file, ...args], { cwd, env, stdio });
    running.add(child);
    child.on("exit", () => running.delete(child));
    return child;
}

function run(call, reply) {
    const request = call.request;
    const { typescript, nodeargs } = runtimeOptions(request.getInfo());
    const child = startScript("run", runArguments(request), {
        cwd: programDirectory(request.getInfo(), request.getPwd()),
        nodeargs,
        env: {
            ...process.env,
            PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
            PULUMI_NODEJS_TYPESCRIPT: String(typescript ?? true),
        },
        stdio: ["ignore", 2, 2], // our stdout belongs to the handshake with the CLI
    });
    child.on("error", (error) => reply(error));
    child.on("exit", (code, signal) => {
        const response = new messages.RunResponse();
        if (code === ALREADY_REPORTED) response.setBail(true);
        else if (code !== 0) response.setError(`Program exited with ${signal ? `signal ${signal}` : `non-zero exit code: ${code}`}`);
        reply(null, response);
    });
}

/** Sends the child's output to the engine as messages of the given type; calls `done` with the exit code at the end. */
function stream(call, child, Response, done) {
    const send = (fill) => {
        const response = new Response();
        fill(response);
        call.write(response);
    };
    child.stdout.on("data", (data) => send((response) => response.setStdout(data)));
    child.stderr.on("data", (data) => send((response) => response.setStderr(data)));
    child.on("error", (error) => call.emit("error", { code: grpc.status.UNKNOWN, details: String(error) }));
    child.on("close", (code) => done(code ?? 1, send));
}

function installDependencies(call) {
    const cwd = programDirectory(call.request.getInfo(), call.request.getDirectory());
    const child = spawn("npm", ["install", "--no-audit", "--no-fund"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    stream(call, child, messages.InstallDependenciesResponse, (code) => {
        if (code === 0) call.end();
        else call.emit("error", { code: grpc.status.UNKNOWN, details: `npm install exited with ${code}` });
    });
}

/** Runs a component package or a policy pack. */
function runPlugin(call) {
    const request = call.request;
    const info = request.getInfo();
    const cwd = programDirectory(info, request.getProgram());
    const policyPack = request.getKind() === "analyzer";
    const env = Object.fromEntries(
        request.getEnvList().map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
    );
    env.PULUMI_NODEJS_TYPESCRIPT = String(runtimeOptions(info).typescript ?? true);
    const args = request.getArgsList();
    const stdio = ["ignore", "pipe", "pipe"];
    const child = policyPack
        ? startScript("run-policy-pack", [...args, cwd], { cwd, env, stdio })
        : startScript("run-plugin", [cwd, ...args], { cwd, env, stdio });
    call.on("cancelled", () => child.kill());
    stream(call, child, messages.RunPluginResponse, (code, send) => {
        send((response) => response.setExitcode(code));
        call.end();
    });
}

function about(_call, reply) {
    const response = new messages.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.version);
    reply(null, response);
}

function getPluginInfo(_call, reply) {
    const response = new plugins.PluginInfo();
    response.setVersion(sdk("./package.json").version);
    reply(null, response);
}

/** What the program needs is not searched for: the CLI asks for a plugin when the program uses it. */
const host = {
    about,
    cancel: (_call, reply) => reply(null, new Empty()),
    getPluginInfo,
    getRequiredPackages: (_call, reply) => reply(null, new messages.GetRequiredPackagesResponse()),
    getRequiredPlugins: (_call, reply) => reply(null, new messages.GetRequiredPluginsResponse()),
    handshake: (_call, reply) => reply(null, new messages.LanguageHandshakeResponse()),
    installDependencies,
    run,
    runPlugin,
};

/** Answers a call with an error, whether it expects one message or a stream. */
function refuse(call, reply, code, details) {
    if (reply) reply({ code, details });
    else call.emit("error", { code, details });
}

/** The named method of the host; what it throws reaches the person as the message of the error. */
function method(name) {
    return (call, reply) => {
        if (!host[name])
            return refuse(call, reply, grpc.status.UNIMPLEMENTED, `${name} is not implemented by ${path.basename(__filename)}`);
        try {
            host[name](call, reply);
        } catch (error) {
            refuse(call, reply, grpc.status.UNKNOWN, error.message);
        }
    };
}

/** A killed CLI cannot stop us, and a program that lives on would go on changing things. */
function endWithTheCli() {
    if (process.ppid === cli) return;
    for (const child of running) child.kill();
    process.exit(0);
}

const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES, "grpc.max_send_message_length": MAX_MESSAGE_BYTES });
server.addService(services.LanguageRuntimeService, new Proxy(host, { get: (_host, name) => method(name) }));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`); // the CLI reads the port from the first line
});
setInterval(endWithTheCli, 1000).unref();
