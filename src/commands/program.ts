/** argv -> command. Only the command that was asked for is loaded. */
import { Command } from "commander";
import { packageVersion } from "../runtime/version.ts";
import { COMMANDS, type CommandEntry } from "./list.ts";

const EXAMPLES = `
Examples:
  $ hashfall demo                          see it work: no internet, no setup
  $ hashfall start                         watch Bitcoin with the shipped configuration
  $ hashfall check --config my.yaml        faults, and what these pools can tell apart
  $ hashfall replay --config my.yaml --input samples.ndjson --output alerts.ndjson

Exit status: 0 done, 1 a mistake (one line says which), 75 temporary (a supervisor may restart).`;

/**
 * Runs the command that `argv` (without node and script) asks for; resolves when it is done.
 *
 * @throws `CommanderError` after printing for help, version and usage mistakes; whatever the command throws
 */
export async function runProgram(argv: readonly string[], commands: readonly CommandEntry[] = COMMANDS): Promise<void> {
  const program = new Command("hashfall")
    .description("Watches what mining pools publish, and names the region whose hash rate suddenly fell.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError(true)
    .exitOverride();
  const wanted = wantedCommand(argv);
  for (const entry of commands) {
    const command = entry.name === wanted ? await entry.load() : new Command(entry.name);
    command.copyInheritedSettings(program).summary(entry.summary).helpOption("-h, --help", "print this help");
    if (entry.name === wanted) command.showHelpAfterError(`(hashfall ${entry.name} --help tells more)`);
    program.addCommand(command);
  }
  program.showHelpAfterError("(hashfall --help lists the commands)");
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync([...argv], { from: "user" });
}

/** The command's name: the first word that is not an option, or the word after `help`. */
function wantedCommand(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith("-"));
  return first === "help" ? second : first;
}
