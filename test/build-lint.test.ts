import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { busyboxRootfs, gocker, makeTemporaryDirectory, removeTree } from '@gocker/testkit'
import { contextOf } from './support/building.ts'
import { failedWith, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
after(() => removeTree(root))
before(async () => {
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-c', 'ENV MADE=here', '-', 'base'], { root, input: busyboxRootfs() }))
})

function written(t: TestContext, gockerfile: string, files: Readonly<Record<string, string>> = {}): string {
  const context = contextOf(t, files)
  writeFileSync(join(context, 'Gockerfile'), gockerfile)
  return context
}

const SLOPPY = `FROM base AS One
WORKDIR app
COPY secret $MADE $MISSING /
CMD start
`

test('--check names rule, file and line of each warning, builds nothing and ends with 1', async (t) => {
  const context = written(t, SLOPPY, { secret: 'x', '.dockerignore': 'secret\n' })
  const { code, stdout, stderr } = await gocker(['build', '--network', 'none', '--check', '-t', 'never', context], { root })
  const places = stdout.split('\n').map((line) => /^.*Gockerfile:(\d+): (\w+): ./.exec(line)?.slice(1, 3).join(' '))
  assert.deepEqual(places.slice(0, -1), [
    '1 StageNameCasing',
    '2 WorkdirRelativePath',
    '3 UndefinedVar',
    '3 CopyIgnoredFile',
    '4 JSONArgsRecommended',
  ])
  assert.match(stdout, /\$MISSING/)
  assert.doesNotMatch(stdout, /\$MADE/)
  assert.equal(code, 1, stderr)
  assert.doesNotMatch(succeeded(await gocker(['images'], { root })).stdout, /never/)
})

test('--check of what has no warnings is silent and ends with 0', async (t) => {
  const { stdout, stderr } = succeeded(
    await gocker(['build', '--network', 'none', '--check', written(t, 'FROM base\nCMD ["start"]\n')], { root }),
  )
  assert.deepEqual([stdout, stderr], ['', ''])
})

test('--check refuses what a build refuses', async (t) => {
  failedWith(
    await gocker(['build', '--network', 'none', '--check', written(t, 'FROM base\nRUM true\n')], { root }),
    /Gockerfile:2:1: unknown instruction RUM/,
  )
  const context = written(t, '# check=skp=all\nFROM base\n')
  failedWith(await gocker(['build', '--network', 'none', '--check', context], { root }), /parser directive check: "skp=all" cannot be read/)
})

test('a build prints its warnings and goes on; # check=skip= takes them out', async (t) => {
  const { stdout, stderr } = succeeded(
    await gocker(['build', '--network', 'none', written(t, 'FROM base AS One\nMAINTAINER me\n')], { root }),
  )
  assert.match(stdout, /^sha256:/)
  assert.match(stderr, /Gockerfile:1:1: warning: StageNameCasing: /)
  assert.match(stderr, /Gockerfile:2:1: warning: MaintainerDeprecated: /)
  const skipping = written(t, '# check=skip=StageNameCasing,MaintainerDeprecated\nFROM base AS One\nMAINTAINER me\n')
  assert.doesNotMatch(succeeded(await gocker(['build', '--network', 'none', skipping], { root })).stderr, /warning/)
})

test('with # check=error=true a warning ends the build before its first step', async (t) => {
  const result = await gocker(['build', '--network', 'none', written(t, '# check=error=true\nFROM base\nRUN echo ran\nCMD start\n')], {
    root,
  })
  failedWith(result, /checking .*Gockerfile: JSONArgsRecommended found something, and check=error=true is set/)
  assert.doesNotMatch(result.stderr, /RUN echo/)
})
