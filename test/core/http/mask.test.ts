import { inspect } from 'node:util';
import { expect } from 'chai';
import { sendHttp } from '../../../core/http/send-http.ts';
import {
  type FaultServer,
  html,
  later,
  redirect,
  reset,
  startFaultServer,
  status,
} from '../../kit/fault-server.ts';

const KEY = 'sk-Canary+/9"ä';
const PASSWORD = 'pass-canary';
const TOKEN = 'token&canary';
const PATH_KEY = 'path-canary';

/** A secret as somebody may write it. */
function forms(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, base64, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

describe('an error of sendHttp', () => {
  let server: FaultServer;
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.close());

  it('never repeats a header, the userinfo and query of the address, or a secret, in any form', async () => {
    const basic = Buffer.from(`user-canary:${PASSWORD}`).toString('base64');
    const secrets = [basic, ...[PASSWORD, TOKEN, PATH_KEY, KEY, 'user-canary'].flatMap(forms)];
    const echo = secrets.join(' | ');
    const url = new URL(`${server.url}/in/${PATH_KEY}?token=${encodeURIComponent(TOKEN)}`);
    Object.assign(url, { username: 'user-canary', password: PASSWORD });
    server.script(
      ...[400, 401, 413, 429, 500].map((code) => status(code, { body: echo })),
      redirect(`/to/${PATH_KEY}`),
      later(503, echo.replace(/[^ -~]/g, '')),
      html(),
      reset(),
    );
    const headers = { 'x-api-key': KEY.replace('ä', '') };
    const ask = () =>
      sendHttp(fetch, { url, body: 'x', headers, secrets: [PATH_KEY, KEY] }).then(
        () => undefined,
        (error: unknown) => error,
      );
    for (let n = 0; n < 9; n++) expectNone(await ask(), secrets);
    await server.close();
    expectNone(await ask(), secrets);
  });

  it('keeps what is no secret readable', async () => {
    server.script(status(400, { body: 'application/json is wanted, version 4' }));
    const headers = { 'content-type': 'application/json', 'x-version': '4' };
    const error = await sendHttp(fetch, { url: server.url, body: 'x', headers }).catch((e) => e);
    expect(error.message).to.include('"application/json is wanted, version 4"');
  });
});

function expectNone(error: unknown, secrets: string[]): void {
  expect(error).to.be.instanceOf(Error);
  const shown = `${inspect(error, { depth: 9, showHidden: true })} ${(error as Error).stack}`;
  expect(secrets.filter((secret) => shown.includes(secret))).to.deep.equal([]);
}
