import { createInRuntime, type RuntimeCreateOptions } from '@gocker/run'
import { RawTerminal } from '../terminal/raw-terminal.ts'
import { descriptorCount } from './numbers.ts'
import type { Call } from './runtime-action.ts'

interface CreationFlags {
  readonly bundle: string
  readonly consoleSocket?: string
  readonly pidFile?: string
  readonly preserveFds?: string
  readonly pivot: boolean
  readonly newKeyring: boolean
  readonly detach?: true
  readonly keep?: true
}

export async function create({ global, words, flags }: Call): Promise<undefined> {
  await createInRuntime(global.home, optionsOf(words, flags))
}

export async function run({ global, words, flags }: Call): Promise<number> {
  const { runInRuntime } = await import('@gocker/run')
  const { detach = false, keep = false } = flags as unknown as CreationFlags
  return await runInRuntime(global.home, { ...optionsOf(words, flags), detach, keep, terminal: new RawTerminal() })
}

function optionsOf([id]: Call['words'], flags: Call['flags']): RuntimeCreateOptions {
  const { bundle, consoleSocket, pidFile, preserveFds, pivot, newKeyring } = flags as unknown as CreationFlags
  return {
    id: id as string,
    bundle,
    preserveFds: descriptorCount(preserveFds),
    noPivot: !pivot,
    noNewKeyring: !newKeyring,
    ...(consoleSocket !== undefined && { consoleSocket }),
    ...(pidFile !== undefined && { pidFile }),
  }
}
