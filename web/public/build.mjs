// Bundles the public pages' script and style: node build.mjs OUT.  The names carry a hash of the content.
import { build } from "esbuild";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../build/web/public");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
	entryPoints: [join(here, "page.ts"), join(here, "page.css")],
	entryNames: "[name]-[hash]",
	outdir: join(out, "assets"),
	bundle: true,
	minify: true,
	format: "esm",
	target: ["es2020", "chrome100", "firefox100", "safari15"],
	charset: "utf8",
	legalComments: "none",
	logLevel: "warning",
});
// the dashboard's service worker keeps its name: browsers look there for a newer one
await build({
	entryPoints: [join(here, "../worker/sw.ts")],
	outfile: join(out, "app/sw.js"),
	bundle: true,
	minify: true,
	format: "iife",
	target: ["es2020", "chrome100", "firefox100", "safari15"],
	charset: "utf8",
	legalComments: "none",
	logLevel: "warning",
});
cpSync(join(here, "static"), out, { recursive: true });
