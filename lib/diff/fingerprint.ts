/** Short texts of what a tensor holds: one that does not depend on its order, one that does. */
import { byteLength } from '../ir/dtype.js';
import { joined, mixed } from '../ir/mixed.js';
import type { Tensor } from '../ir/model.js';

/** One element as one number, whatever its width. */
function wordsOf(piece: Uint8Array, width: number): Int32Array {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const words = new Int32Array(Math.floor(piece.byteLength / width));
  for (let i = 0; i < words.length; i++) {
    const at = i * width;
    if (width === 4) words[i] = view.getInt32(at, true);
    else if (width === 8) words[i] = view.getInt32(at, true) ^ Math.imul(view.getInt32(at + 4, true), 0x9e3779b1);
    else words[i] = width === 2 ? view.getInt16(at, true) : view.getInt8(at);
  }
  return words;
}

/** The same for a tensor transposed or shuffled: type, number of elements, and a hash of the multiset of elements. Texts, which stay in the file, count as one. */
export function fingerprint({ dtype, dims, data }: Tensor): string {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const width = byteLength(dtype, 1) ?? 1;
  let [sum, xor] = [0, 0];
  for (const piece of data?.pieces(width) ?? []) {
    for (const word of wordsOf(piece, width)) {
      const bits = mixed(word);
      sum = (sum + bits) | 0;
      xor ^= mixed(bits);
    }
  }
  return `${dtype}:${count}:${sum >>> 0}:${xor >>> 0}`;
}

/** Eight hexadecimal digits made of all bytes in their order. Texts, which stay in the file, give one hash. */
export function contentHash({ data }: Tensor): string {
  let hash = 0;
  for (const piece of data?.pieces(1) ?? []) for (const byte of piece) hash = joined(hash, byte);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
