import { expect } from 'chai';
import type { Plugin } from '../../../core/index.ts';
import { enrich } from '../../../plugins/enrich/index.ts';
import { enrichOptions } from '../../../plugins/enrich/options.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('enrich', () => {
  it('adds to all five signals, and leaves what an event says itself', () => {
    const options = enrichOptions.parse({
      attributes: { region: 'eu', model: 'default' },
      tags: ['canary', 'own'],
      metadata: { release: '7' },
      data: { region: 'eu', own: 'default' },
      labels: { region: 'eu', route: 'default' },
    });
    const { obs, recording } = createRecordedHost({
      plugins: { where: { plugin: enrich as unknown as Plugin, options } },
    });
    obs.startSpan({ name: 'x', attributes: { model: 'own' }, tags: ['own'] }).end();
    obs.metrics.counter('c').add(1, { route: '/' });
    obs.logger.info('object', { own: 1 });
    obs.logger.info('absent');
    obs.logger.info('text', 'as it is');
    obs.addScore({ scorerId: 's', score: 1 });
    obs.addFeedback({ feedbackType: 'f', value: 1, metadata: { release: '8' } });
    const { tracing, metrics, logs, scores, feedback } = recording.events;
    for (const { exportedSpan } of tracing)
      expect(exportedSpan).to.deep.include({
        attributes: { region: 'eu', model: 'own' },
        tags: ['own', 'canary'],
        metadata: { release: '7' },
      });
    expect(metrics[0]?.labels).to.deep.equal({ region: 'eu', route: '/' });
    expect(logs.map(({ record }) => record.data)).to.deep.equal([
      { region: 'eu', own: 1 },
      { region: 'eu', own: 'default' },
      'as it is',
    ]);
    expect(scores[0]?.score.metadata).to.deep.equal({ release: '7' });
    expect(feedback[0]?.feedback.metadata).to.deep.equal({ release: '8' });
  });

  it('costs signals nothing that it has nothing for', () => {
    const options = enrichOptions.parse({ labels: { region: 'eu' } });
    const { obs, recording } = createRecordedHost({
      plugins: { where: { plugin: enrich as unknown as Plugin, options } },
    });
    obs.startSpan({ name: 'x' }).end();
    expect(recording.span('x')).not.to.have.any.keys('attributes', 'metadata', 'tags');
  });

  it('with nothing to add is a mistake', () => {
    expect(enrichOptions.safeParse({ tags: [] }).error?.issues[0]?.message).to.include(
      'there is nothing to add',
    );
  });
});
