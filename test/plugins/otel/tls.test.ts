import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { OtelExporter, type OtelOptions } from '../../../plugins/otel/index.ts';

const LOG = {
  type: 'log' as const,
  id: '1',
  record: { level: 'info' as const, message: 'hello' },
  timestamp: new Date(1),
  timeUnixMicro: 1000,
};

describe('OTLP over TLS', () => {
  let dir: string;
  let server: Server;
  let callers: string[];
  const file = (name: string) => join(dir, name);

  before(async function () {
    dir = mkdtempSync(join(tmpdir(), 'otel-tls-'));
    try {
      certificate('server', '/CN=localhost', ['-addext', 'subjectAltName=DNS:localhost']);
      certificate('client', '/CN=the-client', []);
    } catch {
      this.test!.title += ': SKIPPED, there is no openssl to make certificates with';
      this.skip();
    }
    const read = (name: string) => readFileSync(file(name));
    const options = { key: read('server.key'), cert: read('server.pem'), ca: read('client.pem') };
    server = createServer(
      { ...options, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        callers.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'));
        request
          .resume()
          .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
      },
    );
    server.listen(0, 'localhost');
    await once(server, 'listening');
  });
  beforeEach(() => {
    callers = [];
  });
  after(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function certificate(name: string, subject: string, more: string[]): void {
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    args.push('-days', '2', '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`));
    execFileSync('openssl', [...args, ...more], { stdio: 'ignore' });
  }
  async function send(options: OtelOptions): Promise<unknown> {
    const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
    const exporter = new OtelExporter({ endpoint, ...options }, {});
    const failure = await exporter.onLogEvent!(LOG).then(
      () => undefined,
      (error) => error,
    );
    await exporter.shutdown();
    return failure;
  }

  it('trusts the certificate that it is given', async () => {
    expect(await send({ certificate: file('server.pem') })).to.equal(undefined);
    expect(callers).to.deep.equal(['nobody']);
  });

  it('says who is calling with the certificate of the client', async () => {
    const tls = {
      certificate: file('server.pem'),
      clientKey: file('client.key'),
      clientCertificate: file('client.pem'),
    };
    expect(await send(tls)).to.equal(undefined);
    expect(callers).to.deep.equal(['the-client']);
  });

  it('does not trust others, and takes that for a matter of the destination', async () => {
    for (const options of [{}, { certificate: file('client.pem') }]) {
      const failure = (await send(options)) as Error;
      expect(failure.name, failure.message).to.equal('DestinationError');
    }
    expect(callers).to.deep.equal([]);
  });
});
