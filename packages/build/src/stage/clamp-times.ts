import { lstatSync, lutimesSync, readdirSync } from 'node:fs'

const SLASH = Buffer.from('/')

/**
 * Makes nothing in a tree younger than `seconds` since 1970, so that the same build gives the same layer at any time.
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function clampTimes(path: string, seconds: number): void {
  eachFile(Buffer.from(path), (file, time) => {
    if (time > seconds * 1000) lutimesSync(file, seconds, seconds)
  })
}

/** Gives all in a tree one time: that of a checkout says nothing. */
export function setTimesTo(path: string, seconds: number): void {
  eachFile(Buffer.from(path), (file) => lutimesSync(file, seconds, seconds))
}

/** What is in a directory before the directory. Names are bytes: not each is UTF-8. */
function eachFile(path: Buffer, visit: (path: Buffer, milliseconds: number) => void): void {
  const stats = lstatSync(path)
  if (stats.isDirectory()) for (const name of readdirSync(path, { encoding: 'buffer' })) eachFile(Buffer.concat([path, SLASH, name]), visit)
  visit(path, stats.mtimeMs)
}
