import { Tally } from '../../core/delivery/counts.ts';
import { failureKind } from '../../core/delivery/outcome.ts';
import { SpoolHome, type Turn } from '../../core/spool/home.ts';
import type { Slots } from '../../core/spool/slots.ts';
import { Spool } from '../../core/spool/spool.ts';
import { run } from '../../core/spool/steps.ts';
import { ModelDisk } from './model-disk.ts';

/** An event of the model. */
export interface ModelEvent {
  n: number;
  text: string;
}

/** A process with a spool on a disk of the model; knows what was promised and what was delivered. */
export class ModelSpool {
  readonly disk: ModelDisk;
  readonly isDisk: boolean;
  readonly #maxBytes: number;
  #spool!: Spool<ModelEvent>;
  #home!: SpoolHome;
  #turn!: Turn;
  #slots!: Slots;
  counts!: Tally;
  #emitted = 0;
  #forgiven = 0;
  /** Events that are being sent for ever. */
  #inFlight = 0;
  /** Events that were acknowledged and not delivered. */
  readonly owed = new Set<number>();
  readonly delivered = new Set<number>();
  /** Events given up by the quota; allowed to be missing. */
  #isEvicted = false;
  readonly faults: string[] = [];

  constructor(random: () => number, isDisk: boolean, maxBytes = 1_000_000) {
    this.isDisk = isDisk;
    this.#maxBytes = maxBytes;
    this.disk = new ModelDisk(random);
  }

  /** Starts a process. Ends early when the disk says so. */
  async start(): Promise<void> {
    const files = this.disk.boot();
    this.#inFlight = 0;
    await this.#watched(async () => {
      this.counts = new Tally(({ accepted, delivered, dropped, spooled, queued, inFlight }) => {
        const all =
          delivered + spooled + queued + inFlight + Object.values(dropped).reduce((a, b) => a + b, 0);
        if (all !== accepted || spooled < 0)
          this.faults.push(`unequal: ${accepted} and ${all}, spooled ${spooled}`);
      });
      this.#home = new SpoolHome('/spool', 'entry', files);
      this.#turn = this.#home.use('logs');
      this.#spool = new Spool<ModelEvent>({
        files,
        name: 'logs',
        isDisk: this.isDisk,
        maxBytes: this.#maxBytes,
        whenFull: 'drop-oldest',
        batch: { maxItems: 3, maxBytes: 10_000 },
        counts: this.counts,
        onReady: () => {},
        onDropped: (reason) => {
          if (reason === 'spool_full') this.#isEvicted = true;
        },
        onReadFailed: () => {},
      });
      this.#slots = await this.#home.open();
      await run(this.#spool.open(this.#slots), files);
      await this.#spool.recover(this.#slots);
    });
  }

  /** Appends some events; they are owed when that is acknowledged. */
  async append(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => this.#newEvent());
    await this.#watched(async () => {
      await this.#spool.append(events);
      this.counts.enter('spooled', count);
      this.#spool.commit();
      for (const { n } of events) this.owed.add(n);
    });
  }

  endBatch(): void {
    if (!this.disk.isDead) this.#spool.endBatch();
  }

  /** Delivers the next batch, or a part of it. */
  async deliver(share = 1): Promise<boolean> {
    let isSent = false;
    await this.#watched(async () => {
      const batch = await this.#next();
      if (!batch) return;
      isSent = true;
      const part = batch.events.slice(0, Math.ceil(batch.events.length * share));
      for (const { event } of part) this.#take(event);
      this.counts.move(part.length, 'spooled', 'delivered');
      this.#spool.settle(part);
      this.#inFlight += batch.events.length - part.length;
    });
    return isSent;
  }

  /** Waits until it is noted what was delivered. */
  async noted(): Promise<void> {
    await this.#watched(() => this.#spool.noted(1_000));
  }

  /** Ends a process in peace. */
  async stop(): Promise<void> {
    await this.#watched(async () => {
      await this.#spool.close(1_000);
      await this.#turn.end();
    });
    this.disk.kill();
  }

  /** What of the promise holds, when all that is there has been delivered. */
  async settleAll(): Promise<void> {
    this.disk.fault = undefined;
    if (this.#inFlight > 0) this.disk.kill();
    if (this.disk.isDead) await this.start();
    this.#spool.endBatch();
    let rounds = 0;
    while (await this.deliver()) if (++rounds > 10_000) throw new Error('it never ends');
    const missing = [...this.owed].filter((n) => !this.delivered.has(n));
    if (missing.length > 0 && !this.#isEvicted) this.faults.push(`lost: ${missing}`);
    if (this.counts.spooled !== 0) this.faults.push(`${this.counts.spooled} are left that nobody can have`);
  }

  /** After every action: with durability `os`, a power cut may take everything. */
  forgive(): void {
    if (!this.isDisk && this.disk.powerCuts > this.#forgiven) this.owed.clear();
    this.#forgiven = this.disk.powerCuts;
  }

  async #next() {
    for (let tries = 0; tries < 50; tries++) {
      const batch = this.#spool.next();
      if (batch || this.disk.isDead) return batch;
      await turn();
    }
    return undefined;
  }

  #newEvent(): ModelEvent {
    const n = this.#emitted++;
    return { n, text: textOf(n) };
  }

  #take({ n, text }: ModelEvent): void {
    if (!(n < this.#emitted) || text !== textOf(n)) this.faults.push(`nobody emitted ${n}: ${text}`);
    this.delivered.add(n);
  }

  /** Runs until it is done, or the process has ended. Failures of the disk are nobody's fault. */
  async #watched(act: () => Promise<unknown>): Promise<void> {
    if (this.disk.isDead) return;
    let isDone = false;
    let failed: unknown;
    act().then(
      () => {
        isDone = true;
      },
      (error) => {
        isDone = true;
        failed = error;
      },
    );
    for (let turns = 0; !isDone && !this.disk.isDead; turns++) {
      if (turns > 2_000) throw new Error('it hangs');
      await turn();
    }
    if (failed && !(failed as { code?: string }).code && failureKind(failed) !== 'full') throw failed;
    if (failed && !this.#slots) this.disk.kill();
  }
}

const textOf = (n: number) => 'x'.repeat((n * 37) % 200);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
