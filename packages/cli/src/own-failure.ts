/** Exit code of a failure that is gocker's own and not the container's, as docker has it. */
export const OWN_FAILURE = 125
