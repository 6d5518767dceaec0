import { Command, CommanderError, Help, InvalidArgumentError, type Option } from 'commander'
import { COMMANDS } from './command-table.ts'
import { enterNamespace } from './enter-namespace.ts'
import { OWN_FAILURE } from './own-failure.ts'
import { reportError } from './report-error.ts'
import { versionLine } from './version.ts'

/** What a program is ended by that writes where nobody reads. @see signal(7) */
const SIGPIPE = 13

/**
 * Runs one command line.
 * @param words without node and the script's name
 * @returns the exit code: the command's own, 125 for gocker's failure, 126 and 127 as docker has them
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  process.once('uncaughtException', endByItself)
  const program = gocker()
  const called = calledCommand(words)
  try {
    await enterNamespace(called)
    await addCommands(program, called)
    if (words.length === 0) program.help()
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (isPrinted(error)) return error.exitCode === 0 ? 0 : usageFailure(called)
    const exitCode = reportError(error, { debug: program.opts().debug === true })
    return error instanceof CommanderError ? OWN_FAILURE : exitCode
  }
}

/** Who calls a runtime expects runc's exit codes. */
function usageFailure({ name }: CalledCommand): number {
  return name === 'runtime' ? 1 : OWN_FAILURE
}

/** A reader that has gone away, as `| head` does, is no failure to tell of; anything else is a mistake of ours, and shown whole. */
function endByItself(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 128 + SIGPIPE : reportError(error, { debug: true }))
}

/** commander has said what is wrong with the words; a value that a command's action refuses is still to be reported. */
function isPrinted(error: unknown): error is CommanderError {
  return error instanceof CommanderError && !(error instanceof InvalidArgumentError)
}

function gocker(): Command {
  return new Command('gocker')
    .description('Containers for Node: pull, build and run OCI images. No daemon.')
    .usage('[--debug] COMMAND')
    .option('-D, --debug', 'say more when something fails')
    .version(versionLine(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show what a command does and takes')
    .addHelpCommand(new Command('help').argument('[command]').summary('Show the help of a command').helpGroup('Everything else:'))
    .enablePositionalOptions()
    .showHelpAfterError('  hint: gocker --help lists the commands')
    .configureHelp({ optionDescription })
    .configureOutput({ outputError: (text, write) => write(asOwnError(text)) })
    .addHelpText('after', "\nRun 'gocker COMMAND --help' for more on a command.\n\nExample:\n  gocker run --rm -it debian bash")
    .exitOverride()
}

/** An option that may be given several times is not given at all at first, which need not be said. */
function optionDescription(option: Option): string {
  return Help.prototype.optionDescription(option).replace(' (default: [])', '')
}

/** commander's `error: …`, and the suggestion in parentheses below it, as gocker's own errors look. */
function asOwnError(text: string): string {
  return text.replace(/^error: /, 'gocker: ').replace(/^\(Did you mean (.*)\)$/m, '  hint: did you mean $1')
}

/** The called command, loaded; where none is, every command, for its line in the help. */
async function addCommands(program: Command, { name: called, rest }: CalledCommand): Promise<void> {
  const isKnown = Object.values(COMMANDS).some((entries) => entries.some(({ name }) => name === called))
  for (const [group, entries] of Object.entries(COMMANDS)) {
    program.commandsGroup(group)
    for (const { name, summary, load } of entries) {
      if (isKnown && name !== called) continue
      const command = program.command(name).summary(summary).description(summary)
      command.showHelpAfterError(`  hint: gocker ${name} --help says what it takes`)
      if (name === called) await (await load()).define(command, rest)
    }
  }
}

export interface CalledCommand {
  readonly name: string | undefined
  /** The words behind the name. */
  readonly rest: readonly string[]
}

/** The first word that is no flag; `help run` is `run --help`. */
function calledCommand(words: readonly string[]): CalledCommand {
  const at = words.findIndex((word) => !word.startsWith('-'))
  const [name, ...rest] = at === -1 ? [] : words.slice(at)
  return name === 'help' ? { name: rest[0], rest: [...rest.slice(1), '--help'] } : { name, rest }
}
