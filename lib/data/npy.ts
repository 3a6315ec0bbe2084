/**
 * NumPy's array format, versions 1 to 3, without pickled objects: a magic string, the version, the length of the header,
 * the header as a Python dictionary, then the elements. Source: numpy/lib/format.py.
 */
import { dataFormat } from '../errors.js';
import { constructorOf, type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { MAX_RANK } from '../limits.js';

const MAGIC = [0x93, ...'NUMPY'].map((c) => (typeof c === 'number' ? c : c.charCodeAt(0)));

/** Element types by NumPy's names: little-endian or single bytes. Numbers are those of ir/dtype. */
const DTYPES: ReadonlyMap<string, number> = new Map([
  ['<f4', 1],
  ['|u1', 2],
  ['|i1', 3],
  ['<u2', 4],
  ['<i2', 5],
  ['<i4', 6],
  ['<i8', 7],
  ['|b1', 9],
  ['<f2', 10],
  ['<f8', 11],
  ['<u4', 12],
  ['<u8', 13],
]);

/** Longest header that NumPy itself reads without being told to trust it. */
const MAX_HEADER = 10_000;

/** `{'descr': '<f4', 'fortran_order': False, 'shape': (32, 10), }`: NumPy writes the keys in this order. */
const HEADER = /^\{'descr': '([^']{1,10})', 'fortran_order': (False|True), 'shape': \(([\d, ]*)\),? ?\}\s*$/;

/** The header's text and where the elements start. */
function headerOf(bytes: Uint8Array, name: string): readonly [string, number] {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw dataFormat(name, 'is not a NumPy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw dataFormat(name, `has the format version ${version}, not 1 to 3`);
  const [at, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > MAX_HEADER || at + length > bytes.length) throw dataFormat(name, 'ends within its header');
  return [new TextDecoder().decode(bytes.subarray(at, at + length)), at + length];
}

/** A .npy file. Throws DATA_FORMAT for other element types, Fortran order, and a size that does not fit the shape. */
export function parseNpy(bytes: Uint8Array, name: string): NdArray {
  const [header, start] = headerOf(bytes, name);
  const [, descr, fortran, shape] = HEADER.exec(header) ?? [];
  if (descr === undefined || shape === undefined) throw dataFormat(name, 'has a header that is no plain array');
  const dims = shape.split(',').flatMap((dim) => (dim.trim() === '' ? [] : [Number(dim)]));
  const dtype = DTYPES.get(descr);
  const make = constructorOf(dtype ?? 0);
  if (dtype === undefined || !make) throw dataFormat(name, `holds elements of NumPy's type ${descr}`);
  if (fortran === 'True' && dims.length > 1)
    throw dataFormat(name, 'is in Fortran order; save np.ascontiguousarray of it');
  const size = elementCount(dims) * make.BYTES_PER_ELEMENT;
  if (dims.length > MAX_RANK || size !== bytes.length - start) {
    throw dataFormat(name, `has ${bytes.length - start} bytes of elements where its shape needs ${size}`);
  }
  // A copy, because elements must be aligned. (Buffer's own slice would be a view.)
  const elements = new Uint8Array(bytes.subarray(start));
  return ndarray(dtype, dims, new make(elements.buffer, elements.byteOffset, elements.length / make.BYTES_PER_ELEMENT));
}
