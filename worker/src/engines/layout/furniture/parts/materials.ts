import type { Material } from '../../scene/types.ts';
import { fabric, leather, metal, paint } from '../styles.ts';

/** What is the same in every style. */
export const LINEN = fabric('#e6e1d8', 'linen');
export const COTTON = fabric('#efece5', 'flat');
export const WHITE = paint('#e4e1da', 0.55);
export const BLACK = paint('#242424', 0.5);
export const BRASS = metal('#b08a4a');
export const GLASS: Material = { kind: 'glass', tint: [0.55, 0.66, 0.62] };
export const SADDLE = leather('#8a5a34');
