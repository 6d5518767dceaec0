import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggestion } from './suggestion.ts'

const KNOWN = ['FROM', 'RUN', 'COPY', 'ENTRYPOINT', 'HEALTHCHECK', 'VOLUME']

for (const [written, meant] of [
  ['FORM', 'FROM'],
  ['rnu', 'RUN'],
  ['CPOY', 'COPY'],
  ['ENTRYPONIT', 'ENTRYPOINT'],
  ['HEALTHCHEK', 'HEALTHCHECK'],
  ['VOLUMES', 'VOLUME'],
  ['INCLUDE', undefined],
  ['X', undefined],
] as const)
  test(`${written} is ${meant ?? 'nothing known'}`, () => assert.equal(suggestion(written, KNOWN), meant))
