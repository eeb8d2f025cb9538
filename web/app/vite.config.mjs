// Bundles the dashboard into build/web/app/assets; tools/assets.mjs embeds it.  The names carry a hash of the content.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// the languages there are: a file each, English first
const texts = new URL("../../templates/text/", import.meta.url);
const languages = readdirSync(texts).filter((file) => file.endsWith(".txt")).map((file) => [
	file.slice(0, -4), /^language\.name = (.*)$/m.exec(readFileSync(new URL(file, texts), "utf8"))?.[1] ?? file,
]).sort(([a], [b]) => (a === "en" ? -1 : b === "en" ? 1 : a.localeCompare(b)));

export default defineConfig({
	define: { MADE_LANGUAGES: JSON.stringify(languages) },
	root: fileURLToPath(new URL(".", import.meta.url)),
	base: "/",
	publicDir: false,
	esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
	resolve: { alias: { react: "preact/compat", "react-dom": "preact/compat" } },
	build: {
		outDir: fileURLToPath(new URL("../../build/web/app", import.meta.url)),
		emptyOutDir: true,
		target: ["es2020", "chrome100", "firefox100", "safari15"],
		modulePreload: { polyfill: false },
		cssCodeSplit: false,
		assetsInlineLimit: 0,
		rollupOptions: {
			input: fileURLToPath(new URL("app.tsx", import.meta.url)),
			output: {
				entryFileNames: "assets/[name]-[hash:8].js",
				// a page and what pages share may have the same name
				chunkFileNames: (chunk) => `assets/${chunk.isDynamicEntry ? "part" : "shared"}-[name]-[hash:8].js`,
				assetFileNames: "assets/app-[hash:8][extname]",
			},
		},
	},
});
