/** Changes with their marks and counts; each is a button that shows or hides its nodes. */
import { el } from './dom.js';
import { markIcon } from './mark-icon.js';
import { CHANGE_ORDER, MARKS } from './marks.js';
import type { Scene } from './scene.js';
import type { Store } from './store.js';
import { changeCounts } from './texts.js';

/** Nothing for a page without changes. */
export function legendOf({ data, differs }: Scene, store: Store): HTMLElement | undefined {
  if (!differs) return undefined;
  const counts = changeCounts(data.nodes);
  const chips = CHANGE_ORDER.filter((change) => counts.has(change)).map((change) => {
    const flip = () => {
      const hidden = new Set(store.get().hidden);
      if (!hidden.delete(change)) hidden.add(change);
      store.set({ hidden });
    };
    const { letter } = MARKS[change];
    const chip = el(
      'button',
      { class: 'chip', type: 'button', 'aria-pressed': 'true', title: `Show or hide: ${change}`, click: flip },
      markIcon(change),
      letter === '' ? change : `${change} (${letter})`,
      el('b', {}, (counts.get(change) ?? 0).toLocaleString('en')),
    );
    store.listen(({ hidden }) => chip.setAttribute('aria-pressed', String(!hidden.has(change))));
    return chip;
  });
  return el('div', { class: 'chips', role: 'group', 'aria-label': 'Changes' }, ...chips);
}
