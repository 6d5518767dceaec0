import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { Results } from '../vm/results.ts'

const PAGE = `# A page

| another | table |
| --- | --- |
| with | a row |

## Last results

| as | file | passed | took | when |
| --- | --- | --- | --- | --- |
| root, arm64 | test/b.test.ts | 1 of 1 | 1 s | long ago |
| root, x64 | test/a.test.ts | 0 of 1; not: first | 9 s | long ago |
`

const SAID = `# Linux 6.1.0-56-amd64 x86_64, 2 processors, controllers: cpu
# suite root
# file test/b.test.ts
✔ one (12.5ms)
▶ several
  ✖ a | b (3.1ms)
✔ last (3ms)
ℹ tests 3
ℹ pass 2
ℹ fail 1
ℹ skipped 4
ℹ duration_ms 1234.5

✖ failing tests:

✖ a | b (3.1ms)
# file test/a.test.ts
✔ first (2ms)
ℹ pass 1
ℹ skipped 0
ℹ duration_ms 10
# file test/c.test.ts
✔ interrupted (2ms)
`

test('what a machine prints becomes rows of a table, in the place of older ones', (t) => {
  const page = join(temporaryDirectory(t), 'page.md')
  writeFileSync(page, PAGE)
  const results = new Results({ page, architecture: 'x64', date: 'today' })
  for (const line of SAID.split('\n')) results.take(line)
  const [head] = PAGE.split('| root')
  assert.equal(
    readFileSync(page, 'utf8'),
    `${head}| root, arm64 | test/b.test.ts | 1 of 1 | 1 s | long ago |
| root, x64 | test/a.test.ts | 1 of 1 | 1 s | today, Linux 6.1.0-56-amd64 |
| root, x64 | test/b.test.ts | 2 of 3, 4 passed over; not: a \\| b | 2 s | today, Linux 6.1.0-56-amd64 |
`,
  )
})
