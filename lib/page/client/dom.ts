/** Elements. Texts of a model become text nodes here and nowhere else: nothing on the page is read as HTML. */

/** What an element has besides its children: attributes as strings, and listeners. */
export interface Props {
  readonly [attribute: string]: string | ((event: Event) => void) | undefined;
}

type Child = Node | string | undefined;

const SVG = 'http://www.w3.org/2000/svg';

function filled<E extends Element>(element: E, props: Props, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'string') element.setAttribute(name, value);
    else if (value) element.addEventListener(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** An HTML element. A string child is text. */
export const el = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => filled(document.createElement(tag), props, children);

/** An SVG element. */
export const svg = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] => filled(document.createElementNS(SVG, tag) as SVGElementTagNameMap[K], props, children);
