import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Docker from "dockerode";
import { describe as text } from "../../../../components/problem";
import { checkArchitecture } from "../../../../components/workload/architecture";
import { refuseForeignArchitecture } from "../../../../components/workload/docker/architecture";

describe("architecture of image and host", () => {
    it("is compared in the words of images and of machines", () => {
        for (const [image, host] of ["amd64 x86_64", "arm64 aarch64", "arm armv7l", "amd64 amd64", "riscv64 riscv64"].map((pair) =>
            pair.split(" "),
        )) {
            assert.deepEqual(checkArchitecture(image!, host!, "openpectus.image"), []);
        }
    });

    it("must be the same", () => {
        assert.deepEqual(checkArchitecture("amd64", "aarch64", "openpectus.image").map(text), [
            "openpectus.image: it is built for amd64 processors, and the host has arm64: use an image for arm64, or a host with amd64 processors",
        ]);
    });
});

/** Answers as the Docker API does, for an engine on arm64. */
const ANSWERS: Record<string, object> = {
    "/info": { Architecture: "aarch64" },
    "/images/here:arm/json": { Architecture: "arm64" },
    "/images/here:intel/json": { Architecture: "amd64" },
    "/distribution/published:both/json": { Platforms: [{ architecture: "amd64" }, { architecture: "arm64" }, { architecture: "unknown" }] },
    "/distribution/published:intel/json": { Platforms: [{ architecture: "unknown" }, { architecture: "amd64" }] },
};

describe("an image for another processor", () => {
    let server: Server;
    let docker: Docker;
    const asked: string[] = [];

    before(async () => {
        server = createServer(({ url }, response) => {
            asked.push(url!);
            const answer = ANSWERS[decodeURIComponent(url!)];
            response.writeHead(answer ? 200 : 404, { "Content-Type": "application/json" });
            response.end(JSON.stringify(answer ?? { message: "no such thing" }));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        docker = new Docker({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    });
    after(() => server.close());

    const refusal = (image: string) => ({
        message: `image ${image}: it is built for amd64 processors, and the host has arm64: use an image for arm64, or a host with amd64 processors`,
    });

    it("is refused when it is on the host, and before it is pulled", async () => {
        for (const image of ["here:intel", "published:intel"])
            await assert.rejects(refuseForeignArchitecture(docker, image), refusal(image));
    });

    it("is none when one of several fits, or nobody knows", async () => {
        for (const image of ["here:arm", "published:both", "nowhere:1"]) await refuseForeignArchitecture(docker, image);
    });

    it("is not looked for in a registry when it is one of our own, which are built", async () => {
        asked.length = 0;
        await refuseForeignArchitecture(docker, "groundwork/edge:1-0123456789ab");
        assert.deepEqual(
            asked.filter((url) => url.startsWith("/distribution")),
            [],
        );
    });
});
