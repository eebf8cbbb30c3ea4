import type { ExportedSpan } from '../../core/index.ts';

/** A span in its place in the tree. */
export interface TreeRow {
  span: ExportedSpan;
  /** 0 for a root. */
  depth: number;
  /** The lines that lead to it, such as `│  └─ `; those of the outermost levels are missing when it lies deep. */
  rails: string;
  /** The lines that go on beneath it. */
  railsBelow: string;
  /** Why it stands at the top although it names a parent. */
  stray?: 'parent is missing' | 'parents form a circle';
}

/** More levels than this are not drawn: they would leave no room for the name. */
const MAX_RAILS = 10;
const RAIL_COLUMNS = 3;

/**
 * The rows of a trace, each span once, children under their parent by start time. A span whose parent is missing
 * stands at the top, and so does the first one of parents that form a circle.
 */
export function treeRows(spans: readonly ExportedSpan[]): TreeRow[] {
  const forest = new Forest(spans);
  return forest.rows();
}

interface Visit {
  span: ExportedSpan;
  depth: number;
  lead: string;
  isLast: boolean;
  stray?: TreeRow['stray'];
}

class Forest {
  readonly #spans: readonly ExportedSpan[];
  readonly #childrenOf = new Map<string, ExportedSpan[]>();
  readonly #ids: ReadonlySet<string>;
  readonly #visited = new Set<ExportedSpan>();
  readonly #rows: TreeRow[] = [];

  constructor(spans: readonly ExportedSpan[]) {
    this.#spans = [...spans].sort((a, b) => a.startUnixMicro - b.startUnixMicro);
    this.#ids = new Set(spans.map(({ id }) => id));
    for (const span of this.#spans) {
      if (span.parentSpanId === undefined) continue;
      const siblings = this.#childrenOf.get(span.parentSpanId);
      if (siblings) siblings.push(span);
      else this.#childrenOf.set(span.parentSpanId, [span]);
    }
  }

  rows(): TreeRow[] {
    for (const span of this.#spans) {
      const { parentSpanId } = span;
      if (parentSpanId === undefined) this.#walk({ span, depth: 0, lead: '', isLast: true });
      else if (!this.#ids.has(parentSpanId)) {
        this.#walk({ span, depth: 0, lead: '', isLast: true, stray: 'parent is missing' });
      }
    }
    for (const span of this.#spans) {
      if (!this.#visited.has(span)) {
        this.#walk({ span, depth: 0, lead: '', isLast: true, stray: 'parents form a circle' });
      }
    }
    return this.#rows;
  }

  /** Its own stack instead of recursion: a trace may be a chain of any length. */
  #walk(root: Visit): void {
    const waiting = [root];
    for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
      this.#visited.add(visit.span);
      const below = visit.depth === 0 ? '' : shortened(visit.lead + (visit.isLast ? '   ' : '│  '));
      const children = (this.#childrenOf.get(visit.span.id) ?? []).filter(
        (child) => !this.#visited.has(child),
      );
      this.#rows.push(rowOf(visit, below + (children.length > 0 ? '│  ' : '   ')));
      for (let index = children.length - 1; index >= 0; index--) {
        const isLast = index === children.length - 1;
        waiting.push({ span: children[index]!, depth: visit.depth + 1, lead: below, isLast });
      }
    }
  }
}

function rowOf({ span, depth, lead, isLast, stray }: Visit, railsBelow: string): TreeRow {
  const rails = depth === 0 ? '' : lead + (isLast ? '└─ ' : '├─ ');
  return { span, depth, rails, railsBelow, ...(stray && { stray }) };
}

function shortened(lead: string): string {
  return lead.slice(-MAX_RAILS * RAIL_COLUMNS);
}
