import { fromMastra } from '../../../plugins/mastra/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { type Destination, type DestinationKind, exporterCases } from '../../kit/index.ts';
import { RecordingExporter } from './recording-exporter.ts';

interface Foreign extends Destination {
  exporter: BreakingExporter;
}

/** An exporter of Mastra that does what it is told with the next event. */
class BreakingExporter extends RecordingExporter {
  readonly next: (() => Promise<void>)[] = [];

  override async exportTracingEvent(
    event: Parameters<RecordingExporter['exportTracingEvent']>[0],
  ): Promise<void> {
    await this.next.shift()?.();
    return super.exportTracingEvent(event);
  }
}

const foreign: DestinationKind<Foreign> = {
  start() {
    const exporter = new BreakingExporter();
    const ended = () => exporter.tracing.filter(({ type }) => type === 'span_ended');
    return {
      exporter,
      address: '',
      taken: () => ended().map(({ exportedSpan }) => exportedSpan.id),
      arrivals: () => exporter.calls.filter((call) => call.startsWith('span_ended')).length,
      close() {},
    };
  },
  retryable: ({ exporter }) => void exporter.next.push(() => Promise.reject(new Error('try again'))),
  slow: ({ exporter }) => void exporter.next.push(() => new Promise(() => {})),
};

describeCases(
  'an exporter of Mastra',
  exporterCases({
    use: ({ exporter }) => fromMastra(exporter, { redelivery: 'safe' }),
    destination: foreign,
    signals: ['tracing'],
  }),
);
