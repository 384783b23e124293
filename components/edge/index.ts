export { origin, publicAddress, type PublicAddress } from "./address";
export { Edge, MAX_BODY_SIZE_MB } from "./edge";
export {
    edgeSchema,
    type EdgeAcme,
    type EdgeArgs,
    type EdgeDevCaTls,
    type EdgeDns01Tls,
    type EdgeGoogleZone,
    type EdgeProvidedTls,
    type EdgeSettings,
    type EdgeTls,
    type EdgeUpstream,
} from "./args";
export { checkEdge, distrust, edgeClaims, edgeVolumes, trustFix } from "./rules";
