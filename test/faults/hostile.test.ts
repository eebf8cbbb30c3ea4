import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { HOSTILITIES } from './hostile-plugins.ts';
import type { HostileResult } from './hostile-run.ts';

/** Events of each signal, for each hostile plugin. */
const EVENTS = Number(process.env['OBS_TEST_HOSTILE_EVENTS'] ?? 10_000);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How each one is named: by the hook of its tap, or by a warning. */
const NAMED: Record<string, RegExp> = {
  'throws at once': /failed in its \w+ tap: boom/,
  'throws what is no error': /failed in its \w+ tap: /,
  rejects: /failed in its \w+ tap: boom/,
  'rejects later, twice': /failed in its \w+ tap: boom/,
  'is async where that is not expected': /failed in its \w+ tap: boom/,
  'never resolves': /OBS_SEND_(CIRCUIT_OPEN|TIMEOUT)/,
  'resolves long after its time limit': /OBS_SEND_(CIRCUIT_OPEN|TIMEOUT)/,
  'blocks the event loop 200 ms for each event': /held up the event loop for 2\d\d ms in its \w+ tap/,
  'changes its events': /failed in its \w+ tap: Cannot/,
  'throws in flush': /failed in its flush tap: boom/,
  'throws in shutdown': /failed in its shutdown tap: boom/,
  'hangs in shutdown': /failed in its shutdown tap: OBS_DEADLINE/,
};
/** Those whose every tap fails are counted to the event. */
const COUNTED = ['throws at once', 'throws what is no error', 'rejects', 'rejects later, twice'];
/** Refused before anything is emitted. */
const REFUSED: Record<string, RegExp> = {
  'has a strategy that throws': /boom/,
  'has a strategy without its methods': /OBS_STORE_METHOD_MISSING: EmptyPromises hints /,
};

describe(`a plugin between two others, ${EVENTS} events of each signal`, function () {
  this.timeout(60_000 + EVENTS * 5);
  let results: Map<string, HostileResult>;
  let exit: { code: number | null; stderr: string };
  before(async () => {
    const args = ['--conditions=obs-source', '--import', './test/register.mjs'];
    const child = spawn(process.execPath, [...args, 'test/faults/hostile-run.ts', String(EVENTS)], {
      cwd: ROOT,
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    exit = { code, stderr };
    const lines = stdout.trim().split('\n');
    results = new Map(lines.map((line) => JSON.parse(line)).map((result) => [result.name, result]));
  });

  it('leaves the end of the process to the application, and says nothing on its stderr', () => {
    expect(exit).to.deep.equal({ code: 7, stderr: '' });
    expect([...results.keys()]).to.deep.equal(Object.keys(HOSTILITIES));
  });

  for (const name of Object.keys(HOSTILITIES)) {
    if (REFUSED[name]) {
      it(`that ${name} is refused by name`, () => {
        expect(results.get(name)!.refused).to.match(REFUSED[name]!);
      });
      continue;
    }
    it(`that ${name} neither reaches the application nor the others, and is named`, () => {
      const { thrown, incomplete, hostile, warnings, events } = results.get(name)!;
      expect({ thrown, incomplete }).to.deep.equal({ thrown: [], incomplete: [] });
      if (NAMED[name]) expect(warnings.join('\n')).to.match(NAMED[name]!);
      else expect(warnings).to.deep.equal([]);
      const taps = { tracing: events, logs: events, metrics: events, scores: events, feedback: events };
      if (COUNTED.includes(name)) expect(hostile!.tapFailures).to.deep.equal(taps);
      for (const [signal, counts] of Object.entries(hostile!.signals)) {
        const gone = Object.values(counts.dropped).reduce((sum, n) => sum + n, 0);
        const known = counts.delivered + gone + counts.queued + counts.inFlight;
        if (counts.accepted > 0) expect(known, signal).to.equal(counts.accepted).and.equal(events);
      }
    });
  }

  it('that emits from inside its tap is cut off there, each time', () => {
    const { events, insideTap, hostile } = results.get('emits from inside')!;
    // A log, and a span of two events, for each event of five signals.
    expect(insideTap).to.be.within(events * 5, events * 15);
    expect(hostile!.signals.logs).to.deep.include({ accepted: events });
  });
});
