/** Whose neurons each layer of a fused model makes, as a page shows them. */
import { findNeurons } from '../analysis/neurons.js';
import type { Model } from '../ir/model.js';
import type { PageNeurons } from '../page/data.js';
import { picksOf, readOrigins } from './origins.js';
import { provenanceOf } from './provenance.js';

/** The members of a fusion, and the neurons of its layers. */
export interface NodeOrigins {
  readonly members: readonly string[];
  /** By the first output of a layer. */
  readonly neurons: ReadonlyMap<string, readonly PageNeurons[]>;
}

const NOTHING: NodeOrigins = { members: [], neurons: new Map() };

/** Neighbours of one origin as one run. */
function runsOf(members: readonly number[]): PageNeurons['runs'] {
  const runs: [number, number][] = [];
  for (const member of members) {
    const last = runs.at(-1);
    if (last?.[0] === member) last[1] += 1;
    else runs.push([member, 1]);
  }
  return runs;
}

/** What the metadata tells of a model's neurons, layer by layer; nothing where it tells nothing, or of another model. */
export function nodeOrigins(model: Model): NodeOrigins {
  const origins = readOrigins(model);
  const { provenance } = provenanceOf(model);
  if (!origins || !provenance?.fits) return NOTHING;
  const { layers, labels, groups } = findNeurons(model, origins.factors);
  const memberOf = origins.groups.map(({ runs }) => picksOf(runs).map(({ member }) => member));
  const found = new Map<string, PageNeurons[]>();
  for (const { node, weight, out } of layers) {
    const own = labels(weight, out);
    const here = new Map<number, number[]>();
    own?.group.forEach((group, at) => {
      const member = memberOf[group]?.[own.neuron[at] as number];
      if (member === undefined) return;
      const known = here.get(group) ?? [];
      known.push(member);
      here.set(group, known);
    });
    const told = [...here].map(([group, members]) => ({ group: groups[group]?.name ?? '', runs: runsOf(members) }));
    const output = node.outputs[0] ?? '';
    if (told.length > 0 && !found.has(output)) found.set(output, told);
  }
  return { members: origins.members, neurons: found };
}
