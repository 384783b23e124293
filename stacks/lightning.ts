import { Lightning, type LightningBlock } from "../components/systems/lightning";
import type { Common } from "./config";
import type { Hosts } from "./hosts";

/** Puts the block `lightning` on its host. */
export function deployLightning({ host, ...settings }: LightningBlock, hosts: Hosts, common: Common) {
    const lightning = new Lightning("lightning", { ...settings, ...common, settingsPath: "lightning" }, hosts.optionsFor(host));
    return {
        url: lightning.url,
        superuserEmail: lightning.superuserEmail,
        superuserPassword: lightning.superuserPassword,
        caCertificate: lightning.caCertificate,
        certificateCommand: lightning.certificateCommand,
        githubHomepageUrl: lightning.githubHomepageUrl,
        githubCallbackUrl: lightning.githubCallbackUrl,
        githubSetupUrl: lightning.githubSetupUrl,
        oauthCallbackUrl: lightning.oauthCallbackUrl,
        listBackupsCommand: lightning.listBackupsCommand,
        restoreCommand: lightning.restoreCommand,
        kafkaRecoveryCommand: lightning.kafkaRecoveryCommand,
    };
}
