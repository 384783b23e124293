import type { RolePrivileges } from "../workload";

export const edgePrivileges = {
    edge: {
        image: "edge",
        capAdd: ["CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"],
        why: "nginx takes ports 80 and 443 and hands its work, and its temporary directories, to the user www-data.",
    },
    certificate: { image: "edge", why: "certbot, or the script that hands a certificate over, works as root in volumes of root's." },
    renewal: { image: "edge", why: "As `certificate`." },
} satisfies Record<string, RolePrivileges>;
