import { main } from "./cli";
import { say } from "./command";
import { Refusal } from "./refusal";

main(process.argv.slice(2)).catch((error: unknown) => {
    say(error instanceof Refusal ? `error: ${error.message}` : String((error as Error).stack));
    process.exitCode = 1;
});
