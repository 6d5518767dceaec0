import type { Command } from 'commander'
import { define as defineEvents } from './events.ts'
import { define as defineInfo } from './info.ts'
import { defineDiskUse } from './system-df.ts'
import { defineSystemPrune } from './system-prune.ts'

export function define(command: Command): void {
  command.addHelpText('after', '\nExample:\n  gocker system df')
  defineDiskUse(command)
  defineSystemPrune(command)
  defineEvents(command.command('events').summary('Tell what is done to containers, images, networks and volumes'))
  defineInfo(command.command('info').summary('Show what this host has for containers'))
}
