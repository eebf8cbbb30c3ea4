import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { failureKind, retryAfterOf } from '../../../core/delivery/outcome.ts';
import { type HttpRequest, sendHttp } from '../../../core/http/send-http.ts';
import { isTooLarge, statusOf } from '../../../core/http/status.ts';
import {
  type FaultServer,
  hang,
  html,
  huge,
  later,
  ok,
  redirect,
  reset,
  startFaultServer,
  status,
} from '../../kit/fault-server.ts';

describe('sendHttp', () => {
  let server: FaultServer;
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.close());

  const send = (request: Partial<HttpRequest> = {}) =>
    sendHttp(fetch, { url: `${server.url}/v1/traces`, body: 'events', ...request });
  /** What it throws; fails when it does not. */
  const failure = async (request: Partial<HttpRequest> = {}): Promise<Error> => {
    const answer = await send(request).catch((error: Error) => error);
    if (!(answer instanceof Error)) throw new Error(`answered ${answer.status}`);
    return answer;
  };
  const kindAfter = async (request?: Partial<HttpRequest>) => failureKind(await failure(request));

  it('sends method, headers and body, and gives a 2xx with status, headers, bytes and text', async () => {
    server.script(status(202, { headers: { 'x-row': '7' }, body: '{"taken":"ü"}' }));
    const answer = await send({ headers: { authorization: 'Bearer key' } });
    const [request] = server.requests;
    expect(request).to.include({ method: 'POST', path: '/v1/traces', isZipped: false });
    expect(request!.headers.authorization).to.equal('Bearer key');
    expect(request!.body.toString()).to.equal('events');
    expect(answer).to.include({ status: 202, text: '{"taken":"ü"}' });
    expect(answer.headers.get('x-row')).to.equal('7');
    expect(Buffer.from(answer.body).toString()).to.equal('{"taken":"ü"}');
  });

  it('compresses the body where asked and says so', async () => {
    const body = Buffer.from('span '.repeat(1_000));
    await send({ body, gzip: true });
    expect(server.requests[0]!.isZipped).to.equal(true);
    expect(Number(server.requests[0]!.headers['content-length'])).to.be.below(body.length / 10);
    expect(server.requests[0]!.body.equals(body)).to.equal(true);
  });

  it('takes userinfo of the address as Basic credentials, unless a header says otherwise', async () => {
    const url = `${server.url.replace('://', '://me:p%40ss@')}/x`;
    await send({ url });
    await send({ url, headers: { Authorization: 'Bearer key' } });
    expect(server.requests.map(({ headers }) => headers.authorization)).to.deep.equal([
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      'Bearer key',
    ]);
  });

  it('takes 429, 502, 503 and 504 as retryable, and what else the caller names', async () => {
    for (const code of [429, 502, 503, 504]) {
      server.script(status(code));
      expect(await kindAfter(), String(code)).to.equal('retryable');
    }
    server.script(status(500), status(500));
    expect(await kindAfter()).to.equal('permanent');
    expect(await kindAfter({ retryStatuses: [500] })).to.equal('retryable');
  });

  it('hands on how long the destination asks to wait, in seconds or as a date', async () => {
    const date = 'Sun, 22 Nov 2026 10:00:00 GMT';
    const until = 'Sun, 22 Nov 2026 10:01:30 GMT';
    server.script(
      later(429, '17'),
      status(503, { headers: { date, 'retry-after': until } }),
      later(503, 'soon'),
    );
    expect(retryAfterOf(await failure())).to.equal(17_000);
    expect(retryAfterOf(await failure())).to.equal(90_000);
    expect(retryAfterOf(await failure())).to.equal(undefined);
  });

  it('takes 401, 403, 404 and the like for a fault of the destination, other statuses for one of the events', async () => {
    for (const code of [401, 402, 403, 404, 405]) {
      server.script(status(code));
      expect(await kindAfter(), String(code)).to.equal('destination');
    }
    for (const code of [400, 409, 413, 415, 422, 500, 501]) {
      server.script(status(code));
      expect(await kindAfter(), String(code)).to.equal('permanent');
    }
  });

  it('says status, address and the start of the answer, and lets the status be asked for', async () => {
    server.script(status(400, { body: `bad\n\u001b[31mspan ${'x'.repeat(1_000)}` }), status(413));
    const refused = await failure({ url: `${server.url}/v1/traces?page=1` });
    expect(refused.message).to.match(
      /^HTTP 400 from http:\/\/127\.0\.0\.1:\d+\/v1\/traces: it said "bad \[31mspan x{200}/,
    );
    expect(refused.message.length).to.be.below(420);
    expect([statusOf(refused), isTooLarge(refused)]).to.deep.equal([400, false]);
    const tooLarge = await failure();
    expect([statusOf(tooLarge), isTooLarge(tooLarge)]).to.deep.equal([413, true]);
    expect([statusOf(new Error('x')), statusOf(null), isTooLarge(undefined)]).to.deep.equal([
      undefined,
      undefined,
      false,
    ]);
  });

  it('takes a web page for a wrong address, even with status 200 and without a content type', async () => {
    const page = ok({ headers: { 'content-type': '' }, body: '  <!DOCTYPE html><p>' });
    server.script(html(), page, ok({ body: '{"html":"<html>"}' }));
    expect(await kindAfter()).to.equal('destination');
    expect(await kindAfter()).to.equal('destination');
    expect((await send()).status).to.equal(200);
  });

  it('follows a redirect that keeps the request, within the host, and no other', async () => {
    server.script(redirect('/v2/traces', 308));
    await send();
    expect(server.requests.map(({ method, path, body }) => [method, path, String(body)])).to.deep.equal([
      ['POST', '/v1/traces', 'events'],
      ['POST', '/v2/traces', 'events'],
    ]);
    server.script(redirect('/v2/traces', 302));
    expect(await kindAfter()).to.equal('destination');
    server.script(redirect('', 308));
    server.otherwise = redirect('/again', 307);
    const endless = await failure();
    expect(endless.message).to.include('redirects without end');
  });

  it('never takes credentials to another host', async () => {
    const other = await startFaultServer();
    server.script(redirect(`${other.url}/v1/traces?stolen=1`, 307), redirect('http://169.254.169.254/', 308));
    const error = await failure({ headers: { authorization: 'Bearer key' } });
    expect(failureKind(error)).to.equal('destination');
    expect(error.message).to.include(`it leads to ${other.url}/v1/traces, which is not followed`);
    expect(await kindAfter()).to.equal('destination');
    expect(other.requests).to.deep.equal([]);
    await other.close();
  });

  it('reads 64 kB of an answer and hangs up on the rest, whatever its length', async () => {
    const sent = new Promise<number>((resolve) => server.script(huge(1_000_000_000, resolve)));
    const answer = await send();
    expect(answer.body).to.have.length(64 * 1024);
    expect(await sent).to.be.below(100_000_000);
  });

  it('takes a refused connection and an unknown name for something that was never sent', async () => {
    await server.close();
    expect(await kindAfter()).to.equal('retryable');
    expect(await kindAfter({ url: 'http://nobody.invalid/' })).to.equal('retryable');
  });

  it('takes a broken connection for something that may have arrived', async () => {
    server.script(reset(), (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
      request.isTaken = true;
    });
    expect(await kindAfter()).to.equal('ambiguous');
    expect(await kindAfter()).to.equal('ambiguous');
  });

  it('takes an aborted request for something that may have arrived', async () => {
    const abort = new AbortController();
    server.script(hang());
    const failed = failure({ abortSignal: abort.signal });
    await server.received(1);
    abort.abort();
    expect(failureKind(await failed)).to.equal('ambiguous');
  });

  it('takes TLS to a port without TLS, and a port that speaks no HTTP, for a fault of the destination', async () => {
    expect(await kindAfter({ url: server.url.replace('http:', 'https:') })).to.equal('destination');
    const silent = createServer((socket) => socket.once('data', () => socket.end('220 mail\r\n\r\n')));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await kindAfter({ url: `http://127.0.0.1:${port}/` })).to.equal('destination');
    silent.close();
  });

  it('takes an address or a header that cannot be used for a fault of the destination', async () => {
    for (const url of ['not a url', 'http://127.0.0.1:1/'])
      expect(await kindAfter({ url }), url).to.equal('destination');
    const error = await failure({ headers: { authorization: 'Bearer se\ncret' } });
    expect(failureKind(error)).to.equal('destination');
    expect(error.message).to.include('"authorization"').and.not.include('cret"');
  });
});
