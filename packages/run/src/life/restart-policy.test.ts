import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRestartPolicy, type Run, restartDelay } from './restart-policy.ts'

function run(code: number, seconds: number, more: Partial<Run> = {}): Run {
  const startedAt = new Date(0)
  return { exit: { code }, startedAt, finishedAt: new Date(seconds * 1000), restartCount: 0, wasStopped: false, ...more }
}

test('the wait doubles until a container has run for a while', () => {
  const delays = [100]
  while (delays.length < 12) delays.push(restartDelay({ name: 'always' }, run(1, 1, { delay: delays.at(-1) as number })) as number)
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000])
  assert.equal(restartDelay({ name: 'always' }, run(1, 10, { delay: 60_000 })), 100)
})

const DECISIONS: [policy: string, run: Run, isRestarted: boolean][] = [
  ['no', run(1, 1), false],
  ['always', run(0, 1), true],
  ['always', run(1, 1, { wasStopped: true }), false],
  ['unless-stopped', run(0, 1), true],
  ['unless-stopped', run(0, 1, { wasStopped: true }), false],
  ['on-failure', run(0, 1), false],
  ['on-failure', run(1, 1, { restartCount: 1000 }), true],
  ['on-failure:2', run(1, 1, { restartCount: 1 }), true],
  ['on-failure:2', run(1, 1, { restartCount: 2 }), false],
  ['on-failure:0', run(1, 1, { restartCount: 2 }), true],
  ['on-failure', run(137, 1, { wasStopped: true }), false],
]

for (const [policy, ended, isRestarted] of DECISIONS)
  test(`${policy} ${isRestarted ? 'starts again' : 'lets be'} ${JSON.stringify({ ...ended, startedAt: undefined, finishedAt: undefined })}`, () => {
    assert.equal(restartDelay(parseRestartPolicy(policy), ended) !== undefined, isRestarted)
  })

for (const text of ['', 'never', 'on-failure:', 'on-failure:-1', 'on-failure:1:2', 'always:3', 'on-failure:x'])
  test(`${JSON.stringify(text)} is no policy`, () => {
    assert.throws(() => parseRestartPolicy(text), { code: 'INVALID_OPTION', message: new RegExp(`^reading restart policy "${text}": `) })
  })
