/**
 * What a page shows: plain JSON, made by the commands from their reports, laid out and drawn by the rest of this folder. Texts are
 * the file's own: the page shows them as text, never as HTML.
 */

/** What became of a node between two models; `same` throughout a page of one model. */
export type Change = 'same' | 'added' | 'removed' | 'changed' | 'moved' | 'renamed';

/** A heading and what stands under it. */
export interface PageFact {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** How often values lie in each of equally wide bins between `low` and `high`. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** NaN and infinite values, which no bin holds. */
  readonly nonfinite: number;
}

/** A constant tensor of a node. For a difference `before` is the first model's, `after` the second's; else `after` alone. */
export interface PageTensor {
  readonly name: string;
  /** `float32 [16, 6, 5, 5]`. */
  readonly type: string;
  /** Both of one pair share their bins. Null for types without real values, and for empty tensors. */
  readonly before: Histogram | null;
  readonly after: Histogram | null;
  /** Statistics and differences, ready to read: `norm 3.21 -> 3.25`. */
  readonly lines: readonly string[];
}

/** A setting of a node, as text; null where that model's node has none. `before` is null for a page of one model. */
export interface PageAttribute {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Neurons of one group that a node makes, in order, as runs of one origin: [index into `members`, how many]. */
export interface PageNeurons {
  readonly group: string;
  readonly runs: readonly (readonly [member: number, count: number])[];
}

/** A node of the graph, or one of its inputs or outputs. */
export interface PageNode {
  readonly name: string;
  readonly kind: 'node' | 'input' | 'output';
  /** `Conv`, or `com.microsoft::FusedConv`; for an input or output its type: `float32 [batch, 3, 32, 32]`. */
  readonly op: string;
  /** What stands below the operator in its box, short: `16×6×5×5`; '' for nothing. */
  readonly detail: string;
  readonly change: Change;
  /** What changed or is worth knowing, one line each. */
  readonly notes: readonly string[];
  readonly attributes: readonly PageAttribute[];
  /** Inner values that go in and come out: name and type. */
  readonly inputs: readonly PageFact[];
  readonly outputs: readonly PageFact[];
  readonly tensors: readonly PageTensor[];
  readonly neurons: readonly PageNeurons[];
}

/** A value that flows from one node to another, by their numbers in `nodes`. */
export interface PageEdge {
  readonly from: number;
  readonly to: number;
  /** Name and type of the value. */
  readonly label: string;
  readonly change: 'same' | 'added' | 'removed';
}

/** All of a page. */
export interface PageData {
  /** `fused.onnx`, or `a.onnx → b.onnx`. */
  readonly title: string;
  /** The answer in one sentence. */
  readonly verdict: string;
  readonly facts: readonly PageFact[];
  /** Names of the models that neurons came from; empty where the model was not fused. */
  readonly members: readonly string[];
  /** In topological order. */
  readonly nodes: readonly PageNode[];
  readonly edges: readonly PageEdge[];
}
