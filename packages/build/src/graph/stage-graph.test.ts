import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseGockerfile } from '../language/gockerfile.ts'
import { neededStages, stageGraph } from './stage-graph.ts'

const graphOf = (text: string) => stageGraph(parseGockerfile(text, 'Gockerfile'), ({ from }) => from.base)
const labels = (text: string, target?: string) => neededStages(graphOf(text), target).needed.map(({ label }) => label)

const FILE = `FROM debian AS base
FROM base AS tools
FROM alpine AS unused
RUN --mount=type=bind,from=tools,target=/t x
FROM scratch
COPY --from=TOOLS /a /b
COPY --from=1 /a /b
COPY --from=busybox:1 /a /b
FROM base AS last
RUN --mount=type=cache,target=/c --mount=target=/t,from=unused make
`

describe('what a target needs', () => {
  test('its base, and what it copies or mounts from, with all that those need', () => {
    assert.deepEqual(labels(FILE), ['base', 'tools', 'unused', 'last'])
    assert.deepEqual(labels(FILE, '3'), ['base', 'tools', '3'])
    assert.deepEqual(labels(FILE, 'Tools'), ['base', 'tools'])
    assert.deepEqual(labels(FILE, 'base'), ['base'])
  })

  test('of two stages of one name the last above counts', () => {
    const text = 'FROM a AS x\nFROM b AS x\nFROM x\n'
    assert.deepEqual([...(graphOf(text)[2]?.needs ?? [])], [1])
    assert.equal(neededStages(graphOf(text), 'x').target.index, 1)
  })

  test('a base by number is an image, and scratch is nothing', () => {
    const [, second, third] = graphOf('FROM a\nFROM 0\nFROM scratch\n')
    assert.deepEqual([second?.base, third?.base], [{ kind: 'image', name: '0' }, { kind: 'scratch' }])
  })

  test('an unknown target is suggested from the names', () => {
    assert.throws(() => labels(FILE, 'tolos'), { code: 'UNKNOWN_STAGE', hint: 'did you mean tools?' })
    assert.throws(() => labels(FILE, 'other'), { code: 'UNKNOWN_STAGE', hint: 'there are: base, tools, unused, 3, last' })
    assert.throws(() => labels(FILE, '5'), { code: 'UNKNOWN_STAGE' })
  })
})

describe('what cannot be copied from', () => {
  const table: Readonly<Record<string, RegExp>> = {
    'FROM a\nCOPY --from=0 /a /b\n': /^Gockerfile:2:1: COPY: --from=0: there is no such stage above$/,
    'FROM a AS self\nCOPY --from=self /a /b\n': /--from=self: the stage stands below, or is this one$/,
    'FROM a\nRUN --mount=from=later,target=/x y\nFROM b AS later\n': /^Gockerfile:2:1: RUN: --mount=later: the stage stands below/,
    'FROM a\nCOPY --from=$X /a /b\n': /--from=\$X: variables are not expanded here$/,
  }
  for (const [text, message] of Object.entries(table))
    test(JSON.stringify(text), () => assert.throws(() => graphOf(text), { code: 'UNKNOWN_STAGE', message }))
})
