import { StatementNames } from './statement-names.js';
import { message } from './wire.js';

const parse = (name: string) => message('P', Buffer.from(`${name}\0SELECT 1\0\0\0`));
const text = (frame: Buffer) => frame.toString('latin1', 5);

describe('statement names', () => {
  it('renames a named statement wherever it is spoken of, with a right length', () => {
    const names = new StatementNames('c7_');
    for (const [frame, wanted] of [
      [parse('find'), 'c7_find\0SELECT 1\0\0\0'],
      [message('B', Buffer.from('portal\0find\0\0\0')), 'portal\0c7_find\0\0\0'],
      [message('D', Buffer.from('Sfind\0')), 'Sc7_find\0'],
      [message('C', Buffer.from('Sfind\0')), 'Sc7_find\0'],
    ] as const) {
      const renamed = names.rename(frame);
      expect(text(renamed)).toBe(wanted);
      expect(renamed.readInt32BE(1)).toBe(renamed.length - 1);
    }
  });

  it('leaves unnamed statements, portals and other messages alone', () => {
    const names = new StatementNames('c7_');
    for (const frame of [
      parse(''),
      message('B', Buffer.from('\0\0\0')),
      message('D', Buffer.from('Pfind\0')),
      message('S'),
    ]) {
      expect(names.rename(frame)).toBe(frame);
    }
  });

  it('drops each prepared statement once', () => {
    const names = new StatementNames('c7_');
    names.rename(parse('a'));
    names.rename(parse('a'));
    names.rename(parse('b'));
    expect(names.closeAll().map(text)).toEqual(['Sc7_a\0', 'Sc7_b\0']);
    expect(names.closeAll()).toEqual([]);
  });
});
