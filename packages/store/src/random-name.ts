const ADJECTIVES =
  'amber bold brave breezy bright brisk calm candid cheery clever cosy crisp curious dapper daring eager earnest easy fair fleet fluent fond frank gentle glad golden grand happy hardy honest humble jolly keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble patient placid plucky polite proud quick quiet rapid ready robust rosy sharp silent smart snug sober steady sunny swift tidy tranquil trusty upbeat vivid warm wise witty zesty'
const NOUNS =
  'anchor badger barge beacon beaver bison bobbin buoy canal canoe capstan cargo clipper compass coral crane cutter dinghy dock dolphin egret falcon ferry galley gannet gull harbour heron hull jetty kayak keel ketch lagoon lantern lighter lobster mast mooring narwhal oar osprey otter paddle pelican pier pilot plover porpoise puffin quay raft reef rigging rudder sail schooner seal sextant skiff sloop spar stern sturgeon tern tide tiller trawler tug turtle walrus wharf whelk winch yawl'

/** Two words of a container's made-up name. */
export function randomName(): string {
  return `${oneOf(ADJECTIVES)}_${oneOf(NOUNS)}`
}

function oneOf(words: string): string {
  const list = words.split(' ')
  return list[Math.floor(Math.random() * list.length)] as string
}
