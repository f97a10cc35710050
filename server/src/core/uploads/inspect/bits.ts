import { damaged } from './isobmff.ts';

/** Reads most significant bit first; behind the end of the data it refuses the file. */
export class Bits {
  private readonly data: Buffer;
  private pos: number;

  constructor(data: Buffer, fromByte = 0) {
    this.data = data;
    this.pos = fromByte * 8;
  }

  /** Unsigned number of at most 32 bits. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.data[this.pos >> 3];
      if (byte === undefined) throw damaged('its sequence header is cut short');
      value = value * 2 + ((byte >> (7 - (this.pos & 7))) & 1);
      this.pos++;
    }
    return value;
  }

  skip(count: number): void {
    this.pos += count;
  }

  /** Zeros, a one, and as many bits: uvlc() of AV1 (section 4.10.3) and ue(v) of HEVC (H.265 section 9.2). */
  readExpGolomb(): number {
    let zeros = 0;
    while (this.read(1) === 0) {
      if (++zeros === 32) throw damaged('its sequence header has a number that is not valid');
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
