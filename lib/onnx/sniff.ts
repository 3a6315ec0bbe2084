/** What a file is that is not an ONNX model: people pass archives, web pages and checkpoints. */

/** How many bytes `looksLike` wants to see. */
export const HEAD_BYTES = 512;

const starts = (head: Uint8Array, ...signs: readonly (number | string)[]): boolean => {
  const bytes = signs.flatMap((sign) => (typeof sign === 'number' ? sign : [...sign].map((c) => c.charCodeAt(0))));
  return bytes.every((byte, i) => head[i] === byte);
};

/** First match counts. `at` is where the sign stands. */
const SIGNS: readonly { readonly at: number; readonly sign: readonly (number | string)[]; readonly what: string }[] = [
  { at: 0, sign: [0x1f, 0x8b], what: 'it is compressed with gzip; unpack it first' },
  { at: 0, sign: ['PK', 3, 4], what: 'it is a zip archive (a PyTorch checkpoint or a Keras model, perhaps)' },
  { at: 0, sign: [0x80, 2, 0x8a, 10, 'l', 0xfc], what: 'it is a PyTorch checkpoint' },
  { at: 0, sign: [0x80, 4, 0x95], what: 'it is a Python pickle' },
  { at: 0, sign: [0x89, 'HDF'], what: 'it is an HDF5 file' },
  { at: 0, sign: [0x28, 0xb5, 0x2f, 0xfd], what: 'it is compressed with zstd; unpack it first' },
  { at: 0, sign: ['BZh'], what: 'it is compressed with bzip2; unpack it first' },
  { at: 0, sign: [0xfd, '7zXZ'], what: 'it is compressed with xz; unpack it first' },
  { at: 257, sign: ['ustar'], what: 'it is a tar archive' },
  { at: 0, sign: ['GGUF'], what: 'it is a GGUF model' },
  { at: 4, sign: ['TFL3'], what: 'it is a TensorFlow Lite model' },
  { at: 4, sign: ['ORTM'], what: 'it is an ONNX Runtime model (.ort)' },
  { at: 0, sign: [0x93, 'NUMPY'], what: 'it is a NumPy array' },
  { at: 0, sign: ['version https://git-lfs'], what: 'it is a Git LFS pointer; run `git lfs pull`' },
];

const isPrintable = (byte: number): boolean => byte >= 0x20 || (byte >= 9 && byte <= 13);

/** What the first bytes of a file that cannot be read as a model look like; undefined if nothing known. */
export function looksLike(head: Uint8Array): string | undefined {
  if (head.length === 0) return 'it is empty';
  const sign = SIGNS.find(({ at, sign }) => starts(head.subarray(at), ...sign));
  if (sign) return sign.what;
  if (!head.every(isPrintable)) return undefined;
  return /^\s*<(!doctype|html|\?xml)/i.test(Buffer.from(head).toString('latin1')) ? 'it is a web page' : 'it is text';
}
