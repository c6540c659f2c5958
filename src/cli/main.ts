/** The `saksi` command. */
import { messageOf, SaksiError, UsageError } from "../errors/errors.ts";
import { parseUp, UP_HELP } from "./options.ts";

const HELP = `saksi <command>

  up          start everything and trade (saksi up --help)
  backtest    a plain strategy over a file of candles (saksi backtest --help)
  data        check and import files of candles (saksi data --help)
  features    indicators of recorded candles: saksi features FILE --columns ema_20 --out F.csv (saksi features --help)
  invoke      run one Lambda on an event: saksi invoke <lambda> <event.json> --store DIR
`;

const USAGE_EXIT = 2;

async function main(argv: string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case "up": {
      const options = parseUp(rest);
      if (options === "help") return print(UP_HELP);
      return (await import("./up.ts")).up(options);
    }
    case "backtest":
      return (await import("./backtest.ts")).backtest(rest);
    case "data":
      return (await import("./data.ts")).data(rest);
    case "features":
      return (await import("./features.ts")).featuresCommand(rest);
    case "invoke":
      return (await import("./invoke.ts")).invoke(rest);
    case undefined:
    case "help":
    case "--help":
      return print(HELP);
    default:
      throw new UsageError("command.unknown", `there is no command "${command}"; saksi help lists them`);
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`saksi: ${messageOf(error)}\n`);
  if (!(error instanceof SaksiError) && process.env["SAKSI_DEBUG"])
    process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = error instanceof UsageError ? USAGE_EXIT : 1;
}
