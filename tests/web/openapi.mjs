// The OpenAPI document is one: its own schema, names that are used once, a summary and an answer for everything.  And the
// dashboard's types are made from this very document.
//
//     node tests/web/openapi.mjs      the binary is NOONMARK_BINARY or build/gcc/noonmark
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(root, "web/package.json"));
const { Validator } = await import(require.resolve("@seriousme/openapi-schema-validator"));
const { default: openapiTS, astToString } = await import(join(root, "web/node_modules/openapi-typescript/dist/index.mjs"));

let passed = 0, failed = 0;
function check(holds, what) {
	if (holds) passed++;
	else {
		failed++;
		console.log(`FAILED openapi: ${what}`);
	}
}

const text = execFileSync(process.env.NOONMARK_BINARY ?? join(root, "build/gcc/noonmark"), ["openapi"], { encoding: "utf8", maxBuffer: 1 << 26 });
const document = JSON.parse(text);

const verdict = await new Validator().validate(structuredClone(document));
check(verdict.valid, `not a valid document: ${JSON.stringify(verdict.errors)?.slice(0, 800)}`);
check(document.openapi.startsWith("3.1."), `version ${document.openapi}`);

const names = new Set();
for (const [path, methods] of Object.entries(document.paths)) {
	for (const [method, operation] of Object.entries(methods)) {
		const where = `${method} ${path}`;
		check(operation.operationId && !names.has(operation.operationId), `${where}: operationId ${operation.operationId}`);
		names.add(operation.operationId);
		check(operation.summary?.length > 0, `${where}: no summary`);
		check(operation.responses.default, `${where}: no problem document`);
		check(Object.keys(operation.responses).some((s) => s.startsWith("2")), `${where}: no success`);
		const written = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();
		const told = operation.parameters.filter((p) => p.in === "path").map((p) => p.name).sort().join();
		check(written === told, `${where}: path parameters ${told}, not ${written}`);
	}
}

const used = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map((m) => m[1]));
for (const name of Object.keys(document.components.schemas)) check(used.has(name), `the schema ${name} is used nowhere`);

// only types count: the header of the file is the tool's
const fresh = astToString(await openapiTS(document));
const kept = readFileSync(join(root, "web/app/schema.d.ts"), "utf8");
check(kept.includes(fresh.trim()), "web/app/schema.d.ts is of an older API: make client");

// and the scripts fit those types
for (const project of ["app", "public"]) {
	const { status, stdout } = spawnSync(process.execPath, [join(root, "web/node_modules/typescript/bin/tsc"), "-p", join(root, "web", project)], { encoding: "utf8" });
	check(status === 0, `web/${project}: ${stdout.slice(0, 2000)}`);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
