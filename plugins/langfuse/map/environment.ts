const MAX_LENGTH = 40;

/**
 * An environment as Langfuse accepts it: lower case letters, digits, `-` and `_`, at most 40, not beginning with
 * `langfuse`. Other characters become `-`. Undefined when nothing is left; Langfuse then says `default`.
 */
export function sanitizeEnvironment(environment: string | undefined): string | undefined {
  const allowed = environment
    ?.toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^(?:langfuse|-)+/, '')
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, '');
  return allowed || undefined;
}
