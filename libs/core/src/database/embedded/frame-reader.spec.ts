import fc from 'fast-check';
import { FrameReader } from './frame-reader.js';
import { message } from './wire.js';

const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);

describe('frame reader', () => {
  it('finds the same messages whatever the chunks they arrive in', () => {
    const bodies = fc.array(fc.tuple(fc.constantFrom('Q', 'P', 'B', 'S'), fc.uint8Array({ maxLength: 40 })));
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(60), { maxLength: 20 }), (messages, cuts) => {
        const frames = messages.map(([type, body]) => message(type, Buffer.from(body)));
        const reader = new FrameReader();
        reader.push(startup);
        reader.startupDone();
        const found: Buffer[] = [];
        let rest: Buffer = Buffer.concat(frames);
        for (const cut of cuts) {
          found.push(...reader.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        found.push(...reader.push(rest));
        expect(found.map((frame) => frame.toString('hex'))).toEqual(frames.map((frame) => frame.toString('hex')));
      }),
    );
  });

  it('reads the start-up packet, which has no type byte, even in single bytes', () => {
    const reader = new FrameReader();
    const frames = [...startup].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(frames).toEqual([startup]);
  });

  it('does not loop for ever over a length of nothing', () => {
    expect(new FrameReader().push(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]))).toHaveLength(2);
  });
});
