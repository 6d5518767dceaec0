import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { parseMode } from './mode.ts'

/** Each is what chmod(1) makes of a file and of a directory, with a umask of 0. */
const WORDS = [
  'u=rwX,go=rX',
  'a+x',
  '+x',
  'go-rwx',
  'g=u',
  'o=g-w',
  'u+s,g+s',
  '+t',
  'a=rw,u+x',
  'ug=rw,o=',
  'u-x+w',
  '=',
  'a=X',
  'o=u',
  '755',
  '0644',
  '4750',
  '7',
]
const MODES = [0o644, 0o600, 0o755, 0o711, 0o000]

describe('words of chmod', () => {
  for (const words of WORDS)
    test(words, (t) => {
      const directory = temporaryDirectory(t)
      for (const mode of MODES) {
        const [file, folder] = [join(directory, `f${mode}`), join(directory, `d${mode}`)]
        writeFileSync(file, '')
        mkdirSync(folder)
        for (const path of [file, folder]) chmodSync(path, mode)
        execFileSync('sh', ['-c', 'umask 0; chmod -- "$0" "$@"', words, file, folder])
        const change = parseMode(words)
        assert.equal(change?.(mode, false).toString(8), (statSync(file).mode & 0o7777).toString(8))
        assert.equal(change?.(mode, true).toString(8), (statSync(folder).mode & 0o7777).toString(8))
      }
    })

  test('what is no mode', () => {
    for (const text of ['', '8', '999', '77777', 'u', 'rwx', 'u=rwz', 'x+r', 'u=r,', '-1 ', '0x1ff'])
      assert.equal(parseMode(text), undefined, text)
  })
})
