import { splitWords } from '../../language/words.ts'
import type { Rule } from '../rule.ts'

export const maintainerDeprecated: Rule = {
  name: 'MaintainerDeprecated',
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction: { kind, at } }) =>
        kind === 'MAINTAINER' ? [{ at, text: 'MAINTAINER is out of use: say LABEL org.opencontainers.image.authors=... instead' }] : [],
      ),
    ),
}

export const legacyKeyValueFormat: Rule = {
  name: 'LegacyKeyValueFormat',
  check: ({ stages, escape }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction: { kind, at }, rest }) => {
        if (kind !== 'ENV' && kind !== 'LABEL') return []
        const [name = ''] = splitWords(rest, escape)
        return name.includes('=')
          ? []
          : [{ at, text: `${kind} ${name} with a blank before the value is the old way: write ${kind} ${name}=...` }]
      }),
    ),
}
