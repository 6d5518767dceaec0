import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzTarget } from '../fuzz/engine/fuzz-target.ts'
import { TARGETS } from '../fuzz/targets/table.ts'

/** Beside the corpus: enough to notice a reader that breaks at once. `pnpm fuzz` is for more. */
const RUNS: Readonly<Record<string, number>> = { unpack: 300, gockerfile: 1000, 'runtime-spec': 1000, 'image-config': 1000 }

for (const name of Object.keys(TARGETS))
  test(`${name}: its corpus, and what is like it, is read or refused`, async () => {
    const { runs, finding } = await fuzzTarget(name, { seed: 1, runs: RUNS[name] ?? 2000 })
    assert.equal(finding === undefined ? '' : `${finding.error}\n${finding.bytes.toString('base64')}`, '')
    assert.ok(runs >= 300)
  })
