import type { StoreCase } from './subject.ts';

/** How a check ended. */
export type Outcome = 'passed' | 'failed';

/**
 * The checks of a store as a table: a line for each method and case, a column for each strategy. In it stand `x` for a
 * check, `skip` for one that does not apply, and with `outcomes`, by id, how it ended.
 */
export function storeTable(
  cases: readonly StoreCase[],
  outcomes: Readonly<Record<string, Outcome>> = {},
): string {
  const strategies = [...new Set(cases.map(({ strategy }) => strategy))];
  const lines = new Map<string, Map<string, string>>();
  for (const one of cases) {
    const line = `${one.method} | ${one.check}`;
    const cells = lines.get(line) ?? new Map<string, string>();
    lines.set(line, cells.set(one.strategy, one.skip !== undefined ? 'skip' : (outcomes[one.id] ?? 'x')));
  }
  const rows = [...lines].map(([line, cells]) => [
    ...line.split(' | '),
    ...strategies.map((name) => cells.get(name) ?? ''),
  ]);
  return aligned([['method', 'case', ...strategies], ...rows]);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join(' | ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
  const [head, ...body] = rows;
  return [line(head!), rule, ...body.map(line)].join('\n');
}
