import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { connectUnix } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { launchError } from '../life/launch-error.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { programHookFailed } from './hook-failure.ts'
import { runHostHooks } from './host-hooks.ts'
import { readStartFailure } from './rows.ts'
import { holding, hookState, readConfig, readRecord, statusOf } from './state.ts'

/**
 * Lets the command of a created container begin; it has begun when this resolves.
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS`, `HOOK_FAILED`, `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`
 * @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#start
 */
export async function startInRuntime(home: RuntimeHome, id: string): Promise<void> {
  const place = placeOf(home, id)
  await holding(place, async () => {
    const record = readRecord(place)
    const status = statusOf(place, record)
    if (status !== 'created') throw cannotStart(id, status)
    const spec = readConfig(place)
    const failure = readStartFailure(place, await letBegin(place))
    if (failure?.type === 'hook') throw programHookFailed(spec, failure)
    if (failure?.type === 'row') throw launchError(failure.failure, spec.process.args)
    await runHostHooks('poststart', spec.hooks?.poststart, hookState(record, 'running'))
  })
}

function cannotStart(id: string, status: string): RunError {
  const why = status === 'stopped' ? 'cannot start a container that has stopped' : `cannot start a container in the ${status} state`
  return new RunError('WRONG_STATUS', `starting container ${id}: ${why}`)
}

/** Its process closes the connection when it becomes the command; what comes before is what has failed. */
async function letBegin(place: RuntimePlace): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    const socket = new Socket({ fd: connectUnix(place.start), readable: true, writable: false })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => socket.destroy())
    await once(socket, 'close')
  } catch (cause) {
    if (existsSync(place.start)) throw new RunError('WRONG_STATUS', `starting container ${place.id}: its process has ended`, { cause })
    throw cause
  } finally {
    rmSync(place.start, { force: true })
  }
  return Buffer.concat(chunks)
}
