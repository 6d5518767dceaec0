import { join } from 'node:path'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import type { GockerfileSource } from './find-gockerfile.ts'

/** How a context, or a Gockerfile, says that it is what `input` brings. */
export const INPUT = '-'

/** The Gockerfile that `input` brings, as if it were in a directory. @throws {BuildError} `INVALID_OPTION` */
export async function givenText(directory: string, { context, input }: BuildOptions): Promise<GockerfileSource> {
  if (context === INPUT)
    throw new BuildError('INVALID_OPTION', 'reading the Gockerfile: the context and the Gockerfile cannot both be stdin')
  const chunks: Uint8Array[] = []
  for await (const chunk of input ?? []) chunks.push(chunk)
  return { path: join(directory, INPUT), name: 'stdin', text: Buffer.concat(chunks).toString() }
}
