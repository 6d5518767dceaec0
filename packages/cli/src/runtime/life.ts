import { deleteInRuntime, killInRuntime, pauseInRuntime, resumeInRuntime, startInRuntime } from '@gocker/run'
import type { Call } from './runtime-action.ts'

export async function start({ global, words: [id] }: Call): Promise<undefined> {
  await startInRuntime(global.home, id as string)
}

export async function kill({ global, words: [id, signal = 'TERM'], flags }: Call): Promise<undefined> {
  await killInRuntime(global.home, id as string, { signal: signal as string, all: flags.all === true })
}

export async function remove({ global, words: [id], flags }: Call): Promise<undefined> {
  await deleteInRuntime(global.home, id as string, { force: flags.force === true })
}

export async function pause({ global, words: [id] }: Call): Promise<undefined> {
  await pauseInRuntime(global.home, id as string)
}

export async function resume({ global, words: [id] }: Call): Promise<undefined> {
  await resumeInRuntime(global.home, id as string)
}
