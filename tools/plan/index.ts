import { Refusal } from "../images/refusal";
import { main } from "./cli";

main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Refusal ? error.message : String((error as Error).stack)}\n`);
    process.exitCode = 1;
});
