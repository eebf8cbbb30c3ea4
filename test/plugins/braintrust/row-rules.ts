/** The rules for rows and feedback that Braintrust's published API description states, as far as we use them. */

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const count: Check = (value) => Number.isInteger(value);
const any: Check = () => true;
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    object(value) && Object.values(value as object).every(check);

const SPAN_TYPES = 'llm score function eval task tool automation facet preprocessor classifier review'.split(
  ' ',
);
const COUNTS = ['prompt_tokens', 'completion_tokens', 'tokens'];

const unit: Check = (value) => number(value) && (value as number) >= 0 && (value as number) <= 1;
const uniqueTexts: Check = (value) =>
  listOf(text)(value) && new Set(value as string[]).size === (value as string[]).length;
const metrics: Check = (value) =>
  recordOf(number)(value) &&
  COUNTS.every((name) => !(name in (value as object)) || count((value as Record<string, unknown>)[name]));
const attributes: Check = (value) => {
  const { name, type } = (value ?? {}) as Record<string, unknown>;
  return object(value) && text(name) && SPAN_TYPES.includes(type as string);
};
const created: Check = (value) => text(value) && !Number.isNaN(Date.parse(value as string));

const ROW: Record<string, Check> = {
  id: text,
  span_id: text,
  root_span_id: text,
  span_parents: listOf(text),
  created,
  span_attributes: attributes,
  metrics,
  input: any,
  output: any,
  expected: any,
  error: any,
  scores: recordOf(unit),
  tags: uniqueTexts,
  metadata: object,
  _is_merge: (value) => typeof value === 'boolean',
};
const FEEDBACK: Record<string, Check> = {
  id: text,
  scores: recordOf(unit),
  expected: any,
  comment: text,
  metadata: object,
  source: (value) => ['app', 'api', 'external'].includes(value as string),
  tags: uniqueTexts,
};

/** What is wrong with a row, by field; empty for one that would be taken. */
export function rowProblems(row: unknown): string[] {
  return problems(row, ROW);
}

/** What is wrong with an item of feedback, by field. */
export function feedbackProblems(item: unknown): string[] {
  const { scores, expected, comment, tags } = item as Record<string, unknown>;
  const isEmpty = [scores, expected, comment, tags].every((value) => value === undefined);
  return [...problems(item, FEEDBACK), ...(isEmpty ? ['nothing is said'] : [])];
}

function problems(value: unknown, rules: Record<string, Check>): string[] {
  if (!object(value)) return ['not an object'];
  const record = value as Record<string, unknown>;
  if (record['id'] === undefined) return ['id is missing'];
  return Object.entries(record).flatMap(([key, entry]) => {
    const check = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!check) return [`${key} is unknown`];
    return check(entry) ? [] : [`${key} is invalid: ${JSON.stringify(entry)?.slice(0, 200)}`];
  });
}
