import assert from "node:assert/strict";
import { main } from "../../../tools/images/cli";
import { Refusal } from "../../../tools/images/refusal";

describe("tools/images", () => {
    const refuses = (args: string[], message: RegExp) =>
        assert.rejects(main(args), (error: Error) => error instanceof Refusal && message.test(error.message));

    let host: string | undefined;

    before(() => {
        host = process.env.DOCKER_HOST;
        process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
    });

    after(() => {
        if (host === undefined) delete process.env.DOCKER_HOST;
        else process.env.DOCKER_HOST = host;
    });

    it("says how it is used", () => refuses([], /^usage: .*tools\/images <verb>/));
    it("names the images it knows", () => refuses(["tag", "nope"], /no image is called nope: known are .*openpectus/));
    it("asks for the registry", () => refuses(["push"], /make images PUSH=/));
    it("asks for the other daemon", () => refuses(["load"], /load --host/));
    it("wants a version to belong to a role", () => refuses(["build", "--version", "1"], /build <role> --version/));
    it("says what to do without a Docker daemon", () => refuses(["build"], /no Docker daemon answers: .*DOCKER_HOST/));
});
