export { toBase64, toBase64Url, toBasicAuth, toConnectionUrl, toFernetKey } from "./forms";
export type { ConnectionUrlParts } from "./forms";
export { bytes, fernetKey, password } from "./random";
export type { Bytes, BytesArgs, PasswordArgs } from "./random";
export { rsaKeyPair } from "./keys";
export type { RsaKeyPair, RsaKeyPairArgs } from "./keys";
export { certificate, certificateAuthority } from "./certificates";
export type { Certificate, CertificateArgs, CertificateAuthority, CertificateAuthorityArgs, CertificateUsage } from "./certificates";
