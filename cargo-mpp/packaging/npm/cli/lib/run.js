// Runs a program in place of this process, or as a child that this process stands for.
"use strict";

const { spawn } = require("node:child_process");
const { accessSync, constants: files } = require("node:fs");
const { constants } = require("node:os");
const { isatty } = require("node:tty");

/** The signals that are passed on to the child. */
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
/** Those that a terminal sends to all processes in the foreground, so that the child has got them already. */
const FROM_TERMINAL = ["SIGINT", "SIGQUIT"];
/** The exit code of shells for a program that cannot be started. */
const CANNOT_START = 126;

function run(program, words) {
  try {
    accessSync(program, files.X_OK);
  } catch (error) {
    return fail(program, error);
  }
  if (typeof process.execve === "function") {
    // Does not return. There is then no second process, no memory of Node.js, and nothing to pass on.
    process.execve(program, [program, ...words], process.env);
  }
  // Not `process.stdin.isTTY`: that opens the stream, which makes it non-blocking for the child, too.
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  let child;
  // Before the child exists, so that no signal ends this process and leaves the child behind.
  for (const signal of PASSED_ON) {
    process.on(signal, () => {
      if (!(hasTerminal && FROM_TERMINAL.includes(signal))) {
        child?.kill(signal);
      }
    });
  }
  child = spawn(program, words, { stdio: "inherit" });
  child.on("error", (error) => fail(program, error));
  child.on("exit", end);
}

/** Ends this process as the child ended: with its exit code, or by its signal. */
function end(code, signal) {
  PASSED_ON.forEach((name) => process.removeAllListeners(name));
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  process.kill(process.pid, signal);
  // Signals that Node.js ignores do not end it: the exit code is then that of shells.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 500);
}

function fail(program, error) {
  PASSED_ON.forEach((signal) => process.removeAllListeners(signal));
  process.stderr.write(`error: cannot start ${program}: ${error.message}\n\nhelp: remove \`node_modules\`, and install the packages again\n`);
  process.exitCode = CANNOT_START;
}

module.exports = { run };
