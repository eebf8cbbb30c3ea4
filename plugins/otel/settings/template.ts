/** Values by the names that a template may ask for. */
export type Values = Readonly<Record<string, string | undefined>>;

const PLACEHOLDER = /\{(basic:)?(\w+)(?:=([^}]*)|:(\w+))?\}/g;

/**
 * Text with its placeholders filled in: `{name}`, `{name=default}`, and `{basic:user:password}` for Basic credentials.
 * Names without a value are added to `missing`.
 */
export function fill(template: string, values: Values, missing: Set<string>): string {
  const need = (name: string): string => {
    const value = values[name];
    if (value === undefined) missing.add(name);
    return value ?? '';
  };
  return template.replace(
    PLACEHOLDER,
    (_, isBasic: string | undefined, name: string, fallback?: string, second?: string) => {
      if (isBasic) return Buffer.from(`${need(name)}:${need(second!)}`).toString('base64');
      return fallback === undefined ? need(name) : (values[name] ?? fallback);
    },
  );
}

/** The filled texts of a record; undefined for those that miss a value. */
export function fillKnown(
  templates: Readonly<Record<string, string>>,
  values: Values,
): Record<string, string> {
  const filled = Object.entries(templates).flatMap(([key, template]) => {
    const missing = new Set<string>();
    const text = fill(template, values, missing);
    return missing.size === 0 ? [[key, text]] : [];
  });
  return Object.fromEntries(filled);
}
