import { errorResponse, message, readAnswer, readStartup, readyForQuery, welcome } from './wire.js';

const row = message('D', Buffer.from('row'));
const notification = message('A', Buffer.from('\0\0\0\x01channel\0payload\0'));

describe('the wire protocol', () => {
  it('takes notifications out of an answer and knows the state it ends in', () => {
    const answer = readAnswer(Buffer.concat([row, notification, row, notification, readyForQuery('T')]));
    expect(answer.forClient).toEqual(Buffer.concat([row, row, readyForQuery('T')]));
    expect(answer.notifications).toEqual([notification, notification]);
    expect(answer.status).toBe('T');
  });

  it('passes an answer without notifications on as it is', () => {
    const bytes = Buffer.concat([row, readyForQuery('I')]);
    expect(readAnswer(bytes).forClient).toBe(bytes);
  });

  it('has no state while the exchange goes on', () => {
    expect(readAnswer(row).status).toBeUndefined();
  });

  it('tells a start-up packet from requests for encryption and from nonsense', () => {
    const packet = (code: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeInt32BE(8);
      bytes.writeInt32BE(code, 4);
      return bytes;
    };
    expect(readStartup(packet(196_608)).kind).toBe('startup');
    expect(readStartup(packet(80_877_103)).kind).toBe('encryption-request');
    expect(readStartup(packet(80_877_104)).kind).toBe('encryption-request');
    expect(readStartup(packet(1)).kind).toBe('unknown');
  });

  it('lets a client in with what it must know, ready for its first query', () => {
    const bytes = welcome({ server_version: '18.6' });
    expect(bytes.toString('latin1')).toContain('server_version\x0018.6\0');
    expect(readAnswer(bytes).status).toBe('I');
  });

  it('gives errors a severity, a code and words', () => {
    expect(errorResponse('ERROR', '55P03', 'busy').toString('latin1')).toContain('C55P03\0Mbusy\0');
  });
});
