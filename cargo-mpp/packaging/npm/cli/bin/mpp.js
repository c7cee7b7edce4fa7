#!/usr/bin/env node
// Starts the program of the package for this platform: in place of this process where Node.js can do that (22.15 and newer), or else as a
// child whose exit code and signals become those of this process.
"use strict";

const { find } = require("../lib/find.js");
const { run } = require("../lib/run.js");

const found = find();
if (found.problem) {
  process.stderr.write(`error: ${found.problem}\n\nhelp: ${found.help}\n`);
  // The exit code of shells for a program that does not exist.
  process.exitCode = 127;
} else {
  run(found.program, process.argv.slice(2));
}
