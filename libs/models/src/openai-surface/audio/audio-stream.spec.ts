import { AudioStream } from './audio-stream.js';

const heard = async (stream: AudioStream): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of stream.readable) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
};

describe('a stream of audio', () => {
  it('opens with its first piece and ends with its last', async () => {
    const stream = new AudioStream();
    void stream.write(Buffer.from('one '));
    await stream.opened;
    void stream.write(Buffer.from('two'));
    stream.end();
    expect(await heard(stream)).toBe('one two');
  });

  it('holds the model back while the client reads slower', async () => {
    const stream = new AudioStream();
    const piece = Buffer.alloc(64 * 1024);
    const held = stream.write(piece);
    expect(held).toBeInstanceOf(Promise);
    stream.readable.resume();
    await expect(held).resolves.toBeUndefined();
  });

  it('lets the model go when the client has left', async () => {
    const stream = new AudioStream();
    const held = stream.write(Buffer.alloc(64 * 1024));
    stream.readable.destroy();
    await expect(held).resolves.toBeUndefined();
    expect(stream.write(Buffer.from('more'))).toBeUndefined();
  });

  it('tells a failure before the first piece, and is cut by one after it', async () => {
    const early = new AudioStream();
    early.fail(new Error('no voice'));
    await expect(early.opened).rejects.toThrow('no voice');
    const late = new AudioStream();
    void late.write(Buffer.from('one'));
    await late.opened;
    late.fail(new Error('broke off'));
    await expect(heard(late)).rejects.toThrow('broke off');
  });
});
