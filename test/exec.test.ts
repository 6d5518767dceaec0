import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type CommandResult, gockerTerminal, startGocker, temporaryDirectory } from '@gocker/testkit'
import { type RunOptions, refused, runFixture, succeeded } from './support/running.ts'

const BOX = ['-e', 'FROM_RUN=run', '-e', 'PLAIN=yes', '-w', '/tmp', '--memory', '64m']

// Before the fixture looks for what is left.
after(() => gocker(['rm', '-f', 'box', 'bash']))

const { gocker, start, root } = runFixture('busybox', 'debian')

// The first of all: the images are there when tests begin, and not before.
test('two containers run for the commands of these tests', async () => {
  succeeded(await gocker(['run', '-d', '--name', 'box', ...BOX, 'busybox', 'sleep', '1000']))
  succeeded(await gocker(['run', '-d', '--name', 'bash', '-e', 'PS1=in> ', 'debian', 'sleep', '1000']))
})

const exec = (words: readonly string[], options?: RunOptions): Promise<CommandResult> => gocker(['exec', ...words], options)
const output = async (words: readonly string[], options?: RunOptions): Promise<string> => succeeded(await exec(words, options)).stdout
const sh = (script: string): string[] => ['box', 'sh', '-c', script]
/** Scripts that look for one certain sleep. */
const running = (seconds: number): string => `ps -o args | grep -q "[s]leep ${seconds}"`
const killing = (seconds: number): string => `set -- $(ps -o pid,args | grep "^ *[0-9]* sleep ${seconds}"); kill $1`

/** A container of one test's own. */
async function container(t: TestContext, name: string, ...words: readonly string[]): Promise<void> {
  t.after(() => gocker(['rm', '-f', name]))
  succeeded(await gocker(['run', '-d', '--name', name, ...words]))
}

async function eventually(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await isTrue())) {
    assert.ok(Date.now() < end, what)
    await delay(20)
  }
}

test("a command has the container's namespaces, cgroups and files", async () => {
  const looks = 'cd /proc/$P && cat cgroup && for n in mnt pid net ipc uts cgroup; do readlink ns/$n || exit; done'
  assert.equal(await output(sh(`P=self; ${looks}`)), await output(sh(`P=1; ${looks}`)))
  const [parent, first] = (await output(sh('echo $PPID; cat /proc/1/comm'))).split('\n')
  assert.deepEqual([parent, first], ['0', 'sleep'])
})

const RESTRICTED = ['--security-opt', 'no-new-privileges', '--ulimit', 'nofile=100:200', '--oom-score-adj', '300', '--cap-drop', 'ALL']

for (const flags of [[], [...RESTRICTED, '--cap-add', 'CHOWN', '-u', 'alice', '--group-add', 'staff'], ['--privileged']])
  test(`a command may no more than its container: ${flags.join(' ') || 'as it is'}`, async (t) => {
    await container(t, 'restricted', ...flags, 'busybox', 'sleep', '1000')
    const looks = 'cd /proc/$P; grep -E "^(Uid|Gid|Groups|Cap|Seccomp|NoNew)" status; cat limits oom_score_adj'
    const [own, first] = await Promise.all(['self', '1'].map((pid) => output(['restricted', 'sh', '-c', `P=${pid}; ${looks}`])))
    assert.match(own ?? '', /^CapBnd:\t[0-9a-f]{16}$/m)
    assert.equal(own, first)
  })

test('the variables are those of the container, and over them what is asked for', async (t) => {
  const file = join(temporaryDirectory(t), 'variables')
  writeFileSync(file, 'FROM_FILE=file\nA=file\n')
  const flags = ['--env-file', file, '-e', 'A=1', '-e', 'FROM_CALLER', '-e', 'PLAIN']
  const text = await output([...flags, ...sh('echo "$FROM_RUN|$FROM_FILE|$A|$FROM_CALLER|${PLAIN-none}|$HOME|${TERM-none}"')], {
    env: { FROM_CALLER: 'caller' },
  })
  assert.equal(text, 'run|file|1|caller|none|/root|none\n')
})

const USERS: [user: string, expected: string][] = [
  ['alice', '1000 1000 1000 10 50 100 /home/alice'],
  ['bob:staff', '1001 50 50 /home/bob'],
  ['4444:5555', '4444 5555 5555 /'],
]

for (const [user, expected] of USERS)
  test(`-u ${user} is that user of the container`, async () => {
    assert.equal(await output(['-u', user, ...sh('echo $(id -u) $(id -g) $(id -G) $HOME')]), `${expected}\n`)
  })

test('a user is looked up in the container as it is now, and not outside of it', async (t) => {
  await container(t, 'users', 'busybox', 'sleep', '1000')
  succeeded(await exec(['users', 'sh', '-c', 'echo "carol:x:7:8::/c:" >> /etc/passwd']))
  assert.equal(await output(['-u', 'carol', 'users', 'id', '-u']), '7\n')
  succeeded(await exec(['users', 'sh', '-c', 'rm /etc/passwd; ln -s ../../../../../etc/passwd /etc/passwd']))
  refused(await exec(['-u', 'root', 'users', 'id']), 125, /finding user "root"/)
  succeeded(await exec(['users', 'sh', '-c', 'rm /etc/passwd; mkfifo /etc/passwd']))
  refused(await exec(['-u', 'carol', 'users', 'id']), 125, /finding user "carol"/)
})

test('the working directory is the one of the container, or another one', async () => {
  assert.equal(await output(['box', 'pwd']), '/tmp\n')
  assert.equal(await output(['-w', '/etc', 'box', 'pwd']), '/etc\n')
  refused(await exec(['-w', '/nope', 'box', 'pwd']), 127, /working directory "\/nope": no such directory/)
  refused(await exec(['-w', 'etc', 'box', 'pwd']), 125, /"etc": not an absolute path/)
})

test('no descriptor leads to the host (CVE-2024-21626)', async () => {
  assert.equal(await output(sh('for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done | head -4')), '0\n1\n2\n')
  for (const fd of [4, 6, 9]) refused(await exec(['-w', `/proc/self/fd/${fd}`, 'box', 'cat', 'etc/hostname']), 127, /no such directory/)
})

test('exit codes are those of docker', async () => {
  assert.equal((await exec(sh('exit 7'))).code, 7)
  assert.equal((await exec(sh('kill -9 $$'))).code, 137)
  refused(await exec(['box', 'nope']), 127, /exec: "nope": executable file not found in \$PATH/)
  refused(await exec(['box', '/etc/passwd']), 126, /exec: "\/etc\/passwd": permission denied/)
})

test('stdin, stdout and stderr carry every byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256))
  const { stdoutBytes, stderr, code } = await exec(['-i', ...sh('cat; echo done >&2')], { input: bytes })
  assert.deepEqual([stdoutBytes.equals(bytes), stderr, code], [true, 'done\n', 0])
  assert.equal(await output(['box', 'cat'], { input: 'not read' }), '')
})

test('what a command leaves behind does not hold gocker up', async () => {
  assert.equal(await output(sh('sleep 600 & echo left')), 'left\n')
  succeeded(await exec(sh(killing(600))))
})

test('-d lets a command run on, and it ends with its container', async (t) => {
  await container(t, 'short', 'busybox', 'sleep', '1000')
  const { stdout } = succeeded(await exec(['-d', 'short', 'sh', '-c', 'echo unheard; readlink /proc/self/fd/2 > /where; sleep 985']))
  assert.equal(stdout, '')
  await eventually(async () => (await exec(['short', 'cat', '/where'])).stdout === '/dev/null\n', 'it has no output')
  succeeded(await exec(['short', 'sh', '-c', running(985)]))
  refused(await exec(['-d', 'short', 'nope']), 127, /"nope": executable file not found/)
})

test('a command runs in a container in the foreground, too', async () => {
  const { child, result } = start(['--name', 'front', '--init', 'busybox', 'sh', '-c', 'echo ready; sleep 1000'])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  assert.equal(await output(['front', 'cat', '/proc/1/comm']), 'gocker-init\n')
  succeeded(await exec(['front', 'kill', '1']))
  assert.equal((await result).code, 143)
})

/** `gocker exec` of a command that says when it runs. */
async function begun(script: string): Promise<ReturnType<typeof startGocker>> {
  const command = startGocker(['exec', ...sh(`${script}; echo ready; sleep 987`)], { root })
  await new Promise((resolve) => command.child.stdout?.once('data', resolve))
  return command
}

const isGone = async (): Promise<boolean> => (await exec(sh(running(987)))).code === 1

test('a command ends with the gocker that is killed', async () => {
  const { pid, result } = await begun('trap "" TERM HUP INT')
  process.kill(pid, 'SIGKILL')
  await result
  await eventually(isGone, 'it is gone')
})

test('signals are passed on', async () => {
  const { pid, result } = await begun('trap "exit 9" TERM')
  process.kill(pid, 'SIGTERM')
  // The shell hears of it when its child has ended.
  succeeded(await exec(sh(killing(987))))
  assert.equal((await result).code, 9)
})

test('a start that a container holds up is given up on SIGINT', async (t) => {
  await container(t, 'stuck', 'busybox', 'sleep', '1000')
  succeeded(await exec(['stuck', 'sh', '-c', 'rm /dev/null; mkfifo /dev/null']))
  const { pid, result } = startGocker(['exec', 'stuck', 'true'], { root })
  // It opens the pipe as the command's stdin, and nobody writes to that.
  await eventually(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '', 'it has begun')
  process.kill(pid, 'SIGINT')
  assert.equal((await result).code, 130)
})

test('--privileged gives every capability', async () => {
  const all = /^CapBnd:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  assert.ok((await output(['--privileged', 'box', 'grep', 'CapEff', '/proc/self/status'])).includes(`${all}`))
})

test('what does not run, or is paused, is said', async (t) => {
  refused(await exec(['nosuch', 'ls']), 125, /finding container nosuch/)
  await container(t, 'ended', 'busybox', 'sleep', '1000')
  succeeded(await gocker(['pause', 'ended']))
  refused(await exec(['ended', 'ls']), 125, /container ended: it is paused/)
  succeeded(await gocker(['unpause', 'ended']))
  succeeded(await gocker(['kill', 'ended']))
  refused(await exec(['ended', 'ls']), 125, /container ended: it is not running/)
  refused(await exec(['box']), 125, /missing required argument 'command'/)
})

test('a container that is full of processes has room for none', async (t) => {
  await container(t, 'full', '--pids-limit', '2', 'busybox', 'sh', '-c', 'sleep 1000 & wait')
  await eventually(async () => (await exec(['full', 'true'])).code === 125, 'its shell has a child')
  refused(await exec(['full', 'true']), 125, /it has as many processes as it may have/)
})

test('a terminal has jobs, a size, and its own name', async () => {
  await using screen = await gockerTerminal(['exec', '-it', 'bash', 'bash', '--norc', '--noprofile'], { root })
  await screen.waitFor(/^in> ?$/m)
  await screen.type('tty; stty size; echo $TERM\n')
  await screen.waitFor(/^\/dev\/pts\/0\n24 80\nxterm$/m)
  await screen.type('sh -c "echo going; exec sleep 1000"\n')
  await screen.waitFor(/^going$/m)
  await screen.press('C-z')
  await screen.waitFor(/Stopped +sh -c/)
  await screen.type('clear; fg\n')
  await screen.waitFor(/^sh -c "echo going; exec sleep 1000"$/m)
  await screen.press('C-c')
  await screen.waitFor(/\^C\n+in> ?$/m)
  await screen.type('echo "was $?"; trap "stty size" WINCH\n')
  await screen.waitFor(/^was 130$/m)
  await screen.resize({ columns: 100, rows: 30 })
  await screen.waitFor(/30 100$/m)
  await screen.type('exit 5\n')
  assert.equal((await screen.exited()).code, 5)
})

test('what a command leaves behind on its terminal does not hold gocker up', async () => {
  assert.equal(await output(['-t', 'bash', 'bash', '-c', 'trap "" HUP; sleep 600 & echo left']), 'left\r\n')
})
