/** What we use of npm's own parts that come without types. */
declare module '@npmcli/config' {
  interface ConfigOptions {
    readonly npmPath: string;
    readonly definitions: unknown;
    readonly flatten: unknown;
    readonly shorthands: unknown;
    readonly nerfDarts: unknown;
    readonly argv?: readonly string[];
    readonly cwd?: string;
    readonly warn?: boolean;
  }
  class Config {
    constructor(options: ConfigOptions);
    load(): Promise<void>;
    setEnvs: () => void;
    /** All settings, under the names that pacote and npm-registry-fetch take. */
    readonly flat: Readonly<Record<string, unknown>>;
  }
  export = Config;
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const parts: {
    readonly definitions: unknown;
    readonly flatten: unknown;
    readonly shorthands: unknown;
    readonly nerfDarts: unknown;
  };
  export = parts;
}
