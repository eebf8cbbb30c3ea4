import type { ConformanceCase } from './conformance.ts';

/** Runs the cases of a suite under mocha; a case that does not apply is shown as pending, with the reason. */
export function describeCases(name: string, cases: readonly ConformanceCase[]): void {
  describe(`${name}: conformance`, () => {
    for (const one of cases) {
      if (one.skip === undefined) it(one.name, one.run);
      else it.skip(`${one.name} (${one.skip})`, one.run);
    }
  });
}
