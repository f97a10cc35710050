export declare function buildWhenStale(): Promise<void>;
export declare function findBuildNode(): string;
export declare function withBuildLock<T>(work: () => T | Promise<T>): Promise<T>;
