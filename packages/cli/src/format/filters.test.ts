import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsLabels, fitsName, readFilters, readFlag } from './filters.ts'
import { readMoment } from './moment.ts'

const LABELS = { a: '1', 'b.c': 'x=y', empty: '' }

test('filters are collected by their keys', () => {
  const filters = readFilters(['label=a=1', 'label=b', 'name=web', 'label!=c'], ['label', 'label!', 'name'])
  assert.deepEqual(filters, { label: ['a=1', 'b'], name: ['web'], 'label!': ['c'] })
  assert.throws(() => readFilters(['name'], ['name', 'id']), /reading filter "name": not key=value/)
  assert.throws(() => readFilters(['nope=1'], ['name']), /no filter is called nope/)
})

const LABEL_FILTERS: [texts: string[], fits: boolean][] = [
  [[], true],
  [['label=a'], true],
  [['label=a=1'], true],
  [['label=a=2'], false],
  [['label=a', 'label=missing'], false],
  [['label=b.c=x=y'], true],
  [['label=empty='], true],
  [['label!=a'], false],
  [['label!=a=2'], true],
  [['label!=missing'], true],
]

for (const [texts, fits] of LABEL_FILTERS)
  test(`labels ${fits ? 'fit' : 'do not fit'} ${texts.join(' ')}`, () => {
    assert.equal(fitsLabels(LABELS, readFilters(texts, ['label', 'label!'])), fits)
  })

test('a name fits in part, or by a pattern', () => {
  assert.deepEqual(
    [undefined, ['eb'], ['^eb'], ['^w.b$'], ['x', 'we'], []].map((wanted) => fitsName(['web'], wanted)),
    [true, true, false, true, true, false],
  )
  assert.throws(() => fitsName(['web'], ['(']), /not a regular expression/)
})

test('a yes or a no is read', () => {
  assert.deepEqual(
    [{}, { d: ['true'] }, { d: ['0'] }].map((filters) => readFlag(filters, 'd')),
    [undefined, true, false],
  )
  assert.throws(() => readFlag({ d: ['maybe'] }, 'd'), /not true or false/)
})

const NOW = Date.parse('2024-05-06T07:08:09Z')
const MOMENTS: [text: string, moment: string][] = [
  ['10m', '2024-05-06T06:58:09.000Z'],
  ['1h30m', '2024-05-06T05:38:09.000Z'],
  ['1.5h', '2024-05-06T05:38:09.000Z'],
  ['2d', '2024-05-04T07:08:09.000Z'],
  ['250ms', '2024-05-06T07:08:08.750Z'],
  ['1700000000', '2023-11-14T22:13:20.000Z'],
  ['1700000000.5', '2023-11-14T22:13:20.500Z'],
  ['2024-05-06T07:08:09.123456789Z', '2024-05-06T07:08:09.123Z'],
  ['2024-05-06T07:08:09+02:00', '2024-05-06T05:08:09.000Z'],
]

for (const [text, moment] of MOMENTS)
  test(`${text} is ${moment}`, () => {
    assert.equal(readMoment(text, '--since', NOW).toISOString(), moment)
  })

test('a date without a zone is the local one', () => {
  assert.equal(readMoment('2024-05-06', '--since').getTime(), new Date(2024, 4, 6).getTime())
  assert.equal(readMoment('2024-05-06T01:02:03', '--since').getTime(), new Date(2024, 4, 6, 1, 2, 3).getTime())
  assert.throws(() => readMoment('yesterday', '--since'), /reading --since "yesterday": not a time/)
})
