/** A bridge, and whose its rules are. */
export interface BridgeRulesOptions {
  /** The link's name. */
  readonly bridge: string
  /** On each of the rules: by it, removeRules finds them. */
  readonly comment?: string
}

export interface SubnetRulesOptions extends BridgeRulesOptions {
  /** Of the containers on the bridge: `172.18.0.0/16`, `fd00::/64`. */
  readonly subnet: string
}
