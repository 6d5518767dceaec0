import type { CalledCommand } from './command-line.ts'

/** What needs no right of root's: nothing of it touches layers or processes. */
const FOR_EVERYBODY = new Set(['help', 'version', 'completion', 'login', 'logout', 'search', 'info'])
/** What makes files or processes that may have several owners. */
const MAKES_OWNERS = new Set(['pull', 'build', 'run', 'create', 'load', 'import'])

/**
 * Begins an ordinary user's command once more as root in a user namespace, where it needs that; for root it does nothing.
 * @throws {RunError} `NO_USER_NAMESPACE`
 */
export async function enterNamespace({ name, rest }: CalledCommand): Promise<void> {
  if (process.getuid?.() === 0 || name === undefined || FOR_EVERYBODY.has(name) || isHelp(rest)) return
  const { enterUserNamespace } = await import('@gocker/run')
  // It makes no files, and can be read where nothing could be run.
  const explains = rest.includes('--explain')
  try {
    enterUserNamespace({
      onEvent({ obstacle: { what, mend } }) {
        if (MAKES_OWNERS.has(name) && !explains) process.stderr.write(`gocker: only one user id can be used: ${what}\n  hint: ${mend}\n`)
      },
    })
  } catch (error) {
    if (!explains) throw error
  }
}

function isHelp(rest: readonly string[]): boolean {
  return rest.length === 1 && ['--help', '-h'].includes(rest[0] ?? '')
}
