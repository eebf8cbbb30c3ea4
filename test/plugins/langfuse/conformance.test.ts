import { langfuse } from '../../../plugins/langfuse/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { type Answer, exporterCases, httpDestination, ok, status } from '../../kit/index.ts';
import { encodeResponse } from '../../kit/otlp.ts';
import { idsIn, TRACES_PATH } from './received.ts';

const partialSuccess = { rejectedSpans: 1, errorMessage: 'one was bad' };
const headers = { 'content-type': 'application/x-protobuf' };

/** What the ingestion API says of a batch of which one score is bad, or none; and for spans, OTLP. */
const answer =
  (refused?: string): Answer =>
  (request, response) => {
    if (request.path === TRACES_PATH) {
      const body = refused === undefined ? '' : encodeResponse('traces', { partialSuccess });
      return ok({ headers, body })(request, response);
    }
    const ids = idsIn(request);
    const body = {
      successes: ids.filter((id) => id !== refused).map((id) => ({ id, status: 201 })),
      errors: ids.filter((id) => id === refused).map((id) => ({ id, status: 400, message: 'it is bad' })),
    };
    status(207, { body: JSON.stringify(body) })(request, response);
  };

describeCases(
  'langfuse',
  exporterCases({
    use: ({ address }) =>
      langfuse({ publicKey: 'pk', secretKey: 'sk', baseUrl: address, scoresApi: 'ingestion' }),
    destination: httpDestination({ idsOf: idsIn, accept: answer(), partial: answer }),
    signals: ['tracing', 'scores', 'feedback'],
    redelivery: { scores: 'safe', feedback: 'safe' },
  }),
);
