/** What is wrong with a score by the rules of Langfuse's server, written down from its schema; nothing when it is right. */
export function scoreProblems(body: Record<string, unknown>): string[] {
  const { name, value, dataType } = body;
  const targets = ['traceId', 'sessionId', 'datasetRunId'].filter((key) => body[key] !== undefined);
  const checks: [boolean, string][] = [
    [
      typeof body['id'] === 'string' && body['id'] !== '',
      'an id: without one it is acknowledged and never stored',
    ],
    [typeof name === 'string' && name !== '', 'a name'],
    [targets.length === 1, 'exactly one of trace, session and dataset run'],
    [body['observationId'] === undefined || body['traceId'] !== undefined, 'a trace for its observation'],
    [VALUES[String(dataType)]?.(value) ?? false, `a value that is ${String(dataType)}`],
    [dataType !== 'CORRECTION' || body['sessionId'] === undefined, 'no session for a correction'],
    [body['comment'] === undefined || typeof body['comment'] === 'string', 'a comment of text'],
    [
      body['environment'] === undefined || /^(?!langfuse)[a-z0-9_-]{1,40}$/.test(String(body['environment'])),
      'an environment',
    ],
  ];
  return checks.flatMap(([isRight, what]) => (isRight ? [] : [`needs ${what}`]));
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';

const VALUES: Record<string, (value: unknown) => boolean> = {
  NUMERIC: (value) => typeof value === 'number' && Number.isFinite(value),
  BOOLEAN: (value) => value === 0 || value === 1,
  CATEGORICAL: isText,
  TEXT: (value) => isText(value) && (value as string).length <= 500,
  CORRECTION: isText,
};
