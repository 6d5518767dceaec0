import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { after, before } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { readMountInfo } from '@gocker/kernel'
import { busyboxRootfs, makeTemporaryDirectory, removeTree } from '@gocker/testkit'
import { gockerUnderTest } from './running.ts'

/** What a call of the runtime has come to. The container's output goes on being written where the call's went. */
export interface RuntimeResult {
  readonly code: number | null
  stdout(): string
  stderr(): string
}

export interface RuntimeFixture {
  readonly root: string
  /** An executable that takes runc's words. */
  readonly executable: string
  /** Calls it. @param global what stands before the command, beside --root */
  runtime(words: readonly string[], global?: readonly string[]): Promise<RuntimeResult>
  /** A directory with a config.json: what `spec` writes, for a shell's script, changed. */
  bundle(script: string, change?: (spec: Spec) => void): Promise<string>
  /** `state` of a container. */
  state(id: string): Promise<{ readonly status: string; readonly pid: number; readonly [more: string]: unknown }>
}

// A document that tests change at will.
// biome-ignore lint/suspicious/noExplicitAny: its shape is what is under test
export type Spec = any

/** A place for containers of this file's tests; after them none is left, and no cgroup. */
export function runtimeFixture(): RuntimeFixture {
  const root = makeTemporaryDirectory()
  const executable = join(root, 'gocker-runtime')
  const cgroups = `/${basename(root)}`
  const rootfs = join(root, 'rootfs')
  let count = 0
  let template = '{}'
  const runtime = (words: readonly string[], global: readonly string[] = []) =>
    callInto(join(root, `output-${++count}`), [executable, '--root', join(root, 'state'), ...global, ...words])
  before(async () => {
    writeExecutable(executable)
    mkdirSync(rootfs)
    spawnSync('tar', ['-x', '-C', rootfs], { input: busyboxRootfs() })
    await runtime(['spec', '--bundle', root])
    template = readFileSync(join(root, 'config.json'), 'utf8')
  })
  after(async () => {
    for (const id of (await runtime(['list', '--quiet'])).stdout().split('\n').filter(Boolean)) await runtime(['delete', '--force', id])
    removeCgroup(cgroups)
    removeTree(root)
  })
  return {
    root,
    executable,
    runtime,
    async bundle(script, change = () => {}) {
      const directory = join(root, `bundle-${++count}`)
      mkdirSync(directory)
      const spec: Spec = JSON.parse(template)
      spec.process = { ...spec.process, terminal: false, args: ['sh', '-c', script] }
      spec.root = { path: rootfs, readonly: false }
      spec.linux.cgroupsPath = `${cgroups}/${basename(directory)}`
      change(spec)
      writeFileSync(join(directory, 'config.json'), JSON.stringify(spec))
      return directory
    },
    state: async (id) => JSON.parse((await runtime(['state', id])).stdout()),
  }
}

/** Makes an executable that takes runc's words: as the package installs it, or from source. */
export function writeExecutable(file: string): void {
  const { GOCKER_TEST_BUNDLE: bundle } = process.env
  const command = bundle ? [process.execPath, '--', join(dirname(resolve(bundle)), 'gocker-runtime')] : [...gockerUnderTest(), 'runtime']
  writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`)
  chmodSync(file, 0o755)
}

/** Files and no pipes: a container goes on holding them. */
async function callInto(output: string, [program = '', ...words]: readonly string[]): Promise<RuntimeResult> {
  const files = [`${output}.out`, `${output}.err`].map((file) => openSync(file, 'w'))
  try {
    const child = spawn(program, words, { stdio: ['ignore', ...files] })
    const { promise, resolve: ended, reject } = Promise.withResolvers<number | null>()
    child.on('error', reject)
    child.on('exit', ended)
    const code = await promise
    return { code, stdout: () => readFileSync(`${output}.out`, 'utf8'), stderr: () => readFileSync(`${output}.err`, 'utf8') }
  } finally {
    for (const file of files) closeSync(file)
  }
}

/** Takes a group away that containers have been in, in every tree. @param path below a tree's root */
export function removeCgroup(path: string): void {
  for (const { type, mountPoint } of readMountInfo()) if (type.startsWith('cgroup')) removeIfThere(`${mountPoint}${path}`)
}

function removeIfThere(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Looks again until it is so; fails after a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waiting until ${what}: it did not come about`)
    await delay(50)
  }
}
