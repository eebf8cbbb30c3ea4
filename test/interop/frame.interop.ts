import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { attempts } from './loopback-only.ts';

describe('the interop frame', () => {
  it('refuses and remembers a connection that would leave this machine', async () => {
    const socket = net.connect(443, '192.0.2.1');
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).to.equal('192.0.2.1 is not this machine');
    expect(attempts.delete('192.0.2.1')).to.equal(true);
  });
});
