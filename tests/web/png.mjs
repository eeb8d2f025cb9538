// Screenshots are drawn in few colours: a palette of 256 makes them a third of the size.
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
	return n;
});

function crc32(bytes) {
	let c = -1;
	for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ (c >>> 8);
	return ~c >>> 0;
}

function* chunks(png) {
	for (let at = 8; at < png.length;) {
		const size = png.readUInt32BE(at);
		yield { kind: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) };
		at += size + 12;
	}
}

function chunk(kind, data) {
	const body = Buffer.concat([Buffer.from(kind, "latin1"), data]), out = Buffer.alloc(body.length + 8);
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE(crc32(body), body.length + 4);
	return out;
}

function paeth(a, b, c) {
	const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
	return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** The bytes of the pixels, row after row, without filters (PNG specification, 9). */
function pixels(raw, height, stride, step) {
	const out = Buffer.alloc(height * stride);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (stride + 1)];
		for (let x = 0; x < stride; x++) {
			const at = y * stride + x;
			const a = x >= step ? out[at - step] : 0, b = y ? out[at - stride] : 0, c = y && x >= step ? out[at - stride - step] : 0;
			const guess = [0, a, b, (a + b) >> 1, filter === 4 ? paeth(a, b, c) : 0][filter];
			out[at] = raw[y * (stride + 1) + 1 + x] + guess;
		}
	}
	return out;
}

/** The 256 colours that are there most, and for each colour the nearest of them. */
function palette(colours) {
	const counted = new Map();
	for (const c of colours) counted.set(c, (counted.get(c) ?? 0) + 1);
	const kept = [...counted].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([c]) => c);
	const far = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
	const nearest = new Map(kept.map((c, i) => [c, i]));
	for (const c of counted.keys()) {
		if (nearest.has(c)) continue;
		let best = 0;
		for (let i = 1; i < kept.length; i++) if (far(c, kept[i]) < far(c, kept[best])) best = i;
		nearest.set(c, best);
	}
	return { kept, nearest };
}

/** The same picture with a palette. */
export function small(png) {
	const parts = [...chunks(png)], header = parts.find((p) => p.kind === "IHDR").data;
	const width = header.readUInt32BE(0), height = header.readUInt32BE(4), step = header[9] === 6 ? 4 : 3;
	if (header[8] !== 8 || (header[9] !== 2 && header[9] !== 6) || header[12]) throw new Error("a picture of another kind");
	const raw = inflateSync(Buffer.concat(parts.filter((p) => p.kind === "IDAT").map((p) => p.data)));
	const bytes = pixels(raw, height, width * step, step);
	const colours = new Uint32Array(width * height).map((_, i) => (bytes[i * step] << 16) | (bytes[i * step + 1] << 8) | bytes[i * step + 2]);
	const { kept, nearest } = palette(colours);
	const rows = Buffer.alloc(height * (width + 1));
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = nearest.get(colours[y * width + x]);
	const fresh = Buffer.from(header);
	fresh[9] = 3;
	return Buffer.concat([SIGNATURE, chunk("IHDR", fresh), chunk("PLTE", Buffer.from(kept.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))),
		chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
