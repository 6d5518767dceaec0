import { OWN_FAILURE } from './own-failure.ts'

/** The last word of a thread's command line: asking Node whether this is a thread costs milliseconds. */
const THREAD_MARK = 'gocker-thread'

/**
 * The one file that everything starts from: the command, and each worker thread of the bundle, which has no other file to start from.
 * What is asked most is answered before anything else is loaded.
 */
async function main(words: readonly string[]): Promise<void> {
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) return await printVersion()
  if (words.at(-1) === THREAD_MARK && (await runThread())) return
  const { runCommandLine } = await import('./command-line.ts')
  process.once('beforeExit', endUnfinished)
  process.exitCode = await runCommandLine(words)
  process.off('beforeExit', endUnfinished)
  // By itself Node ends no earlier, but takes its heap apart first, page by page.
  process.once('beforeExit', () => process.exit())
}

/** Node ends with 0 when nothing is left that could happen, whoever still waits: to others that would be a success. */
function endUnfinished(): void {
  process.stderr.write('gocker: waiting for what will never happen: this is a mistake of gocker, please report it\n')
  process.exitCode = OWN_FAILURE
}

/** @returns whether this is a thread of ours */
async function runThread(): Promise<boolean> {
  const { isMainThread, workerData } = await import('node:worker_threads')
  if (isMainThread || typeof workerData?.role !== 'string') return false
  const { runWorker } = await import('./worker-roles.ts')
  await runWorker(workerData.role)
  return true
}

async function printVersion(): Promise<void> {
  const [{ versionLine }, { writeSync }] = await Promise.all([import('./version.ts'), import('node:fs')])
  // Not by console.log, which would load all that streams need.
  writeSync(1, `${versionLine()}\n`)
}

void main(process.argv.slice(2))
