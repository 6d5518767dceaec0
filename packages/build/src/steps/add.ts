import { addLocal } from '../add/add-local.ts'
import { type Added, type AddedSources, joined } from '../add/added.ts'
import { type RemoteSource, remoteSource } from '../add/remote-source.ts'
import { NotKnown } from '../cache/not-known.ts'
import { BuildError } from '../error.ts'
import type { AddInstruction } from '../instructions/add.ts'
import { Scratch } from '../stage/scratch.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'
import { contextSources } from './gather.ts'
import { placeStep } from './place-step.ts'

/** As COPY of the context; archives are unpacked, and URLs and repositories are fetched. */
export const add: Step<AddInstruction> = async (instruction, context) => {
  const patterns = instruction.sources.map((source) => expanded(source, instruction, context))
  const scratch = new Scratch(context.build.options.store)
  try {
    const all: Added[] = []
    for (const pattern of checked(patterns, instruction)) all.push(await addedOf(pattern, { instruction, context, scratch }))
    return await placeStep(instruction, context, {
      patterns,
      inputs: { add: all.map(({ inputs }) => inputs), excludes: instruction.excludes },
      gathered: async (use) => {
        const ready: AddedSources[] = []
        for (const { sources } of all) ready.push(await sources(await scratch.directory()))
        await use(joined(ready))
      },
    })
  } finally {
    await scratch.remove()
  }
}

interface Adding {
  readonly instruction: AddInstruction
  readonly context: StepContext
  readonly scratch: Scratch
}

async function addedOf({ text, remote }: CheckedSource, { instruction, context, scratch }: Adding): Promise<Added> {
  const { excludes, unpack, keepGitDir } = instruction
  const { signal, build } = context
  const checksum = instruction.checksum === undefined ? undefined : expanded(instruction.checksum, instruction, context)
  if (remote !== undefined) {
    // What a branch or an address stands for now, its server says.
    if (build.onlyKnown) throw new NotKnown()
    const { addGit, addUrl } = await import('../add/remote.ts')
    if (remote.kind === 'git') return await addGit(remote.git, { checksum, keepGitDir, excludes, signal })
    return await addUrl(remote.url, { checksum, unpack: unpack ?? false, signal, directory: () => scratch.directory() })
  }
  const found = contextSources(build.context, { patterns: [text], parents: false, excludes }, instruction)
  return addLocal(build.context.directory, found, { unpack: unpack ?? true, signal })
}

interface CheckedSource {
  readonly text: string
  readonly remote: RemoteSource | undefined
}

/** @throws {BuildError} `SYNTAX` for a repository that cannot be read as one, and for a checksum of what has none */
function checked(patterns: readonly string[], { checksum, at }: AddInstruction): CheckedSource[] {
  const sources = patterns.map((text) => ({ text, remote: remoteOf(text, at) }))
  if (checksum !== undefined && (sources.length !== 1 || sources[0]?.remote === undefined))
    throw new BuildError('SYNTAX', 'ADD: --checksum is of one URL or one repository', { at })
  return sources
}

function remoteOf(text: string, at: AddInstruction['at']): RemoteSource | undefined {
  try {
    return remoteSource(text)
  } catch (cause) {
    throw new BuildError('SYNTAX', `ADD: ${text}: ${(cause as Error).message}`, { at, cause })
  }
}
