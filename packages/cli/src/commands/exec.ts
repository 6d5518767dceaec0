import { type ExecOptions, execDetached, execIn, parseEnv, RunError } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { connectStreams } from '../attach.ts'
import { readEnvFile } from '../env-file.ts'
import { collect } from '../option-values.ts'
import { SignalForwarder } from '../signal-forwarder.ts'
import { RawTerminal } from '../terminal/raw-terminal.ts'

interface ExecFlags {
  readonly interactive?: true
  readonly tty?: true
  readonly detach?: true
  readonly user?: string
  readonly env: readonly string[]
  readonly envFile: readonly string[]
  readonly workdir?: string
  readonly privileged?: true
}

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id of a container that runs')
    .argument('<command...>', 'what to run')
    .passThroughOptions()
    .option('-i, --interactive', 'keep stdin open')
    .option('-t, --tty', 'give the command a terminal')
    .option('-d, --detach', 'let it run in the background, without input and output')
    .option('-u, --user <user[:group]>', "another user than the container's, by name or number")
    .option('-e, --env <name[=value]>', 'set a variable', collect, [])
    .option('--env-file <file>', 'variables from a file, a line each', collect, [])
    .option('-w, --workdir <path>', "another working directory than the container's")
    .option('--privileged', 'with every capability')
    .option('--detach-keys <keys>', "taken for docker's sake: a command in the foreground ends with gocker")
    .addHelpText('after', '\nExamples:\n  gocker exec -it web bash\n  gocker exec -u postgres db psql -c "select 1"')
    .action(execute)
}

async function execute(name: string, words: readonly string[], flags: ExecFlags): Promise<void> {
  const { detach, tty, interactive } = flags
  const options = optionsOf(words, flags)
  if (detach !== true && tty === true && interactive === true && !process.stdin.isTTY)
    throw new RunError('INVALID_OPTION', 'lending the terminal to the command: the input device is not a TTY', {
      hint: 'leave out -t where gocker reads from a pipe or a file',
    })
  const store = await openStore()
  // Without a terminal where nobody looks: one that is full would stop the command.
  if (detach === true) await execDetached(store, name, { ...options, tty: false })
  else process.exitCode = await inForeground((more) => execIn(store, name, { ...options, ...more }), flags)
}

function optionsOf(command: readonly string[], { user, env, envFile, workdir, privileged, tty }: ExecFlags): ExecOptions {
  return {
    command,
    // What is said with -e goes over what a file says.
    env: [...envFile.flatMap(readEnvFile), ...env.map(parseEnv)],
    tty: tty === true,
    privileged: privileged === true,
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
  }
}

/** @returns the command's exit code, 128+n for a signal */
async function inForeground(
  start: (options: Pick<ExecOptions, 'stdio' | 'windowSize' | 'signal'>) => ReturnType<typeof execIn>,
  { tty, interactive }: ExecFlags,
): Promise<number> {
  const input = interactive === true
  const terminal = tty === true ? new RawTerminal() : undefined
  const forwarder = new SignalForwarder()
  try {
    const stdio = { stdin: input ? 'pipe' : 'ignore' } as const
    const running = await start({
      ...(terminal === undefined ? { stdio } : { windowSize: terminal.size() }),
      signal: forwarder.untilItRuns,
    })
    forwarder.to(running)
    const shown = terminal === undefined ? connectStreams(running) : terminal.connect(running, { input })
    const { code } = await running.exited
    await shown
    return code
  } finally {
    forwarder.stop()
    terminal?.restore()
    if (input) process.stdin.destroy()
  }
}
