import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { connectedTo } from "../../../../../components/systems/lightning/health";

/** The check as Docker runs it. */
async function check(serviceUrl: string): Promise<number> {
    const [kind, script] = connectedTo(serviceUrl);
    assert.equal(kind, "CMD-SHELL");
    const [code] = (await once(spawn("/bin/sh", ["-c", script!]), "exit")) as [number];
    return code;
}

describe("lightning: health of a worker", function () {
    this.timeout(20_000);
    let server: Server;
    let url: string;
    let open: Socket | undefined;

    beforeEach(async () => {
        server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
        await once(server, "listening");
        url = `ws://web:${port()}/worker`;
    });

    afterEach(() => {
        open?.destroy();
        server.close();
    });

    const port = () => (server.address() as AddressInfo).port;

    function join(): void {
        open?.destroy();
        open = connect(port(), "127.0.0.1");
    }

    it("looks for the port of web, in the form of the kernel", () => {
        assert.match(connectedTo("ws://web:4000/worker")[1]!, /:0FA0 01 /);
        assert.match(connectedTo("wss://l.example.org/worker")[1]!, /:01BB 01 /);
        assert.match(connectedTo("ws://l.example.org/worker")[1]!, /:0050 01 /);
    });

    it("is not healthy without a connection", async () => {
        assert.notEqual(await check(url), 0);
    });

    it("is healthy with one that stays", async () => {
        join();
        await once(open!, "connect");
        assert.equal(await check(url), 0);
    });

    it("is not healthy while every connection is refused after a moment, as with a wrong secret", async () => {
        join();
        await once(open!, "connect");
        const again = setInterval(join, 300);
        const code = await check(url);
        clearInterval(again);
        assert.notEqual(code, 0);
    });
});
