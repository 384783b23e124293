/** Role -> image, as `make pin` writes it to the lock: where data is protected, no other default of Lightning is taken. */
export const pinned = {
    lightning: `openfn/lightning@sha256:${"1".repeat(64)}`,
    "lightning-worker": `openfn/ws-worker@sha256:${"1".repeat(64)}`,
};
