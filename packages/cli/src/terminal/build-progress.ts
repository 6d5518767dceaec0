import type { BuildEvent, BuildListener, StepLabel } from '@gocker/build'
import { size } from './amounts.ts'
import { jsonProgress } from './build-json.ts'
import { fitted, lineWidth, openLiveLine } from './live-line.ts'
import { OutputTail } from './output-tail.ts'
import { livePull, pullProgress } from './pull-progress.ts'

/** Draws the events of a build on stderr. */
export interface BuildProgress {
  readonly onEvent: BuildListener
  /** Takes the live line away, and shows what the failed step printed last. */
  stop(): void
}

export type ProgressStyle = 'auto' | 'plain' | 'json' | 'quiet'

/** One live line on a terminal with the finished steps above it; every line of output elsewhere and with `plain`. */
export async function buildProgress(style: ProgressStyle): Promise<BuildProgress> {
  if (style === 'quiet') return { onEvent: () => {}, stop: () => {} }
  if (style === 'json') return jsonProgress()
  return style === 'auto' && process.stderr.isTTY ? await liveSteps() : await plainSteps()
}

async function plainSteps(): Promise<BuildProgress> {
  const pulling = await pullProgress({ quiet: false })
  const tails = new Map<string, OutputTail>()
  const onEvent = (event: BuildEvent) => {
    if (event.type === 'pull') pulling.onEvent(event.event)
    else if (event.type === 'step-output') {
      const tail = tails.get(event.step.id) ?? new OutputTail(0)
      tails.set(event.step.id, tail)
      for (const line of tail.take(event.chunk, event.stream)) say(`${place(event.step)} | ${line}`)
    } else {
      if (event.type === 'step-done') for (const line of tails.get(event.step.id)?.rest() ?? []) say(`${place(event.step)} | ${line}`)
      const line = lineOf(event)
      if (line !== undefined) say(line)
    }
  }
  return { onEvent, stop: () => pulling.stop() }
}

async function liveSteps(): Promise<BuildProgress> {
  const live = await openLiveLine()
  const pulling = livePull(live)
  const running = new Map<string, RunningStep>()
  const draw = () => {
    const [first] = running.values()
    if (first === undefined) live.hide()
    else live.show(lineOfRunning(first))
  }
  const onEvent = (event: BuildEvent) => {
    if (event.type === 'pull') {
      pulling.onEvent(event.event)
      if (event.event.type !== 'done') return
    }
    if (event.type === 'step-started') running.set(event.step.id, { step: event.step, tail: new OutputTail(20) })
    if (event.type === 'step-output') running.get(event.step.id)?.tail.take(event.chunk, event.stream)
    const line = event.type === 'step-started' ? undefined : lineOf(event)
    if (line !== undefined) live.note(fitted(line, lineWidth()))
    if (event.type === 'step-done' && !event.failed) running.delete(event.step.id)
    draw()
  }
  const stop = () => {
    live.hide()
    for (const { step, tail } of running.values()) for (const line of tail.lines()) say(`${place(step)} | ${line}`)
    running.clear()
  }
  return { onEvent, stop }
}

interface RunningStep {
  readonly step: StepLabel
  readonly tail: OutputTail
}

/** The instruction, and what it printed last: neither pushes the other out of the line. */
function lineOfRunning({ step, tail }: RunningStep): string {
  const text = `${place(step)} ${step.text}`
  if (tail.last === '') return text
  const half = Math.floor(lineWidth() / 2)
  return `${fitted(text, Math.max(half, lineWidth() - tail.last.length - 3))} | ${tail.last}`
}

function lineOf(event: BuildEvent): string | undefined {
  switch (event.type) {
    case 'step-started':
      return `${place(event.step)} ${event.step.text}`
    case 'step-done':
      return `${place(event.step)} ${event.step.text}  ${event.failed ? 'FAILED' : event.cached ? 'CACHED' : seconds(event.milliseconds)}`
    case 'cache-unread':
      return `warning: cache ${event.cache} is not used: ${event.text}`
    case 'warning':
      return `${event.at.file}:${event.at.line}:${event.at.column}: warning: ${event.text}`
    case 'done':
      return `built in ${seconds(event.milliseconds)}: ${event.image.layers.length} layers, ${size(event.image.size)}`
    default:
      return undefined
  }
}

function place({ stage, number, total }: StepLabel): string {
  return `[${/^\d+$/.test(stage) ? '' : `${stage} `}${number}/${total}]`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9_995 ? 2 : 1)}s`
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
