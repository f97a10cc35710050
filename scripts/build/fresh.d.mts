export declare function isFresh(): boolean;
export declare function ensureFresh(): Promise<void>;
export declare function findBuildNode(): string;
export declare function withBuildLock<T>(work: () => T | Promise<T>): Promise<T>;
