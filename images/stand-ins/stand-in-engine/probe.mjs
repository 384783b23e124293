import createEngine from "@openfn/engine-multi";

const engine = await createEngine({ repoDir: "/tmp/adaptors" });
await engine.destroy();
