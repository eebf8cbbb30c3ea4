import { expect } from 'chai';
import { noOpTracingContext } from '../../../core/context/context.ts';
import {
  contextOf,
  createExecuteFunctionParams,
  createProcessorContext,
  createToolExecutionContext,
} from '../../../core/context/work-contexts.ts';
import { noOpLoggerContext, noOpMetricsContext } from '../../../core/signals/noop.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const { signal: abortSignal } = new AbortController();

const factories = {
  createToolExecutionContext: {
    make: createToolExecutionContext,
    own: { toolCallId: 'c1', toolName: 'search', abortSignal },
  },
  createExecuteFunctionParams: {
    make: createExecuteFunctionParams,
    own: { inputData: { city: 'Bern' }, runId: 'r1', stepId: 's1', abortSignal },
  },
  createProcessorContext: {
    make: createProcessorContext,
    own: { messages: [{ role: 'user' }], phase: 'input', abortSignal },
  },
} as const;

for (const [name, { make, own }] of Object.entries(factories)) {
  const create = make as typeof createToolExecutionContext;

  describe(name, () => {
    it('gives real emitters on the current span with an instance', () => {
      const { obs, recording } = createRecordedHost();
      obs.trace('agent', (span) => {
        const context = create(obs, own);
        expect(context).to.deep.include(own);
        expect(context.tracing.currentSpan).to.equal(span);
        expect(context.tracingContext).to.equal(context.tracing);
        context.logger.info('from the work');
        context.metrics.counter('work').add();
        context.tracing.currentSpan?.createChildSpan({ name: 'step' });
        expect(recording.events.logs[0]?.spanId).to.equal(span.id);
        expect(recording.events.metrics[0]?.spanId).to.equal(span.id);
        expect(recording.span('step').parentSpanId).to.equal(span.id);
      });
    });

    it('prefers the span that it is given', () => {
      const { obs } = createRecordedHost();
      const given = obs.startSpan({ name: 'given' });
      const context = obs.trace('current', () => ({ inner: create(obs, own, given) })).inner;
      expect(context.tracing.currentSpan).to.equal(given);
    });

    it('gives no-ops without an instance, even inside a span of one', () => {
      const { obs } = createRecordedHost();
      obs.trace('agent', () => {
        const context = create(undefined, own);
        expect(context).to.deep.include(own);
        expect(context.tracing).to.equal(noOpTracingContext);
        expect(context.tracingContext).to.equal(noOpTracingContext);
        expect(context.logger).to.equal(noOpLoggerContext);
        expect(context.metrics).to.equal(noOpMetricsContext);
      });
    });

    it('does not let what is given replace the emitters', () => {
      const { obs } = createRecordedHost();
      const context = create(obs, { ...own, logger: 'mine', tracing: 'mine' } as never);
      expect(context.logger).to.equal(obs.logger);
      expect(context.tracing).to.deep.equal({ currentSpan: undefined });
    });
  });
}

describe('obs.context', () => {
  it('is the context of the current span, or of the one that is given', () => {
    const { obs } = createRecordedHost();
    expect(obs.context().tracing.currentSpan).to.equal(undefined);
    const given = obs.startSpan({ name: 'given' });
    obs.trace('current', (span) => {
      expect(obs.context().tracing.currentSpan).to.equal(span);
      expect(obs.context(given).tracing.currentSpan).to.equal(given);
      expect(contextOf(obs).logger).to.equal(obs.logger);
    });
  });
});
