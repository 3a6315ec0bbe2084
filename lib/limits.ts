/** Every ceiling that guards against hostile or broken files, each with its reason. */

/** Largest model file in bytes: protobuf messages end at 2 GiB, and ONNX Runtime refuses more. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/** Parts (messages, repeated numbers and names) in one file: the largest exported graphs have some 10^5 nodes. */
export const MAX_PARTS = 5_000_000;

/** Messages in one file: 10^5 nodes with all that exporters note about them make 1.7 million; each takes up to 1 KiB here. */
export const MAX_MESSAGES = 2_000_000;

/** Bytes of one text in the file (a name, a documentation): far above real ones, below what V8 holds in a string. */
export const MAX_STRING_BYTES = 2 ** 26;

/** Depth of nested messages: protobuf, and with it ONNX Runtime, stops here. A subgraph takes three (graph, node, attribute). */
export const MAX_MESSAGE_DEPTH = 100;

/** Depth of nested subgraphs: real models have two or three (a Loop with an If inside). */
export const MAX_SUBGRAPH_DEPTH = 32;

/** Nodes of a graph once its local functions are inlined: functions that call each other twice double them at every step. */
export const MAX_INLINED_NODES = 1_000_000;

/** Axes of one tensor: NumPy's own ceiling is 64. */
export const MAX_RANK = 64;

/** Elements of one tensor: beyond 2^53 a number is no longer exact. */
export const MAX_ELEMENTS = Number.MAX_SAFE_INTEGER;

/** Payloads of at least this many bytes stay in the file until they are needed; smaller ones are not worth a read. */
export const LAZY_PAYLOAD_BYTES = 4096;

/** Bytes that move at once between file and memory: large enough to be fast, small enough not to count. */
export const CHUNK_BYTES = 8 * 2 ** 20;

/** Newest ir_version that a transform accepts (ONNX 1.23 writes 14). */
export const MAX_IR_VERSION = 14;

/** Newest opset of the default domain whose operators the rules were checked against. */
export const MAX_OPSET = 26;

/**
 * Axis positions (sums of axis lengths) that the neuron analysis handles in any model: 24 bytes and 0.1 microseconds each.
 * Most have below 10^6; a file of a hundred bytes may claim any number.
 */
export const MAX_POSITIONS = 2 ** 24;

/** The same in models with as many weights as positions, which the largest language models are. */
export const MAX_POSITIONS_OF_LARGE = 2 ** 28;

/** Known integers of one value: longer lists are data, not shapes. */
export const MAX_CONTENT = 2 ** 16;

/** Bytes of one file of a data set, packed and unpacked: Node reads no more at once. */
export const MAX_DATA_BYTES = 2 ** 31 - 1;

/** Image files in one data set: ImageNet-21k has 14 million, and each takes some 100 bytes of names here. */
export const MAX_IMAGES = 20_000_000;

/** Classes in one folder: ImageNet-21k has 21,841. */
export const MAX_CLASSES = 1_000_000;

/** Bytes of one image file: far above a photograph of the size that a network takes. */
export const MAX_IMAGE_BYTES = 2 ** 26;

/** Pixels of one image: 4096 x 4096, above what networks take; a file of a hundred bytes may claim any number. */
export const MAX_IMAGE_PIXELS = 2 ** 24;

/** Scans of one progressive JPEG: encoders write about ten; each passes over the whole image, and takes but a few bytes. */
export const MAX_JPEG_SCANS = 100;

/** Decoded pixels that are kept from epoch to epoch: CIFAR-10 has 150 MB. Larger data sets are decoded every time. */
export const IMAGE_CACHE_BYTES = 2 ** 29;

/** Bytes of the vectors that pairwise distances hold at once, twice: a layer of 1,000 inputs is then compared in blocks of 4,000. */
export const DISTANCE_BLOCK_BYTES = 32 * 2 ** 20;

/**
 * How many times over the bytes of a checkpoint may be read: a flatbuffer may point to one part from many places, and then a small
 * file unfolds without end. Writers share a text at most.
 */
export const MAX_CHECKPOINT_READS = 4;

/** Constants that a graph computes of constants may be this many times as large as all that it holds .. */
export const FOLD_FACTOR = 2;

/** .. and this much beyond, which small models need: what would be more stays computed by the graph. */
export const FOLD_EXTRA_BYTES = 4 * 2 ** 20;

/** What is read and made on the way to such constants may be this many times as large as they may be. */
export const FOLD_WORK = 4;

/** Bytes that are read and made at once while such constants are computed: enough for few runs, little beside a model. */
export const FOLD_BATCH_BYTES = 64 * 2 ** 20;

/** The same for one result alone: half of what a model file can hold. */
export const MAX_FOLD_BYTES = 2 ** 30;

/** Nodes on one page: the largest exported graphs have some 10^5, but a browser's list and a reader's patience end before. */
export const MAX_PAGE_NODES = 50_000;

/** Bytes of inner values that a trace asks of one run of a model: little beside what running it takes. */
export const TRACE_RUN_BYTES = 64 * 2 ** 20;

/** Runs of each model that a trace of all values may take; of larger models it looks at some and searches between them. */
export const MAX_TRACE_RUNS = 16;

/** Elements of one random input, 2 GiB while it is made: a volume of 512 voxels each way; a file of a hundred bytes may claim any number. */
export const MAX_RANDOM_ELEMENTS = 2 ** 27;
