import { Command, type Option } from 'commander'
import { EVERY } from '../command-group.ts'
import { COMMANDS } from '../command-table.ts'

/** A command as shells complete it. */
export interface CompletedCommand {
  /** `gocker`, `gocker container ls` */
  readonly path: string
  readonly summary: string
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  readonly flags: readonly CompletedFlag[]
  /** What its arguments are the names of. */
  readonly argument: Named | undefined
}

export interface CompletedFlag {
  /** `--rm` */
  readonly long: string | undefined
  /** `-d` */
  readonly short: string | undefined
  readonly summary: string
  /** What may stand behind it; undefined where nothing does. */
  readonly value: FlagValue | undefined
}

export type FlagValue = { readonly choices: readonly string[] } | { readonly named: Named } | 'file' | 'any'

/** What has names that can be asked for. */
export type Named = 'containers' | 'running' | 'images' | 'volumes' | 'networks' | 'things' | 'files'

/** Every command of the table with what is below it, the program itself first. */
export async function completedCommands(): Promise<CompletedCommand[]> {
  const entries = Object.values(COMMANDS).flat()
  const below = await Promise.all(
    entries.map(async ({ name, summary, load }) => {
      const { define } = await load()
      const command = new Command(name).summary(summary)
      await define(command, [EVERY])
      return describe(command, `gocker ${name}`)
    }),
  )
  const commands = entries.map(({ name, summary }) => ({ name, summary }))
  return [{ path: 'gocker', summary: '', commands, flags: [HELP, DEBUG, VERSION], argument: undefined }, ...below.flat()]
}

const HELP: CompletedFlag = { long: '--help', short: undefined, summary: 'show what it does and takes', value: undefined }
const DEBUG: CompletedFlag = { long: '--debug', short: '-D', summary: 'say more when something fails', value: undefined }
const VERSION: CompletedFlag = { long: '--version', short: '-v', summary: 'print the version', value: undefined }

function describe(command: Command, path: string): CompletedCommand[] {
  const members = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help')
  const own: CompletedCommand = {
    path,
    summary: command.summary(),
    commands: members.map((each) => ({ name: each.name(), summary: each.summary() })),
    flags: [...command.options.filter(({ hidden }) => !hidden).map(flagOf), HELP],
    argument: argumentOf(command),
  }
  return [own, ...members.flatMap((each) => describe(each, `${path} ${each.name()}`))]
}

function flagOf(option: Option): CompletedFlag {
  return { long: option.long ?? undefined, short: option.short ?? undefined, summary: option.description, value: valueOf(option) }
}

const FILES = /file|directory|dir$/i
const NAMED: Readonly<Record<string, Named>> = { '--network': 'networks', '--volumes-from': 'containers', '--volume': 'volumes' }

function valueOf(option: Option): FlagValue | undefined {
  if (!option.required && !option.optional) return undefined
  if (option.argChoices !== undefined) return { choices: option.argChoices }
  const named = NAMED[option.long ?? '']
  if (named !== undefined) return { named }
  const [, value = ''] = /[<[]([^>\]]*)[>\]]/.exec(option.flags) ?? []
  return FILES.test(value) ? 'file' : 'any'
}

/** These can do nothing with a container that does not run. */
const OF_RUNNING = new Set(['attach', 'exec', 'kill', 'pause', 'port', 'stats', 'stop', 'top', 'unpause'])

function argumentOf(command: Command): Named | undefined {
  const [argument] = command.registeredArguments
  const name = argument?.name() ?? ''
  if (name.startsWith('container')) return OF_RUNNING.has(command.name()) ? 'running' : 'containers'
  if (/^(?:image|source)/.test(name)) return 'images'
  if (name.startsWith('volume')) return 'volumes'
  if (name.startsWith('network')) return 'networks'
  if (name === 'name' && command.name() === 'inspect') return 'things'
  return FILES.test(name) || name === 'context' || name === 'path' ? 'files' : undefined
}
