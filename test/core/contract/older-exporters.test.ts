import { expect } from 'chai';
import { BaseExporter, handlersOf, type ObservabilityExporter } from '../../../core/contract/exporter.ts';
import type { ScoreEvent } from '../../../core/signals/scores.ts';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { emitAll, exporterHost } from '../plugins.ts';

describe('exporters of the older interface', () => {
  const seen: string[] = [];
  beforeEach(() => {
    seen.length = 0;
  });
  class Method extends BaseExporter {
    readonly name: string = 'method';
  }
  Object.defineProperty(Method.prototype, 'exportTracingEvent', {
    value(this: Method, event: TracingEvent) {
      seen.push(`${this.name} ${event.type}`);
    },
    configurable: true,
  });
  class Field extends BaseExporter {
    readonly name = 'field';
    override exportTracingEvent = (event: TracingEvent) => void seen.push(`${this.name} ${event.type}`);
  }
  class Silent extends BaseExporter {
    readonly name = 'silent';
  }
  class Inherited extends Method {
    override readonly name = 'inherited';
  }
  const plain: ObservabilityExporter = {
    name: 'plain',
    exportTracingEvent: ({ type }) => void seen.push(`plain ${type}`),
  };

  for (const exporter of [plain, new Method(), new Field(), new Inherited()]) {
    it(`work with only exportTracingEvent, as: ${exporter.name}`, async () => {
      const host = exporterHost(exporter);
      await host.start();
      emitAll(host);
      await host.obs.flush();
      expect(seen).to.deep.equal([`${exporter.name} span.started`, `${exporter.name} span.ended`]);
    });
  }

  it('show onTracingEvent where, and only where, exportTracingEvent exists', () => {
    expect(new Method().onTracingEvent).to.be.a('function');
    expect(new Field().onTracingEvent).to.be.a('function');
    expect(new Silent().onTracingEvent).to.equal(undefined);
    expect(handlersOf(new Silent())).to.deep.equal({});
    expect(Object.keys(handlersOf(new Field()))).to.deep.equal(['tracing']);
  });

  it('may set onTracingEvent themselves', () => {
    const exporter = new Silent();
    const own = () => undefined;
    exporter.onTracingEvent = own;
    expect(exporter.onTracingEvent).to.equal(own);
    expect(new Silent().onTracingEvent).to.equal(undefined);
  });

  it('are called through onTracingEvent alone where they have both', async () => {
    const host = exporterHost({
      name: 'both',
      onTracingEvent: ({ type }) => void seen.push(`new ${type}`),
      exportTracingEvent: ({ type }) => void seen.push(`old ${type}`),
    });
    await host.start();
    emitAll(host);
    await host.obs.flush();
    expect(seen).to.deep.equal(['new span.started', 'new span.ended']);
  });

  it('get scores by addScoreToTrace, with the name of the scorer and the ids', async () => {
    const scores: unknown[] = [];
    const host = exporterHost({ name: 'scores', addScoreToTrace: (score) => void scores.push(score) });
    await host.start();
    const { traceId, id } = host.obs.trace('work', (span) => {
      span.addScore({ scorerId: 'judge', score: 0.5, reason: 'fair', metadata: { a: 1 } });
      span.trace.addScore({ scorerId: 'judge', scorerName: 'The judge', score: 1 });
      span.addScore({ scorerId: 'judge', label: 'only a word' });
      return span;
    });
    host.obs.addScore({ scorerId: 'judge', score: 1 });
    await host.obs.flush();
    expect(scores).to.deep.equal([
      { traceId, spanId: id, score: 0.5, scorerName: 'judge', reason: 'fair', metadata: { a: 1 } },
      { traceId, score: 1, scorerName: 'The judge' },
    ]);
  });

  it('are not called by addScoreToTrace where they have onScoreEvent', async () => {
    const calls: string[] = [];
    const host = exporterHost({
      name: 'scores',
      onScoreEvent: ({ score }: ScoreEvent) => void calls.push(score.scorerId),
      addScoreToTrace: () => void calls.push('deprecated'),
    });
    await host.start();
    emitAll(host);
    await host.obs.flush();
    expect(calls).to.deep.equal(['judge']);
  });
});
