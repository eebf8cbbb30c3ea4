/** The first and last text in DuckDB's order, which is that of UTF-8 bytes. With it DuckDB leaves out blocks of rows. */
export function rangeOf(texts: readonly string[]): [first: string, last: string] {
  const bytes = texts.map((text) => Buffer.from(text)).sort(Buffer.compare);
  return [bytes[0]!.toString(), bytes.at(-1)!.toString()];
}
