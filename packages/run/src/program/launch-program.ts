import { LaunchProgram } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { confine } from './apparmor.ts'
import { takeBindSources } from './bind-sources.ts'
import { enterCgroup } from './cgroup.ts'
import { credentials, noNewPrivileges } from './credentials.ts'
import { closeDescriptors, stdio } from './descriptors.ts'
import { execute } from './execute.ts'
import { waitAtGate } from './gate.ts'
import { placeRoot } from './given.ts'
import { takeHostDevices } from './host-devices.ts'
import { init } from './init.ts'
import { takeKernelViews } from './kernel-views.ts'
import { placeImages } from './layer-images.ts'
import { limits } from './limits.ts'
import { loopback } from './loopback.ts'
import { takeMadeSources } from './made-sources.ts'
import { mask, readOnlyPaths, takeMasks } from './masks.ts'
import { dieWithMonitor, holdTie, monitor } from './monitor.ts'
import { mounts } from './mounts.ts'
import { names } from './names.ts'
import { joinNamespaces, ownCgroupNamespace } from './namespaces.ts'
import { oomScore } from './oom-score.ts'
import { overlay, privatePropagation } from './overlay.ts'
import { pivotRoot } from './pivot.ts'
import type { Plan, ProgramFacts } from './plan.ts'
import { finishRoot } from './root.ts'
import { seccomp } from './seccomp.ts'
import { session } from './session.ts'
import { controlTerminal, useTerminal } from './terminal.ts'
import { askForIds, becomeRoot } from './user-namespace.ts'
import { enterWorkdir, reenterWorkdir } from './workdir.ts'

/**
 * A runtime spec as the system calls that make a container of it: the whole of what happens, in order.
 * @throws {RunError}, {KernelError} for what cannot be planned
 */
export function toLaunchProgram(spec: RuntimeSpec, facts: ProgramFacts): LaunchProgram {
  const plan: Plan = { program: new LaunchProgram(), spec, facts }
  monitor(plan)
  plan.program.label('container')
  // The tie first: from here on the container ends when the monitor does.
  holdTie(plan)
  dieWithMonitor(plan)
  askForIds(plan)
  session(plan)
  // While the host's paths are there: what is opened by them.
  oomScore(plan)
  confine(plan)
  joinNamespaces(plan)
  enterCgroup(plan)
  ownCgroupNamespace(plan)
  // Before the mounts are private: a bind may want to hear of the host's mounts.
  takeBindSources(plan)
  takeMasks(plan)
  takeHostDevices(plan)
  privatePropagation(plan)
  placeImages(plan)
  placeRoot(plan)
  // An overlay's files are made in the name of who mounts it.
  becomeRoot(plan)
  takeKernelViews(plan)
  takeMadeSources(plan)
  if (facts.rootGiven !== true) overlay(plan)
  pivotRoot(plan)
  names(plan)
  loopback(plan)
  // Everything below is looked up in the container.
  mounts(plan)
  mask(plan)
  readOnlyPaths(plan)
  waitAtGate(plan)
  finishRoot(plan)
  useTerminal(plan)
  controlTerminal(plan)
  closeDescriptors(plan)
  stdio(plan)
  limits(plan)
  enterWorkdir(plan)
  // A filter needs CAP_SYS_ADMIN unless no privilege can be gained any more: without that it goes before the capabilities.
  if (!spec.process.noNewPrivileges) seccomp(plan)
  credentials(plan)
  dieWithMonitor(plan)
  reenterWorkdir(plan)
  noNewPrivileges(plan)
  if (spec.process.noNewPrivileges) seccomp(plan)
  init(plan)
  execute(plan)
  return plan.program
}
