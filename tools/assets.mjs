// Embeds files into the program: node tools/assets.mjs OUT FOLDER…
//
// Every file below a FOLDER is served at its path there.  A name like page-3f9c21ab.css is taken to change with its
// content.  Written to OUT: the files with their compressed forms, assets_data.h (the table, sorted by path, for
// src/api/pages/assets.c) and asset_names.h (a name for each hashed file, ASSET_PAGE_CSS, and its digest as policies want it, ASSET_PAGE_CSS_SHA256).
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync, existsSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TYPES = {
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".json": "application/json",
	".html": "text/html; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".png": "image/png",
	".ico": "image/x-icon",
};
const HASHED = /^(.+)-[A-Za-z0-9_-]{8}(\.[a-z0-9]+)$/;

const [out, ...folders] = process.argv.slice(2);

function walk(folder, path, found) {
	for (const name of readdirSync(folder).sort()) {
		const file = join(folder, name);
		if (statSync(file).isDirectory()) walk(file, `${path}/${name}`, found);
		else found.push({ path: `${path}/${name}`, name, bytes: readFileSync(file) });
	}
}

function writeWhole(name, bytes) {
	const temporary = join(out, `${name}.${process.pid}`);
	writeFileSync(temporary, bytes);
	renameSync(temporary, join(out, name));
}

function compressed(bytes) {
	const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
	return [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes, options)];
}

const files = [];
for (const folder of folders) if (existsSync(folder)) walk(folder, "", files);
files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
mkdirSync(join(out, "assets"), { recursive: true });

const asm = [], symbols = [], rows = [], names = [];
files.forEach((file, i) => {
	const type = TYPES[extname(file.name)];
	if (!type) throw new Error(`${file.path}: no media type is known for this kind of file`);
	const digest = createHash("sha256").update(file.bytes).digest("hex").slice(0, 16);
	const hashed = HASHED.exec(file.name);
	if (hashed) names.push(`#define ASSET_${(hashed[1] + hashed[2]).replace(/[^A-Za-z0-9]/g, "_").toUpperCase()}_SHA256 "${createHash("sha256").update(file.bytes).digest("base64")}"`);
	if (hashed) names.push(`#define ASSET_${(hashed[1] + hashed[2]).replace(/[^A-Za-z0-9]/g, "_").toUpperCase()} "${file.path}"`);
	const parts = compressed(file.bytes).map((bytes, kind) => {
		if (kind && bytes.length > file.bytes.length * 0.9) return "{ NULL, 0 }";
		const stored = `${digest}.${["raw", "gz", "br"][kind]}`;
		writeWhole(`assets/${stored}`, bytes);
		asm.push(`"asset_${i}_${kind}: .incbin \\"${out}/assets/${stored}\\"\\n"`);
		symbols.push(`extern const char asset_${i}_${kind}[];`);
		return `{ asset_${i}_${kind}, ${bytes.length} }`;
	});
	const text = (s) => `{ ${JSON.stringify(s)}, ${Buffer.byteLength(s)} }`;
	rows.push(`\t{ ${text(file.path)}, ${text(type)}, ${text(`"${digest}"`)},\n\t  { ${parts.join(", ")} }, ${hashed ? "true" : "false"} },`);
});

writeWhole("asset_names.h", `/* Made by tools/assets.mjs. */\n${names.join("\n")}\n`);
writeWhole("assets_data.h", `/* Made by tools/assets.mjs. */
__asm__(".section .rodata,\\"a\\",@progbits\\n"
${asm.join("\n")}
".previous\\n");
${symbols.join("\n")}
static const struct http_file ASSETS[] = {
${rows.join("\n")}
};
`);
