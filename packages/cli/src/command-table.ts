import type { Command } from 'commander'

/** A command's module: says its arguments, options and action, and is loaded only when the command is called. */
export interface CommandModule {
  /** @param words behind the command's name: what they do not call for need not be defined */
  define(command: Command, words: readonly string[]): void | Promise<void>
}

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

/** In the order of `gocker --help`. */
export const COMMANDS: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Main job:': [
    { name: 'pull', summary: 'Download an image from a registry', load: () => import('./commands/pull.ts') },
    { name: 'build', summary: 'Build an image from a Gockerfile', load: () => import('./commands/build.ts') },
    { name: 'run', summary: 'Create a container from an image and run a command in it', load: () => import('./commands/run.ts') },
  ],
  'Images:': [
    { name: 'images', summary: 'List images', load: () => import('./commands/images.ts') },
    { name: 'history', summary: 'Show how an image came to be', load: () => import('./commands/history.ts') },
    { name: 'tag', summary: 'Give an image one more name', load: () => import('./commands/tag.ts') },
    { name: 'push', summary: 'Upload an image to a registry', load: () => import('./commands/push.ts') },
    { name: 'copy', summary: 'Copy an image between registries, layouts and archives', load: () => import('./commands/copy.ts') },
    { name: 'manifest', summary: 'Make and look at indexes of several platforms', load: () => import('./commands/manifest.ts') },
    { name: 'search', summary: 'Look for images at a registry', load: () => import('./commands/search.ts') },
    { name: 'verify', summary: "Check an image's signature by a public key", load: () => import('./commands/verify.ts') },
    { name: 'login', summary: 'Log in at a registry', load: () => import('./commands/login.ts') },
    { name: 'logout', summary: 'Forget the login at a registry', load: () => import('./commands/logout.ts') },
    { name: 'rmi', summary: 'Remove images', load: () => import('./commands/rmi.ts') },
    { name: 'save', summary: 'Write images as an archive', load: () => import('./commands/save.ts') },
    { name: 'load', summary: 'Bring in the images of an archive', load: () => import('./commands/load.ts') },
    { name: 'import', summary: 'Make an image of a root file system in a tarball', load: () => import('./commands/import.ts') },
  ],
  'Containers:': [
    { name: 'create', summary: 'Create a container and start nothing in it', load: () => import('./commands/create.ts') },
    { name: 'start', summary: 'Start containers that do not run', load: () => import('./commands/start.ts') },
    { name: 'stop', summary: 'Ask containers to end, and kill those that do not', load: () => import('./commands/stop.ts') },
    { name: 'restart', summary: 'Stop containers and start them', load: () => import('./commands/restart.ts') },
    { name: 'kill', summary: 'Send a signal to containers', load: () => import('./commands/kill.ts') },
    { name: 'pause', summary: 'Make every process of containers stand still', load: () => import('./commands/pause.ts') },
    { name: 'unpause', summary: 'Let the processes of paused containers go on', load: () => import('./commands/unpause.ts') },
    { name: 'wait', summary: 'Wait until containers have ended, and print their exit codes', load: () => import('./commands/wait.ts') },
    { name: 'update', summary: 'Change the limits of containers', load: () => import('./commands/update.ts') },
    { name: 'rename', summary: 'Give a container another name', load: () => import('./commands/rename.ts') },
    { name: 'top', summary: 'Show the processes of a container', load: () => import('./commands/top.ts') },
    { name: 'exec', summary: 'Run one more command in a container that runs', load: () => import('./commands/exec.ts') },
    { name: 'attach', summary: 'Take part in a container that runs in the background', load: () => import('./commands/attach.ts') },
    { name: 'logs', summary: 'Show what a container has said', load: () => import('./commands/logs.ts') },
    { name: 'ps', summary: 'List containers', load: () => import('./commands/ps.ts') },
    { name: 'stats', summary: 'Show what containers use, as they go on', load: () => import('./commands/stats.ts') },
    { name: 'port', summary: "Show where a container's ports are published", load: () => import('./commands/port.ts') },
    { name: 'rm', summary: 'Remove containers', load: () => import('./commands/rm.ts') },
    { name: 'cp', summary: 'Copy files between a container and this machine', load: () => import('./commands/cp.ts') },
    { name: 'diff', summary: "Show what a container has done to its image's files", load: () => import('./commands/diff.ts') },
    { name: 'commit', summary: 'Make an image of a container', load: () => import('./commands/commit.ts') },
    { name: 'export', summary: "Write a container's or an image's file system as a tar", load: () => import('./commands/export.ts') },
  ],
  'Everything else:': [
    { name: 'runtime', summary: 'Run OCI bundles, as podman and containerd ask for it', load: () => import('./commands/runtime.ts') },
    { name: 'container', summary: 'Look after containers', load: () => import('./commands/container.ts') },
    { name: 'image', summary: 'Look after images', load: () => import('./commands/image.ts') },
    { name: 'inspect', summary: 'Show all that is known of images and containers, as JSON', load: () => import('./commands/inspect.ts') },
    { name: 'network', summary: 'Look after networks', load: () => import('./commands/network.ts') },
    { name: 'volume', summary: 'Look after volumes', load: () => import('./commands/volume.ts') },
    {
      name: 'events',
      summary: 'Tell what is done to containers, images, networks and volumes',
      load: () => import('./commands/events.ts'),
    },
    { name: 'info', summary: 'Show what this host has for containers', load: () => import('./commands/info.ts') },
    { name: 'completion', summary: 'Print what completes words in bash, zsh or fish', load: () => import('./commands/completion.ts') },
    { name: 'version', summary: 'Show the versions of gocker and of what is under it', load: () => import('./commands/version.ts') },
    { name: 'builder', summary: 'Look after what builds keep', load: () => import('./commands/builder.ts') },
    { name: 'system', summary: 'Look after the store as a whole', load: () => import('./commands/system.ts') },
  ],
}
