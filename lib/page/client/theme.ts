/** Light or dark: as the reader's system has it, until the button is pressed. */
import type { Theme } from '../palette.js';

/** What the page looks like now. */
export interface Themes {
  readonly now: () => Theme;
  readonly toggle: () => void;
  readonly listen: (listener: () => void) => void;
}

/** Follows the system and the button. */
export function themes(): Themes {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const listeners: (() => void)[] = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const now = (): Theme => {
    const set = root.dataset.theme;
    return set === 'light' || set === 'dark' ? set : dark.matches ? 'dark' : 'light';
  };
  dark.addEventListener('change', tell);
  return {
    now,
    toggle: () => {
      root.dataset.theme = now() === 'dark' ? 'light' : 'dark';
      tell();
    },
    listen: (listener) => listeners.push(listener),
  };
}
