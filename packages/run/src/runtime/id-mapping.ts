import { closeSync, openSync, writeFileSync } from 'node:fs'
import { fork, KernelError, LaunchProgram, launch, slot, struct } from '@gocker/kernel'
import type { RuntimeIdMapping } from '@gocker/oci'
import { mapText } from '../program/user-namespace.ts'

const MADE = 'made'

/**
 * A user namespace with these maps, in which nobody is: it is only what its maps say.
 * @returns a descriptor of it
 * @throws {KernelError} where there may be none, or no such maps
 */
async function idMapping(uids: readonly RuntimeIdMapping[], gids: readonly RuntimeIdMapping[]): Promise<number> {
  const pid = slot('pid')
  const program = new LaunchProgram()
  fork(program, { name: 'make a user namespace', flags: ['CLONE_NEWUSER'], pid, child: 'inside' })
  program.report(MADE, [pid])
  program.label('inside')
  const forLong = struct([3600, 0])
  program.row({ name: 'wait to be ended', call: 'nanosleep', args: [forLong, 0], pass: 'any' })
  const launched = await launch(program, { title: 'gocker-runtime: maps ids', stdio: ['ignore', 'ignore', 'ignore'], cwd: '/' })
  const [number = 0n] = await launched.report(MADE)
  const child = Number(number)
  try {
    writeFileSync(`/proc/${child}/uid_map`, mapText(uids))
    writeFileSync(`/proc/${child}/gid_map`, mapText(gids))
    return openSync(`/proc/${child}/ns/user`, 'r')
  } catch (cause) {
    const { code = 'EINVAL' } = cause as NodeJS.ErrnoException
    throw new KernelError(code, `mapping ids ${mapText(uids).trim()}: ${code}`, { syscall: 'write', cause })
  } finally {
    process.kill(child, 'SIGKILL')
    launched.kill('SIGKILL')
    await launched.exited
  }
}

/** Asks for a namespace once for each pair of maps. */
export class IdMappings {
  readonly #made = new Map<string, number>()

  async get(uids: readonly RuntimeIdMapping[], gids: readonly RuntimeIdMapping[]): Promise<number> {
    const key = `${mapText(uids)}/${mapText(gids)}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const made = await idMapping(uids, gids)
    this.#made.set(key, made)
    return made
  }

  close(): void {
    for (const fd of this.#made.values()) closeSync(fd)
    this.#made.clear()
  }
}
