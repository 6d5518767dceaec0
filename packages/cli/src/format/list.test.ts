import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ListLayout, listLines } from './list.ts'

const LAYOUT: ListLayout = { headings: { ID: 'THE ID', Name: 'NAME', Size: 'SIZE' }, columns: ['ID', 'Name'] }
const ROWS = [
  { ID: 'a', Name: 'web', Size: '3MB', Label: (name: string) => `${name}!` },
  { ID: 'b', Name: 'database', Size: '4GB', Label: () => '' },
]

const FORMATS: [format: string | undefined, lines: string][] = [
  [undefined, 'THE ID   NAME\na        web\nb        database'],
  ['table', 'THE ID   NAME\na        web\nb        database'],
  ['json', '{"ID":"a","Name":"web","Size":"3MB"}\n{"ID":"b","Name":"database","Size":"4GB"}'],
  ['{{.ID}}: {{.Name}}', 'a: web\nb: database'],
  ['{{.ID}}\\t{{.Name}}\\n', 'a\tweb\n\nb\tdatabase\n'],
  ['{{"\\\\t"}}{{.ID}}', '\\ta\n\\tb'],
  ['table {{.ID}}\\t{{.Size}}', 'THE ID   SIZE\na        3MB\nb        4GB'],
  ['table {{upper .Name}}\t{{.Label "x.a-b"}}', 'NAME       a b\nWEB        x.a-b!\nDATABASE'],
  ['{{json .}}', '{"ID":"a","Name":"web","Size":"3MB"}\n{"ID":"b","Name":"database","Size":"4GB"}'],
]

for (const [format, lines] of FORMATS)
  test(`a list as ${format}`, async () => {
    assert.equal((await listLines(ROWS, LAYOUT, { format })).join('\n'), lines)
  })

test('a list of nothing has headings or no line at all', async () => {
  assert.deepEqual(await listLines([], LAYOUT), ['THE ID   NAME'])
  assert.deepEqual(await listLines([], LAYOUT, { format: '{{.ID}}' }), [])
})

test('a field that rows have not is told with those that they have', async () => {
  await assert.rejects(listLines(ROWS, LAYOUT, { format: '{{.Id}}' }), /reading Id of \.: there is no such field/)
})
