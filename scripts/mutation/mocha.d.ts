/** The little of mocha that the tester uses; the package comes without types. */
declare module "mocha" {
  export interface Runnable {
    title: string;
    file?: string;
    duration?: number;
    parent?: Suite;
    fullTitle(): string;
  }
  export interface Suite {
    file?: string;
    parent?: Suite;
    suites: Suite[];
  }
  export interface Runner {
    abort(): void;
    on(event: "test" | "test end" | "hook", then: (what: Runnable) => void): void;
    on(event: "fail", then: (what: Runnable, error: Error & { code?: string }) => void): void;
  }
  export default class Mocha {
    constructor(options: { timeout: number; reporter: new () => object });
    readonly suite: Suite;
    addFile(path: string): void;
    cleanReferencesAfterRun(clean: boolean): void;
    grep(titles: RegExp): void;
    loadFilesAsync(): Promise<void>;
    run(done: () => void): Runner;
  }
}
