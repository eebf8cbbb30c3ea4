const waiting = new Set<() => void>();

function runAll(): void {
  for (const act of [...waiting]) act();
}

/** Calls `act` when the process ends, however it ends in JavaScript; gives what takes that back. */
export function atExit(act: () => void): () => void {
  if (waiting.size === 0) process.on('exit', runAll);
  waiting.add(act);
  return () => {
    waiting.delete(act);
    if (waiting.size === 0) process.off('exit', runAll);
  };
}
