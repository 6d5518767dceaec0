import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker } = runFixture('busybox')

/** What `gocker diff` says of a container that has done `script`. */
async function changesOf(t: TestContext, name: string, script: string, ...flags: string[]): Promise<string> {
  t.after(() => gocker(['rm', name]))
  succeeded(await gocker(['run', '--network', 'none', '--name', name, ...flags, 'busybox', 'sh', '-c', script]))
  return succeeded(await gocker(['diff', name])).stdout
}

test('what was added, changed and deleted is told by path, with the directories it is in', async (t) => {
  const script = [
    'echo x > /new; mkdir -p /a/b; touch /a/b/c',
    'echo more >> /etc/passwd; rm /etc/os-release; rm -r /home/alice',
    'touch /tmp/gone; rm /tmp/gone',
    'ln -s /x /link; mkfifo /fifo',
  ]
  assert.equal(
    await changesOf(t, 'diff-files', script.join('; ')),
    'A /a\nA /a/b\nA /a/b/c\nC /etc\nD /etc/os-release\nC /etc/passwd\nA /fifo\nC /home\nD /home/alice\nA /link\nA /new\nC /tmp\n',
  )
})

test('another mode or owner is a change, and so is a directory that was made anew', async (t) => {
  const script = 'chmod 700 /home; chown 5 /etc/group; rm -r /home/alice; mkdir /home/alice; touch /home/alice/now'
  assert.equal(await changesOf(t, 'diff-metadata', script), 'C /etc\nC /etc/group\nC /home\nC /home/alice\nA /home/alice/now\n')
})

test('what gocker makes to mount on is no change, nor is what is mounted', async (t) => {
  const flags = ['-v', '/volume/deep', '--tmpfs', '/memory', '-v', '/etc/passwd:/etc/own/passwd']
  assert.equal(await changesOf(t, 'diff-mounts', 'touch /volume/deep/x /memory/x /dev/shm/x; echo x >> /etc/hosts', ...flags), '')
  assert.equal(await changesOf(t, 'diff-beside', 'touch /volume/x', ...flags), 'A /volume\nA /volume/x\n')
})

test('a container that runs is looked at as it is, and one that is not there is said', async (t) => {
  t.after(() => gocker(['rm', '-f', 'diff-live']))
  succeeded(await gocker(['run', '-d', '--network', 'none', '--name', 'diff-live', 'busybox', 'sleep', '1000']))
  assert.equal((await gocker(['diff', 'diff-live'])).stdout, '')
  succeeded(await gocker(['exec', 'diff-live', 'busybox', 'touch', '/x']))
  assert.equal((await gocker(['diff', 'diff-live'])).stdout, 'A /x\n')
  refused(await gocker(['diff', 'nobody']), 125, /finding container nobody/)
})
