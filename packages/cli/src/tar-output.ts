import { rm } from 'node:fs/promises'
import { opened } from './opened.ts'

type Sink = (chunk: Uint8Array) => Promise<void>

/**
 * Lets `write` fill a file, or stdout where there is none. A file that is not whole does not stay; a device or a pipe is the user's.
 * @throws {Error} when stdout is a terminal
 */
export async function writeTar(output: string | undefined, write: (sink: Sink) => Promise<void>): Promise<void> {
  if (output === undefined && process.stdout.isTTY) throw new Error('writing a tar: stdout is a terminal; say where with -o FILE')
  if (output !== undefined) return await writeToFile(output, write)
  // A reader who has gone is what the failed write says; the event comes besides.
  process.stdout.on('error', () => {})
  await write(toStdout)
}

async function writeToFile(output: string, write: (sink: Sink) => Promise<void>): Promise<void> {
  const file = await opened(output, 'w')
  const isOwn = (await file.stat()).isFile()
  try {
    await write((chunk) => file.writeFile(chunk))
  } catch (error) {
    if (isOwn) await rm(output, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** The chunk's memory is used again: it must have left when this settles. */
function toStdout(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) =>
      error ? reject(new Error(`writing a tar to stdout: ${error.message}`, { cause: error })) : resolve(),
    )
  })
}
