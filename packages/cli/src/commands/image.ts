import type { Command } from 'commander'
import { addMembers } from '../command-group.ts'
import { defineImagePrune } from './image-prune.ts'
import { defineImageTree } from './image-tree.ts'
import { defineInspect } from './inspect.ts'

/** What each is called among all commands. */
const MEMBERS = {
  ...{ ls: 'images', pull: 'pull', push: 'push', build: 'build', tag: 'tag', rm: 'rmi', save: 'save', load: 'load', import: 'import' },
  history: 'history',
}

export async function define(command: Command, words: readonly string[]): Promise<void> {
  command.addHelpText('after', '\nExample:\n  gocker image ls')
  await addMembers(command, MEMBERS, words)
  defineInspect(command.command('inspect').summary('Show all that is known of images, as JSON'), 'image')
  defineImagePrune(command)
  defineImageTree(command)
}
