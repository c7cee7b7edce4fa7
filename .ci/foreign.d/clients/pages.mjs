// Opens the pages of a registry in a browser, narrow and wide, light and dark: `node pages.mjs URL DIRECTORY PATH…`. Fails if a page
// loads something from elsewhere, reports an error, is wider than the window, cannot be used by keyboard, or breaks a rule of axe.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [origin, directory, ...paths] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
const problems = [];
const found = (where, what) => problems.push(`${where}: ${what}`);

for (const [index, path] of paths.entries()) {
    for (const width of [390, 1200]) {
        for (const scheme of ["light", "dark"]) {
            const where = `${path} (${width} px, ${scheme})`;
            const page = await browser.newPage();
            page.on("console", (message) => ["error", "warn"].includes(message.type()) && found(where, message.text()));
            page.on("pageerror", (error) => found(where, error.message));
            page.on("requestfailed", (request) => found(where, `${request.url()} failed`));
            page.on("request", (request) => request.url().startsWith(origin) || found(where, `loads ${request.url()}`));
            await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
            await page.setViewport({ width, height: 900 });
            const answer = await page.goto(origin + path, { waitUntil: "load" });
            if (!answer.ok()) found(where, `status ${answer.status()}`);
            // The page's own policy stays in force while the page loads; the checks below are not part of the page.
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            if (wide > 0) found(where, `${wide} px wider than the window`);
            await page.keyboard.press("Tab");
            const first = await page.evaluate(() => document.activeElement?.getAttribute("href"));
            if (first !== "#main") found(where, `the first focus is ${first}, not the link to the content`);
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => globalThis.axe.run());
            for (const { id, help, nodes } of violations) found(where, `${id}: ${help}: ${nodes[0].html.slice(0, 200)}`);
            await page.screenshot({ path: `${directory}/${index}-${width}-${scheme}.png`, fullPage: true });
            await page.close();
        }
    }
}
await browser.close();
console.log(`${paths.length} pages, ${paths.length * 4} views`);
if (problems.length > 0) {
    console.log(problems.join("\n"));
    process.exit(1);
}
