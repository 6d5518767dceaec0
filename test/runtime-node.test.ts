import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'

const SCRIPT = new URL('../scripts/gocker-runtime', import.meta.url)
/** Says by which node it runs, and with which words. */
const COMMAND = 'process.stdout.write(`${process.env.SAID ?? ""} ${process.argv.slice(2).join()}`)\n'

test('the runtime finds the node that it was installed with, whatever the environment says', (t) => {
  const root = temporaryDirectory(t)
  const dist = join(root, 'lib/node_modules/gocker/dist')
  mkdirSync(dist, { recursive: true })
  mkdirSync(join(root, 'bin'))
  cpSync(SCRIPT, join(dist, 'gocker-runtime'))
  writeFileSync(join(dist, 'gocker.js'), COMMAND)
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
  const executable = join(root, 'bin/gocker-runtime')
  symlinkSync('../lib/node_modules/gocker/dist/gocker-runtime', executable)
  const node = (said: string) => `#!/bin/sh\nSAID=${said} exec '${process.execPath}' "$@"\n`
  writeFileSync(join(root, 'bin/node'), node('installed'), { mode: 0o755 })
  writeFileSync(join(root, 'other'), node('named'), { mode: 0o755 })
  const said = (env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = spawnSync(executable, ['state', 'a b'], { env, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    return stdout
  }
  for (const env of [{}, { PATH: '' }, { PATH: '/no/such' }]) assert.equal(said(env), 'installed runtime,state,a b')
  assert.equal(said({ GOCKER_NODE: join(root, 'other') }), 'named runtime,state,a b')
})
