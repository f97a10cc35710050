// The package ships no types; these are the parts in use, in the shape of the inspector protocol.
declare module '@bcoe/v8-coverage' {
  export interface ScriptCov {
    readonly url: string;
    readonly functions: {
      readonly functionName: string;
      readonly isBlockCoverage: boolean;
      readonly ranges: { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }
  export interface ProcessCov {
    readonly result: ScriptCov[];
  }
  export function mergeProcessCovs(processes: readonly ProcessCov[]): ProcessCov;
}
