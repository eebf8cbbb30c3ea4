import { expect } from 'chai';
import { runWriter } from './children/run.ts';

describe('json lines to a standard stream', function () {
  this.timeout(30_000);

  it('wait for a slow reader instead of filling the memory, and all arrive', async () => {
    let text = '';
    const { report, code } = await runWriter('slow-reader', '400', (child) => {
      const { stdout } = child;
      stdout!.on('data', (data) => {
        text += data;
        stdout!.pause();
        setTimeout(() => stdout!.resume(), 1);
      });
    });
    expect(code).to.equal(0);
    expect(text.split('\n')).to.have.length(401);
    expect(text.length).to.be.above(4_000_000);
    expect(report['mostHeld']).to.be.below(200_000);
  });

  it('wait within their bounds when the reader is gone, and the process goes on', async () => {
    const { report, code, stderr } = await runWriter('gone-reader', '', (child) => {
      child.stdout!.once('data', () => child.stdout!.destroy());
    });
    expect(stderr).to.equal('');
    expect(report).to.deep.equal({ last: 'EPIPE', name: 'DestinationError', listeners: 0 });
    expect(code).to.equal(0);
  });

  it('arrive once although the reader was stuck and the batch was sent again', async () => {
    let text = '';
    const { report, code } = await runWriter('stuck-reader', '100', (child) => {
      child.stdout!.pause();
      child.once('message', () => child.stdout!.on('data', (data) => (text += data)).resume());
    });
    expect(report['first']).to.equal('TimeoutError');
    expect(report['other']).to.equal('TimeoutError');
    expect(report['second']).to.equal('delivered');
    expect(code).to.equal(0);
    const messages = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).record.message.replace(/x+$/, ''));
    expect(messages).to.deep.equal(Array.from({ length: 100 }, (_, i) => `m${i}`));
  });

  it('are not taken for delivered when the reader went away after the batch was given up', async () => {
    const { report, code } = await runWriter('stuck-then-gone', '', (child) => {
      child.once('message', () => child.stdout!.destroy());
    });
    expect(report).to.deep.equal({ first: 'TimeoutError', second: 'EPIPE' });
    expect(code).to.equal(0);
  });
});
