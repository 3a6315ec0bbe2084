/** What the reader has chosen; every part of the page listens to it. */
import type { Change } from '../data.js';

/** Immutable. */
export interface State {
  /** Number of the chosen node. */
  readonly selected: number | undefined;
  /** Whether its panel is open. */
  readonly opened: boolean;
  readonly query: string;
  /** Changes that are filtered out. */
  readonly hidden: ReadonlySet<Change>;
  readonly changesFirst: boolean;
}

/** Told after each change what is and what was. */
export type Listener = (state: State, before: State) => void;

/** The one place that holds state. */
export interface Store {
  readonly get: () => State;
  readonly set: (part: Partial<State>) => void;
  readonly listen: (listener: Listener) => void;
}

/** A store with its first state. */
export function storeOf(first: State): Store {
  let state = first;
  const listeners: Listener[] = [];
  return {
    get: () => state,
    set: (part) => {
      const before = state;
      state = { ...state, ...part };
      for (const listener of listeners) listener(state, before);
    },
    listen: (listener) => listeners.push(listener),
  };
}
