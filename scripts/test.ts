import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installRequirements } from './requirements.ts'

/** Everything that must hold, in the order in which it is quickest to learn that something does not. */
const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

const wanted = process.argv.slice(2)
if (wanted.length === 0) {
  step('format and lint', 'biome', ['check', '--error-on-warnings', '.'])
  step('types', 'node', ['node_modules/typescript/bin/tsc', '-b'])
  step('dead code', 'knip', [])
}
await installRequirements()
step('bundle', 'node', ['scripts/build.ts'])
const tests = wanted.length > 0 ? wanted : await testFiles()
const status = run('tests', 'node', ['--test', '--test-concurrency=2', '--test-timeout=600000', ...tests])
removeShared()
process.exit(status)

/** What stays of containers for the next one, whatever store they were in: the cgroup around them, and bridges of stores that are gone. */
function removeShared(): void {
  const root = mkdtempSync(join(tmpdir(), 'gocker-prune-'))
  const env = { ...process.env, GOCKER_ROOT: join(root, 'store'), GOCKER_RUN: join(root, 'run') }
  const { status } = spawnSync('node', ['packages/cli/dist/gocker.js', 'system', 'prune', '--force'], { stdio: 'ignore', env })
  rmSync(root, { recursive: true })
  if (status !== 0) console.log(`gocker system prune ended with ${status}`)
}

async function testFiles(): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(['scripts/*.test.ts', 'packages/*/src/**/*.test.ts', 'test/**/*.test.ts'])) files.push(file)
  return files.sort()
}

function step(name: string, command: string, args: readonly string[]): void {
  const status = run(name, command, args)
  if (status !== 0) process.exit(status)
}

function run(name: string, command: string, args: readonly string[]): number {
  console.log(`\n# ${name}`)
  // End-to-end tests run what users run.
  const env = { ...process.env, GOCKER_TEST_BUNDLE: `${root}packages/cli/dist/gocker.js` }
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env })
  if (error !== undefined) throw error
  return status ?? 1
}
