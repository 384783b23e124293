import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { repository } from "../images/catalogue";
import { Refusal } from "../images/refusal";
import { compare } from "./compare";
import { planOf } from "./plan";

const usage = `usage: npm run plan -- [--stack <name>]... [--against <commit>]
    Prints what the program asks for with the configuration of a stack: every resource with its inputs. No state, no Docker Engine and no
    key is needed: what providers compute is [unknown], what is encrypted counts as present.
    --stack      default: every Pulumi.<stack>.yaml
    --against    print what differs from that commit (its program with its configuration), e.g. origin/main`;

/** Carries out one command line. */
export async function main(args: string[]): Promise<void> {
    const { stacks, against } = read(args);
    if (against !== undefined) return void process.stdout.write(compare(against, stacks));
    for (const stack of stacks ?? committedStacks(repository)) process.stdout.write(await planOf(stack, repository));
}

function read(args: string[]): { stacks?: string[]; against?: string } {
    try {
        const options = { stack: { type: "string", multiple: true }, against: { type: "string" } } as const;
        const { values } = parseArgs({ args, options });
        return { stacks: values.stack, against: values.against };
    } catch {
        throw new Refusal(usage);
    }
}

/** The environments of a checkout. */
export function committedStacks(directory: string): string[] {
    const names = readdirSync(directory).map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1]);
    return names.filter((name): name is string => name !== undefined).sort();
}
