/** The same function, of which one call begins when the one before it has ended, whatever that came to. */
export function inTurn<R>(run: () => Promise<R>): () => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(run, run);
    last = next;
    return next;
  };
}
