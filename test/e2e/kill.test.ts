import assert from "node:assert/strict";
import { killOnce, preparedCheckout } from "./kill-series";
import type { Checkout } from "./support/checkout";

/** The short form of `npm run kill-series`. */
const KILLS = 2;

describe("a first `make up` that is killed", () => {
    let checkout: Checkout;
    let length: number;

    before(async () => {
        ({ checkout, length } = await preparedCheckout());
    });
    after(async () => checkout?.remove());

    for (let kill = 1; kill <= KILLS; kill++) {
        it(`is put right by the next one (${kill} of ${KILLS})`, async () => {
            const outcome = await killOnce(checkout, length * 0.8);
            assert.equal(outcome.problem, undefined);
        });
    }
});
