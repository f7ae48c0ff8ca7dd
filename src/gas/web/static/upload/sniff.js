// Looks at the first bytes of a file: is it a VCF, and which contigs does it speak of?
const HEAD_BYTES = 512 * 1024;

const FOREIGN = [
  ["BAM\u0001", "a BAM file"], ["CRAM", "a CRAM file"], ["PK\u0003\u0004", "a ZIP archive"],
  ["%PDF", "a PDF"], ["BZh", "a bzip2 file"], ["\u00fd7zXZ", "an xz file"], ["\u0089PNG", "an image"],
];

// Gives { fault } (a sentence and its cure), or { contigs, lengths } as far as the head shows them.
export async function sniff(file) {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const bytes = packed ? await inflate(head) : head;
  if (!bytes.length) {
    return { fault: ["The file cannot be unpacked.", "Compress it again with bgzip or gzip."] };
  }
  const start = String.fromCharCode(...bytes.slice(0, 8));
  for (const [magic, name] of FOREIGN) {
    if (start.startsWith(magic)) return { fault: [`This is ${name}.`, "Choose a VCF, plain or compressed with gzip or bgzip."] };
  }
  if (start.startsWith("BCF")) return { contigs: new Set(), lengths: new Map() }; // binary: left to the service
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  const text = new TextDecoder(encoding).decode(bytes);
  if (!text.startsWith("#")) {
    return { fault: ["This does not look like a VCF: it does not begin with a header line.", "A VCF begins with ##fileformat=VCF."] };
  }
  return readHead(text);
}

function readHead(text) {
  const lengths = new Map();
  const contigs = new Set();
  for (const line of text.split(/\r?\n/).slice(0, -1)) {
    if (line.startsWith("##contig=")) {
      const id = /[<,]ID=([^,>]+)/.exec(line)?.[1];
      const length = /[<,]length=(\d+)/.exec(line)?.[1];
      if (id && length) lengths.set(id, Number(length));
    } else if (!line.startsWith("#") && line.includes("\t")) {
      contigs.add(line.slice(0, line.indexOf("\t")));
    }
  }
  return { contigs, lengths };
}

// bgzip is many gzip members in a row, and DecompressionStream takes one: they go in one by one.
async function inflate(head) {
  const pieces = [];
  let at = 0;
  for (let end; (end = memberEnd(head, at)) && pieces.length < 16; at = end) {
    pieces.push(await inflateOne(head.subarray(at, end)));
  }
  if (at === 0) pieces.push(await inflateOne(head));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

// The end of the bgzip member at `at`, or 0 if it is none or not whole.
function memberEnd(bytes, at) {
  const extra = bytes[at] === 0x1f && bytes[at + 3] & 4 && bytes[at + 12] === 0x42 && bytes[at + 13] === 0x43;
  const end = extra ? at + bytes[at + 16] + (bytes[at + 17] << 8) + 1 : 0;
  return end <= bytes.length ? end : 0;
}

async function inflateOne(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const chunks = [];
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) chunks.push(step.value);
  } catch {
    // The head ends within the stream; what came out before is enough.
  }
  return new Blob(chunks);
}
