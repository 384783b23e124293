import * as pulumi from "@pulumi/pulumi";

/** Where the values of `secretEnvironment` lie inside a container. */
export const SECRET_ENVIRONMENT_DIRECTORY = "/run/groundwork/environment";
export const SECRET_ENVIRONMENT_SCRIPT = "/run/groundwork/with-secret-environment";

/** Exports every file of the directory as a variable of its name, byte for byte, and then becomes the command. */
const script = `#!/bin/sh
for file in ${SECRET_ENVIRONMENT_DIRECTORY}/*; do
    value=$(cat "$file" && printf x) || exit 1
    export "\${file##*/}=\${value%x}"
done
exec "$@"
`;

export interface Upload {
    file: string;
    content: pulumi.Input<string>;
    permissions: string;
}

export function secretEnvironmentUploads(variables: Record<string, pulumi.Input<string>>, mode = "0400"): Upload[] {
    const values = Object.keys(variables)
        .sort()
        .map((name) => ({ file: `${SECRET_ENVIRONMENT_DIRECTORY}/${name}`, content: pulumi.secret(variables[name]!), permissions: mode }));
    return [{ file: SECRET_ENVIRONMENT_SCRIPT, content: script, permissions: "0555" }, ...values];
}
