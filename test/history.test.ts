import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { buildTar, gocker, imageLayout, makeTemporaryDirectory, removeTree } from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
after(() => removeTree(root))

const LOWEST = buildTar([
  { name: 'etc/' },
  { name: 'etc/big', content: 'x'.repeat(5000) },
  { name: 'etc/kept', content: 'y'.repeat(1000) },
  { name: 'old/' },
  { name: 'old/one', content: 'z'.repeat(300) },
])
const MIDDLE = buildTar([{ name: 'etc/' }, { name: 'etc/big', content: 'X'.repeat(2000) }, { name: '.wh.old' }])
const HIGHEST = buildTar([{ name: 'etc/' }, { name: 'etc/new', content: 'n'.repeat(700) }, { name: 'etc/.wh..wh..opq' }])

const HISTORY = [
  { created: '2024-01-01T00:00:00Z', created_by: '/bin/sh -c #(nop) ADD file:0123456789 in / ' },
  { created: '2024-01-01T00:00:01Z', created_by: 'CMD ["sh"]', empty_layer: true },
  { created: '2024-01-02T00:00:00Z', created_by: 'RUN make\n  all', comment: 'buildkit' },
  { created: '2024-01-03T00:00:00Z', created_by: `RUN ${'long '.repeat(30)}` },
]

before(async () => {
  const directory = makeTemporaryDirectory()
  try {
    imageLayout(directory, { layers: [LOWEST, MIDDLE, HIGHEST], history: HISTORY }, { tag: 'app:1' })
    const input = execFileSync('tar', ['-C', directory, '-c', '.'], { maxBuffer: 1 << 26 })
    succeeded(await gocker(['load'], { root, input }))
  } finally {
    removeTree(directory)
  }
})

async function lines(...words: string[]): Promise<string[]> {
  return succeeded(await gocker(words, { root }))
    .stdout.trimEnd()
    .split('\n')
}

test('history tells the steps, the newest first', async () => {
  const [headings = '', ...rows] = await lines('history', 'app:1')
  assert.match(headings, /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/)
  assert.equal(rows.length, 4)
  assert.match(rows[0] ?? '', /^[0-9a-f]{12} +\d+ \w+ ago +RUN (long )+…/)
  assert.match(rows[1] ?? '', /^<missing> .* RUN make all +\S+ +buildkit$/)
  assert.match(rows[2] ?? '', /CMD \["sh"\] +0B$/)
  assert.match(rows[3] ?? '', /ADD file:0123456789 in \/ +\S+$/)
  const format = '{{.CreatedAt}} {{.Comment}} {{.CreatedBy}}'
  assert.equal((await lines('history', '--no-trunc', '--format', format, 'app:1'))[3], '2024-01-01T00:00:01Z  CMD ["sh"]')
  assert.match((await lines('image', 'history', '-q', '--no-trunc', 'app:1'))[0] ?? '', /^sha256:[0-9a-f]{64}$/)
  assert.match((await lines('history', '--human=false', 'app:1'))[3] ?? '', /2024-01-01T00:00:01Z .* 0$/)
  assert.equal((JSON.parse((await lines('history', '--format', 'json', 'app:1'))[1] ?? '') as { Comment: string }).Comment, 'buildkit')
  failedWith(await gocker(['history', 'absent'], { root }), /absent/)
})

test('the tree tells what each layer adds, overwrites and wastes', async () => {
  const shown = await lines('image', 'tree', 'app:1')
  assert.match(shown[0] ?? '', /^LAYER +SIZE +ADDED +CHANGED +REMOVED +WASTES +COMMAND$/)
  assert.match(shown[1] ?? '', /^1 +6\.3kB +5 +0 +0 +0B +ADD file:0123456789 in \/$/)
  assert.match(shown[2] ?? '', /^2 +2kB +0 +1 +2 +5\.3kB +RUN make all$/)
  assert.match(shown[3] ?? '', /^3 +700B +1 +0 +2 +3kB +RUN long/)
  assert.ok(shown.includes('9kB of files, 8.3kB of it wasted: 7.7 % efficient'), shown.join('\n'))
  assert.match(shown.join('\n'), /^7kB +2 +\/etc\/big$/m)
  assert.deepEqual(await lines('image', 'explore', '--layer', '2', 'app:1'), [
    'C      2kB  /etc/big',
    'D        -  /old/',
    'D     300B  /old/one',
  ])
})

test('the tree as JSON', async () => {
  const { stdout } = succeeded(await gocker(['image', 'tree', '--json', '--layer', '3', 'app:1'], { root }))
  const { size, wasted, layers } = JSON.parse(stdout) as { size: number; wasted: number; layers: Record<string, unknown>[] }
  assert.deepEqual([size, wasted], [9000, 8300])
  assert.deepEqual(
    layers.map(({ size, hides, added, changed, removed }) => [size, hides, added, changed, removed]),
    [
      [6300, 0, 5, 0, 0],
      [2000, 5300, 0, 1, 2],
      [700, 3000, 1, 0, 2],
    ],
  )
  assert.deepEqual(layers[2]?.files, [
    { kind: 'removed', path: '/etc/big', isDirectory: false, size: 2000 },
    { kind: 'removed', path: '/etc/kept', isDirectory: false, size: 1000 },
    { kind: 'added', path: '/etc/new', isDirectory: false, size: 700 },
  ])
  failedWith(await gocker(['image', 'tree', '--layer', '4', 'app:1'], { root }), /the layers 1 to 3/)
})
