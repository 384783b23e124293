"use strict";
// Mocha's spec reporter, which also appends its counts to the file that $GROUNDWORK_TEST_COUNTS names, so that several
// runs of mocha can be added up (test/run.ts).
const fs = require("node:fs");
const { reporters } = require("mocha");

module.exports = class CountingReporter extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        runner.once("end", () => {
            const file = process.env.GROUNDWORK_TEST_COUNTS;
            const { passes, failures, pending } = this.stats;
            if (file) fs.appendFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }) + "\n");
        });
    }
};
