import type { Command } from 'commander'
import { collect } from '../option-values.ts'
import { logError } from '../runtime/error-log.ts'
import { runtimeAction } from '../runtime/runtime-action.ts'

/** Of a container that was created, and by other engines' words. */
export function define(command: Command): void {
  // Before the commands of it are made, which do as it does.
  command.configureOutput({ outputError: (text, write) => tellWrongWords(command, text, write) })
  command
    .enablePositionalOptions()
    .allowExcessArguments()
    .option('--root <dir>', 'where containers are kept (default: /run/gocker-runtime, or below $XDG_RUNTIME_DIR)')
    .option('--log <file>', 'append errors to a file, too')
    .option('--log-format <format>', 'text or json', 'text')
    .option('--systemd-cgroup', 'read cgroupsPath as slice:prefix:name')
    .option('--debug', 'say more when something fails')
    .option('-v, --version', 'print the versions of gocker and of the specification')
    .addHelpText('after', HELP)
    .action(runtimeAction('version'))
  defineCreation(command)
  defineLife(command)
  defineExec(command)
  defineLooking(command)
  defineUpdate(command)
}

/** What commander says of words that it does not understand goes where all errors of a runtime go. */
function tellWrongWords(command: Command, text: string, write: (text: string) => void): void {
  const [first = '', ...more] = text
    .replace(/^error: /, '')
    .trimEnd()
    .split('\n')
  const { log, logFormat } = command.opts() as { log?: string; logFormat: string }
  logError(first, { log, format: logFormat })
  write(`gocker-runtime: ${[first, ...more].join('\n')}\n`)
}

const HELP = `
Runs containers of OCI bundles, as podman, containerd and Docker ask for it;
gocker-runtime is the same by another name.

Examples:
  gocker runtime run --bundle ./bundle web
  podman --runtime /usr/local/bin/gocker-runtime run --rm debian true`

function defineCreation(command: Command): void {
  for (const [name, summary] of [
    ['create', 'Create a container of a bundle'],
    ['run', 'Create a container of a bundle, start it, and delete it when it has ended'],
  ] as const) {
    const member = withDescriptors(command.command(`${name} <id>`))
      .description(summary)
      .option('-b, --bundle <dir>', 'the directory with config.json', '.')
      .option('--no-pivot', 'change the root without pivot_root, where it is in memory')
      .option('--no-new-keyring', "use the caller's session keyring")
    if (name === 'run') member.option('-d, --detach', 'do not wait for its end').option('--keep', 'do not delete it')
    member.action(runtimeAction(name))
  }
}

/** What a container's first command and one more are started with alike. */
function withDescriptors(command: Command): Command {
  return command
    .option(
      '--console-socket <path>',
      "a Unix socket that gets the terminal's other side (run and exec: by default the caller's terminal does)",
    )
    .option('--pid-file <file>', 'gets the pid of the command')
    .option('--preserve-fds <n>', 'give so many descriptors from 3 on to the command')
}

function defineLife(command: Command): void {
  command.command('start <id>').description('Let the command of a created container begin').action(runtimeAction('start'))
  command
    .command('kill <id> [signal]')
    .description('Send a signal to a container (SIGTERM)')
    .option('-a, --all', 'to all of its processes')
    .action(runtimeAction('kill'))
  command
    .command('delete <id>')
    .description('Take away what was made for a container')
    .option('-f, --force', 'also where it has not stopped, or is not there')
    .action(runtimeAction('delete'))
  command.command('pause <id>').description('Make every process stand still').action(runtimeAction('pause'))
  command.command('resume <id>').description('Let them go on').action(runtimeAction('resume'))
}

function defineExec(command: Command): void {
  withDescriptors(command.command('exec <id> [command...]'))
    .description('Run one more command in a container that runs')
    .passThroughOptions()
    .option('-p, --process <file>', "the command as the specification's process, in JSON")
    .option('-d, --detach', 'do not wait for its end')
    .option('-t, --tty', 'give it a terminal')
    .option('-u, --user <uid[:gid]>', "another user than the container's, in numbers")
    .option('-g, --additional-gids <gid>', 'one more group', collect, [])
    .option('--cwd <path>', "another working directory than the container's")
    .option('-e, --env <name=value>', 'set a variable', collect, [])
    .option('-c, --cap <name>', 'one more capability', collect, [])
    .option('--no-new-privs', 'gain no privilege by exec')
    .option('--apparmor <profile>', 'confine it by a profile')
    .option('--ignore-paused', 'also where the container is paused: it begins when that goes on')
    .action(runtimeAction('exec'))
}

function defineLooking(command: Command): void {
  command.command('state <id>').description('Print the state of a container, as JSON').action(runtimeAction('state'))
  withFormat(command.command('list')).description('List containers').option('-q, --quiet', 'names only').action(runtimeAction('list'))
  withFormat(command.command('ps <id> [options...]'))
    .description('Show the processes of a container')
    .passThroughOptions()
    .action(runtimeAction('ps'))
  command
    .command('events <id>')
    .description('Print what a container uses, and when it is out of memory, as JSON')
    .option('--interval <duration>', 'how often', '5s')
    .option('--stats', 'what it uses now, and nothing more')
    .action(runtimeAction('events'))
  command.command('features').description('Print what this runtime can do, as JSON').action(runtimeAction('features'))
  command
    .command('spec')
    .description('Write a config.json to begin with')
    .option('-b, --bundle <dir>', 'where to write it', '.')
    .option('--rootless', 'one for an ordinary user')
    .action(runtimeAction('spec'))
}

function withFormat(command: Command): Command {
  return command.option('-f, --format <format>', 'table or json', 'table')
}

function defineUpdate(command: Command): void {
  const member = command
    .command('update <id>')
    .description('Change the limits of a container')
    .option('-r, --resources <file>', "the specification's resources, in JSON; - is stdin")
    .option('--blkio-weight <n>', '10 to 1000')
    .option('--cpuset-cpus <list>', 'processors such as 0-3')
    .option('--cpuset-mems <list>', 'memory nodes')
  for (const name of ['cpu-period', 'cpu-quota', 'cpu-share', 'cpu-rt-period', 'cpu-rt-runtime', 'cpu-idle', 'pids-limit'])
    member.option(`--${name} <n>`, 'a number')
  for (const name of ['memory', 'memory-reservation', 'memory-swap']) member.option(`--${name} <bytes>`, 'bytes; -1: no limit')
  member.action(runtimeAction('update'))
}
