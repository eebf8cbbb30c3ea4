/** What the paths of the options say about the fields at one level. */
export interface PathNode {
  /** A path ends here. */
  isEnd: boolean;
  /** The level below, by name or number of the field; `*` is any. */
  below: Map<string, PathNode>;
}

/** A path: names or numbers with dots between them, `*` for any one. */
export const PATH = /^[^.\s]+(?:\.[^.]+)*$/;

/** The paths as a tree, which is walked beside the data. */
export function treeOf(paths: readonly string[]): PathNode {
  const root = newNode();
  for (const path of paths) {
    let node = root;
    for (const step of path.split('.')) {
      const next = node.below.get(step) ?? newNode();
      node.below.set(step, next);
      node = next;
    }
    node.isEnd = true;
  }
  return root;
}

/** The nodes that a field leads to; several where a name and `*` both fit. */
export function stepInto(nodes: readonly PathNode[], field: string): readonly PathNode[] {
  if (nodes.length === 0) return nodes;
  return nodes.flatMap(({ below }) => [below.get(field) ?? [], below.get('*') ?? []].flat());
}

function newNode(): PathNode {
  return { isEnd: false, below: new Map() };
}
