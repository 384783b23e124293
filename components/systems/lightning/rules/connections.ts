import { isIP } from "node:net";
import { error, warning, type Problem } from "../../../problem";
import type { LightningOauthClient, LightningSettings } from "../args";
import { ANTHROPIC_SINCE, publicOrigin, urlOf } from "../defaults";
import { isFrom, webRelease } from "../release";
import { decoded, email, oneOf, port, TAG_AND_DIGEST, together, url } from "./shared";

/** Other services that Lightning talks to. */
export function checkServices(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkMail(settings, `${path}.mail`),
        ...checkGithub(settings, `${path}.github`),
        ...checkOauthClient(settings.google, settings, `${path}.google`, "Google login"),
        ...checkOauthClient(settings.salesforce, settings, `${path}.salesforce`, "Salesforce login"),
        ...checkAi(settings, `${path}.ai`),
    ];
}

/** R6, R7 and R8. */
function checkMail({ mail = {} }: LightningSettings, path: string): Problem[] {
    const { mailgun, smtp, adminEmail } = mail;
    const problems = [
        ...together(mailgun, ["apiKey", "domain"], `${path}.mailgun`, "Mailgun"),
        ...together(smtp, ["username", "password", "relay"], `${path}.smtp`, "a mail server"),
        ...oneOf(smtp?.tls, `${path}.smtp.tls`, ["true", "false", "if_available"]),
        ...port(smtp?.port, `${path}.smtp.port`),
        ...email(adminEmail, `${path}.adminEmail`),
    ];
    if (mailgun && smtp) problems.push(error(path, "mailgun and smtp exclude each other", "remove one of them"));
    if ((mailgun || smtp) && adminEmail === undefined) {
        problems.push(error(`${path}.adminEmail`, "mails need a sender", "set the address that people may answer to"));
    }
    if (smtp?.relay !== undefined && (smtp.tls ?? "true") === "true" && isIP(smtp.relay) !== 0) {
        const fix = "give its host name, or tls: if_available";
        problems.push(warning(`${path}.smtp.relay`, "no certificate matches an address, so TLS is likely to fail", fix));
    }
    return problems;
}

/** R9 and R10. */
function checkGithub({ github }: LightningSettings, path: string): Problem[] {
    if (!github) return [];
    const problems = together(github, ["appId", "appName", "clientId", "clientSecret", "certificate"], path, "a GitHub App");
    if (github.appId !== undefined && !/^\d+$/.test(github.appId)) {
        problems.push(error(`${path}.appId`, `"${github.appId}" is not a number`, "copy the App ID from the settings of the app"));
    }
    if (github.appName !== undefined && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(github.appName)) {
        const fix = "write it as in the public link: lower case, hyphens for spaces";
        problems.push(error(`${path}.appName`, `"${github.appName}" is not the name in the public link`, fix));
    }
    return typeof github.certificate === "string"
        ? [...problems, ...checkCertificate(github.certificate, `${path}.certificate`)]
        : problems;
}

/** No message quotes the key. */
function checkCertificate(certificate: string, path: string): Problem[] {
    const fix = "Base64-encode the downloaded file on a single line: `base64 -w 0`";
    if (certificate.includes("-----BEGIN")) return [error(path, "it is PEM text, not Base64 of it", fix)];
    const text = decoded(certificate)?.toString("utf8");
    if (text && /-----BEGIN (RSA )?PRIVATE KEY-----/.test(text)) return [];
    return [error(path, text === undefined ? "it is not Base64 on one line" : "no private key is in it", fix)];
}

/** R15. */
function checkOauthClient(client: LightningOauthClient | undefined, settings: LightningSettings, path: string, purpose: string): Problem[] {
    if (!client) return [];
    const problems = together(client, ["clientId", "clientSecret"], path, purpose);
    if (urlOf(settings).scheme !== "https") {
        const fix = "set one of the blocks of edge.tls, or url.scheme";
        problems.push(warning(path, `it calls back to ${publicOrigin(settings)}, and most providers want https`, fix));
    }
    return problems;
}

/** R14: Lightning wants the address, and the key that its release reads. Neither key is ever given for the other. */
function checkAi(settings: LightningSettings, path: string): Problem[] {
    const { ai } = settings;
    if (!ai) return [];
    const release = webRelease(settings);
    const either = release === undefined && ai.openaiApiKey !== undefined;
    const key = either || (release !== undefined && !isFrom(release, ANTHROPIC_SINCE)) ? "openaiApiKey" : "anthropicApiKey";
    const problems = together(ai, [key, "apolloEndpoint"], path, "AI chat");
    if (either && ai.anthropicApiKey === undefined) {
        const problem = `Lightning reads it before ${ANTHROPIC_SINCE} only, and the image does not tell its release`;
        problems.push(warning(`${path}.openaiApiKey`, problem, `set ai.anthropicApiKey, or ${TAG_AND_DIGEST}`));
    }
    const endpoint = ai.apolloEndpoint;
    problems.push(...url(endpoint, `${path}.apolloEndpoint`, ["https", "http"]));
    if (endpoint?.endsWith("/")) problems.push(error(`${path}.apolloEndpoint`, "it ends with a slash", "remove the slash"));
    return problems;
}
