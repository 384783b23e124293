import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe as text } from "../../../../../components/problem";
import { check, claims, type EngineBlock, type OpenPectusBlock } from "../../../../../components/systems/openpectus";
import { checkClaims } from "../../../../../components/claims";

const GUID = "11111111-2222-3333-4444-555555555555";
const DIGEST = `ghcr.io/open-pectus/open-pectus@sha256:${"a".repeat(64)}`;
const tls = { devCa: {} };
const secured = { domain: "pectus.example.org", tls };
const login = { directoryTenantId: GUID, applicationClientId: GUID };
const uod = { content: "def create(): pass" };

/** Problems of a block, without the edge's and backup's own, which have tests of their own. */
function problems(block: OpenPectusBlock): string[] {
    return check({ dataProtection: false, ...block })
        .filter(({ path }) => !path.startsWith("openpectus.backup"))
        .map((problem) => `${problem.level} ${text(problem)}`);
}

function engine(settings: EngineBlock, block: OpenPectusBlock = {}): OpenPectusBlock {
    return { ...block, engines: { r1: settings } };
}

/** What it is about -> block -> every problem. */
const broken: [rule: string, block: OpenPectusBlock, expected: string[]][] = [
    [
        "login needs both ids, as GUIDs",
        { edge: secured, azure: { directoryTenantId: "", applicationClientId: "my-app" } },
        [
            'error openpectus.azure.directoryTenantId: user login needs it, as a GUID: copy "Directory (tenant) ID" from the app registration',
            'error openpectus.azure.applicationClientId: user login needs it, as a GUID: copy "Application (client) ID" from the app registration',
        ],
    ],
    [
        "a GUID with a digit too few, or a letter too far, is none",
        { edge: secured, azure: { directoryTenantId: GUID.slice(1), applicationClientId: GUID.replace("1", "g") } },
        [
            'error openpectus.azure.directoryTenantId: user login needs it, as a GUID: copy "Directory (tenant) ID" from the app registration',
            'error openpectus.azure.applicationClientId: user login needs it, as a GUID: copy "Application (client) ID" from the app registration',
        ],
    ],
    [
        "login needs TLS and a domain",
        { azure: login },
        [
            "error openpectus.edge.tls: user login depends on encryption: set one of the blocks of tls, or remove the azure block",
            "error openpectus.edge.domain: user login redirects to a domain name: set the public name that the app registration redirects to",
        ],
    ],
    [
        "an address is no domain",
        { azure: login, edge: { domain: "10.0.0.5", tls } },
        ["error openpectus.edge.domain: user login redirects to a domain name: set the public name that the app registration redirects to"],
    ],
    [
        "ids without login",
        { azure: { ...login, enabled: false } },
        [
            "warning openpectus.azure: it looks protected, but user login is off and everybody is administrator: remove enabled: false, or the whole block",
        ],
    ],
    [
        "open to others without login",
        { edge: { bindAddress: "0.0.0.0" } },
        [
            "error openpectus.edge.bindAddress: anybody who reaches 0.0.0.0 would control the processes: set the azure block, bind 127.0.0.1, or set openpectus.allowAnonymousAccess: true",
        ],
    ],
    [
        "open to others without engine secret",
        { edge: { ...secured, bindAddress: "0.0.0.0" }, azure: login, openRegistration: true },
        [
            "error openpectus.openRegistration: anybody who reaches 0.0.0.0 could register an engine: remove openRegistration so that engines need a secret, or bind 127.0.0.1",
        ],
    ],
    [
        "accepting anonymous people accepts no engines in silence",
        { edge: { bindAddress: "0.0.0.0" }, allowAnonymousAccess: true, openRegistration: true },
        [
            "warning openpectus.openRegistration: anybody who reaches 0.0.0.0 could register an engine: remove openRegistration so that engines need a secret, or bind 127.0.0.1",
        ],
    ],
    [
        "the published port is open, too",
        { openRegistration: true, publish: { bindAddress: "10.0.0.5", allowOtherMachines: true } },
        [
            "error openpectus.openRegistration: anybody who reaches 10.0.0.5 could register an engine: remove openRegistration so that engines need a secret, or bind 127.0.0.1",
        ],
    ],
    [
        "both ways in, accepted",
        {
            openRegistration: true,
            allowAnonymousAccess: true,
            edge: { bindAddress: "0.0.0.0" },
            publish: { bindAddress: "10.0.0.5", allowOtherMachines: true },
        },
        [
            "warning openpectus.openRegistration: anybody who reaches 0.0.0.0 or 10.0.0.5 could register an engine: remove openRegistration so that engines need a secret, or bind 127.0.0.1",
        ],
    ],
    [
        "empty secret",
        { engineSecret: " " },
        ["error openpectus.engineSecret: it is empty, so any engine could register: give a text, or remove it to have one made"],
    ],
    [
        "leading dash",
        { engineSecret: "-secret" },
        ["error openpectus.engineSecret: pectus-engine takes a leading dash for an option: choose one that begins otherwise"],
    ],
    [
        "secret and none",
        { engineSecret: "secret", openRegistration: true },
        ["error openpectus.engineSecret: it has no effect together with openRegistration: remove one of them"],
    ],
    [
        "a rotation of a secret that was brought",
        { engineSecret: "secret", engineSecretRotation: "2" },
        [
            "error openpectus.engineSecretRotation: engineSecret is given, so nothing can be generated anew: " +
                "give another engineSecret, or remove one",
        ],
    ],
    [
        "a rotation of none",
        { engineSecretRotation: "2", openRegistration: true },
        ["error openpectus.engineSecretRotation: openRegistration is on, so there is no secret: remove one of them"],
    ],
    [
        "TLS to an aggregator without",
        engine({ aggregator: { secure: true } }),
        [
            "error openpectus.engines.r1.aggregator.secure: it wants TLS, but the aggregator has none: set one of the blocks of openpectus.edge.tls",
        ],
    ],
    [
        "another host without TLS",
        engine({ host: "plant" }),
        [
            "error openpectus.engines.r1.host: it is on another host, which needs TLS, but the aggregator has none: set one of the blocks of openpectus.edge.tls",
        ],
    ],
    [
        "another host, edge on this machine only",
        engine({ host: "plant" }, { edge: secured }),
        [
            "error openpectus.engines.r1.host: other hosts do not reach an edge that listens on this machine only: set openpectus.edge.bindAddress to an address that the engine's host reaches, or the engine's aggregator.host",
        ],
    ],
    [
        "a name that is not on the certificate",
        engine({ aggregator: { host: "10.0.0.5" } }, { edge: secured }),
        [
            'error openpectus.engines.r1.aggregator.host: "10.0.0.5" is not a name on the aggregator\'s certificate: use the name in edge.domain',
        ],
    ],
    [
        "plain to the redirecting port",
        engine({ aggregator: { secure: false, port: 80 } }, { edge: secured }),
        ["error openpectus.engines.r1.aggregator.secure: that port redirects to TLS, and engines do not follow: remove secure: false"],
    ],
    [
        "plain across the network",
        engine({ host: "plant", aggregator: { host: "10.0.0.5", secure: false, port: 8300 } }, { edge: secured }),
        [
            "error openpectus.engines.r1.aggregator.secure: the engine secret and all commands would cross the network in clear: remove secure: false, or publish the plain port with openpectus.publish.allowOtherMachines",
        ],
    ],
    [
        "plain without a port",
        engine({ aggregator: { secure: false } }),
        [
            "error openpectus.engines.r1.aggregator.port: without TLS the engine's own default is 9800, where nothing listens: set 8300 for the aggregator itself, or 80 for a proxy without TLS",
        ],
    ],
    [
        "versions differ",
        engine({ image: DIGEST, version: "0.1.908" }),
        [
            "error openpectus.engines.r1.version: the aggregator has 0.1.1585 and refuses an engine with 0.1.908: use an image with openpectus 0.1.1585, or set ignoreVersionError: true",
        ],
    ],
    [
        "unknown version",
        { image: DIGEST },
        [
            "error openpectus.version: the version inside this image is not known, and engines must match it: set it to what GET /version of the image answers, e.g. 0.1.1585",
        ],
    ],
    [
        "half a version",
        { version: "latest" },
        ['error openpectus.version: "latest" is not a version of openpectus: give it in full, e.g. 0.1.1585'],
    ],
    [
        "names that permit another engine to stop, too",
        { engines: { All: {}, a: { hostname: "OpenPectus-b-engine" }, b: {} } },
        [
            "error openpectus.engines.All: GROUNDWORK_ALLOW_STOP=All would let every engine stop: give another host name: in the name of the block, or as hostname",
            "error openpectus.engines.a.hostname: GROUNDWORK_ALLOW_STOP=OpenPectus-b-engine would let openpectus.engines.b stop, too: give another host name",
        ],
    ],
    [
        "a command behind a version, which goes into the set-up scripts",
        { version: "0.1.1585;id>/tmp/x" },
        ['error openpectus.version: "0.1.1585;id>/tmp/x" is not a version of openpectus: give it in full, e.g. 0.1.1585'],
    ],
    [
        "moving tag",
        { image: "ghcr.io/open-pectus/open-pectus:main", version: "0.1.1585" },
        [
            `error openpectus.image: "ghcr.io/open-pectus/open-pectus:main" can come to mean another image: give it by digest (…@sha256:…), which \`docker image inspect --format '{{index .RepoDigests 0}}' ghcr.io/open-pectus/open-pectus:main\` prints after a pull, or set allowFloatingImage: true`,
        ],
    ],
    [
        "host names are unique",
        { engines: { r1: {}, r2: { hostname: "R1" } } },
        [
            'error openpectus.engines.r2.hostname: "r1" is also the host name of openpectus.engines.r1: give every engine a host name of its own',
        ],
    ],
    [
        "host names are host names",
        { hostname: "pectus.example", engines: { "unit one": {} } },
        [
            'error openpectus.hostname: "pectus.example" is not a host name: use 1 to 63 letters, digits and inner hyphens',
            'error openpectus.engines.unit one: "unit one" is not a host name: use 1 to 63 letters, digits and inner hyphens: in the name of the block, or as hostname',
        ],
    ],
    [
        "roles without login",
        engine({ uod: { content: "def create(): return UodBuilder().with_required_roles({'x'})" } }),
        [
            "error openpectus.engines.r1.uod.content: it requires roles, but without user login nobody has any, and the unit would be invisible: set the azure block, or remove with_required_roles from the definition",
        ],
    ],
    [
        "paths are absolute",
        { data: { hostPath: "data", containerPath: "/" }, webPush: { hostPath: "keys" } },
        ["data.hostPath", "data.containerPath", "webPush.hostPath"].map(
            (key, index) =>
                `error openpectus.${key}: "${["data", "/", "keys"][index]}" is not an absolute path of a directory: give one that begins with /, e.g. /srv/openpectus/data`,
        ),
    ],
    [
        "data and push keys have their own places",
        { data: { containerPath: "/webpush_keys/" } },
        ["error openpectus.data.containerPath: the web push keys are mounted there: use another path, e.g. /usr/src/app/data"],
    ],
    [
        "the plain port stays on the machine",
        { publish: { bindAddress: "0.0.0.0" } },
        [
            "error openpectus.publish.bindAddress: the plain port would be open to other machines, past ufw and TLS: bind 127.0.0.1, or set publish.allowOtherMachines: true",
        ],
    ],
    [
        "ports and addresses are such",
        { publish: { bindAddress: "everywhere", port: 83000 } },
        [
            "error openpectus.publish.port: 83000 is not a port: give a whole number from 1 to 65535",
            'error openpectus.publish.bindAddress: "everywhere" is not an IP address: give an address of the host',
        ],
    ],
    [
        "malformed DSN, not quoted in the message",
        { sentry: { dsn: "sentry.example.org/very-secret", eventLevel: "FATAL" } },
        [
            "error openpectus.sentry.dsn: the program does not start with it: give https://<key>@<host>/<project>, or remove it",
            'error openpectus.sentry.eventLevel: "FATAL" is not possible: the program knows other levels: use DEBUG, INFO, WARNING or ERROR',
        ],
    ],
    [
        "push needs TLS and a real address",
        { webPush: { subscriberEmail: "operations" } },
        [
            'error openpectus.webPush.subscriberEmail: "operations" is not an e-mail address: correct it, or remove it',
            "error openpectus.webPush.subscriberEmail: browsers offer notifications only behind TLS: set one of the blocks of edge.tls, or remove the address",
        ],
    ],
    [
        "restart policy",
        engine({ restart: "on-failure" }),
        [
            'error openpectus.engines.r1.restart: "on-failure" is not possible: an engine ends with code 0 on most errors, so it must be restarted after any end: use unless-stopped or always',
        ],
    ],
    [
        "definition: path and content",
        engine({ uod: { ...uod, path: "uod.py" } }),
        [
            "error openpectus.engines.r1.uod: it needs exactly one of path and content: remove one of them, or the whole block for the demo unit",
        ],
    ],
    [
        "definition: missing file",
        engine({ uod: { path: "nowhere/uod.py" } }),
        [
            'error openpectus.engines.r1.uod.path: the file "nowhere/uod.py" cannot be read: give a path relative to the project, or an absolute one',
        ],
    ],
    [
        "definition: without create()",
        engine({ uod: { content: "print('hello')" } }),
        [
            "error openpectus.engines.r1.uod.content: it has no function create(), which engines call: define create() and return the unit operation definition from it",
        ],
    ],
    [
        "containers: names and memory",
        { containerName: "open pectus", memory: 64 },
        [
            'error openpectus.containerName: "open pectus" is not a container name: use letters, digits, _, . and -',
            "error openpectus.memory: 64 MiB is too little to start in: give whole MiB, at least 128",
        ],
    ],
];

const sound: [what: string, block: OpenPectusBlock][] = [
    ["nothing at all", {}],
    ["login behind TLS, open to others", { azure: login, edge: { ...secured, bindAddress: "0.0.0.0" } }],
    ["open to others on purpose", { allowAnonymousAccess: true, edge: { bindAddress: "0.0.0.0" } }],
    ["open registration on this machine", { openRegistration: true }],
    ["a moving tag on purpose", { image: "ghcr.io/open-pectus/open-pectus:main", version: "0.1.1585", allowFloatingImage: true }],
    ["an image of our own", { image: "registry.example.org/groundwork/openpectus:0.1.1585-0123456789ab", version: "0.1.1585" }],
    ["an image id", { image: `sha256:${"b".repeat(64)}`, version: "0.1.1585" }],
    ["another version on purpose", engine({ image: DIGEST, version: "0.1.908", ignoreVersionError: true })],
    ["the plain port for other machines on purpose", { publish: { bindAddress: "10.0.0.5", allowOtherMachines: true } }],
    [
        "a plain engine on a published port",
        engine(
            { host: "plant", aggregator: { host: "10.0.0.5", port: 8300, secure: false } },
            { publish: { bindAddress: "10.0.0.5", allowOtherMachines: true } },
        ),
    ],
    ["an engine on another host", engine({ host: "plant" }, { azure: login, edge: { ...secured, bindAddress: "0.0.0.0" } })],
    [
        "a further name of the certificate",
        engine({ aggregator: { host: "10.0.0.5" } }, { edge: { ...secured, tls: { devCa: { additionalNames: ["10.0.0.5"] } } } }),
    ],
    ["roles with login", engine({ uod: { content: "def create(): x.with_required_roles({'y'})" } }, { azure: login, edge: secured })],
    ["a DSN", { sentry: { dsn: "https://key@sentry.example.org/1", eventLevel: "DEBUG" } }],
];

describe("rules of Open Pectus", () => {
    for (const [rule, block, expected] of broken) {
        it(rule, () => assert.deepEqual(problems(block), expected));
    }
    for (const [what, block] of sound) {
        it(`have nothing against ${what}`, () => assert.deepEqual(problems(block), []));
    }

    it("12: take the names of a certificate that is brought from the certificate", () => {
        const certificate = certificateFor("pectus.example.org", "IP:10.0.0.5");
        const block = (host: string) =>
            engine(
                { aggregator: { host } },
                { edge: { domain: "pectus.example.org", tls: { provided: { ...certificate, ca: certificate.certificate } } } },
            );
        assert.deepEqual(problems(block("10.0.0.5")), []);
        assert.deepEqual(problems(block("other.example.org")), [
            'error openpectus.engines.r1.aggregator.host: "other.example.org" is not a name on the aggregator\'s certificate: use the name in edge.domain',
        ]);
    });

    describe("11: a certificate that nobody knows, without its authority", () => {
        const path = "openpectus.edge.tls.provided";
        const reason = `${path}.certificate: it is self-signed, so`;
        const fix = `set ${path}.ca to the certificate of its authority (its own, if it is self-signed), or give one from a public authority`;
        const told = `warning ${reason} clients refuse it unless they are told: ${fix}`;
        const block = (engines: OpenPectusBlock["engines"], ca = false): OpenPectusBlock => {
            const provided = certificateFor("pectus.example.org", "IP:10.0.0.5");
            const edge = {
                domain: "pectus.example.org",
                bindAddress: "0.0.0.0",
                tls: { provided: { ...provided, ...(ca && { ca: provided.certificate }) } },
            };
            return { azure: login, edge, engines };
        };

        it("stops engines that come through TLS, and names them", () => {
            const engines = { r1: { host: "plant" }, r2: { aggregator: { host: "10.0.0.5" } }, r3: {} };
            assert.deepEqual(problems(block(engines)), [told, `error ${reason} "r1" and "r2" would never connect: ${fix}`]);
        });

        it("is a warning for everybody else", () => {
            assert.deepEqual(problems(block({ r1: {} })), [told]);
        });

        it("is nothing to say when the authority is given", () => {
            assert.deepEqual(problems(block({ r1: { host: "plant" } }, true)), []);
        });
    });

    it("20: ports, directories and container names are taken once on a host", () => {
        const block: OpenPectusBlock = {
            containerName: "pectus",
            data: { hostPath: "/srv/data" },
            webPush: { hostPath: "/srv/data/" },
            backup: { directory: { hostPath: "/srv/engine" } },
            publish: { port: 80 },
            engines: {
                r1: { containerName: "pectus", data: { hostPath: "/srv/engine" } },
                r2: { host: "plant", containerName: "pectus", data: { hostPath: "/srv/engine" } },
            },
        };
        assert.deepEqual(checkClaims(claims(block)).map(text), [
            'openpectus.webPush.hostPath: directory "/srv/data/" on host "default" is already used by openpectus.data.hostPath: choose another directory',
            'openpectus.publish.port: port 80 on host "default" is already used by openpectus.edge.httpPort: choose another port',
            'openpectus.engines.r1.data.hostPath: directory "/srv/engine" on host "default" is already used by openpectus.backup.directory.hostPath: choose another directory',
            'openpectus.engines.r1.containerName: container name "pectus" on host "default" is already used by openpectus.containerName: choose another container name',
        ]);
    });
});

function certificateFor(domain: string, also: string): { certificate: string; key: string } {
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365"];
    const names = ["-subj", `/CN=${domain}`, "-addext", `subjectAltName=DNS:${domain},${also}`, "-keyout", "-", "-out", "-"];
    const both = execFileSync("openssl", [...options, ...names], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const pem = (kind: string) => new RegExp(`-----BEGIN ${kind}-----[^]*?-----END ${kind}-----\n`).exec(both)![0];
    return { certificate: pem("CERTIFICATE"), key: pem("PRIVATE KEY") };
}
