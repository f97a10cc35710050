export declare const root: string;
export declare function ensureInstalled(): Promise<void>;
export declare function findNode(): string;
export declare function projectEnv(node?: string): NodeJS.ProcessEnv;
export declare function handOver(entry: string, args: readonly string[]): Promise<void>;
