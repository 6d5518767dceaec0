import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { readMountInfo } from '@gocker/kernel'
import { temporaryDirectory } from '@gocker/testkit'
import { directoryTree } from '../context/directory-tree.ts'
import { walk } from '../context/tree.ts'
import type { CopyJob } from '../copy/copy-job.ts'
import { LayerThreads } from './layer-threads.ts'

/** A job that copies the directory `d` of a context to `/t` of an empty stage; its files are looked at now. */
function jobOf(t: TestContext): { job: CopyJob; context: string; outside: string } {
  const base = temporaryDirectory(t)
  const [context, outside, lower, upper, work, target] = ['context', 'outside', 'lower', 'upper', 'work', 'target'].map((name) => {
    mkdirSync(join(base, name))
    return join(base, name)
  }) as [string, string, string, string, string, string]
  mkdirSync(join(context, 'd'))
  mkdirSync(join(context, 'other'))
  for (const name of ['a', 'b']) writeFileSync(join(context, 'd', name), 'inside')
  writeFileSync(join(outside, 'a'), 'secret')
  const items = walk(directoryTree(context), 'd').map((entry) => ({ entry, root: 0, below: entry.path.slice(2) }))
  const sources = [{ name: 'd', items, owners: 'root' as const }]
  const overlay = { lowers: [lower], upper, work, target }
  return { job: { overlay, roots: [context], sources, inline: [], destination: '/t', workdir: '/' }, context, outside }
}

function threadsFor(t: TestContext): LayerThreads {
  const threads = new LayerThreads()
  t.after(() => threads.end())
  return threads
}

describe('copying', () => {
  test('writes into the upper directory, and leaves no mount', async (t) => {
    const { job } = jobOf(t)
    await threadsFor(t).copy(job)
    assert.equal(readFileSync(join(job.overlay.upper, 't/a'), 'utf8'), 'inside')
    assert.deepEqual(
      readMountInfo().filter(({ mountPoint }) => mountPoint.startsWith(job.overlay.target)),
      [],
    )
  })

  test('a directory that has become a symlink out of the context leads nowhere', async (t) => {
    const { job, context, outside } = jobOf(t)
    renameSync(join(context, 'd'), join(context, 'moved'))
    symlinkSync(outside, join(context, 'd'))
    await assert.rejects(threadsFor(t).copy(job), /copying d\/a to \/t\/a: .*EXDEV/)
    assert.equal(existsSync(join(job.overlay.upper, 't/a')), false)
  })

  test('a file that has become a symlink is not followed', async (t) => {
    const { job, context, outside } = jobOf(t)
    renameSync(join(context, 'd/a'), join(context, 'a'))
    symlinkSync(join(outside, 'a'), join(context, 'd/a'))
    await assert.rejects(threadsFor(t).copy(job), /copying d\/a to \/t\/a: .*ELOOP/)
  })

  test('a file that has changed since it was read for the cache is an error', async (t) => {
    const { job, context } = jobOf(t)
    writeFileSync(join(context, 'd/b'), 'changed')
    await assert.rejects(threadsFor(t).copy(job), /copying d\/b to \/t\/b: b changes while the build reads it/)
  })

  test('is not begun when the signal says so', async (t) => {
    const { job } = jobOf(t)
    await assert.rejects(threadsFor(t).copy(job, AbortSignal.abort(new Error('not wanted'))), /not wanted/)
    assert.equal(existsSync(join(job.overlay.upper, 't')), false)
  })

  test('ends with the reason of the signal', async (t) => {
    const { job } = jobOf(t)
    const stop = new AbortController()
    const copying = threadsFor(t).copy(job, stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(copying, /enough/)
  })
})

describe('a thread', () => {
  test('does one job after another, copying and packing, each in its own root', async (t) => {
    const threads = threadsFor(t)
    const digests = new Set<string>()
    for (let count = 0; count < 3; count++) {
      const { job } = jobOf(t)
      await threads.copy(job)
      const chunks: Buffer[] = []
      const packed = await threads.pack(job.overlay.upper, new AbortController().signal, (chunk) => void chunks.push(chunk))
      assert.equal(packed.diffID, `sha256:${createHash('sha256').update(Buffer.concat(chunks)).digest('hex')}`)
      assert.equal(packed.entries, 3)
      digests.add(namesIn(Buffer.concat(chunks)))
    }
    assert.deepEqual([...digests], ['t/ t/a t/b'])
  })

  test('that has failed does not keep the next job from being done', async (t) => {
    const threads = threadsFor(t)
    const { job, context } = jobOf(t)
    writeFileSync(join(context, 'd/b'), 'changed')
    await assert.rejects(threads.copy(job), /changes while/)
    const next = jobOf(t).job
    await threads.copy(next)
    assert.equal(readFileSync(join(next.overlay.upper, 't/a'), 'utf8'), 'inside')
  })

  test('is stopped where nobody takes its archive', async (t) => {
    const threads = threadsFor(t)
    const { job } = jobOf(t)
    writeFileSync(join(job.overlay.upper, 'large'), Buffer.alloc(8 << 20))
    const refuse = () => Promise.reject(new Error('no room'))
    await assert.rejects(threads.pack(job.overlay.upper, new AbortController().signal, refuse), /no room/)
  })
})

/** The names of an archive's entries. */
function namesIn(archive: Buffer): string {
  const { stdout } = spawnSync('tar', ['-t'], { input: archive })
  return stdout.toString().trim().split('\n').join(' ')
}
