/** Runs a check and gives the errors that nobody caught meanwhile, instead of letting them end the process. */
export async function uncaughtDuring(check: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  const restore = (['unhandledRejection', 'uncaughtException'] as const).map((name) => {
    // Those of the test runner would fail a test that is not the one to blame.
    const others = process.listeners(name as 'uncaughtException');
    process.removeAllListeners(name);
    process.on(name, note);
    return () => {
      process.off(name, note);
      for (const other of others) process.on(name as 'uncaughtException', other);
    };
  });
  try {
    await check();
    // Rejections are noticed after the microtasks.
    await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    for (const undo of restore) undo();
  }
  return errors;
}

/** The kinds of resources that are open now, one entry each. */
export async function openResources(): Promise<string[]> {
  // A timer of the caller, or the one that a test runner sets for the test that has just begun, is settled by then.
  await new Promise((resolve) => setImmediate(resolve));
  return process.getActiveResourcesInfo().filter((resource) => resource !== 'Immediate');
}

/** Kinds of resources, such as timers and sockets, of which there are more than before; looks again for 1 s. */
export async function leftOpen(before: readonly string[]): Promise<string[]> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    const more = await moreThan(before);
    if (more.length === 0 || waitedMs >= 1_000) return more;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resources that are there now and were not before. */
export async function moreThan(before: readonly string[]): Promise<string[]> {
  const left = [...before];
  return (await openResources()).filter((resource) => {
    const index = left.indexOf(resource);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
