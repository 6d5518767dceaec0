import { Command, CommanderError } from 'commander'
import { COMMANDS } from './command-table.ts'
import { reportError } from './report-error.ts'
import { versionLine } from './version.ts'

/** Exit code of a failure that is gocker's own and not the container's, as docker has it. */
const OWN_FAILURE = 125

/**
 * Runs one command line.
 * @param words without node and the script's name
 * @returns the exit code: the command's own, 125 for gocker's failure, 126 and 127 as docker has them
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = gocker()
  await addCommands(program, calledCommand(words))
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : OWN_FAILURE
    return reportError(error, { debug: program.opts().debug === true })
  }
}

function gocker(): Command {
  return new Command('gocker')
    .description('Containers for Node: pull, build and run OCI images. No daemon.')
    .usage('[--debug] COMMAND')
    .option('-D, --debug', 'say more when something fails')
    .version(versionLine(), '-v, --version')
    .helpOption('-h, --help', 'show what a command does and takes')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    .showHelpAfterError("Run 'gocker --help' or 'gocker COMMAND --help' for more.")
    .addHelpText('after', "\nRun 'gocker COMMAND --help' for more on a command.\n\nExample:\n  gocker run --rm -it debian bash")
    .exitOverride()
}

/** Every command gets its line in the help; the module is loaded of the called one alone. */
async function addCommands(program: Command, called: string | undefined): Promise<void> {
  for (const [group, entries] of Object.entries(COMMANDS)) {
    program.commandsGroup(group)
    for (const { name, summary, load } of entries) {
      const command = program.command(name).summary(summary).description(summary)
      if (name === called) (await load()).define(command)
    }
  }
}

function calledCommand(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'))
  return first === 'help' ? second : first
}
