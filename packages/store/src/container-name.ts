import { basename, dirname, relative } from 'node:path'
import { type ContainerRecord, readRecord } from './container-record.ts'
import { hasErrno, StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { mkdir, readlink, rm, symlink } from './quick-files.ts'

function isContainerName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text) && text.length <= 128
}

/** @throws {StoreError} `INVALID_NAME` */
export function checkContainerName(name: string): void {
  if (isContainerName(name)) return
  throw new StoreError(
    'INVALID_NAME',
    `naming a container ${JSON.stringify(name)}: not two to 128 of A-Z a-z 0-9 _ . -, the first a letter or digit`,
  )
}

/** The container that has this name. */
export async function containerNamed(paths: StorePaths, name: string): Promise<ContainerRecord | undefined> {
  if (!isContainerName(name)) return undefined
  const id = await namedId(paths, name)
  const record = id === undefined ? undefined : await readRecord(paths, id)
  return record?.name === name ? record : undefined
}

/**
 * Gives a name to a container that is about to be shown. Under the lock of the containers: a link to a container that is not there is then
 * what a killed gocker left.
 * @returns false when another container has the name
 */
export async function takeName(paths: StorePaths, name: string, id: string): Promise<boolean> {
  const link = paths.containerName(name)
  const target = relative(dirname(link), paths.containerDir(id))
  if (await symlinkInto(target, link)) return true
  if ((await containerNamed(paths, name)) !== undefined) return false
  await rm(link, { force: true })
  return await symlinkInto(target, link)
}

/** Takes the name away, if it is this container's. */
export async function dropName(paths: StorePaths, name: string, id: string): Promise<void> {
  if ((await namedId(paths, name)) === id) await rm(paths.containerName(name), { force: true })
}

async function namedId(paths: StorePaths, name: string): Promise<string | undefined> {
  const target = await readlink(paths.containerName(name)).catch(unless('ENOENT', 'EINVAL'))
  return target === undefined ? undefined : basename(target)
}

async function symlinkInto(target: string, link: string): Promise<boolean> {
  try {
    await mkdir(dirname(link), { recursive: true, mode: 0o700 })
    await symlink(target, link)
    return true
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false
    throw error
  }
}
