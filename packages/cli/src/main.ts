#!/usr/bin/env node
import { isMainThread, workerData } from 'node:worker_threads'

/**
 * The one file that everything starts from: the command, and each worker thread of the bundle, which has no other file to start from.
 * What is asked most is answered before anything else is loaded.
 */
if (!isMainThread && typeof workerData?.role === 'string') {
  const { runWorker } = await import('./worker-roles.ts')
  await runWorker(workerData.role)
} else if (process.argv.length === 3 && ['--version', '-v'].includes(process.argv[2] ?? '')) {
  const { versionLine } = await import('./version.ts')
  console.log(versionLine())
} else {
  const { runCommandLine } = await import('./command-line.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}
