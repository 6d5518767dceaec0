import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sandbox, shell } from '../testing/sandbox.ts'

const SECRET = 'only-in-memory'

function directories(root: string, ...names: string[]): string[] {
  return names.map((name) => {
    mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, name, `of-${name}`), name)
    return join(root, name)
  })
}

test('directories are one tree, which cannot be written', async (t) => {
  const { run, dir, leaks } = await sandbox(t)
  const lowers = directories(dir, 'high', 'low')
  const mounts = [{ type: 'overlay', lowers, destination: '/one' } as const]
  const { stdout } = await run(shell('ls /one; touch /one/x 2>&1'), { mounts })
  assert.equal(stdout, 'of-high\nof-low\ntouch: /one/x: Read-only file system\n')
  await leaks.assertNone()
})

test('with an upper directory it can be, and the layers stay as they were', async (t) => {
  const { run, dir } = await sandbox(t)
  const [low = '', directory = '', work = ''] = directories(dir, 'low', 'upper', 'work')
  const mounts = [{ type: 'overlay', lowers: [low], upper: { directory, work }, destination: '/one' } as const]
  const { code } = await run(shell('rm /one/of-low && echo new > /one/new'), { mounts })
  assert.equal(code, 0)
  assert.deepEqual([readdirSync(low), readFileSync(join(directory, 'new'), 'utf8')], [['of-low'], 'new\n'])
})

test('a content is a file of its mode and owner, which the bundle does not tell', async (t) => {
  const { run, create, store, leaks } = await sandbox(t)
  const content = { type: 'content', content: Buffer.from(SECRET), mode: 0o440, uid: 5, gid: 6, destination: '/etc/deep/secret' } as const
  const empty = { ...content, content: Buffer.alloc(0), destination: '/etc/os-release' }
  const script =
    'cat /etc/deep/secret; stat -c " %a %u:%g %s" /etc/deep/secret /etc/os-release; rm /etc/deep/secret 2>/dev/null || echo stays'
  const { stdout } = await run(shell(`${script}; touch /etc/deep/secret 2>&1`), { mounts: [content, empty] })
  assert.equal(stdout, `${SECRET} 440 5:6 ${SECRET.length}\n 440 5:6 0\nstays\ntouch: /etc/deep/secret: Read-only file system\n`)
  const container = await create({ command: ['env'], mounts: [content], secretEnv: [`TOKEN=${SECRET}`] })
  assert.doesNotMatch(readFileSync(store.paths.bundle(container.id).config, 'utf8'), new RegExp(SECRET))
  await container.remove()
  await leaks.assertNone()
})

test('a secret variable goes over one of the image', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('echo $TOKEN; env | grep -c TOKEN'), { env: ['TOKEN=image'], secretEnv: [`TOKEN=${SECRET}`] })
  assert.equal(stdout, `${SECRET}\n1\n`)
})

test('a source that must be plain is refused when a symlink is in it', async (t) => {
  const { run, dir } = await sandbox(t)
  const [real = ''] = directories(dir, 'real')
  symlinkSync(real, join(dir, 'link'))
  const bind = { type: 'bind', readOnly: true, recursive: false, propagation: 'rprivate', createSource: false, noSymlinks: true } as const
  const at = (source: string) => ({ mounts: [{ ...bind, source: join(dir, source), destination: '/v' }] })
  assert.equal((await run(['ls', '/v'], at('real'))).stdout, 'of-real\n')
  await assert.rejects(run(['ls', '/v'], at('link')), { code: 'LAUNCH_FAILED', message: /without a symlink on the way: ELOOP/ })
})
