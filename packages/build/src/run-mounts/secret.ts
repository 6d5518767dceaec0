import { readFile } from 'node:fs/promises'
import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import type { BuildOptions, SecretSource } from '../options.ts'
import type { SecretMount } from './mount.ts'
import type { OpenMount, PlannedMount } from './planned.ts'

interface SecretPlace {
  /** Where it is a file. */
  readonly destination: string | undefined
  readonly instruction: RunInstruction
  readonly options: BuildOptions
}

/**
 * A secret as a file in memory, or as a variable. Nothing of it is in the step's key, in the layer or on a disk.
 * @throws {BuildError} `NO_SECRET` where one is required and not given
 */
export function planSecret({ required, ...mount }: SecretMount, { destination, instruction, options }: SecretPlace): PlannedMount {
  const source = options.secrets?.[mount.id]
  if (source === undefined && required)
    throw new BuildError('NO_SECRET', `RUN: --mount: the secret ${mount.id} is required and not given`, {
      at: instruction.at,
      hint: `give it with --secret id=${mount.id},src=FILE`,
    })
  return {
    inputs: { ...mount, destination, required },
    open: async () => (source === undefined ? { mounts: [] } : placed(await contentOf(mount.id, source), mount, destination)),
  }
}

function placed(
  content: Uint8Array,
  { mode = 0o400, uid = 0, gid = 0, env }: Omit<SecretMount, 'required'>,
  destination?: string,
): OpenMount {
  return {
    mounts: destination === undefined ? [] : [{ type: 'content', content, mode, uid, gid, destination }],
    ...(env !== undefined && { secretEnv: [`${env}=${Buffer.from(content).toString()}`] }),
  }
}

async function contentOf(id: string, source: SecretSource): Promise<Uint8Array> {
  if ('value' in source) return Buffer.from(source.value)
  try {
    return await readFile(source.file)
  } catch (cause) {
    throw new BuildError('NO_SECRET', `reading the secret ${id}: ${(cause as NodeJS.ErrnoException).code} at ${source.file}`, { cause })
  }
}
