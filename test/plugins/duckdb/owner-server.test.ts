import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { expect } from 'chai';
import { isObsError, ObsError, PermanentError, RetryableError } from '../../../core/index.ts';
import type { Access, Call, CallOptions } from '../../../plugins/duckdb/access.ts';
import { prepareFile } from '../../../plugins/duckdb/file/place.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { attach } from '../../../plugins/duckdb/owner/attach.ts';
import { MAX_FRAME_BYTES } from '../../../plugins/duckdb/owner/frames.ts';
import { PROTOCOL } from '../../../plugins/duckdb/owner/hello.ts';
import { type FileLock, tryLock } from '../../../plugins/duckdb/owner/lock.ts';
import { Requests } from '../../../plugins/duckdb/owner/requests.ts';
import { runPlace } from '../../../plugins/duckdb/owner/run-file.ts';
import { OwnerServer } from '../../../plugins/duckdb/owner/server.ts';
import { scratchDirectory } from './opened.ts';
import { log } from './records.ts';

const SLOW: Call = { kind: 'read', query: 'getStats', args: {}, timeoutMs: 1_000 };
const write = (n: number): Call => ({ kind: 'write', what: 'logs', records: [log(n)] });

/** Answers what the test says, and keeps what it was asked. */
class Answering implements Access {
  readonly calls: Call[] = [];
  answer: (call: Call, options: CallOptions) => Promise<unknown> = async () => undefined;
  open = async (): Promise<void> => {};
  close = async (): Promise<void> => {};
  call(call: Call, options: CallOptions = {}): Promise<unknown> {
    this.calls.push(call);
    return this.answer(call, options);
  }
}

function framed(bytes: Buffer, length = bytes.length): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(length);
  return Buffer.concat([header, bytes]);
}

describe('the server of the owner', () => {
  const directory = scratchDirectory();
  let access: Answering;
  let lock: FileLock;
  let server: OwnerServer;
  let opened: { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void };
  let path: string;
  let n = 0;
  const closings: (() => unknown)[] = [];

  beforeEach(async () => {
    path = join(directory(), `served-${n++}.duckdb`);
    access = new Answering();
    lock = tryLock(runPlace(prepareFile(path).path))!;
    let settle: Omit<typeof opened, 'promise'> | undefined;
    const promise = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    opened = { promise, ...settle! };
    server = new OwnerServer(path, lock, access, promise);
    expect(await server.listen()).to.equal(true);
  });
  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
    await server.close();
    lock.release();
  });

  const attached = async () => {
    const requests = new Requests();
    const way = await attach(lock.owner, (reply) => requests.take(reply));
    requests.connect(way!.post);
    closings.push(() => way!.close());
    return { requests, way: way! };
  };
  /** What a connection hears after it sent this, until it is cut off. */
  const heard = async (...frames: Buffer[]): Promise<string> => {
    const socket: Socket = createConnection(lock.owner.socket);
    socket.on('error', () => {});
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    for (const frame of frames) socket.write(frame);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  };
  const hello = (more: object = {}) =>
    framed(Buffer.from(JSON.stringify({ token: lock.owner.token, protocol: PROTOCOL, pid: 1, ...more })));
  const failure = (asked: Promise<unknown>) =>
    asked.then(
      () => expect.fail('was answered'),
      (error) => error,
    );

  it('cuts off whoever does not present the token, and asks nothing of the database', async () => {
    opened.resolve();
    const request = framed(serialize({ id: 1, ask: { kind: 'clear' } }));
    for (const first of [
      hello({ token: 'f'.repeat(48) }),
      hello({ token: undefined }),
      framed(Buffer.from('no hello')),
      framed(Buffer.from('null')),
      request,
    ])
      expect(await heard(first, request)).to.equal('');
    expect(access.calls).to.deep.equal([]);
    const { requests } = await attached();
    await requests.ask({ kind: 'clear' });
    expect(access.calls).to.have.lengthOf(1);
  });

  it('cuts off who announces more than a hello before it is known, or more than the bound after', async () => {
    opened.resolve();
    expect(await heard(framed(Buffer.from('x'), 1_000_000))).to.equal('');
    const answers = await heard(hello(), framed(Buffer.from('x'), MAX_FRAME_BYTES + 1));
    expect(answers).not.to.match(/refused/);
    expect(access.calls).to.deep.equal([]);
  });

  it('tells a process that speaks another protocol who has the file and what to do', async () => {
    const error = /"code":"OBS_STORE_BUSY".*"hint":"Run both with the same release/;
    const said = await heard(hello({ protocol: '0.15', pid: 4242 }));
    expect(said).to.match(error);
    expect(said).to.match(new RegExp(`process ${process.pid}, which .* process 4242 speaks protocol 0.15`));
  });

  it('lets clients wait until the database is open', async () => {
    let isAttached = false;
    const attaching = attached().then((client) => {
      isAttached = true;
      return client;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAttached).to.equal(false);
    opened.resolve();
    const { requests } = await attaching;
    expect(await requests.ask(write(0))).to.equal(undefined);
  });

  it('tells clients why the database cannot be opened, with the code', async () => {
    const attaching = failure(attached());
    await new Promise((resolve) => setTimeout(resolve, 50));
    opened.reject(new ObsError('OBS_STORE_NEWER', 'it is from the future'));
    const error = await attaching;
    expect(error).to.include({ code: 'OBS_STORE_NEWER', message: 'OBS_STORE_NEWER: it is from the future' });
    expect(isObsError(error)).to.equal(true);
  });

  it('hands on what was asked in its order, and values as they were', async () => {
    opened.resolve();
    const { requests } = await attached();
    access.answer = async (call) => ({ at: new Date(5), nothing: undefined, call });
    const calls = Array.from({ length: 50 }, (_, i) => write(i));
    const answers = await Promise.all(calls.map((call) => requests.ask(call)));
    expect(access.calls).to.deep.equal(calls);
    expect(answers[7]).to.deep.equal({ at: new Date(5), nothing: undefined, call: calls[7] });
  });

  it('errors keep class, code, hint and cause', async () => {
    opened.resolve();
    const { requests } = await attached();
    const thrown = [
      new ObsError('OBS_STORE_TIMEOUT', 'too slow', { hint: 'be quick', cause: new Error('beneath') }),
      new PermanentError('never', { cause: new ObsError('OBS_STORE_WRITE', 'no') }),
      new RetryableError('later', { retryAfterMs: 7 }),
      new TypeError('a mistake'),
    ];
    const errors = [];
    for (const error of thrown) {
      access.answer = () => Promise.reject(error);
      errors.push(await failure(requests.ask(SLOW)));
    }
    expect(errors[0]).to.be.instanceOf(ObsError);
    expect(errors[0]).to.include({
      code: 'OBS_STORE_TIMEOUT',
      hint: 'be quick',
      message: thrown[0]!.message,
    });
    expect(errors[0].cause.message).to.equal('beneath');
    expect(errors[1]).to.be.instanceOf(PermanentError);
    expect(errors[1].cause).to.include({ code: 'OBS_STORE_WRITE' });
    expect(errors[2]).to.be.instanceOf(RetryableError);
    expect(errors[2]).to.include({ retryAfterMs: 7, message: 'later' });
    expect(errors[3]).to.include({ name: 'TypeError', message: 'a mistake' });
  });

  it('an abort ends the call there, and rejects here at once with its reason', async () => {
    opened.resolve();
    const { requests } = await attached();
    const ended = new Promise<void>((resolve) => {
      access.answer = (_call, { signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            reject(signal.reason);
            resolve();
          });
        });
    });
    const abort = new AbortController();
    const asked = failure(requests.ask(SLOW, { signal: abort.signal }));
    while (access.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const reason = new Error('not wanted any more');
    abort.abort(reason);
    expect(await asked).to.equal(reason);
    await ended;
  });

  it('a client that goes takes its queries with it', async () => {
    opened.resolve();
    const { requests, way } = await attached();
    const ended = new Promise<unknown>((resolve) => {
      access.answer = (_call, { signal }) =>
        new Promise(() => signal?.addEventListener('abort', () => resolve(signal.reason)));
    });
    requests.ask(SLOW).catch(() => {});
    while (access.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await way.close();
    expect(await ended).to.have.property('name', 'AbortError');
  });

  it('says how far long work is', async () => {
    opened.resolve();
    const { requests } = await attached();
    const steps: number[][] = [];
    access.answer = async (_call, { onProgress }) => {
      onProgress?.(1, 2);
      onProgress?.(2, 2);
      return 'done';
    };
    const onProgress = (...step: number[]) => steps.push(step);
    expect(await requests.ask({ kind: 'care', task: 'compact', args: {} }, { onProgress })).to.equal('done');
    expect(steps).to.deep.equal([
      [1, 2],
      [2, 2],
    ]);
  });

  it('answers what it was asked before it closes; what comes too late is not answered', async () => {
    opened.resolve();
    const { requests, way } = await attached();
    let finish: (value: unknown) => void = () => {};
    access.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const asked = requests.ask(write(0));
    while (access.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const closing = server.close();
    let isLateAnswered = false;
    requests.ask(write(1)).then(() => {
      isLateAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    finish('stored');
    expect(await asked).to.equal('stored');
    await Promise.all([closing, way.lost]);
    expect(isLateAnswered).to.equal(false);
    expect(access.calls).to.have.lengthOf(1);
  });

  it('takes no more requests of a client that does not read its answers, and goes on once it does', async () => {
    opened.resolve();
    access.answer = async () => 'x'.repeat(1_000_000);
    const socket = createConnection(lock.owner.socket);
    closings.push(() => socket.destroy());
    socket.write(hello());
    await once(socket, 'readable');
    const count = 40;
    for (let id = 1; id <= count; id++)
      socket.write(framed(serialize({ id, ask: { ...write(id), padding: 'y'.repeat(200_000) } })));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(access.calls.length).to.be.within(1, count / 2);
    socket.resume();
    while (access.calls.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('two DuckDB stores of one file in one thread', () => {
  const directory = scratchDirectory();

  it('share it, and the one goes on when the other is closed', async () => {
    const path = join(directory(), 'obs.duckdb');
    const [owner, other] = [1, 2].map(() => new DuckDBStore({ path, thread: 'main' })) as [
      DuckDBStore,
      DuckDBStore,
    ];
    await owner.init();
    await other.init();
    await other.observability.batchCreateLogs({ records: [log(0)] });
    expect((await owner.observability.listLogs()).pagination.total).to.equal(1);
    const { owner: who } = await other.observability.inspect();
    expect(who).to.include({ pid: process.pid, isThisProcess: true });
    await owner.close();
    expect((await other.observability.listLogs()).pagination.total, 'taken over').to.equal(1);
    await other.close();
    const codes = await Promise.all(
      [owner, other].map((store) => store.observability.listLogs().catch(({ code }) => code)),
    );
    expect(codes).to.deep.equal(['OBS_STORE_CLOSED', 'OBS_STORE_CLOSED']);
  });
});
