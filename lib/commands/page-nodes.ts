/** Parts of a page's nodes that a model and a comparison have in common. */
import type { FactsMap } from '../analysis/shapes.js';
import { typeText } from '../diff/nodes.js';
import type { Tensor } from '../ir/model.js';
import type { PageFact, PageNode } from '../page/data.js';

/** What is known of a graph. */
interface Known {
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly facts: FactsMap | undefined;
}

/** The lengths of the first constant among operands: `16×6×5×5`. */
export function detailOf(inputs: readonly string[], { constants }: Pick<Known, 'constants'>): string {
  const weight = inputs.flatMap((name) => constants.get(name) ?? []).find(({ dims }) => dims.length > 0);
  return weight?.dims.join('×') ?? '';
}

/** Name and type of each value that is no constant. */
export const valueFacts = (names: readonly string[], { constants, facts }: Known): readonly PageFact[] =>
  names
    .filter((name) => name !== '' && !constants.has(name))
    .map((name) => ({ heading: name, lines: [typeText(facts?.get(name))] }));

/** An input or output of the graph. */
export const endNode = (
  end: Pick<PageNode, 'name' | 'op' | 'change' | 'notes'> & { readonly kind: 'input' | 'output' },
): PageNode => ({ ...end, detail: '', attributes: [], inputs: [], outputs: [], tensors: [], neurons: [] });
