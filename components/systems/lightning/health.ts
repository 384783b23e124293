/**
 * A worker is ready when it holds a connection to web. Its own page `/livez` says 200 without one, and there is no curl in its image, so
 * the kernel is asked. Seen twice, two seconds apart, with the same port of its own: a connection that web refused is gone by then.
 *
 * @param serviceUrl WebSocket address of web
 */
export function connectedTo(serviceUrl: string): string[] {
    const url = new URL(serviceUrl);
    const port = Number(url.port || (url.protocol === "wss:" ? 443 : 80));
    // Columns of /proc/net/tcp: own address, other address, state; all hexadecimal, state 01 is ESTABLISHED.
    const pattern = `[0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, "0")} 01 `;
    const look = `cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -oE '${pattern}'`;
    return ["CMD-SHELL", `seen=$(${look}) && sleep 2 && ${look} | grep -qF "$seen"`];
}
