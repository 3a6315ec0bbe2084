/** A graph that grows at its end: new nodes and constants, with the facts of every value as it comes. */
import { ofTensor, settleNode } from '../analysis/shapes.js';
import { gradientMissing, quoted } from '../errors.js';
import type { NamedAttribute } from '../ir/attributes.js';
import { memoryBytes } from '../ir/bytes.js';
import { constantsOf } from '../ir/constants.js';
import type { Dim, Shape } from '../ir/dim.js';
import { FLOAT, INT64 } from '../ir/dtype.js';
import { makeNode } from '../ir/edit.js';
import type { Graph, Model, Node, Tensor, Value } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { bytesOf, int64Bytes } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';
import type { Emitter, Typed } from '../rules/gradient/rule.js';
import type { Facts } from '../rules/shape/rule.js';

/** A model and what is put behind its nodes. */
export class GrowingGraph implements Emitter {
  readonly facts: Map<string, Facts>;
  readonly nodes: Node[] = [];
  readonly constants = new Map<string, Tensor>();
  private readonly known: ReadonlyMap<string, Tensor>;
  private readonly fresh: (wish: string) => string;
  /** Constants that are already there, by type, shape and bytes. */
  private readonly shared = new Map<string, string>();

  constructor(
    readonly model: Model,
    facts: ReadonlyMap<string, Facts>,
  ) {
    this.facts = new Map(facts);
    this.known = constantsOf(model.graph);
    this.fresh = freshNames(definedNames(model.graph));
  }

  get opset(): number {
    return this.model.opsets.get('') ?? 0;
  }

  /** A name that nothing has yet. */
  name(wish: string): string {
    return this.fresh(wish);
  }

  emit(opType: string, inputs: readonly string[], ...attributes: readonly NamedAttribute[]): string {
    return this.emitAll(opType, inputs, 1, ...attributes)[0] as string;
  }

  emitAll(
    opType: string,
    inputs: readonly string[],
    count: number,
    ...attributes: readonly NamedAttribute[]
  ): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.fresh(`training.${opType}`));
    this.push(makeNode(opType, inputs, outputs, new Map(attributes)));
    return outputs;
  }

  /** Adds a node as it is. Throws SHAPE_CONFLICT. */
  push(node: Node): void {
    this.nodes.push(node);
    for (const [name, facts] of settleNode(this.model, node, this.facts)) this.facts.set(name, facts);
  }

  body(inputs: readonly Typed[], make: (inputs: readonly string[]) => readonly string[]): Graph {
    const before = this.nodes.length;
    const values = inputs.map((typed): Value => ({ name: this.fresh('training.body'), ...typed }));
    for (const { name, dtype, shape } of values) this.facts.set(name, { dtype, shape });
    const outputs = make(values.map(({ name }) => name)).map(
      (name): Value => ({ name, dtype: this.dtype(name), shape: this.facts.get(name)?.shape }),
    );
    const nodes = this.nodes.splice(before);
    const none = { valueInfo: [], initializers: new Map<string, Tensor>(), sparseInitializers: [] };
    return { name: this.fresh('training.graph'), nodes, inputs: values, outputs, ...none };
  }

  int64s(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant('training.int64', INT64, dims, int64Bytes(values));
  }

  reals(values: readonly number[], dims: readonly number[], like: string): string {
    const dtype = this.dtype(like) ?? FLOAT;
    return this.constant('training.real', dtype, dims, bytesOf(Float64Array.from(values), dtype, like));
  }

  shape(value: string): Shape {
    const shape = this.facts.get(value)?.shape;
    if (!shape) throw gradientMissing(quoted(value), 'its shape is not known');
    return shape;
  }

  dtype(value: string): number | undefined {
    return this.facts.get(value)?.dtype;
  }

  content(value: string): readonly Dim[] | undefined {
    return this.facts.get(value)?.content;
  }

  realContent(value: string): readonly number[] | undefined {
    return this.facts.get(value)?.reals;
  }

  isConstant(value: string): boolean {
    return this.known.has(value) || this.constants.has(value);
  }

  /** The graph with all that was added. */
  grown(): Graph {
    const { graph } = this.model;
    return {
      ...graph,
      nodes: [...graph.nodes, ...this.nodes],
      initializers: new Map([...graph.initializers, ...this.constants]),
    };
  }

  private constant(wish: string, dtype: number, dims: readonly number[], bytes: Uint8Array): string {
    const key = `${dtype} ${dims.join()} ${bytes.join()}`;
    const old = this.shared.get(key);
    if (old !== undefined) return old;
    const name = this.fresh(wish);
    const tensor: Tensor = { name, dtype, dims, data: memoryBytes(bytes) };
    this.constants.set(name, tensor);
    this.facts.set(name, ofTensor(tensor));
    this.shared.set(key, name);
    return name;
  }
}
