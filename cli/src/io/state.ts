import type { Style } from './style.ts';

/** Colours a text by the state of the image that it tells of. */
export function paintState(state: string | undefined, text: string, style: Style): string {
  switch (state) {
    case 'ready':
      return style.green(text);
    case 'error':
      return style.red(text);
    case 'canceled':
      return style.dim(text);
    case 'processing':
      return style.yellow(text);
    default:
      return text;
  }
}
