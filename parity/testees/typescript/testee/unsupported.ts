/** The client has no such thing. */
export class Unsupported extends Error {}
