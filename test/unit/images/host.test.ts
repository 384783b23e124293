import assert from "node:assert/strict";
import { aptSettings, debianSources, npmSettings, pipSettings, proxyArguments } from "../../../tools/images/host";

describe("settings of the building machine", () => {
    it("take Debian's mirrors from the environment, else from apt, else the public ones", () => {
        const targets = "Docker https://docker.example.org/\nDebian http://mirror.example.org/debian/\nDebian-Security http://mirror.example.org/security/\n";
        const first = (text: string) => text.split("\n").map((line) => line.split(" ")[1]);
        assert.deepEqual(first(debianSources("", {})).slice(0, 3), [
            "http://deb.debian.org/debian",
            "http://deb.debian.org/debian",
            "http://deb.debian.org/debian-security",
        ]);
        assert.deepEqual(first(debianSources(targets, {})).slice(1, 3), ["http://mirror.example.org/debian", "http://mirror.example.org/security"]);
        const environment = { GROUNDWORK_DEBIAN_MIRROR: "http://own.example.org/d", GROUNDWORK_DEBIAN_SECURITY_MIRROR: "http://own.example.org/s" };
        assert.deepEqual(first(debianSources(targets, environment)).slice(1, 3), ["http://own.example.org/d", "http://own.example.org/s"]);
    });

    it("take proxies and checks from apt, and none of its paths", () => {
        const dump = [
            'Acquire::http::Proxy "http://proxy.example.org:3128";',
            'Acquire::Check-Date "false";',
            'Acquire::https::CaInfo "/etc/private.pem";',
            'Acquire::http "";',
            'Dir::Etc::SourceList "sources.list";',
        ].join("\n");
        assert.equal(
            aptSettings(dump, true),
            [
                'Acquire::http::Proxy "http://proxy.example.org:3128";',
                'Acquire::Check-Date "false";',
                'Dir::Etc::SourceList "/host/sources.list";',
                'Dir::Etc::SourceParts "-";',
                'Acquire::https::CaInfo "/host/ca.crt";',
                "",
            ].join("\n"),
        );
        assert.doesNotMatch(aptSettings(dump, false), /CaInfo/);
    });

    it("take pip's index from files and variables, and none of its paths", () => {
        const list = [
            "global.cert='/etc/ssl/private.crt'",
            "global.index-url='https://index.example.org/simple'",
            "global.find-links='/opt/wheels'",
            ":env:.extra-index-url='https://a.example.org/\\nhttps://b.example.org/'",
        ].join("\n");
        assert.equal(
            pipSettings(list, true),
            "[global]\nindex-url = https://index.example.org/simple\nextra-index-url = https://a.example.org/\n    https://b.example.org/\ncert = /host/ca.crt\n",
        );
        assert.equal(pipSettings("", false), "[global]\n");
    });

    it("take npm's registry and proxy, and nothing that names files of this machine", () => {
        const list = { registry: "https://npm.example.org/", "https-proxy": null, cafile: "/home/me/ca.pem", nodedir: "/usr", audit: false };
        assert.equal(npmSettings(JSON.stringify(list), true), "registry=https://npm.example.org/\ncafile=/host/ca.crt\n");
        assert.equal(npmSettings("", false), "");
    });

    it("hand on proxies by name only, so that no value shows in a process list", () => {
        assert.deepEqual(proxyArguments({ https_proxy: "http://user:word@proxy.example.org", NO_PROXY: "localhost" }), [
            "--build-arg",
            "https_proxy",
            "--build-arg",
            "NO_PROXY",
        ]);
    });
});
