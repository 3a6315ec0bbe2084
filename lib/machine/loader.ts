/** What the system's loader said about a library of an execution provider, and whose library it did not find. */

/** ONNX Runtime's log: `Failed to load library /a/libonnxruntime_providers_cuda.so with error: libcudart.so.12: cannot ..`. */
const FAILED = /Failed to load library \S+ with error: (.*)/;

/** `libcudnn.so.9: cannot open shared object file: No such file or directory`. */
const MISSING = /\b(lib[\w+-]+)\.so(?:\.(\d+))?[\w.]*: cannot open shared object file/;

interface Product {
  readonly files: RegExp;
  readonly name: string;
  /** Whether the number after `.so.` is the product's own; cuRAND 10, say, belongs to CUDA 11, 12 and 13. */
  readonly numbered: boolean;
}

const PRODUCTS: readonly Product[] = [
  { files: /^libcudnn/, name: 'cuDNN', numbered: true },
  { files: /^lib(cublas|cudart|nvrtc|nvJitLink)/, name: 'CUDA', numbered: true },
  { files: /^lib(curand|cufft|cusparse|cusolver)/, name: 'CUDA', numbered: false },
  { files: /^libnv(infer|onnxparser)/, name: 'TensorRT', numbered: true },
  { files: /^libcuda$/, name: 'the NVIDIA driver', numbered: false },
];

/** A library that another one needs and the loader does not find. */
export interface MissingLibrary {
  /** `libcudnn.so.9`. */
  readonly file: string;
  /** `cuDNN 9`; undefined where the name is not known. */
  readonly product: string | undefined;
}

/** The folder that a library was looked for in, where the loader names it. */
const FOLDER = /^\S*\/(?=[^/\s]+\.so\b)/;

/** The loader's words in a line of ONNX Runtime's log; undefined where it says something else. */
export const loaderWords = (line: string): string | undefined => FAILED.exec(line)?.[1]?.trim().replace(FOLDER, '');

/** The library that is missing, by the loader's words; undefined where they say something else. */
export function missingLibrary(words: string): MissingLibrary | undefined {
  const [, name, version] = MISSING.exec(words) ?? [];
  if (name === undefined) return undefined;
  const number = version === undefined ? '' : ` ${version}`;
  const product = PRODUCTS.find(({ files }) => files.test(name));
  return {
    file: version === undefined ? `${name}.so` : `${name}.so.${version}`,
    product: product && `${product.name}${product.numbered ? number : ''}`,
  };
}
