/** NumPy archives made by hand. */
import { crc32 } from '../../lib/data/crc32.js';

/** An array as a .npy holds it. */
export interface Npy {
  /** NumPy's name of the type: `<f4`, `<i8`, `|u1`. */
  readonly descr: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function npy({ descr, shape, bytes }: Npy): Uint8Array {
  const dims = shape.map((dim) => `${dim},`).join(' ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00'), length, Buffer.from(header), bytes]);
}

/** A stored zip of arrays by name. */
export function npz(arrays: Readonly<Record<string, Npy>>): Uint8Array {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const [path, contents] = [Buffer.from(`${name}.npy`), npy(array)];
    const common = Buffer.alloc(26);
    common.writeUInt32LE(crc32(contents), 10);
    common.writeUInt32LE(contents.length, 14);
    common.writeUInt32LE(contents.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, contents]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x00\x00'), common, tail, path]));
    files.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]);
}
