/** What is deployed by both sides of the benchmark. */
export const SERVICES = Array.from({ length: 10 }, (_, index) => `service-${index}`);
export const COMMAND = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"];
export const HEALTH = { test: ["CMD", "true"], interval: "1s", timeout: "5s", retries: 6, startPeriod: "5s" };

/** The same services for `docker compose`. */
export function composeFile(image: string): object {
    const services = SERVICES.map((name) => [
        name,
        {
            image,
            // A dollar sign is doubled, or compose puts a variable of its own there.
            command: COMMAND.map((word) => word.replaceAll("$", "$$$$")),
            networks: ["network"],
            volumes: [`${name}:/data`],
            healthcheck: { ...HEALTH, startPeriod: undefined, start_period: HEALTH.startPeriod },
            mem_limit: "512m",
            restart: "unless-stopped",
            logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
        },
    ]);
    return {
        services: Object.fromEntries(services),
        networks: { network: {} },
        volumes: Object.fromEntries(SERVICES.map((name) => [name, {}])),
    };
}
