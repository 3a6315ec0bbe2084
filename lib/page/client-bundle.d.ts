/** The page's script, bundled from ./client by scripts/bundle-client.ts at build time. */
export const CLIENT: string;
