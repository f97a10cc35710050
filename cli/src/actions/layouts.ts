import { resolve } from 'node:path';
import type { Layout } from '@stager/sdk';
import type { Context } from '../context.ts';
import { CliError, Interrupted, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean, safeJson } from '../io/clean.ts';
import { fileTrouble } from '../io/fileTrouble.ts';
import type { Rendered } from '../io/io.ts';
import { formatBytes, messageOf } from '../io/text.ts';
import { requireImageId } from '../parse.ts';
import { printImage } from './images.ts';

/** More than any layout has, in bytes: what is larger is some other file. */
const MOST = 1_000_000;

export async function getLayout(
  context: Context,
  word: string,
  { out }: { readonly out?: string },
): Promise<Rendered> {
  const id = requireImageId(word);
  const { images } = await context.stager();
  const options = { output: 'layout', signal: context.signal };
  if (out !== undefined) {
    const { path, size, sha256 } = await images.downloadTo(id, resolve(out), options);
    return {
      json: () => ({ id, path, size, sha256 }),
      text: ({ style }) => `${clean(out)}  ${style.dim(formatBytes(size))}`,
    };
  }
  const text = new TextDecoder().decode((await images.downloadBytes(id, options)).bytes);
  const layout = parseLayout(text, 'The layout of the image');
  return {
    json: () => layout,
    text: () => safeJson(text.trimEnd()),
  };
}

interface SetOptions {
  readonly style?: string;
  readonly wait?: boolean;
  readonly pictures?: boolean;
}

/** The image that is named stays; the answer is the new one. */
export async function setLayout(
  context: Context,
  word: string,
  file: string,
  { style, wait = false, pictures }: SetOptions,
): Promise<ExitCode> {
  const { signal } = context;
  const id = requireImageId(word);
  const layout = await readLayout(file);
  const { images } = await context.stager();
  const made = await images.setLayout(id, layout, { style, signal }).catch(async (error: unknown) => {
    throw await explain(error, file);
  });
  const follow = `stager tail --image ${made.id} --exit-status`;
  if (!wait) {
    context.io.print({
      json: () => made,
      text: ({ style: paint }) => `${made.id}  ${made.state}\n${paint.dim('To follow it')}:\n  ${follow}`,
    });
    return EXIT.ok;
  }
  try {
    const ended = await images.wait(made.id, { signal });
    await printImage(context, ended, pictures);
    return ended.state === 'ready' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (signal.aborted) throw new Interrupted({ command: follow, when: 'to go on waiting' });
    throw error;
  }
}

/** @param file `-` for stdin */
export async function readLayout(file: string): Promise<Layout> {
  const name = file === '-' ? 'What was read from stdin' : clean(file);
  const text = file === '-' ? await readAll(process.stdin) : await readFile(file);
  if (text.length > MOST) throw tooLarge(name);
  const layout = parseLayout(text, name);
  const { LAYOUT_MAX } = await import('@stager/sdk');
  if (JSON.stringify(layout).length > LAYOUT_MAX) throw tooLarge(name);
  return layout;
}

const NOTHING = '`stager images layout get` shows what one looks like. Nothing was sent.';

function tooLarge(name: string): CliError {
  return usageError(`${name} is larger than a layout can be.`, NOTHING);
}

function parseLayout(text: string, name: string): Layout {
  try {
    // Editors of Windows begin a file with a mark of its encoding, which is no part of JSON (RFC 8259, section 8.1).
    const json = text.replace(/^\uFEFF/, '');
    // The API looks whether it is one, and says in which place it is not.
    return JSON.parse(json) as Layout;
  } catch (error) {
    throw usageError(`${name} is no JSON: ${messageOf(error)}.`, NOTHING);
  }
}

async function readFile(file: string): Promise<string> {
  const fs = await import('node:fs/promises');
  try {
    const { size } = await fs.stat(file);
    return size > MOST ? ' '.repeat(MOST + 1) : await fs.readFile(file, 'utf8');
  } catch (error) {
    const trouble = fileTrouble(error);
    if (!trouble) throw error;
    const why = trouble.code === 'ENOENT' ? 'there is no such file' : trouble.why;
    throw usageError(`${clean(file)} cannot be read: ${why}.`, `${trouble.fix} Nothing was sent.`);
  }
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > MOST) break;
  }
  return text;
}

/** Words of the API for what stands in a layout and cannot be used. */
const OF_LAYOUT = new Set(['layout_invalid', 'unknown_style', 'unknown_room']);

/** What the API says of its request, in the words of the file: `pieces[2].size[0]`. */
export async function explain(error: unknown, file: string): Promise<unknown> {
  const { ValidationError } = await import('@stager/sdk');
  if (!ValidationError.isInstance(error)) return error;
  const name = file === '-' ? 'The layout' : clean(file);
  const places = error.issues.flatMap(({ path, message }) => {
    const [, place] = /^body\.items\.\d+\.layout(?:\.(.*))?$/.exec(path) ?? [];
    return place === undefined && !path.endsWith('.layout')
      ? []
      : [`${placeOf(place ?? '')} ${message}`.trim()];
  });
  if (places.length === 0 && !OF_LAYOUT.has(error.code)) return error;
  return new CliError(
    places.length > 0 ? `${name} is no layout that can be used: ${places.join('; ')}.` : error.message,
    {
      code: 'layout_invalid',
      exit: EXIT.usage,
      hint: 'Correct it and run the command again. Nothing was sent.',
    },
  );
}

function placeOf(path: string): string {
  return path.replaceAll(/\.?(\d+)(?=\.|$)/g, '[$1]');
}
