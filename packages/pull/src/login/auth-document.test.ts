import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { changeAuthDocument } from './auth-document.ts'

test('of many who log in at once, each one is kept', async (t) => {
  const directory = join(temporaryDirectory(t), 'made')
  const file = join(directory, 'config.json')
  const names = Array.from({ length: 20 }, (_, at) => `registry-${at}`)
  const login = (name: string) => changeAuthDocument(file, (document) => ({ ...document, auths: { ...document.auths, [name]: {} } }))
  await Promise.all(names.map(login))
  const { auths } = JSON.parse(readFileSync(file, 'utf8')) as { auths: object }
  assert.deepEqual(Object.keys(auths).sort(), names.sort())
  assert.deepEqual(readdirSync(directory), ['config.json'])
})
