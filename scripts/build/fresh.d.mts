export declare function isFresh(): boolean;
export declare function ensureFresh(): Promise<void>;
