// What the engine starts.
"use strict";
module.exports = require("./bundle")(__dirname, "index.ts");
