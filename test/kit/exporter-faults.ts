import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OptionsSchema, PluginUse } from '../../core/contract/plugin.ts';
import type { DeadLetter } from '../../core/delivery/dead-letters.ts';
import type { DeliveryOptions } from '../../core/delivery/options.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import type { Signal } from '../../core/signals/index.ts';
import { discrepancies, type Ledger } from './fault-ledger.ts';
import {
  type Answer,
  type FaultServer,
  hang,
  html,
  huge,
  later,
  ok,
  type ReceivedRequest,
  redirect,
  reset,
  startFaultServer,
  status,
} from './fault-server.ts';
import { createTestHost } from './host.ts';

/** An exporter as the matrix of faults sees it: one signal of a plugin, and how to read what it sends. */
export interface FaultSubject {
  /** Shown in the name of the suite. */
  name: string;
  signal: Signal;
  /** The plugin with options that lead to this server. A start-up probe may stay on. */
  use(url: string): PluginUse;
  /** Emits so many events and gives their ids, as {@link idsOf} and {@link idOf} find them. */
  emit(obs: BaseObservabilityInstance, count: number): string[];
  /** The ids in a request; empty for one that carries no events, as a probe: those are always answered by `accept`. */
  idsOf(request: ReceivedRequest): string[];
  /** The id of an event in the dead letters. */
  idOf(event: unknown): string;
  /** False: an ambiguous send must not be repeated. */
  isRedeliverySafe: boolean;
  /** The answer of the destination to a request that it takes, or that carries no events. Default: 200 `{}`. */
  accept?: Answer;
  /** The answer that takes all but one id; absent where the destination has none. */
  partial?(refusedId: string): Answer;
  /** False where a partial success does not name the events. Default true. */
  isPartialNamed?: boolean;
}

/** What is done to the requests with events of one run. */
interface Run {
  /** Answers to the first of them, one each; the others are accepted. */
  script?: readonly Answer[];
  /** The answer to each of them by its ids, in place of the script; undefined accepts it. */
  by?: (ids: readonly string[], emitted: readonly string[]) => Answer | undefined;
  /** An id that the server does not take although its request is answered by 2xx. */
  refusedOf?: (emitted: readonly string[]) => string;
  delivery?: DeliveryOptions;
  /** Default 12. */
  count?: number;
}

/** What came of a run. */
export interface FaultRun extends Ledger {
  /** Those that carried events. */
  requests: readonly ReceivedRequest[];
  warnings: readonly string[];
}

const KEY = 'faulty';
const COUNT = 12;
const DELIVERY: DeliveryOptions = {
  maxDelayMs: 5,
  timeoutMs: 15_000,
  retry: { initialDelayMs: 1, maxDelayMs: 5, probeMs: 5 },
};

/** Runs a plugin against a server that does this to it, until everything is settled. */
export async function runFault(subject: FaultSubject, run: Run): Promise<FaultRun> {
  const server = await startFaultServer();
  const dataDir = mkdtempSync(join(tmpdir(), 'obs-faults-'));
  try {
    return await runAgainst(server, dataDir, subject, run);
  } finally {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function runAgainst(
  server: FaultServer,
  dataDir: string,
  subject: FaultSubject,
  { script = [], by, refusedOf, delivery, count = COUNT }: Run,
): Promise<FaultRun> {
  const { accept = ok(), idsOf } = subject;
  const answers = [...script];
  let emitted: string[] = [];
  server.otherwise = (request, response) => {
    const ids = idsOf(request);
    const answer = ids.length === 0 ? accept : by ? by(ids, emitted) : answers.shift();
    (answer ?? accept)(request, response);
  };
  const host = createTestHost({
    config: { dataDir, deadLetters: true },
    plugins: {
      [KEY]: { ...(await entryOf(subject.use(server.url))), delivery: { ...DELIVERY, ...delivery } },
    },
  });
  await host.start();
  emitted = subject.emit(host.obs, count);
  const { isComplete } = await host.obs.flush({ deadlineMs: 15_000 });
  await host.obs.shutdown({ deadlineMs: 2_000 });
  expect(isComplete, 'everything was settled').to.equal(true);
  const requests = server.requests.filter((request) => idsOf(request).length > 0);
  const letters = lettersIn(dataDir);
  return {
    emitted,
    held: heldBy(requests, idsOf, refusedOf?.(emitted)),
    letters,
    lettered: letters.map(({ event }) => subject.idOf(event)),
    counts: host.obs.diagnostics().plugins[KEY]!.signals[subject.signal]!,
    requests,
    warnings: host.warnings,
  };
}

/** The entry with its options checked, as a config would do it. */
async function entryOf({ use: plugin, options }: PluginUse) {
  const checked = await (plugin.options as OptionsSchema | undefined)?.['~standard'].validate(options);
  if (checked?.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return { plugin, options: checked ? checked.value : options };
}

function heldBy(
  requests: readonly ReceivedRequest[],
  idsOf: FaultSubject['idsOf'],
  refused: string | undefined,
): Map<string, number> {
  const held = new Map<string, number>();
  for (const id of requests.filter(({ isTaken }) => isTaken).flatMap(idsOf))
    if (id !== refused) held.set(id, (held.get(id) ?? 0) + 1);
  return held;
}

function lettersIn(dataDir: string): DeadLetter[] {
  const file = join(dataDir, 'dead-letters', `${KEY}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/**
 * The suite of an exporter: each fault, and after it the ids that the server holds are those that the host says it
 * delivered, and every other one is in the dead letters or counted.
 */
export function describeExporterFaults(subject: FaultSubject): void {
  describe(`${subject.name}: what becomes of ${subject.signal} at a faulty destination`, function () {
    this.timeout(60_000);
    const run = async (what: Run): Promise<FaultRun> => {
      const result = await runFault(subject, what);
      expect(discrepancies(result, subject.isRedeliverySafe)).to.deep.equal([]);
      return result;
    };
    describeRecoveries(run);
    describeRefusals(subject, run);
    describeAmbiguities(subject, run);
  });
}

type RunFault = (what: Run) => Promise<FaultRun>;

function expectAllHeld({ emitted, held, counts }: FaultRun): void {
  expect([...held.keys()]).to.have.members(emitted);
  expect(counts).to.deep.include({ delivered: emitted.length, dropped: {} });
}

function describeRecoveries(run: RunFault): void {
  it('all is held by a destination that works', async () => {
    expectAllHeld(await run({}));
  });

  for (const code of [401, 403, 404])
    it(`nothing is lost by ${code}, which is said in one line`, async () => {
      const result = await run({ script: [status(code), status(code), status(code)] });
      expectAllHeld(result);
      expect(result.warnings.filter((line) => line.includes('OBS_SEND_PAUSED'))).to.have.length(1);
    });

  it('nothing is lost by a web page with status 200', async () => {
    expectAllHeld(await run({ script: [html(), html()] }));
  });

  it('nothing is lost by a redirect to another host, which is not followed', async () => {
    const other = await startFaultServer();
    expectAllHeld(await run({ script: [redirect(`${other.url}/`, 307), redirect(`${other.url}/`, 302)] }));
    expect(other.requests).to.deep.equal([]);
    await other.close();
  });

  for (const code of [429, 503] as const)
    it(`nothing is lost by ${code} with and without Retry-After`, async () => {
      const past = 'Sun, 06 Nov 1994 08:49:37 GMT';
      expectAllHeld(await run({ script: [later(code, '0'), later(code, past), status(code)] }));
    });

  it('nothing is lost by 502 and 504', async () => {
    expectAllHeld(await run({ script: [status(502), status(504)] }));
  });

  it('nothing is lost by 413: what is sent gets smaller', async () => {
    expectAllHeld(await run({ by: (ids) => (ids.length > 2 ? status(413) : undefined) }));
  });

  it('an answer of a gigabyte is not read', async () => {
    let ended: (sent: number) => void = () => {};
    const sent = new Promise<number>((resolve) => {
      ended = resolve;
    });
    expectAllHeld(await run({ script: [huge(1_000_000_000, ended)] }));
    expect(await sent).to.be.below(100_000_000);
  });
}

function describeRefusals(subject: FaultSubject, run: RunFault): void {
  it('400 for one event costs that event alone, which is in the dead letters with the reason', async () => {
    const reason = { body: '{"message":"the seventh is bad"}' };
    const by: Run['by'] = (ids, emitted) => (ids.includes(emitted[6]!) ? status(400, reason) : undefined);
    const { emitted, held, letters, lettered, counts } = await run({ by });
    expect(lettered).to.deep.equal([emitted[6]]);
    expect(letters[0]!.reason).to.include('400').and.to.include('the seventh is bad');
    expect([...held.keys()]).to.have.members(emitted.filter((id) => id !== emitted[6]));
    expect(counts.dropped).to.deep.equal({ rejected: 1 });
  });

  it('400 for everything costs a bounded number of requests', async () => {
    const { emitted, lettered, requests } = await run({ by: () => status(400) });
    expect(lettered).to.have.members(emitted);
    expect(requests.length).to.be.at.most(2 * emitted.length - 1);
  });

  if (subject.partial)
    it('a partial success costs the refused event alone, and is not sent again', async () => {
      const refusedOf = (emitted: readonly string[]) => emitted[3]!;
      const by: Run['by'] = (ids, emitted) =>
        ids.includes(emitted[3]!) ? subject.partial?.(emitted[3]!) : undefined;
      const { emitted, held, lettered, counts } = await run({ by, refusedOf });
      expect([...held]).to.have.deep.members(emitted.filter((id) => id !== emitted[3]).map((id) => [id, 1]));
      expect(counts.dropped).to.deep.equal({ rejected: 1 });
      expect(lettered).to.deep.equal(subject.isPartialNamed === false ? [] : [emitted[3]]);
    });
}

function describeAmbiguities({ isRedeliverySafe }: FaultSubject, run: RunFault): void {
  const faults: [string, Answer, DeliveryOptions?][] = [
    ['a reset before it was stored', reset()],
    ['a reset after it was stored', reset({ afterTaking: true })],
    ['no answer before it was stored', hang(), { timeoutMs: 1_500 }],
    ['no answer after it was stored', hang({ afterTaking: true }), { timeoutMs: 1_500 }],
  ];
  for (const [name, answer, delivery = {}] of faults)
    it(`${name}: ${isRedeliverySafe ? 'it is sent again' : 'it is counted, and not sent again'}`, async () => {
      const result = await run({ script: [answer], delivery });
      if (isRedeliverySafe) expectAllHeld(result);
      else expect(result.counts.dropped.ambiguous).to.be.at.least(1);
    });
}
