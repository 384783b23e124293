import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { trustOf } from "../../../../components/edge/trust";
import { authority, selfSigned, signedBy } from "./certificates";

describe("edge: who vouches for a certificate", () => {
    const root = authority("Everybody's root");
    const intermediate = authority("Intermediate", root);
    const leaf = signedBy(intermediate);
    const known = [new X509Certificate(root.certificate)];
    const chain = (...pairs: { certificate: string }[]) => pairs.map(({ certificate }) => certificate).join("");

    it("is a public authority, over intermediates in any order", () => {
        assert.equal(trustOf(signedBy(root).certificate, known), "public");
        assert.equal(trustOf(chain(leaf, intermediate), known), "public");
        assert.equal(trustOf(chain(leaf, root, intermediate), known), "public");
    });

    it("is nobody that clients know when an intermediate is missing, or the root is somebody's own", () => {
        assert.equal(trustOf(leaf.certificate, known), "private");
        assert.equal(trustOf(chain(leaf, intermediate, root)), "private");
        assert.equal(trustOf(chain(leaf, root), known), "private");
    });

    it("is nobody but itself", () => {
        assert.equal(trustOf(selfSigned("DNS:a.example.org").certificate, known), "self-signed");
    });

    it("is not an authority that only has the same name", () => {
        const impostor = authority("Everybody's root");
        assert.equal(trustOf(signedBy(impostor).certificate, known), "private");
    });

    it("is known for the authorities that Node brings along, and for no text", () => {
        assert.equal(trustOf(rootCertificates[0]!), "public");
        assert.equal(trustOf("x"), undefined);
        assert.equal(trustOf("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"), undefined);
    });
});
