import { langfuse } from '../../../plugins/langfuse/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { type Answer, exporterCases, httpDestination, ok } from '../../kit/index.ts';
import { idsIn, ingested, refusedSpan, TRACES_PATH } from './received.ts';

/** To spans and to scores of which one is bad, or none. */
const answer =
  (refused?: string): Answer =>
  (request, response) => {
    const spans = refused === undefined ? ok() : refusedSpan;
    (request.path === TRACES_PATH ? spans : ingested(refused))(request, response);
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
