// Finds the program in the package for this platform, or says why it is not there and which line to type.
"use strict";

const { name: NAME, version: VERSION, optionalDependencies = {} } = require("../package.json");

/** The platforms with a package, as Node.js names operating systems and processors: `linux-x64`. */
const PLATFORMS = Object.keys(optionalDependencies).map((name) => name.slice(`${NAME}-`.length));

const FROM_SOURCE = "or install Rust, and run `cargo install cargo-mpp --locked`";

/**
 * Returns `{ program }`, or `{ problem, help }` if there is no program for this machine. The parameters are facts about the machine and the
 * installation.
 */
function find({
  platform = process.platform,
  arch = process.arch,
  resolve = require.resolve,
  isMusl = runsOnMusl,
  place = __dirname,
  agent = process.env.npm_config_user_agent,
} = {}) {
  const key = `${platform}-${arch}`;
  if (!PLATFORMS.includes(key)) {
    const help =
      platform === "win32"
        ? "run `wsl --install`, then install Node.js and this package in that Linux"
        : "use one of these platforms, " + FROM_SOURCE;
    return { problem: `there is no program \`mpp\` for ${key}; there is one for ${PLATFORMS.join(", ")}`, help };
  }
  const wanted = `${NAME}-${key}`;
  const manifest = attempt(() => resolve(`${wanted}/package.json`));
  if (manifest === undefined) {
    return missing({ platform, wanted, resolve, isMusl, place, agent });
  }
  const { version } = require(manifest);
  if (version !== VERSION) {
    const problem = `${wanted} has version ${version}, but ${NAME} has version ${VERSION}`;
    return { problem, help: again(place, agent) };
  }
  const program = attempt(() => resolve(`${wanted}/bin/mpp`));
  return program ? { program } : { problem: `${wanted} is incomplete: it has no file bin/mpp`, help: again(place, agent) };
}

function missing({ platform, wanted, resolve, isMusl, place, agent }) {
  if (platform === "linux" && isMusl()) {
    return {
      problem: "the program `mpp` needs glibc, and this system has another C library (Alpine Linux has musl)",
      help: `use a system with glibc, such as the container image \`node:lts-slim\` in place of \`node:lts-alpine\`, ${FROM_SOURCE}`,
    };
  }
  const other = PLATFORMS.find((key) => attempt(() => resolve(`${NAME}-${key}/package.json`)));
  if (other) {
    const problem = `the program in this \`node_modules\` is for ${other}: it was installed on another machine`;
    return { problem: `${problem}; the package ${wanted} is missing`, help: again(place, agent) };
  }
  return {
    problem: `the package ${wanted}, which contains the program, is missing: optional dependencies were left out`,
    help: install(place, agent),
  };
}

/** Returns the help that installs optional dependencies where this package is. */
function install(place, agent = "") {
  const manager = agent.split("/")[0];
  if (place.includes("/_npx/")) {
    return `run \`npx --include=optional ${NAME}@${VERSION}\``;
  }
  if (/\/lib\/node_modules\/@[^/]+\/[^/]+\/lib$/.test(place)) {
    return `run \`npm install --global --include=optional ${NAME}@${VERSION}\``;
  }
  if (["pnpm", "yarn", "bun"].includes(manager)) {
    return `run \`${manager} install\` without the option or the setting that leaves out optional dependencies`;
  }
  return "run `npm install --include=optional`";
}

/** Returns the help for an installation that cannot be mended by adding a package. */
function again(place, agent) {
  return `remove \`node_modules\`, then ${install(place, agent)}`;
}

function attempt(resolve) {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

function runsOnMusl() {
  if (!process.report) {
    return false;
  }
  // The report would look up the names of all network connections.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

module.exports = { find };
