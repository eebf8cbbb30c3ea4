/** The keys that lead to a value, from the outside in. */
export type Path = readonly string[];

/** Dotted text of a path; a key that holds a dot is quoted: `service.attributes["deployment.environment"]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (key === '' || key.includes('.')) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/** True where a path lies at or below another. */
export function isUnder(path: Path, top: Path): boolean {
  return top.every((key, index) => path[index] === key);
}
