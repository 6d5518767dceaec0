import { BuildError } from '../../packages/build/src/error.ts'
import { neededStages, stageGraph } from '../../packages/build/src/graph/stage-graph.ts'
import { expand } from '../../packages/build/src/language/expansion.ts'
import { type Gockerfile, parseGockerfile } from '../../packages/build/src/language/gockerfile.ts'
import { lint } from '../../packages/build/src/lint/lint.ts'
import { globalVariables } from '../../packages/build/src/stage/variables.ts'
import type { FuzzTarget } from '../engine/target.ts'

const PLATFORM = { os: 'linux', architecture: 'amd64' }
const KEYWORDS = [
  'FROM',
  'RUN',
  'CMD',
  'LABEL',
  'EXPOSE',
  'ENV',
  'ADD',
  'COPY',
  'ENTRYPOINT',
  'VOLUME',
  'USER',
  'WORKDIR',
  'ARG',
  'ONBUILD',
]
const OTHERS = [
  'STOPSIGNAL',
  'HEALTHCHECK',
  'SHELL',
  'MAINTAINER',
  '# escape=`\n',
  '# syntax=x\n',
  '# check=skip=all\n',
  ' \\\n',
  '<<EOF',
  '<<-"E"\n',
]
const PARTS = [
  '--from=',
  '--mount=type=cache,target=',
  '--chown=',
  '--chmod=',
  '--interval=',
  '["a",',
  ']',
  '${',
  ':-',
  '//',
  '%%',
  '$x',
  '"',
  "'",
  '=',
  'AS ',
]

/** Gockerfiles: what a build reads before it makes anything, and what the checks say of it. */
export const gockerfile: FuzzTarget = {
  seeds: [],
  words: [...[...KEYWORDS, ...OTHERS].map((word) => `\n${word} `), ...PARTS],
  read(bytes) {
    const text = bytes.toString()
    const file = parseGockerfile(text, 'Gockerfile')
    const { escape } = file.directives
    const { globals } = globalVariables(file, { buildArgs: {}, platform: PLATFORM, target: undefined })
    neededStages(stageGraph(file, ({ from }) => expand(from.base, { lookup: (name) => globals.get(name), escape })))
    lint(text, factsOf(file), 'Gockerfile')
  },
  isRefusal: (error) => error instanceof BuildError,
}

function factsOf(gockerfile: Gockerfile): Parameters<typeof lint>[1] {
  return { gockerfile, platform: PLATFORM, buildArgs: {}, baseConfig: () => undefined, isIgnored: () => false }
}

/** Replacing variables. */
export const expansion: FuzzTarget = {
  seeds: ['$x ${y} \\$z', '${x:-a${y}b}', '${x#a*}', '${x%%?[a-z]}', '${x//a/b}', '"$x" \'$x\'', '${x/#a\\/b/c}'].map((text) =>
    Buffer.from(text),
  ),
  words: ['${', '}', '$x', '$y', ':-', ':+', ':?', '#', '##', '%', '%%', '/', '//', '*', '?', '[a-z]', '[!', '\\', '"', "'"],
  read(bytes) {
    const values: Readonly<Record<string, string>> = { x: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab/c', y: '' }
    expand(bytes.toString(), { lookup: (name) => values[name], escape: bytes.length % 2 === 0 ? '\\' : '`' })
  },
  isRefusal: (error) => error instanceof BuildError,
}
