/** Ways to make text stand out; without colour each returns its text unchanged. */
export type Style = Record<keyof typeof CODES, (text: string) => string>;

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** Styles for a terminal, or for anything else. */
export function createStyle(hasColor: boolean): Style {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => {
    const paint = (text: string) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`);
    return [name, hasColor ? paint : (text: string) => text] as const;
  });
  return Object.fromEntries(entries) as Style;
}
