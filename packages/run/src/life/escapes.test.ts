import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMountInfo } from '@gocker/kernel'
import { parseDevice } from '../options/device.ts'
import { parseVolume } from '../options/volume.ts'
import { OUT, swapping, whileAttacked } from '../testing/attack.ts'
import { type Sandbox, sandbox, shell, until } from '../testing/sandbox.ts'
import { execIn } from './exec/exec.ts'

/**
 * Attacks on `run` and `exec` that worked on others: each is done here as it was done there, and has to come to nothing. What races is tried a
 * few times, and fails only where something of the host was reached.
 */

type Running = Sandbox['run']

/** What a start comes to that may be refused: what was printed. */
async function outputOf(run: Running, ...args: Parameters<Running>): Promise<string> {
  try {
    return (await run(...args)).stdout
  } catch (error) {
    assert.equal((error as Error).name, 'RunError', `${error}`)
    return ''
  }
}

async function ran({ store }: Sandbox, id: string, command: readonly string[]): Promise<string> {
  const exec = await execIn(store, id, { command, stdio: { stdin: 'ignore' } }).catch((error: Error) => error)
  if (exec instanceof Error) return ''
  const chunks: Buffer[] = []
  exec.stdout?.on('data', (chunk) => chunks.push(chunk))
  exec.stderr?.resume()
  await exec.exited
  return Buffer.concat(chunks).toString()
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')

// With the hole, /proc/PID/exe of whoever enters is the host's program: it is seen in /seen, and is overwritten.
test('CVE-2019-5736: who enters a container brings no program of the host along', async (t) => {
  const box = await sandbox(t)
  writeFileSync(join(box.layer, 'self'), '#!/proc/self/exe\n', { mode: 0o755 })
  const node = JSON.stringify(statSync(process.execPath))
  const script = `echo ready; while :; do for exe in /proc/[0-9]*/exe; do
    readlink $exe >> /seen; (echo x > $exe) 2>/dev/null && echo wrote $exe >> /seen; done; done`
  await whileAttacked(box, script, { capAdd: ['SYS_PTRACE'] }, async ({ id }) => {
    for (const command of ['/proc/self/exe', '/self', '/bin/true', '/proc/1/exe']) await ran(box, id, [command])
    const seen = linesOf(await ran(box, id, ['sort', '-u', '/seen']))
    assert.ok(seen.length > 0)
    assert.deepEqual(
      seen.filter((path) => !/^\/bin\/|^\/memfd:/.test(path)),
      [],
    )
  })
  for (const command of ['/proc/self/exe', '/self']) await outputOf(box.run, [command])
  assert.equal(
    JSON.stringify({ ...statSync(process.execPath), atimeMs: 0, atime: 0 }),
    JSON.stringify({ ...JSON.parse(node), atimeMs: 0, atime: 0 }),
  )
})

// With the hole, who enters is seen with descriptors and directories of the host, which a container with SYS_PTRACE takes.
test('CVE-2016-9962: who enters a container is not to be seen in it with anything of the host', async (t) => {
  const box = await sandbox(t)
  const look = 'for file in /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd/*; do readlink $file >> /seen; done'
  const script = `${look}; echo ready; while :; do ${look}; done 2>/dev/null`
  await whileAttacked(box, script, { capAdd: ['SYS_PTRACE'] }, async ({ id }) => {
    for (let round = 0; round < 8; round++) await ran(box, id, ['true'])
    const seen = linesOf(await ran(box, id, ['sort', '-u', '/seen']))
    assert.ok(seen.includes('/'))
    // By a pipe and a socket the command is tied to its monitor until it is executed.
    assert.deepEqual(
      seen.filter((path) => !/^(\/|\/proc.*|\/dev\/.*|\/seen|\/bin.*|pipe:.*|socket:.*)$/.test(path)),
      [],
    )
  })
})

// With the hole, the mount point is made in, and the mount goes to, the directory of the host that the swapped symlink names.
test('CVE-2021-30465: a directory that becomes a symlink while a volume is mounted below it', async (t) => {
  const box = await sandbox(t)
  const [outside, volume, source] = ['outside', 'volume', 'source'].map((name) => join(box.dir, name)) as [string, string, string]
  for (const path of [outside, volume, source]) mkdirSync(path)
  const mounts = [parseVolume(`${volume}:/v`)]
  await whileAttacked(box, `mkdir /v/d; ln -s ${OUT}${outside} /v/l; echo ready; ${swapping('/v/d', '/v/l')}`, { mounts }, async () => {
    for (let round = 0; round < 12; round++) await outputOf(box.run, ['true'], { mounts: [...mounts, parseVolume(`${source}:/v/d/made`)] })
  })
  assert.deepEqual(readdirSync(outside), [])
})

// With the hole, the subdirectory of a volume that is mounted is a directory of the host (Kubernetes' CVE-2021-25741 is the same).
test('CVE-2024-23651 for volumes: a subdirectory that becomes a symlink while it is mounted', async (t) => {
  const box = await sandbox(t)
  const outside = join(box.dir, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'of the host')
  const mounts = [{ type: 'volume', name: 'shared', destination: '/v', readOnly: false, copy: false } as const]
  await whileAttacked(box, `mkdir /v/d; ln -s ${OUT}${outside} /v/l; echo ready; ${swapping('/v/d', '/v/l')}`, { mounts }, async () => {
    const part = [{ type: 'volume', name: 'shared', destination: '/part', readOnly: false, copy: false, subpath: 'd' } as const]
    for (let round = 0; round < 12; round++)
      assert.equal(await outputOf(box.run, shell('cat /part/secret 2>/dev/null; touch /part/made'), { mounts: part }), '')
  })
  assert.deepEqual(readdirSync(outside), ['secret'])
})

// With the hole, a cgroup of version 1 can be mounted in namespaces of one's own, and its release_agent runs as root of the host.
test('CVE-2022-0492: no release_agent is to be had', async (t) => {
  const { run } = await sandbox(t)
  const script = `mkdir /tmp/c
    for how in -Urm -m; do unshare $how sh -c 'mount -t cgroup -o memory x /tmp/c && echo mounted' 2>/dev/null; done
    for file in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/notify_on_release; do
      (echo 1 > $file) 2>/dev/null && echo wrote $file; done; true`
  assert.equal((await run(shell(script))).stdout, '')
})

// With the hole, a setting is smuggled in by another's name or value: core_pattern names a program that the host runs as root.
test('CVE-2022-0811: a sysctl sets itself alone', async (t) => {
  const { run } = await sandbox(t)
  const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
  const names = ['kernel.core_pattern', 'kernel/core_pattern', 'kernel.shm_rmid_forced/../core_pattern', 'net/../kernel/core_pattern']
  for (const name of [...names, 'net.../../kernel/core_pattern', 'net.ipv4./../../kernel/core_pattern'])
    await assert.rejects(run(['true'], { sysctls: { [name]: '|/x' } }), { name: 'RunError' }, name)
  await assert.rejects(run(['true'], { sysctls: { 'kernel.shm_rmid_forced': '1+kernel.core_pattern=|/x' } }), { name: 'RunError' })
  assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before)
})

// With the hole, the working directory is the host's, or is made in what a descriptor of the runtime's is of.
test('CVE-2024-21626: a working directory, a volume or a device by way of a descriptor', async (t) => {
  const { run, layer, dir } = await sandbox(t)
  const bound = join(dir, 'bound')
  mkdirSync(bound)
  const numbers = [3, 4, 5, 6]
  for (const number of numbers) symlinkSync(`/proc/self/fd/${number}`, join(layer, `fd${number}`))
  const mounts = [parseVolume(`${bound}:/bound`)]
  for (const number of numbers) {
    for (const workdir of [`/proc/self/fd/${number}`, `/proc/self/fd/${number}/made`, `/proc/1/fd/${number}/made`, `/fd${number}/made`])
      await assert.rejects(run(['ls', `../../../../${dir}`], { workdir, mounts }), { name: 'RunError' }, workdir)
    await assert.rejects(run(['true'], { mounts: [...mounts, parseVolume(`${bound}:/fd${number}/made/x`)] }), { name: 'RunError' })
    await assert.rejects(run(['true'], { mounts, devices: [parseDevice(`/dev/null:/fd${number}/made/null`)] }), { name: 'RunError' })
    await assert.rejects(run([`/proc/self/fd/${number}/bin/true`]), { name: 'RunError' })
  }
  assert.deepEqual(readdirSync(bound), [])
})

// With the hole, the image's null device is what covers the kernel's files: as a symlink it uncovers what it names.
test('CVE-2025-31133: a null device that is a symlink, now and then, masks nothing else', async (t) => {
  const box = await sandbox(t)
  const dev = join(box.dir, 'dev')
  mkdirSync(dev)
  writeFileSync(join(dev, 'zero'), '')
  const mounts = [parseVolume(`${dev}:/d`)]
  const script = 'echo ready; while :; do ln -sfn /proc/sys/kernel/core_pattern /d/null; ln -sfn zero /d/null; done'
  const masked = ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/interrupts'].filter((path) => existsSync(path))
  const look = `stat -c %t:%T ${masked.join(' ')}; (: > /proc/sys/kernel/core_pattern) 2>/dev/null && echo wrote; true`
  await whileAttacked(box, script, { mounts }, async () => {
    for (let round = 0; round < 5; round++) {
      // With a stdin of its own: the container's null device may be a symlink just now.
      const options = { mounts: [parseVolume(`${dev}:/dev`)], stdin: true }
      const seen = linesOf(await outputOf(box.run, shell(look), options, { stdio: { stdin: 'pipe' } }))
      assert.deepEqual(
        seen.filter((line) => line !== '1:3'),
        [],
      )
    }
  })
})

// With the hole, the terminal is bound from, or on, what /dev/pts/0 and /dev/console are symlinks to.
test('CVE-2025-52565: /dev/console is the terminal, and nothing else', async (t) => {
  const { run, dir } = await sandbox(t)
  const dev = join(dir, 'dev')
  mkdirSync(dev)
  symlinkSync('/proc/sys/kernel/core_pattern', join(dev, 'console'))
  symlinkSync('/proc/sys', join(dev, 'pts'))
  const look = shell('cat /proc/self/mountinfo; (: > /proc/sys/kernel/core_pattern) 2>/dev/null && echo wrote; true')
  const seen = await outputOf(run, look, { tty: true, mounts: [parseVolume(`${dev}:/dev`)] })
  assert.doesNotMatch(seen, /wrote|core_pattern/)
  const mounts = parseMountInfo((await run(['cat', '/proc/self/mountinfo'], { tty: true })).stdout.replaceAll('\r', ''))
  assert.deepEqual(
    mounts.filter(({ mountPoint }) => mountPoint === '/dev/console').map(({ type }) => type),
    ['devpts'],
  )
})

// With the hole, what is mounted over files of /proc takes what the runtime writes there: labels and settings go elsewhere.
test('CVE-2025-52881: nothing is mounted over /proc by a symlink', async (t) => {
  const { run, layer, dir } = await sandbox(t)
  const volume = join(dir, 'volume')
  mkdirSync(volume)
  for (const [name, target] of Object.entries({ attr: '/proc/self/attr', settings: '/proc/sys', whole: 'proc', deep: 'proc/self/task' }))
    symlinkSync(target, join(layer, name))
  for (const place of ['/attr', '/settings', '/settings/net', '/whole', '/deep', '/whole/1'])
    for (const mount of [parseVolume(`${volume}:${place}`), { type: 'tmpfs', destination: place, options: [] } as const])
      await assert.rejects(run(['true'], { mounts: [mount], sysctls: { 'kernel.msgmax': '4096' } }), {
        name: 'RunError',
        message: /^starting the container: (refuse|find|make directory) \//,
      })
  assert.deepEqual(readdirSync(volume), [])
})

// With the hole, a volume of the image's goes over /proc: what applies labels by it applies none.
test('CVE-2019-16884: no volume goes over /proc', async (t) => {
  const { create, layer, dir } = await sandbox(t)
  for (const place of ['/proc', '/proc/self/', '/a/../proc/sys']) {
    assert.throws(() => parseVolume(`${dir}:${place}`), { message: /\/proc is the kernel's own/ })
    const rootfs = { lowers: [layer], config: { Volumes: { [place]: {} } } }
    await assert.rejects(create({ command: ['true'], rootfs }), { message: /\/proc is the kernel's own/ })
  }
})

// With the hole, /proc or /sys is mounted where the image's symlink leads, and what is to be masked is elsewhere.
test('CVE-2019-19921, CVE-2023-28642: an image whose /proc or /sys is a symlink does not start', async (t) => {
  for (const name of ['proc', 'sys']) {
    const { run, layer } = await sandbox(t)
    renameSync(join(layer, name), join(layer, 'elsewhere'))
    symlinkSync('elsewhere', join(layer, name))
    await assert.rejects(run(['true']), { message: new RegExp(`see that /${name} is no symlink: ELOOP`) })
  }
})

// With the hole, a volume is filled with what the image's path, or a symlink of the image, leads to on the host.
test('CVE-2022-23648: a volume is filled from the image alone', async (t) => {
  const { run, layer, dir } = await sandbox(t)
  const host = join(dir, 'host')
  mkdirSync(host)
  writeFileSync(join(host, 'secret'), 'of the host')
  symlinkSync(`${OUT}${host}`, join(layer, 'link'))
  for (const place of [`/${OUT}${host}`, '/link/deep', '/link']) {
    const rootfs = { lowers: [layer], config: { Volumes: { [place]: {} } } }
    assert.equal(await outputOf(run, shell(`cat /link/secret ${host}/secret 2>/dev/null; true`), { rootfs }), '')
  }
  assert.deepEqual(readdirSync(host), ['secret'])
})

// With the hole, who shares the host's network talks to what looks after containers, by a socket that has a name.
test('CVE-2020-15257: who looks after a container has no socket with a name', async (t) => {
  const { create } = await sandbox(t)
  const container = await create({ command: shell('echo ready; cat /proc/net/unix; exec sleep 100'), network: 'host', stdin: true })
  const running = await container.start({ stdio: { stdin: 'pipe' } })
  try {
    await until(running, /ready/)
    const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1]
    const directory = `/proc/${monitor}/fd`
    const sockets = readdirSync(directory).map((fd) => readlinkSync(join(directory, fd)))
    const named = linesOf(readFileSync('/proc/net/unix', 'utf8')).map((line) => line.trim().split(/\s+/))
    const names = named.filter(([, , , , , , inode]) => sockets.includes(`socket:[${inode}]`)).map((fields) => fields[7])
    assert.ok(sockets.some((socket) => socket.startsWith('socket:')))
    assert.deepEqual(
      names.filter((name) => name !== undefined),
      [],
    )
  } finally {
    running.kill('SIGKILL')
    await running.exited
    await container.remove()
  }
})

// With the hole, programs of an image that are set-user-ID can be run by every user of the host, who is root then.
test('CVE-2021-41091: nobody of the host reaches what is in layers, containers and volumes', async (t) => {
  const { store, run } = await sandbox(t)
  await run(['true'], { mounts: [{ type: 'volume', name: 'made', destination: '/v', readOnly: false, copy: true }] })
  for (const path of [store.paths.layers, join(store.paths.root, 'containers'), join(store.paths.root, 'volumes')]) {
    const modes = [store.paths.root, path].filter((each) => existsSync(each)).map((each) => statSync(each).mode & 0o007)
    assert.ok(modes.includes(0), path)
  }
})
