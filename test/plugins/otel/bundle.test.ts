import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildPackage } from '../../kit/built-package.ts';
import { createProject, type Project } from '../../kit/project.ts';

/** Encodes and sends one span beside an application that has set up OpenTelemetry's API. */
const BESIDE = `
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { OtelExporter } from 'obs-kit/otel';
const api = createRequire(process.argv[2])('@opentelemetry/api');
const provider = { getTracer: () => ({}) };
api.trace.setGlobalTracerProvider(provider);
const warned = [];
api.diag.setLogger({ warn: (text) => warned.push(text), error() {}, info() {}, debug() {}, verbose() {} });
const key = Symbol.for('opentelemetry.js.api.1');
const before = { ...globalThis[key] };
const symbols = Object.getOwnPropertySymbols(globalThis).map(String).filter((text) => /telemetry/.test(text));
const bodies = [];
const server = createServer((request, response) => {
  request.on('data', (chunk) => bodies.push(chunk)).on('end', () => response.end());
}).listen(0, '127.0.0.1', async () => {
  const exporter = new OtelExporter({ endpoint: 'http://127.0.0.1:' + server.address().port }, {});
  await exporter.onTracingEvent({ type: 'span.ended', exportedSpan: {
    id: 'b7ad6b7169203331', traceId: '0af7651916cd43dd8448eb211c80319c', name: 'work', type: 'generic',
    startUnixMicro: 1e15, endUnixMicro: 1e15, status: 'ok' } });
  server.close();
  const after = globalThis[key];
  console.log(JSON.stringify({
    sent: Buffer.concat(bodies).length,
    isUntouched: Object.keys(after).every((name) => after[name] === before[name]),
    isStill: api.trace.getTracerProvider().getDelegate() === provider,
    added: Object.getOwnPropertySymbols(globalThis).map(String)
      .filter((text) => /telemetry/.test(text) && !symbols.includes(text)),
    warned,
  }));
});
`;

describe('the built otel plugin', () => {
  let dist: string;
  let project: Project;
  before(async function () {
    this.timeout(30_000);
    dist = join(await buildPackage(), 'dist');
    project = await createProject();
  });
  after(() => project?.remove());

  const read = (file: string) => readFileSync(join(dist, file), 'utf8');
  const sourcesOf = (file: string): string => JSON.parse(read(`${file}.map`)).sources.join();
  const files = () =>
    readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));

  it('imports nothing of OpenTelemetry: what it needs of it is inside, in one file that is loaded on use', () => {
    const importing = files().filter((file) =>
      /(from|import|require)\s*\(?\s*["']@opentelemetry/.test(read(file)),
    );
    expect(importing).to.deep.equal([]);
    const holding = files().filter((file) => sourcesOf(file).includes('node_modules/@opentelemetry/'));
    expect(holding).to.have.lengthOf(1);
    expect(read(holding[0]!).length).to.be.below(100_000);
    const name = holding[0]!.split(/[\\/]/).at(-1)!;
    const matching = (pattern: RegExp) => files().filter((file) => pattern.test(read(file)));
    expect(matching(new RegExp(`import\\([^)]*${name}`))).to.have.lengthOf(1);
    expect(matching(new RegExp(`(from|import)\\s*"[^"]*${name}`))).to.deep.equal([]);
  });

  it('names the authors of what is inside, with their licence', () => {
    const text = read('plugins/otel/THIRD-PARTY.txt');
    expect(text).to.include('The OpenTelemetry Authors').and.include('Apache License');
  });

  it('leaves the API of an application beside it as it is', async () => {
    project.write('app.mjs', BESIDE);
    const { code, stdout, stderr } = await project.run('app.mjs', [import.meta.filename]);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const { sent, ...seen } = JSON.parse(stdout);
    expect(sent).to.be.above(0);
    expect(seen).to.deep.equal({ isUntouched: true, isStill: true, added: [], warned: [] });
  });
});
