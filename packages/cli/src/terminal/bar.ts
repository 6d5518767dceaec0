import type { Colour } from './colour.ts'

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** What a full bar would cover. */
const TRACK = '░'

/** How much of something is used, `width` characters wide, to the eighth of one. @param share 0 to 1; what is beyond is cut */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const text = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  return text.padEnd(width, TRACK)
}

/** Green while there is room, red where there is hardly any. */
export function colourOfShare(share: number): Colour {
  if (share >= 0.85) return 'red'
  return share >= 0.6 ? 'yellow' : 'green'
}

/** What share a bar shows. */
export function shareOf(text: string): number {
  const eighths = Array.from(text, (character) => (character === '█' ? 8 : Math.max(0, EIGHTHS.indexOf(character))))
  return eighths.reduce((total, each) => total + each, 0) / (text.length * 8)
}
