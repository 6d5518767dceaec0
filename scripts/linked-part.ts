/**
 * A module that esbuild has written, as a function `(__exports, __load, __url, require) => {…}` that gets other parts and Node's modules by
 * `__load`. What it imports becomes a constant of its own, which costs nothing to read; esbuild's own way to CommonJS looks each name up
 * in an object of getters, every time it is used. So an exported variable must have its last value when the module has run.
 * @throws {Error} for a form of import or export that esbuild did not write so far
 */
export function linkedPart(module: string): string {
  const imports: string[] = []
  const exports: string[] = []
  const body = module
    .replaceAll(/(?<=^|[;\n}])import(?:\s?([\w$]+|\{[^}]*\})\s?from)?"([^"]+)";/g, (_, names: string | undefined, from: string) => {
      imports.push(constants(names, from))
      return ''
    })
    .replaceAll(/(?<=^|[;\n}])export(\{[^}]*\}| default [^;]+);/g, (_, what: string) => {
      exports.push(...assignments(what))
      return ''
    })
    .replaceAll(/(?<![\w$.])import\("([^"]+)"\)/g, '__load.later("$1")')
    .replaceAll('import.meta.url', '__url')
  const left = /(?<=^|[;\n}])(?:import[\s{"*]|export[\s{*])[^;]{0,60}/.exec(body)
  if (left !== null) throw new Error(`linking a part of the bundle: ${left[0]}: not a known form`)
  return `(__exports,__load,__url,require)=>{${imports.join('')}${body}\n${exports.join('')}}`
}

function constants(names: string | undefined, from: string): string {
  const module = `__load("${from}")`
  return names === undefined ? `${module};` : `const ${names.replaceAll(' as ', ':')}=${module};`
}

function assignments(exported: string): string[] {
  if (exported.startsWith(' default ')) return [`__exports.default=${exported.slice(' default '.length)};`]
  return exported
    .slice(1, -1)
    .split(',')
    .map((name) => {
      const [inside = '', outside = inside] = name.split(' as ')
      return `__exports.${outside}=${inside};`
    })
}
